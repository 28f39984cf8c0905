"""What an earlier version of the spec left behind: what holds data stays when its stack is deleted, and no stack knows of it afterwards.

Found by the environment's tags, which CloudFormation gives to everything in its stacks, and by bgspec's own names. Either alone would not
do: others use such tags, too, and two environments may share the beginning of a name.
"""

from collections.abc import Container, Iterator

from bgspec.deploy import data
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.units import Environment

_KINDS = {
    "codecommit": "AWS::CodeCommit::Repository",
    "ecr": "AWS::ECR::Repository",
    "logs": "AWS::Logs::LogGroup",
    "s3": "AWS::S3::Bucket",
}
"""What holds data, by the service in its ARN."""
_BEFORE = ("repository/", "log-group:")
"""What stands in front of a name in an ARN, where anything does (Service Authorization Reference, the resource types of these services)."""


def find(aws: Aws, environment: Environment, account: str, known: Container[str]) -> tuple[data.Kept, ...] | None:
    """What is there; None where these credentials may not look.

    Args:
        aws: where to look.
        environment: whose it would be.
        account: where it would be, twelve digits.
        known: what the stacks of today have, as texts: `ECR::Repository shop-dev-ecr-web-01`.
    """
    own = dict(environment.plan.tags)
    filters = [{"Key": tag, "Values": [own[tag]]} for tag in ("System", "Environment")]
    try:
        found = list(
            aws.pages(
                "resourcegroupstaggingapi",
                "get_resources",
                "ResourceTagMappingList",
                TagFilters=filters,
                ResourceTypeFilters=[*_KINDS],
            )
        )
    except RefusedError as error:
        if error.denied:
            return None
        raise
    names = dict(_names(environment, account))
    things = (_thing(str(one["ResourceARN"])) for one in found)
    # What was deleted a moment ago may be listed still (bc:resourcegroupstaggingapi.GetResources: "previously tagged").
    return tuple(
        thing for thing in sorted(things) if _fits(thing.name, names[thing.type]) and str(thing) not in known and data.exists(aws, thing)
    )


def _thing(arn: str) -> data.Kept:
    _, _, service, _, _, name = arn.split(":", 5)
    for front in _BEFORE:
        name = name.removeprefix(front)
    return data.Kept(_KINDS[service], name.removesuffix(":*"), "")


def _names(environment: Environment, account: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The names that bgspec gives, by type; `*` is a service, or an event of a deployment."""
    names, region = environment.plan.names, environment.plan.region.name
    buckets = (names.artifact_bucket, names.access_log_bucket, names.cache_bucket, names.source_bucket)
    builds = (names.build_project("*"), names.test_project())
    yield "AWS::CodeCommit::Repository", (names.source_repository(),)
    yield "AWS::ECR::Repository", (names.repository("*"),)
    yield (
        "AWS::Logs::LogGroup",
        (
            names.log_group("*"),
            names.exec_log_group(),
            names.flow_log_group(),
            f"/aws/lambda/{names.hook('*')}",
            *(f"/aws/codebuild/{build}" for build in builds),
        ),
    )
    yield "AWS::S3::Bucket", tuple(f"{front(region)}-{account}-{region}-an" for front in buckets)


def _fits(name: str, patterns: tuple[str, ...]) -> bool:
    for pattern in patterns:
        front, star, back = pattern.partition("*")
        if name == pattern or (star and name.startswith(front) and name.endswith(back)):
            return True
    return False
