"""All files of a render meet: on ports, names, roles, log groups, repositories, placeholders, artifacts, ARNs."""

import pytest

from bgspec.render import Artifact
from bgspec.spec.deployment import CodeDeployDeployment, EcsDeployment
from tests.corpus import artifacts, compiled, specs
from tests.output.agreement import native, pipeline, roles, stacks, tasks, traffic
from tests.output.agreement.check import CHECKS
from tests.output.environment import environments, parse
from tests.strategies import Wish, as_yaml, sample

assert all((native, pipeline, roles, stacks, tasks, traffic))  # their checks are in CHECKS once they are imported


def disagreements(made: tuple[Artifact, ...], spec: dict) -> list[str]:
    found = list(environments(made, spec))
    assert found
    return [sentence for environment in found for check in CHECKS for sentence in check(environment)]


@pytest.mark.parametrize("name", specs())
def test_the_goldens_agree(name):
    assert disagreements(artifacts(name), parse(specs()[name].read_text())) == []


ENGINES = [Wish(CodeDeployDeployment, "engine"), Wish(EcsDeployment, "engine")]


@pytest.mark.parametrize("engine", ENGINES, ids=str)
@pytest.mark.parametrize("region", ["us-west-2", "cn-northwest-1", "us-gov-east-1"])
def test_random_specs_agree(region, engine):
    for tree in sample(3, engine, region=region):
        assert disagreements(compiled(as_yaml(tree)), tree) == [], tree


@pytest.mark.slow
@pytest.mark.parametrize("engine", [None, *ENGINES], ids=str)
@pytest.mark.parametrize("region", ["ap-northeast-1", "eu-central-1", "sa-east-1", "cn-north-1", "us-gov-west-1", "eusc-de-east-1"])
def test_many_random_specs_agree(region, engine):
    for tree in sample(20, engine, region=region):
        assert disagreements(compiled(as_yaml(tree)), tree) == [], tree


# One mistake for each check: a check that never fails proves nothing.
MISTAKES = [
    ("stacks/network.yaml", "  VpcId:\n    Description", "  TheVpc:\n    Description"),
    ("stacks/network.yaml", "  PublicSubnetIds:\n", "  Unread:\n    Value: x\n  PublicSubnetIds:\n"),
    ("deploy.sh", "cf1-stg-stack-network-01 VpcId", "cf1-stg-stack-network-01 PublicSubnetIds"),
    ("deploy.sh", "deploy cf1-stg-stack-build-01 stacks/build.yaml", ""),
    ("taskdef.json", '"cpu": "256"', '"cpu": "512"'),
    ("taskdef.json", "<IMAGE1_NAME>", "<IMAGE2_NAME>"),
    ("taskdef.json", "role-exec", "role-exe"),
    ("appspec.yaml", "ContainerPort: 80", "ContainerPort: 81"),
    ("appspec.yaml", "<TASK_DEFINITION>", "<TASKDEF>"),
    ("buildspec.yml", "    - taskdef.json", "    - taskdef.yaml"),
    ("stacks/service-fargate.yaml", "awslogs-group: !Ref LogGroup", "awslogs-group: /ecs/other"),
    ("stacks/service-fargate.yaml", "ContainerPort: 80\n          TargetGroupArn", "ContainerPort: 81\n          TargetGroupArn"),
    ("stacks/load-balancer.yaml", "FromPort: 81\n          ToPort: 81", "FromPort: 80\n          ToPort: 80"),
    ("stacks/load-balancer.yaml", "10.0.128.0/19", "10.0.0.0/19"),
    ("stacks/load-balancer.yaml", "10.0.160.0/19", "10.0.128.0/19"),
    ("stacks/endpoints.yaml", ".logs", ".log"),
    ("stacks/traffic.yaml", "Port: 80\n      VpcId", "Port: 81\n      VpcId"),
    ("stacks/traffic.yaml", "TargetGroupArn: !Ref FargateBlueTargetGroup", "TargetGroupArn: nothing"),
    ("stacks/deployment.yaml", "cf1-stg-tg-fargate-02", "cf1-stg-tg-fargate-01"),
    ("stacks/deployment.yaml", "codedeploy.amazonaws.com", "codebuild.amazonaws.com"),
    ("stacks/deployment.yaml", '"iam:PassRole"', '"iam:GetRole"'),
    ("stacks/build.yaml", "cf1-stg-ecr-fargate-01", "cf1-stg-ecr-other-01"),
    ("stacks/pipeline.yaml", 'PollForSourceChanges: "false"', 'PollForSourceChanges: "true"'),
    ("stacks/pipeline.yaml", "project/cf1-stg-build-fargate-01", "project/cf1-stg-build-fargate-02"),
    ("stacks/pipeline.yaml", "TaskDefinitionTemplateArtifact: FargateDeploy", "TaskDefinitionTemplateArtifact: Source"),
]  # fmt: skip


@pytest.mark.parametrize(("path", "right", "wrong"), MISTAKES)
def test_a_disagreement_would_be_seen(path, right, wrong):
    made = {artifact.path: artifact for artifact in artifacts("article")}
    assert right in made[path].text
    made[path] = made[path]._replace(text=made[path].text.replace(right, wrong))
    try:
        assert disagreements(tuple(made.values()), {}) != []
    except (AssertionError, KeyError, ValueError):
        return
