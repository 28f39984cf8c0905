#!/usr/bin/env bash
# The first deployment of shop / workflow by hand, with nothing but the AWS CLI, git and a container engine:
# the stacks one after another, each given the outputs of those before it, the image built and pushed in between.
#
#   ./deploy.sh
#
# It can be run again at any time: what stands already stays as it is. Later versions come through deployments, not through this script.
#
#   SOURCE=DIR   where the sources are, if not at ../.. from here
#   ENGINE=NAME  the container engine, if not the first of docker, podman, finch
#   BUCKET=NAME  an S3 bucket, for templates that are too large to go with a call
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

export AWS_REGION=eu-central-1 AWS_DEFAULT_REGION=eu-central-1 AWS_PAGER=""
SOURCE="${SOURCE:-../..}"
TAGS=(System=shop Environment=workflow)

say() { printf '\n== %s\n' "$*"; }

stop() {
  printf '%s\n' "$*" >&2
  exit 1
}

# status NAME: the stack's status, or nothing where there is none
status() {
  aws cloudformation describe-stacks --stack-name "$1" --query 'Stacks[0].StackStatus' --output text 2>/dev/null || true
}

# output NAME KEY: what a stack says of itself
output() {
  aws cloudformation describe-stacks --stack-name "$1" --query "Stacks[0].Outputs[?OutputKey=='$2'].OutputValue" --output text
}

# deploy NAME FILE [PARAMETER=VALUE…]: makes a stack, or brings it up to date, and waits
deploy() {
  local name="$1" file="$2" bare
  shift 2
  say "$name"
  # Comments are for those who read the file; CloudFormation would count them against its limit.
  bare="$(mktemp)"
  grep -Ev '^ *(#|$)' "$file" >"$bare"
  # A stack whose creation failed can only be deleted; it holds nothing.
  if [ "$(status "$name")" = ROLLBACK_COMPLETE ]; then
    aws cloudformation delete-stack --stack-name "$name"
    aws cloudformation wait stack-delete-complete --stack-name "$name"
  fi
  aws cloudformation deploy --stack-name "$name" --template-file "$bare" --no-fail-on-empty-changeset \
    --capabilities CAPABILITY_NAMED_IAM --tags "${TAGS[@]}" ${BUCKET:+--s3-bucket "$BUCKET"} ${1:+--parameter-overrides "$@"}
  rm -f "$bare"
}

engine() {
  local name
  for name in ${ENGINE:-docker podman finch}; do
    if command -v "$name" >/dev/null; then
      echo "$name"
      return
    fi
  done
  stop "No container engine: install docker, podman or finch, or name yours: ENGINE=NAME ./deploy.sh"
}

# push REPOSITORY CONTEXT DOCKERFILE PLATFORM [--target STAGE]: the first image, unless it is there
push() {
  local repository="$1" context="$SOURCE/$2" dockerfile="$SOURCE/$3" platform="$4" run uri
  shift 4
  uri="$ACCOUNT.dkr.ecr.$AWS_REGION.amazonaws.com/$repository"
  IMAGE="$uri:first"
  if aws ecr describe-images --repository-name "$repository" --image-ids imageTag=first >/dev/null 2>&1; then
    return
  fi
  [ -e "$dockerfile" ] || stop "No $dockerfile. Say where the sources are: SOURCE=DIR ./deploy.sh"
  say "$IMAGE"
  run="$(engine)"
  aws ecr get-login-password | "$run" login --username AWS --password-stdin "${uri%%/*}"
  "$run" build --platform "$platform" --build-arg COMMIT=first --file "$dockerfile" "$@" --tag "$IMAGE" "$context"
  "$run" push "$IMAGE"
}

# seed REPOSITORY URL BRANCH CONTEXT…: the source's first commit, unless there is one
seed() {
  local repository="$1" url="$2" branch="$3" copy
  shift 3
  if [ -n "$(aws codecommit list-branches --repository-name "$repository" --query 'branches[0]' --output text | grep -vx None || true)" ]; then
    return
  fi
  say "$repository"
  copy="$(mktemp -d)"
  tar -C "$SOURCE" -cf - "$@" | tar -C "$copy" -xf -
  git -C "$copy" init --quiet --initial-branch "$branch"
  git -C "$copy" add --all
  git -C "$copy" -c user.name=bgspec -c user.email=bgspec@localhost commit --quiet --message "First version"
  git -C "$copy" -c credential.helper= -c credential.helper='!aws codecommit credential-helper $@' -c credential.UseHttpPath=true \
    push --quiet "$url" "HEAD:refs/heads/$branch"
  rm -rf "$copy"
}

