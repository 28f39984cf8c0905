"""Every name that bgspec invents, each with AWS's limit.

One scheme for all, the article's own: `<system>-<environment>-<kind>[-<part>…]-<number>`, as in `cf1-stg-tg-fargate-01`.
Names are a contract: what runs under one must keep it, so a function here never changes its answer for a spec that was valid before
(`tests/names/` holds what two environments are made of). A name that would be too long keeps its beginning and its number and gets a hash
of the whole in between, so that two long names never meet.
"""

from functools import lru_cache
from typing import NamedTuple

from bgspec.cfn import Word
from bgspec.regions import WITHOUT_BUCKET_NAMESPACE


class Names(NamedTuple):
    """The names of one environment. The limits are AWS's; the sources stand in botocore's models and cfn-lint's schemas."""

    system: str
    environment: str
    shared_cluster: str = ""
    """The name of a cluster that exists, where the environment makes none."""
    role_path: str = ""
    """Where roles stand, `/delivery/`; empty for the top."""

    def of(self, kind: str, *parts: str, number: int = 1, limit: int = 255) -> str:
        """`cf1-stg-<kind>-<parts>-01`, at most `limit` characters."""
        return fit("-".join((self.system, self.environment, kind, *parts)), f"-{number:02}", limit)

    def stack(self, key: str) -> str:
        """CloudFormation stack: 128 (bc:cloudformation.CreateStackInput.StackName)."""
        return self.of("stack", key, limit=128)

    def load_balancer(self) -> str:
        """Application load balancer: 32 (bc:elbv2.CreateLoadBalancerInput.Name)."""
        return self.of("alb", limit=32)

    def target_group(self, service: str, number: int) -> str:
        """Target group: 32 (bc:elbv2.CreateTargetGroupInput.Name). 1 is blue, 2 is green, as in the article."""
        return self.of("tg", service, number=number, limit=32)

    def security_group(self, *parts: str) -> str:
        """Security group: 255 (bc:ec2.CreateSecurityGroupRequest.GroupName)."""
        return self.of("sg", *parts)

    def repository(self, service: str, sidecar: str = "") -> str:
        """ECR repository, of a service's image or of one beside it: 256 (bc:ecr.RepositoryName). No service has a dot in its name."""
        return self.of("ecr", f"{service}.{sidecar}" if sidecar else service)

    def cluster(self) -> str:
        """ECS cluster: 255 (ECS Developer Guide)."""
        return self.shared_cluster or self.of("cluster")

    def key_alias(self) -> str:
        """KMS alias, without `alias/` in front: 250 (bc:kms.AliasNameType)."""
        return self.of("key", limit=250)

    def exec_log_group(self) -> str:
        """The log group of shells in containers: 512 (cfn:AWS::Logs::LogGroup)."""
        return f"/ecs/exec/{self.cluster()}"

    def task_family(self, service: str) -> str:
        """Task definition family: 255 (bc:ecs.RegisterTaskDefinitionRequest.family)."""
        return self.of("task", service)

    def service(self, service: str) -> str:
        """ECS service: 255 (ECS Developer Guide)."""
        return self.of("service", service)

    def log_group(self, service: str) -> str:
        """The service's log group; `/ecs/<family>` is where the ECS console looks for it. 512 (cfn:AWS::Logs::LogGroup)."""
        return f"/ecs/{self.task_family(service)}"

    def flow_log_group(self) -> str:
        """The log group of the VPC's flow logs: 512 (cfn:AWS::Logs::LogGroup)."""
        return f"/vpc/{self.of('flowlog')}"

    def role(self, use: str, *parts: str) -> str:
        """IAM role, behind its path where it has one: 64 without it, unique in the account whatever the case (bc:iam.CreateRoleRequest)."""
        return self.role_path.removeprefix("/") + self.of("role", use, *parts, limit=64)

    def source_repository(self) -> str:
        """CodeCommit repository: 100 (cfn:AWS::CodeCommit::Repository)."""
        return self.of("repo", limit=100)

    def build_project(self, service: str) -> str:
        """CodeBuild project: 150 (bc:codebuild.ProjectName)."""
        return self.of("build", service, limit=150)

    def deploy_application(self) -> str:
        """CodeDeploy application: 100 (bc:codedeploy.ApplicationName)."""
        return self.of("app", limit=100)

    def deployment_group(self, service: str) -> str:
        """CodeDeploy deployment group: 100 (bc:codedeploy.DeploymentGroupName)."""
        return self.of("dg", service, limit=100)

    def deployment_config(self, *parts: str) -> str:
        """CodeDeploy deployment configuration: 100. Every property of one is create-only, so its values are part of its name."""
        return self.of("config", *parts, limit=100)

    def alarm(self, service: str, metric: str, number: int) -> str:
        """CloudWatch alarm: 255 (bc:cloudwatch.AlarmName)."""
        return self.of("alarm", service, metric, number=number)

    def scaling(self, service: str, what: str, number: int = 1) -> str:
        """Scaling policy or scheduled action: 256 (bc:application-autoscaling.PolicyName)."""
        return self.of("scaling", service, what, number=number, limit=256)

    def hook(self, event: str) -> str:
        """The Lambda function of a deployment's hook: 64 (bc:lambda.FunctionName)."""
        return self.of("hook", event, limit=64)

    def artifact_bucket(self, region: str) -> str:
        """The bucket between a pipeline's stages, as `Fn::Sub` takes it."""
        return self._bucket("artifact", region)

    def access_log_bucket(self, region: str) -> str:
        """As `artifact_bucket`, for the load balancer's access logs."""
        return self._bucket("accesslog", region)

    def test_project(self) -> str:
        """As `build_project`, for the test stage."""
        return self.of("test", limit=150)

    def cache_bucket(self, region: str) -> str:
        """As `artifact_bucket`, for files of earlier builds."""
        return self._bucket("cache", region)

    def source_bucket(self, region: str) -> str:
        """As `artifact_bucket`, for the source that is uploaded."""
        return self._bucket("source", region)

    def _bucket(self, use: str, region: str) -> str:
        """A bucket's name, 63 characters in all, in the account's own namespace where the Region has one.

        S3 User Guide, gpbucketnamespaces; in China, too (docs.amazonaws.cn has the page, and the news of 16 March 2026 name both Regions).
        """
        front = fit(f"{self.system}-{self.environment}-{use}", "-01", 63 - len(f"-123456789012-{region}-an"))
        return f"{front}-${{AWS::AccountId}}-${{AWS::Region}}{'' if region in WITHOUT_BUCKET_NAMESPACE else '-an'}"

    def template_bucket(self, region: str) -> str:
        """The part in front of `-<account>-<region>` of the bucket through which `apply` sends large templates; 63 in all."""
        return fit(f"{self.system}-{self.environment}-template", "-01", 63 - len(f"-123456789012-{region}"))

    def pipeline(self) -> str:
        """CodePipeline pipeline: 100 (bc:codepipeline.PipelineName)."""
        return self.of("pipeline", limit=100)

    def schedule(self, service: str) -> str:
        """EventBridge Scheduler schedule: 64 (bc:scheduler.Name)."""
        return self.of("schedule", service, limit=64)

    def topic(self, use: str) -> str:
        """SNS topic: 256 (cfn:AWS::SNS::Topic)."""
        return self.of("topic", use)

    def notification_rule(self) -> str:
        """Notification rule of the developer tools: 64 (bc:codestar-notifications.NotificationRuleName)."""
        return self.of("notification", limit=64)

    def zone(self) -> str:
        """The private zone in which services find each other: 253 (bc:servicediscovery.NamespaceNamePrivate)."""
        return f"{self.environment}.{self.system}.internal"

    def namespace(self) -> str:
        """Cloud Map namespace of Service Connect: 1024 (bc:servicediscovery.NamespaceNameHttp)."""
        return self.of("namespace")

    def rule(self, use: str, *parts: str) -> str:
        """EventBridge rule: 64 (cfn:AWS::Events::Rule)."""
        return self.of("rule", use, *parts, limit=64)


def fit(stem: str, suffix: str, limit: int) -> str:
    """`stem` + `suffix` in at most `limit` characters, shortened in the middle by a hash of the whole where it must be."""
    if len(stem) + len(suffix) <= limit:
        return stem + suffix
    from hashlib import blake2s  # noqa: PLC0415  only long names pay for loading OpenSSL

    digest = blake2s(stem.encode(), digest_size=4).hexdigest()
    head = stem[: limit - len(suffix) - len(digest) - 1].rstrip("-")
    return f"{head}-{digest}{suffix}"


@lru_cache(1024)
def logical_id(*parts: str) -> Word:
    """A logical id: `logical_id("web-api", "BlueTargetGroup")` is `WebApiBlueTargetGroup`.

    A part in kebab-case is capitalised, others stand as they are. Service names have only segments that begin with a letter (see
    `spec.types.ServiceName`), so two names never give one id.
    """
    return Word("".join(_pascal(part) for part in parts))


def _pascal(part: str) -> str:
    return "".join(segment[:1].upper() + segment[1:] for segment in part.split("-"))
