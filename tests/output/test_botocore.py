"""What AWS's own API models say about the values in the output: every word of an enum, every pattern, every length and range."""

import io
import json
import re
import zipfile
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from botocore.loaders import Loader
from botocore.model import OperationModel, ServiceModel, Shape
from botocore.validate import ParamValidator

from tests.corpus import artifacts, compiled, specs
from tests.output.environment import Environment, environments, parse
from tests.strategies import as_yaml, sample

# Which call of an API makes a resource: (service, operation, the parameter that holds the resource's properties).
CALLS: dict[str, tuple[str, str, str]] = {
    "ApplicationAutoScaling::ScalableTarget": ("application-autoscaling", "RegisterScalableTarget", ""),
    "ApplicationAutoScaling::ScalingPolicy": ("application-autoscaling", "PutScalingPolicy", ""),
    "CloudWatch::Alarm": ("cloudwatch", "PutMetricAlarm", ""),
    "CodeBuild::Project": ("codebuild", "CreateProject", ""),
    "CodeCommit::Repository": ("codecommit", "CreateRepository", ""),
    "CodeDeploy::Application": ("codedeploy", "CreateApplication", ""),
    "CodeDeploy::DeploymentConfig": ("codedeploy", "CreateDeploymentConfig", ""),
    "CodeDeploy::DeploymentGroup": ("codedeploy", "CreateDeploymentGroup", ""),
    "CodePipeline::Pipeline": ("codepipeline", "CreatePipeline", "pipeline"),
    "EC2::NatGateway": ("ec2", "CreateNatGateway", ""),
    "EC2::SecurityGroup": ("ec2", "CreateSecurityGroup", ""),
    "EC2::Subnet": ("ec2", "CreateSubnet", ""),
    "EC2::VPC": ("ec2", "CreateVpc", ""),
    "EC2::VPCEndpoint": ("ec2", "CreateVpcEndpoint", ""),
    "ECR::Repository": ("ecr", "CreateRepository", ""),
    "ECS::Cluster": ("ecs", "CreateCluster", ""),
    "ECS::Service": ("ecs", "CreateService", ""),
    "ECS::TaskDefinition": ("ecs", "RegisterTaskDefinition", ""),
    "ElasticLoadBalancingV2::Listener": ("elbv2", "CreateListener", ""),
    "ElasticLoadBalancingV2::ListenerRule": ("elbv2", "CreateRule", ""),
    "ElasticLoadBalancingV2::LoadBalancer": ("elbv2", "CreateLoadBalancer", ""),
    "ElasticLoadBalancingV2::TargetGroup": ("elbv2", "CreateTargetGroup", ""),
    "ServiceDiscovery::HttpNamespace": ("servicediscovery", "CreateHttpNamespace", ""),
    "ServiceDiscovery::PrivateDnsNamespace": ("servicediscovery", "CreatePrivateDnsNamespace", ""),
    "ServiceDiscovery::Service": ("servicediscovery", "CreateService", ""),
    "Events::Rule": ("events", "PutRule", ""),
    "IAM::OIDCProvider": ("iam", "CreateOpenIDConnectProvider", ""),
    "IAM::Role": ("iam", "CreateRole", ""),
    "KMS::Alias": ("kms", "CreateAlias", ""),
    "KMS::Key": ("kms", "CreateKey", ""),
    "Lambda::Function": ("lambda", "CreateFunction", ""),
    "Logs::LogGroup": ("logs", "CreateLogGroup", ""),
    "SSM::Parameter": ("ssm", "PutParameter", ""),
    "SNS::Topic": ("sns", "CreateTopic", ""),
    "Scheduler::Schedule": ("scheduler", "CreateSchedule", ""),
}


@cache
def service(name: str) -> ServiceModel:
    return ServiceModel(Loader().load_service_model(name, "service-2"), name)


def operation(name: str, call: str) -> OperationModel:
    return service(name).operation_model(call)


def violations(value: Any, shape: Shape, path: str) -> Iterator[str]:
    """What a value contradicts in a shape of the model; members that the model does not have are CloudFormation's own."""
    match shape.type_name, value:
        case "structure", dict():
            members = {name.lower(): (name, member) for name, member in shape.members.items()}
            for key, item in value.items():
                if key.lower() in members:
                    name, member = members[key.lower()]
                    yield from violations(item, member, f"{path}.{name}")
        case "map", dict():
            for key, item in value.items():
                yield from violations(key, shape.key, f"{path}.{key}")
                yield from violations(item, shape.value, f"{path}.{key}")
        case "list", list():
            yield from _limits(len(value), shape, path)
            for number, item in enumerate(value):
                yield from violations(item, shape.member, f"{path}[{number}]")
        case _:
            yield from _scalar_violations(value, shape, path)


def _scalar_violations(value: Any, shape: Shape, path: str) -> Iterator[str]:
    match shape.type_name, value:
        case "string", dict() | list():  # policies are texts in the API
            yield from _text_violations(json.dumps(value), shape, path)
        case "string", str():
            yield from _text_violations(value, shape, path)
        case (("integer" | "long" | "float" | "double"), (int() | float())):
            yield from _limits(value, shape, path)
        case (("boolean" | "integer" | "long" | "float" | "double" | "blob"), str()) | ("boolean", bool()):
            pass  # CloudFormation converts these texts
        case kind, _:
            yield f"{path}: {value!r} is no {kind}"