# CloudFormation takes 51,200 bytes with a call; larger templates go through a bucket.
if [ -z "${BUCKET:-}" ] && [ -n "$(find stacks -name '*.yaml' -size +51200c)" ]; then
  stop "Some templates are too large to go with a call. Name an S3 bucket for them: BUCKET=NAME ./deploy.sh"
fi
ACCOUNT="$(aws sts get-caller-identity --query Account --output text)"

deploy shop-workflow-stack-load-balancer-01 stacks/load-balancer.yaml

deploy shop-workflow-stack-traffic-01 stacks/traffic.yaml \
  LoadBalancerArn="$(output shop-workflow-stack-load-balancer-01 LoadBalancerArn)"
# From now on no update of this stack can move traffic.
aws cloudformation set-stack-policy --stack-name shop-workflow-stack-traffic-01 --stack-policy-body file://stacks/traffic.policy.json

deploy shop-workflow-stack-registry-01 stacks/registry.yaml

if [ -n "$(status shop-workflow-stack-service-web-01)" ] && [ "$(status shop-workflow-stack-service-web-01)" != ROLLBACK_COMPLETE ]; then
  say shop-workflow-stack-service-web-01 "stands: new versions come through deployments"
else
  push shop-workflow-ecr-web.app-01 . docker/app.Dockerfile linux/arm64 --target run
  IMAGE_APP="$IMAGE"
  push acme/shipper shipper shipper/Dockerfile linux/arm64
  IMAGE_LOG_SHIPPER="$IMAGE"
  push shop-workflow-ecr-web-01 nginx nginx/Dockerfile linux/arm64
  deploy shop-workflow-stack-service-web-01 stacks/service-web.yaml WebImageUri="$IMAGE" WebSidecarAppImageUri="$IMAGE_APP" WebSidecarLogShipperImageUri="$IMAGE_LOG_SHIPPER" \
    WebSecurityGroupId="$(output shop-workflow-stack-load-balancer-01 WebSecurityGroupId)" \
    WebBlueTargetGroupArn="$(output shop-workflow-stack-traffic-01 WebBlueTargetGroupArn)"
fi

if [ -n "$(status shop-workflow-stack-service-mail-01)" ] && [ "$(status shop-workflow-stack-service-mail-01)" != ROLLBACK_COMPLETE ]; then
  say shop-workflow-stack-service-mail-01 "stands: new versions come through deployments"
else
  push shop-workflow-ecr-mail.spool-01 spool spool/Dockerfile linux/amd64
  IMAGE_SPOOL="$IMAGE"
  push shop-workflow-ecr-mail-01 mail mail/Dockerfile linux/amd64
  deploy shop-workflow-stack-service-mail-01 stacks/service-mail.yaml MailImageUri="$IMAGE" MailSidecarSpoolImageUri="$IMAGE_SPOOL" \
    MailSecurityGroupId="$(output shop-workflow-stack-load-balancer-01 MailSecurityGroupId)"
fi

if [ -n "$(status shop-workflow-stack-service-clean-01)" ] && [ "$(status shop-workflow-stack-service-clean-01)" != ROLLBACK_COMPLETE ]; then
  say shop-workflow-stack-service-clean-01 "stands: new versions come through deployments"
else
  push shop-workflow-ecr-clean.report-01 report report/Dockerfile linux/amd64
  IMAGE_REPORT="$IMAGE"
  push shop-workflow-ecr-clean-01 clean clean/Dockerfile linux/amd64
  deploy shop-workflow-stack-service-clean-01 stacks/service-clean.yaml CleanImageUri="$IMAGE" CleanSidecarReportImageUri="$IMAGE_REPORT" \
    CleanSecurityGroupId="$(output shop-workflow-stack-load-balancer-01 CleanSecurityGroupId)"
fi

deploy shop-workflow-stack-deployment-01 stacks/deployment.yaml \
  ProductionListenerArn="$(output shop-workflow-stack-traffic-01 ProductionListenerArn)" \
  TestListenerArn="$(output shop-workflow-stack-traffic-01 TestListenerArn)"

deploy shop-workflow-stack-github-01 stacks/github.yaml

say "production: http://$(output shop-workflow-stack-load-balancer-01 LoadBalancerDnsName):80"
say "test: http://$(output shop-workflow-stack-load-balancer-01 LoadBalancerDnsName):8080"
