"""What apply does, in so many scenarios that together they make every call that apply can make."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from bgspec import sandbox
from bgspec.compiler import compile_spec
from bgspec.deploy import preflight
from bgspec.deploy.units import environment
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from bgspec.sandbox.stand_ins import ENGINE, scripts
from tests.deploy.bench import ACCOUNT, ARTICLE, REGION, SMALL, Bench
from tests.deploy.standing import settle

CHANGING = ("Create", "Execute", "Delete", "Set", "Put", "Update", "Initiate", "Upload", "Complete", "Stop", "Continue")
"""How the names of operations begin that change something."""


def changes(call: str) -> bool:
    return call.partition(":")[2].startswith(CHANGING)


class Scenario(NamedTuple):
    """What an apply is disturbed in."""

    prepare: Callable[[Bench], None]
    """What stands before, and the spec."""
    brings: str
    """The calls that no scenario before it makes: all of them are spoiled."""
    again: tuple[str, ...] = ()
    """Which of the other calls that change something are spoiled here, too: how they begin."""
    options: tuple[str, ...] = ("--sandbox",)
    code: int = 0
    """The exit code of an apply that nothing disturbs."""
    speed: float = 3000
    """Emulated seconds in a real one while apply is disturbed."""


def with_512(spec: str) -> str:
    """The same with other tasks."""
    return spec.replace("    port: 80\n", "    port: 80\n    cpu: 512\n", 1)


def _first(bench: Bench) -> None:
    """The article on an empty account."""
    bench.spec(ARTICLE)


def _change(bench: Bench) -> None:
    """What stands gets other tags, other tasks by a deployment of apply's own, one more of them, and protection."""
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.spec(with_512(SMALL) + "    count: 3\ntags:\n  Owner: web\n")


NATIVE = SMALL + "deployment:\n  engine: ecs\n"


def _native(bench: Bench) -> None:
    """A task that ECS itself replaces, by the update of a stack."""
    bench.spec(NATIVE)
    assert bench.apply().code == 0
    bench.spec(with_512(NATIVE))


def _role(bench: Bench, name: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    bench.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=document)


def _anew(bench: Bench) -> None:
    """A stack whose creation failed has to be deleted first: a name in it was taken, and these credentials could not see that."""

    def refuse(*_: object) -> None:
        raise AwsError("AccessDenied", "User is not authorized to perform: iam:GetRole", 403)

    bench.spec(SMALL)
    name = "shop-dev-role-exec-web-01"
    _role(bench, name)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(REGISTRY["iam"].operations, "get_role", refuse)
        assert bench.apply().code == 3
    assert "ROLLBACK_COMPLETE" in bench.stacks().values()
    bench.client("iam").delete_role(RoleName=name)


NAMED = f"""\
bgspec: 1
system: shop
environment: dev
region: {REGION}
permissions_boundary: arn:aws:iam::{ACCOUNT}:policy/house/limits
network:
  vpc: vpc-0123456789abcdef0
  cidr: 10.30.0.0/16
  egress: public
  public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
load_balancer:
  dns:
    - name: shop.example.com
      zone: Z0123456789ABCDEFGHIJ
  production:
    port: 443
    certificate: arn:aws:acm:{REGION}:{ACCOUNT}:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
  test:
    port: 8443
    certificate: arn:aws:iam::{ACCOUNT}:server-certificate/shop
services:
  web:
    image: {{uri: "{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/house/web:live"}}
    port: 80
    secrets:
      PASSWORD: "arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:shop/db-AbCdEf:password::"
      TOKEN: /shop/token
cluster: house
deployment:
  rollback:
    alarms: [checkout is broken]
  hooks:
    after_install: arn:aws:lambda:{REGION}:{ACCOUNT}:function:warm-up
pipeline:
  source:
    provider: ecr
    tag: live
    config:
      provider: github
      repository: acme/shop
      connection: arn:aws:codestar-connections:{REGION}:{ACCOUNT}:connection/4dca0a3c-2b5c-4a4e-8a3a-3c2c4f5b6a77
"""


