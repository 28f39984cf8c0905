"""Names that are taken: by stacks that bgspec did not make, and by things that no stack of the environment has."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from bgspec import account as words
from bgspec.deploy import data, order
from bgspec.deploy.aws import Aws
from bgspec.deploy.decide import MADE_NOW, Seen
from bgspec.deploy.preflight.look import Look, there
from bgspec.deploy.units import Environment, Unit, route
from bgspec.diagnostics import Diagnostic, Route


def stacks(environment: Environment, seen: dict[str, Seen]) -> Iterator[Diagnostic]:
    """The stacks that somebody else made under this environment's names."""
    for unit in environment.units:
        one = seen[unit.key]
        if one.status not in MADE_NOW and not one.description.startswith(f"{unit.name}: "):
            yield words.stack_of_somebody_else(("system",), unit.name)


def looks(environment: Environment, account: str, seen: dict[str, Seen], *, takes_back: bool, former: tuple[Unit, ...]) -> Iterator[Look]:
    """The named resources of all stacks that are to be made; security groups where the VPC is not, too.

    A role of a stack that leaves is in nobody's way: whoever makes it again waits for that.
    """
    free = {role for unit in former for role in order.made(unit)}
    vpc = next((ident for parameter, ident in environment.plan.network.given if parameter == "VpcId"), "")
    for unit in environment.units:
        if seen[unit.key].status in MADE_NOW:
            for group in data.named(environment, unit, account, data.IN_A_VPC) if vpc else ():
                place = route(environment.plan, unit.key, group.id)
                yield Look(place, f"the name {group.name}", partial(_look, place, group, partial(_security_group, vpc)))
            for thing in data.named(environment, unit, account):
                mine = thing.type == "AWS::IAM::Role" and thing.name in free
                if thing.type in LOOKS and not mine and not (takes_back and thing.retained and thing.type in data.DATA):
                    place = route(environment.plan, unit.key, thing.id)
                    yield Look(place, f"the name {thing.name}", partial(_look, place, thing, LOOKS[thing.type]))


def _look(place: Route, thing: data.Named, taken: Callable[[Aws, str], bool], aws: Aws) -> Iterator[Diagnostic]:
    if taken(aws, thing.name):
        kind = thing.type.removeprefix("AWS::").replace("::", " ")
        if thing.retained and thing.type in data.DATA:
            mend = (
                "Kept by an earlier `destroy`? `--adopt` takes it back as it is; `destroy --delete-data` deletes it with all that it holds."
            )
        else:
            mend = "Delete it if nobody needs it, or choose another `system` or `environment`."
        yield words.name_taken(place, f"{kind} {thing.name}", mend)


def _group(aws: Aws, name: str) -> bool:
    found = aws.call("logs", "describe_log_groups", logGroupNamePrefix=name)["logGroups"]
    return any(one["logGroupName"] == name for one in found)


def _cluster(aws: Aws, name: str) -> bool:
    return any(one["status"] == "ACTIVE" for one in aws.call("ecs", "describe_clusters", clusters=[name])["clusters"])


def _security_group(vpc: str, aws: Aws, name: str) -> bool:
    filters = [{"Name": "vpc-id", "Values": [vpc]}, {"Name": "group-name", "Values": [name]}]
    return bool(aws.call("ec2", "describe_security_groups", Filters=filters)["SecurityGroups"])


def _found(key: str, answer: dict[str, Any]) -> bool:
    return bool(answer[key])


LOOKS: dict[str, Callable[[Aws, str], bool]] = {
    "AWS::CloudWatch::Alarm": lambda aws, name: _found("MetricAlarms", aws.call("cloudwatch", "describe_alarms", AlarmNames=[name])),
    "AWS::CodeBuild::Project": lambda aws, name: _found("projects", aws.call("codebuild", "batch_get_projects", names=[name])),
    "AWS::CodeCommit::Repository": lambda aws, name: there(
        lambda: aws.call("codecommit", "get_repository", repositoryName=name), "RepositoryDoesNotExistException"
    ),
    "AWS::CodeDeploy::Application": lambda aws, name: there(
        lambda: aws.call("codedeploy", "get_application", applicationName=name), "ApplicationDoesNotExistException"
    ),
    "AWS::CodePipeline::Pipeline": lambda aws, name: there(
        lambda: aws.call("codepipeline", "get_pipeline", name=name), "PipelineNotFoundException"
    ),
    "AWS::ECR::Repository": lambda aws, name: there(
        lambda: aws.call("ecr", "describe_repositories", repositoryNames=[name]), "RepositoryNotFoundException"
    ),
    "AWS::ECS::Cluster": _cluster,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": lambda aws, name: there(
        lambda: aws.call("elbv2", "describe_load_balancers", Names=[name]), "LoadBalancerNotFound"
    ),
    "AWS::ElasticLoadBalancingV2::TargetGroup": lambda aws, name: there(
        lambda: aws.call("elbv2", "describe_target_groups", Names=[name]), "TargetGroupNotFound"
    ),
    "AWS::IAM::Role": lambda aws, name: there(lambda: aws.call("iam", "get_role", RoleName=name), "NoSuchEntity"),
    "AWS::Lambda::Function": lambda aws, name: there(
        lambda: aws.call("lambda", "get_function_configuration", FunctionName=name), "ResourceNotFoundException"
    ),
    "AWS::Logs::LogGroup": _group,
    "AWS::S3::Bucket": lambda aws, name: there(lambda: aws.call("s3", "head_bucket", Bucket=name), "404", "NoSuchBucket"),
    "AWS::Scheduler::Schedule": lambda aws, name: there(
        lambda: aws.call("scheduler", "get_schedule", Name=name), "ResourceNotFoundException"
    ),
}
"""How to see whether a name is taken, for the kinds whose names are the environment's own."""
