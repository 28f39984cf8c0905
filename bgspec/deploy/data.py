"""What outlives its stack because it holds data: found by the names in the templates, and deleted only when that is asked for."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import yaml

from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.units import Environment, Unit
from bgspec.document.tree import Loader
from bgspec.errors import AwsError

SCALED = "AWS::ApplicationAutoScaling::ScalableTarget"
_NAMES = {
    SCALED: "ResourceId",
    "AWS::CloudWatch::Alarm": "AlarmName",
    "AWS::CodeBuild::Project": "Name",
    "AWS::CodeCommit::Repository": "RepositoryName",
    "AWS::CodeDeploy::Application": "ApplicationName",
    "AWS::CodePipeline::Pipeline": "Name",
    "AWS::ECR::Repository": "RepositoryName",
    "AWS::ECS::Cluster": "ClusterName",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "Name",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "Name",
    "AWS::IAM::Role": "RoleName",
    "AWS::Lambda::Function": "FunctionName",
    "AWS::Logs::LogGroup": "LogGroupName",
    "AWS::S3::Bucket": "BucketName",
    "AWS::Scheduler::Schedule": "Name",
}
"""The property that names each kind of thing whose name bgspec gives, and no other account or network shares."""
IN_A_VPC = {"AWS::EC2::SecurityGroup": "GroupName"}
"""The same of what has its name only in a VPC."""

DATA = frozenset({"AWS::CodeCommit::Repository", "AWS::ECR::Repository", "AWS::Logs::LogGroup", "AWS::S3::Bucket"})
"""The kinds that bgspec keeps when their stack is deleted."""

_GONE = frozenset(
    "RepositoryNotFoundException RepositoryDoesNotExistException ResourceNotFoundException NoSuchBucket NotFound 404".split(),
)


class Named(NamedTuple):
    """A resource with a name of its own."""

    type: str
    name: str
    id: str
    """Its logical id."""
    retained: bool
    """Whether it outlives its stack."""


class Kept(NamedTuple):
    """One thing that holds data."""

    type: str
    name: str
    stack: str
    """The key of the stack that made it."""
    id: str = ""
    """Its logical id there."""

    def __str__(self) -> str:
        return f"{self.type.removeprefix('AWS::')} {self.name}"


class _Loader(Loader):
    """With the short forms of CloudFormation's functions."""


def _function(loader: Loader, suffix: str, node: yaml.Node) -> Any:  # noqa: ANN401  YAML
    name = suffix if suffix == "Ref" else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = str(loader.construct_scalar(node))
        return {name: text.split(".", 1) if suffix == "GetAtt" else text}  # JSON knows no other form of it
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    raise TypeError(node)  # no function of CloudFormation is written as a tagged mapping here


_Loader.add_multi_constructor("!", _function)


def read(template: str) -> dict[str, Any]:
    """A template as plain values: a function of CloudFormation is a one-key mapping, as JSON has it."""
    found: dict[str, Any] = yaml.load(template, _Loader)  # noqa: S506  a SafeLoader
    return found


def named(environment: Environment, unit: Unit, account: str, names: Mapping[str, str] = _NAMES) -> Iterator[Named]:
    """Every resource of a stack that has a name of its own; `names` has the property that holds it, by type."""
    for logical_id, resource in read(unit.template).get("Resources", {}).items():
        name = resource.get("Properties", {}).get(names.get(resource["Type"], ""))
        if name:
            retained = str(resource.get("DeletionPolicy", "")).startswith("Retain")
            yield Named(resource["Type"], text(name, environment, account), logical_id, retained)


def kept(environment: Environment, account: str) -> tuple[Kept, ...]:
    """Everything that the environment's stacks leave behind when they are deleted, whether it exists or not."""
    return tuple(
        Kept(thing.type, thing.name, unit.key, thing.id)
        for unit in environment.units
        for thing in named(environment, unit, account)
        if thing.retained and thing.type in DATA
    )


def text(name: Any, environment: Environment, account: str) -> str:  # noqa: ANN401  a text or a `Sub`
    """A value of a template with what CloudFormation puts in; a reference stays as it is."""
    text = name.get("Fn::Sub", name) if isinstance(name, dict) else name
    if not isinstance(text, str):
        return str(text)
    region = environment.plan.region
    for known, value in {"AccountId": account, "Region": region.name, "Partition": region.partition}.items():
        text = text.replace(f"${{AWS::{known}}}", value)
    return str(text)


def exists(aws: Aws, thing: Kept) -> bool:
    """Whether it is there."""
    try:
        match thing.type:
            case "AWS::CodeCommit::Repository":
                aws.call("codecommit", "get_repository", repositoryName=thing.name)
            case "AWS::ECR::Repository":
                aws.call("ecr", "describe_repositories", repositoryNames=[thing.name])
            case "AWS::S3::Bucket":
                aws.call("s3", "head_bucket", Bucket=thing.name)
            case _:
                groups = aws.call("logs", "describe_log_groups", logGroupNamePrefix=thing.name)["logGroups"]
                return any(group["logGroupName"] == thing.name for group in groups)
    except RefusedError as error:
        if error.code in _GONE:
            return False
        raise
    return True


def identifier(aws: Aws, thing: Kept) -> dict[str, str]:
    """What CloudFormation knows it by: the primary identifier of its schema (aws-cloudformation's resource schemas)."""
    if thing.type == "AWS::CodeCommit::Repository":
        found = aws.call("codecommit", "get_repository", repositoryName=thing.name)
        return {"RepositoryId": found["repositoryMetadata"]["repositoryId"]}
    return {_NAMES[thing.type]: thing.name}


def delete(aws: Aws, thing: Kept) -> None:
    """Delete it with all that it holds; no error where it is gone already."""
    deletions: dict[str, Callable[[], object]] = {
        "AWS::CodeCommit::Repository": lambda: aws.call("codecommit", "delete_repository", repositoryName=thing.name),
        "AWS::ECR::Repository": lambda: aws.call("ecr", "delete_repository", repositoryName=thing.name, force=True),
        "AWS::Logs::LogGroup": lambda: aws.call("logs", "delete_log_group", logGroupName=thing.name),
        "AWS::S3::Bucket": lambda: _delete_bucket(aws, thing.name),
    }
    try:
        deletions[thing.type]()
    except RefusedError as error:
        if error.code not in _GONE:
            raise


def _delete_bucket(aws: Aws, name: str) -> None:
    """Empty it of all versions, then delete it: S3 deletes no bucket that holds anything."""
    while True:
        page = aws.call("s3", "list_object_versions", Bucket=name)
        objects = [
            {"Key": one["Key"], "VersionId": one["VersionId"]} for one in (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))
        ]
        if not objects:
            break
        answer = aws.call("s3", "delete_objects", Bucket=name, Delete={"Objects": objects[:1000], "Quiet": True})
        for refused in answer.get("Errors", ()):  # by a lock or a policy: not all of a call fails then
            raise AwsError(f"s3:delete_objects: {refused.get('Key')} in {name}: {refused.get('Message')} ({refused.get('Code')})")
    aws.call("s3", "delete_bucket", Bucket=name)