def _plant(bench: Bench) -> None:
    """Let exist what the spec only names."""
    compilation = compile_spec(bench.file.read_bytes(), str(bench.file), None)
    found = environment(compilation, compilation.plans[0])
    sandbox.seed(bench.server.url, ACCOUNT, REGION, list(preflight.named(found, ACCOUNT)))


def _named(bench: Bench) -> None:
    """Into an account where much stands already, and whose quotas nobody ever asked about."""

    def unknown(*_: object) -> None:
        raise AwsError("NoSuchResourceException", "The request failed because the specified quota was never applied.")

    bench.spec(NAMED)
    bench.patch.setitem(REGISTRY["service-quotas"].operations, "get_service_quota", unknown)
    _plant(bench)


GUEST = f"""\
bgspec: 1
system: shop
environment: dev
region: {REGION}
network:
  vpc: vpc-0123456789abcdef0
  cidr: 10.30.0.0/16
  egress: public
  public_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
load_balancer:
  existing:
    arn: arn:aws:elasticloadbalancing:{REGION}:{ACCOUNT}:loadbalancer/app/house/0123456789abcdef
    security_group: sg-0123456789abcdef0
    dns_name: house-1234567890.{REGION}.elb.amazonaws.com
  production: {{port: 8000}}
  test: {{port: 8001}}
services:
  web:
    image: {{uri: "public.ecr.aws/nginx/nginx:1.27"}}
    port: 80
"""


def _guest(bench: Bench) -> None:
    """Beside others, on the load balancer that they share."""
    bench.spec(GUEST)
    _plant(bench)


TWO = (
    SMALL
    + """\
  api:
    image:
      uri: public.ecr.aws/nginx/nginx:1.27
    port: 8080
    routes: [{path: /api/*}]
    scaling: {min: 2, max: 3, cpu: 60}
"""
)
WORDS = "".join(f"      WORD_{number}: {'x' * 250}\n" for number in range(200))
MANY = (
    with_512(TWO).replace("    port: 8080\n", f"    port: 8080\n    cpu: 512\n    environment:\n{WORDS}")
    + """\
  mailer:
    image: {uri: "public.ecr.aws/nginx/nginx:1.27"}
    count: 1
  report:
    image: {uri: "public.ecr.aws/nginx/nginx:1.27"}
    schedule: rate(1 hour)
deployment:
  rollback:
    alarms: [{metric: unhealthy-targets, above: 0}]
  hooks:
    after_test_traffic: {test: [{path: /}]}
"""
)


def _many(bench: Bench) -> None:
    """Two services are deployed by CodeDeploy, one of a template too large for a call; a worker, a schedule, alarms and hooks join them."""
    bench.spec(TWO)
    assert bench.apply().code == 0
    bench.spec(MANY)


def _forward(bench: Bench) -> None:
    """The tasks of a stack come back after somebody went to those before, by ECS itself."""
    bench.spec(NATIVE)
    assert bench.apply().code == 0
    bench.spec(with_512(NATIVE))
    assert bench.apply().code == 0
    settle(bench)
    assert bench.run("release", str(bench.file), "rollback", "--sandbox").code == 0


def _commit(bench: Bench) -> None:
    """What the pipeline deploys from is committed, where its last run failed, and the stack changed."""
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    spoil_the_source(bench)
    bench.spec(ARTICLE.replace("memory: 512", "memory: 1024"))


def spoil_the_source(bench: Bench) -> None:
    """Somebody commits what cannot be built."""
    client = bench.client("codecommit")
    tip = client.get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]["commitId"]
    where = {"repositoryName": "cf1-stg-repo-01", "branchName": "main", "parentCommitId": tip}
    client.put_file(**where, filePath="buildspec.yml", fileContent=b"nothing: yet\n")
    settle(bench)