def _text_violations(value: str, shape: Shape, path: str) -> Iterator[str]:
    if shape.enum and value not in shape.enum:
        yield f"{path}: {value!r} is none of {shape.enum}"
    yield from _limits(len(value), shape, path)
    pattern = shape.metadata.get("pattern")
    if pattern and not _compiled(pattern).fullmatch(value):
        yield f"{path}: {value!r} does not match {pattern}"


def _limits(size: float, shape: Shape, path: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if (least is not None and size < least) or (most is not None and size > most):
        yield f"{path}: {size} is not between {least} and {most}"


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Patterns in the models are Java's: their names for classes of characters are others."""
    for java, python in (
        (r"\p{L}\p{Z}\p{N}", r"\w\s"),
        (r"\p{IsLetter}", r"\w"),
        (r"\p{Alnum}", "a-zA-Z0-9"),
        (r"\p{ASCII}", r"\x00-\x7f"),
        (r"\P{C}", r"."),
        (r"\uD800\uDC00-\uDBFF\uDFFF", r"\U00010000-\U0010ffff"),
        (r"\p{Print}", r"[^\x00-\x1f]"),
    ):
        pattern = pattern.replace(java, python)
    return re.compile(pattern, re.DOTALL)


def disagreements(env: Environment) -> list[str]:
    found = []
    for resource in env.region.resources:
        kind = resource.type.removeprefix("AWS::")
        if kind in CALLS:
            name, call, member = CALLS[kind]
            shape = operation(name, call).input_shape
            found += violations(resource.properties, shape.members[member] if member else shape, f"{resource.id}")
    for definition in env.task_definitions:
        shape = operation("ecs", "RegisterTaskDefinition").input_shape
        report = ParamValidator().validate(definition, shape)
        if report.has_errors():
            found.append(report.generate_report())
        found += violations(definition, shape, "taskdef.json")
    return found


@pytest.mark.parametrize("name", specs())
def test_the_goldens_agree_with_the_models(name):
    for env in environments(artifacts(name), parse(specs()[name].read_text())):
        assert disagreements(env) == []


def test_random_specs_agree_with_the_models():
    for tree in sample(12):
        for env in environments(compiled(as_yaml(tree)), tree):
            assert disagreements(env) == [], tree


@pytest.mark.slow
def test_many_random_specs_agree_with_the_models():
    for tree in sample(200):
        for env in environments(compiled(as_yaml(tree)), tree):
            assert disagreements(env) == [], tree


def test_every_kind_of_resource_is_looked_at():
    """Those that are not are listed with the reason."""
    made = {resource.type for name in specs() for env in environments(artifacts(name), {}) for resource in env.region.resources}
    assert made - {f"AWS::{kind}" for kind in CALLS} == {f"AWS::{kind}" for kind in NOT_LOOKED_AT}


NOT_LOOKED_AT = {
    # No API call takes their properties as a whole, and each has only what cfn-lint's schema knows better.
    "CertificateManager::Certificate",
    "EC2::EIP",
    "EC2::FlowLog",
    "EC2::InternetGateway",
    "EC2::Route",
    "EC2::RouteTable",
    "EC2::SecurityGroupIngress",
    "EC2::SubnetRouteTableAssociation",
    "EC2::VPCGatewayAttachment",
    "CodeStarNotifications::NotificationRule",
    "SNS::TopicPolicy",
    "Route53::RecordSet",
    "S3::Bucket",
    "S3::BucketPolicy",
}


def test_a_wrong_value_would_be_seen():
    shape = operation("elbv2", "CreateTargetGroup").input_shape
    assert list(violations({"Name": "a", "TargetType": "ip", "Port": 80}, shape, "x")) == []
    assert len(list(violations({"TargetType": "IP", "Port": 65536, "HealthCheckPath": "", "Matcher": "200"}, shape, "x"))) == 4
    shape = operation("ecr", "CreateRepository").input_shape
    assert len(list(violations({"RepositoryName": "Upper"}, shape, "x"))) == 1


@pytest.mark.parametrize("name", specs())
def test_the_deploy_artifact_is_small(name):
    """CodeDeployToECS takes three megabytes, zipped (CodePipeline User Guide, limits)."""
    for env in environments(artifacts(name), parse(specs()[name].read_text())):
        for path in (path for path in env.sources if path.endswith("appspec.yaml")):
            archive = io.BytesIO()
            with zipfile.ZipFile(archive, "w", zipfile.ZIP_STORED) as file:
                file.writestr("appspec.yaml", env.sources[path])
                file.writestr("taskdef.json", env.sources[path.replace("appspec.yaml", "taskdef.json")])
                file.writestr("imageDetail.json", json.dumps({"ImageURI": "x" * 400}))
            assert len(archive.getvalue()) < 3 * 1024 * 1024 / 10