def _takeover(bench: Bench) -> None:
    """Nothing is to be done, but somebody was killed at it."""
    bench.spec(SMALL)
    assert bench.apply().code == 0
    claim = {"holder": "somebody", "since": time.time() - 900, "until": time.time() - 600}
    bench.client("ssm").put_parameter(Name="/bgspec/shop/dev/lock/0123456789abcdef", Value=json.dumps(claim), Type="String")


def _engine(bench: Bench) -> None:
    """On AWS itself, as far as apply can tell: an engine builds the first image."""
    connection = f"arn:aws:codeconnections:{REGION}:{ACCOUNT}:connection/4dca0a3c-2b5c-4a4e-8a3a-3c2c4f5b6a77"
    source = f"    provider: github\n    connection: {connection}\n    repository: acme/shop\n"
    # Nothing outside is asked: an internal load balancer's ports are not.
    spec = ARTICLE.replace("load_balancer:\n", "network:\n  egress: nat\nload_balancer:\n  scheme: internal\n")
    bench.spec(spec.replace("    provider: codecommit\n", source))
    _plant(bench)
    programs = bench.directory / "programs"
    given = scripts(programs)
    (programs / "docker").symlink_to(programs / ENGINE)
    for name, value in {**given, "PATH": os.pathsep.join([given["PATH"], os.environ["PATH"]])}.items():
        bench.patch.setenv(name, value)
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN"):
        bench.patch.delenv(name, raising=False)
    known = {"AWS_ACCESS_KEY_ID": ACCOUNT, "AWS_SECRET_ACCESS_KEY": "-", "AWS_DEFAULT_REGION": REGION, "NO_PROXY": "127.0.0.1"}
    for name, value in known.items():
        bench.patch.setenv(name, value)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        bench.patch.setenv(name, str(Path(os.devnull)))


def _refused(bench: Bench) -> None:
    """CloudFormation finds what is wrong before it begins: nothing is changed, whatever else goes wrong."""
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.spec(SMALL + "overrides: {service-web: {LogGroup: {RetentionInDays: 2}}}\n")


def _failing(bench: Bench) -> None:
    """Tasks that stop as soon as they run: no apply can mend that, and none leaves anything but what the next one needs."""
    with bench.world.lock:
        bench.world.broken_images["nginx:1.27"] = "exit"
    bench.spec(SMALL)


FORMER = """\
  api:
    image: {uri: public.ecr.aws/nginx/nginx:1.27}
    port: 8080
    routes: [{path: /api/*}]
  mailer:
    image: {build: container}
"""


def _former(bench: Bench) -> None:
    """A service and its images are no longer in the spec, another one has a new name: what they had is named for deletion."""
    bench.spec(SMALL + FORMER)
    assert bench.apply().code == 0
    bench.spec(SMALL + FORMER.partition("  mailer:")[0].replace("  api:", "  front:"))


def _adopt(bench: Bench) -> None:
    """What an earlier environment left is taken back."""
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settle(bench)
    assert bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "cf1-stg").code == 0


SCENARIOS = {
    "first": Scenario(
        _first,
        "cloudformation:CreateChangeSet cloudformation:DescribeChangeSet cloudformation:DescribeStackEvents cloudformation:DescribeStacks"
        " cloudformation:ExecuteChangeSet cloudformation:GetStackPolicy cloudformation:SetStackPolicy codebuild:BatchGetProjects"
        " codecommit:CreateCommit codecommit:GetBranch codecommit:GetRepository codecommit:ListBranches codedeploy:BatchGetDeployments"
        " codedeploy:GetApplication codedeploy:ListDeployments codepipeline:GetPipeline codepipeline:ListPipelineExecutions"
        " ec2:DescribeAvailabilityZones ec2:DescribeSubnets ec2:DescribeVpcs ecr:BatchCheckLayerAvailability ecr:BatchGetImage"
        " ecr:CompleteLayerUpload ecr:DescribeImages ecr:DescribeRepositories ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart"
        " ecs:DescribeClusters"
        " ecs:DescribeServices ecs:DescribeTaskDefinition ecs:ListTasks elbv2:DescribeLoadBalancers elbv2:DescribeRules"
        " elbv2:DescribeTargetGroups elbv2:DescribeTargetHealth iam:GetRole logs:DescribeLogGroups s3:HeadBucket"
        " service-quotas:GetServiceQuota ssm:DeleteParameter ssm:GetParametersByPath ssm:PutParameter sts:GetCallerIdentity",
    ),
    "change": Scenario(
        _change,
        "cloudformation:DeleteChangeSet cloudformation:DescribeStackResource cloudformation:ListChangeSets"
        " cloudformation:UpdateTerminationProtection codedeploy:CreateDeployment codedeploy:GetDeployment codedeploy:GetDeploymentTarget"
        " codedeploy:ListDeploymentTargets",
        again=("",),
        options=("--sandbox", "--protect"),
    ),
    "native": Scenario(_native, "ecs:DescribeServiceDeployments ecs:ListServiceDeployments", again=("",)),
    "anew": Scenario(_anew, "cloudformation:DeleteStack", again=("",)),
    "named": Scenario(
        _named,
        "acm:DescribeCertificate codestar-connections:GetConnection ec2:DescribeRouteTables ec2:DescribeSecurityGroups"
        " ecr:GetDownloadUrlForLayer iam:GetPolicy"
        " iam:GetServerCertificate route53:GetHostedZone route53:ListResourceRecordSets secretsmanager:DescribeSecret"
        " secretsmanager:GetSecretValue service-quotas:GetAWSDefaultServiceQuota ssm:DescribeParameters",
    ),
    "guest": Scenario(_guest, "elbv2:DescribeListeners"),
    "many": Scenario(
        _many,
        "application-autoscaling:DescribeScalableTargets cloudwatch:DescribeAlarms lambda:GetFunctionConfiguration"
        " s3:CreateBucket s3:DeleteObject s3:PutBucketLifecycleConfiguration s3:PutObject scheduler:GetSchedule",
        again=("codedeploy:", "cloudformation:Execute"),
    ),
    "forward": Scenario(_forward, "ecs:UpdateService"),
    "commit": Scenario(
        _commit,
        "codecommit:GetFile codepipeline:ListActionExecutions",
        again=("codecommit:", "cloudformation:Execute"),
        options=("--sandbox", "--commit"),
    ),
    "takeover": Scenario(_takeover, "", again=("ssm:",)),
    "engine": Scenario(_engine, "codeconnections:GetConnection ec2:DescribeAddresses ecr:GetAuthorizationToken", options=()),
    "refused": Scenario(_refused, "cloudformation:DescribeEvents", again=("cloudformation:",), code=3),
    "failing": Scenario(_failing, "ecs:DescribeTasks", code=3, speed=1000),
    "former": Scenario(
        _former,
        "cloudformation:GetTemplate",
        again=("cloudformation:",),
        options=("--sandbox", *"--allow service-api --allow service-mailer --allow registry".split()),
    ),
    "adopt": Scenario(_adopt, "", again=("cloudformation:",), options=("--sandbox", "--adopt")),
}
PERHAPS = {"codedeploy:BatchGetDeployments", "ecs:DescribeTasks", "ecs:DescribeTaskDefinition"}
"""Calls that depend on what else goes on at that moment."""

OTHERS = {
    "destroy deletes what the user told it to, and looks for it": (
        "codecommit:DeleteRepository ecr:DeleteRepository kms:ScheduleKeyDeletion logs:DeleteLogGroup s3:DeleteBucket s3:DeleteObjects"
        " resourcegroupstaggingapi:GetResources s3:ListObjectVersions"
    ),
    "release answers, ends and takes back a deployment": (
        "codedeploy:ContinueDeployment codedeploy:StopDeployment ecs:ContinueServiceDeployment ecs:StopServiceDeployment s3:GetObject"
        " ecs:DescribeServiceRevisions"
    ),
}
"""The calls of the other commands, and why apply makes none of them."""
