"""Everything that stands, as its own services tell it, in a form in which two runs can be compared."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from bgspec.sandbox.cloudformation.stack import stacks
from bgspec.sandbox.models import operation, project
from bgspec.sandbox.services.ecs_tasks import steady
from bgspec.sandbox.world import Context, World
from tests.deploy.bench import ACCOUNT, REGION, Bench
from tests.sandbox.readers import READERS
from tests.waiting import until

# What is different in every run and says nothing: moments, ids of things that are no resources, and what a running service reports.
_PASSING = frozenset({
    "ResponseMetadata", "events", "createdAt", "updatedAt", "updated", "created", "currentServiceRevisions", "currentServiceDeployment",
    "stabilityStatusAt", "CreatedTime", "lastModified", "lastModifiedDate", "creationDate", "registeredAt", "NetworkInterfaceIds",
    "NetworkInterfaces", "SecurityGroupRuleId", "SecurityGroupRuleArn", "LastModifiedTime", "lastAttemptedDeployment",
    "lastSuccessfulDeployment", "CreateTime", "createTime", "creationTime", "revisionId", "RevisionId", "cloneUrlHttp",
    "AlarmConfigurationUpdatedTimestamp", "StateUpdatedTimestamp", "CreateDate", "UpdateDate", "RoleLastUsed", "requestedAt", "RoleId",
})  # fmt: skip
_SHAPED = re.compile(
    r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{12,}|\d{4}-\d\d-\d\d[T ][\d:.+]*|\b\d{1,3}(\.\d{1,3}){3}(/\d+)?|\d{13,}"
    r"|\bd-[0-9A-Z]{9}\b"
)
"""Ids of every kind, moments and addresses."""
_ENDED = frozenset("Succeeded Failed Stopped Superseded Cancelled SUCCESSFUL STOPPED ROLLBACK_SUCCESSFUL ROLLBACK_FAILED".split())


def settle(bench: Bench, account: str = ACCOUNT, region: str = REGION, seconds: float = 60.0) -> None:
    """Wait until all tasks are steady and nothing is under way, but for runs of pipelines that wait for a person."""
    speed, bench.world.speed = bench.world.speed, max(bench.world.speed, 20_000)

    def under_way() -> list[str]:
        return list(_under_way(bench.world, bench.world.context(account, region)))

    until(lambda: not under_way(), seconds, told=under_way)
    bench.world.speed = speed


def _under_way(world: World, context: Context) -> Iterator[str]:
    with world.lock:
        yield from (f"{stack.name} {stack.status}" for stack in stacks(context).values() if stack.busy)
        for table in ("codepipeline.executions", "codedeploy.deployments", "ecs.deployments"):
            busy = {name: one for name, one in context.table(table).items() if one["status"] not in _ENDED}
            yield from (f"{table} {name}" for name, one in busy.items() if not _waits_for_approval(one))
        for service in context.table("ecs.services").values():
            fleets = list(service["_fleets"].values())
            if service["status"] == "ACTIVE" and not (len(fleets) == 1 and steady(context, fleets[0])):
                yield f"{service['serviceName']}: {[fleet['status'] for fleet in fleets]}"


def _waits_for_approval(execution: dict[str, Any]) -> bool:
    answered = execution.get("_approvals", ())
    return any(one["token"] and one["token"] not in answered for one in execution.get("_actions", ()) if one["status"] == "InProgress")


class Direct:
    """The emulator's operations without HTTP: each answer holds what its shape has, as a client would get it."""

    def __init__(self, context: Context, service: str = "") -> None:
        self._context = context
        self._service = service

    def client(self, service: str) -> Any:
        return Direct(self._context, service)

    def arn(self, service: str, resource: str) -> str:
        return self._context.arn(service, resource)

    def __getattr__(self, action: str) -> Callable[..., Any]:
        shape = operation(self._service, action).output_shape
        return lambda **params: project(shape, self._context.call(self._service, action, **params)) if shape else {}


def standing(bench: Bench) -> dict[str, Any]:
    """Every stack with every property of each of its resources, and what bgspec makes beside the stacks."""
    settle(bench)
    context = bench.world.context(ACCOUNT, REGION)
    aws = Direct(context)
    cloudformation = aws.client("cloudformation")
    names: dict[str, str] = {}
    found: dict[str, Any] = {}
    for stack in cloudformation.describe_stacks()["Stacks"]:
        name = stack["StackName"]
        kept = stacks(context)[stack["StackId"]]
        names |= {one.physical: f"<{name}.{one.logical}>" for one in kept.resources.values()} | {stack["StackId"]: f"<{name}>"}
        shown = {key: stack.get(key) for key in ("StackStatus", "Parameters", "Outputs", "Tags", "EnableTerminationProtection")}
        found[name] = shown | {
            "Policy": cloudformation.get_stack_policy(StackName=name).get("StackPolicyBody", ""),
            "Template": cloudformation.get_template(StackName=name)["TemplateBody"],
            "Pending": [
                one["Status"]
                for one in cloudformation.list_change_sets(StackName=name)["Summaries"]
                if not one["ExecutionStatus"].startswith("EXECUTE_")
            ],
            "Resources": {
                one.logical: READERS[one.type](aws, one.physical, one.full)  # type: ignore[arg-type]
                for one in kept.resources.values()
                if "DELETE" not in one.status
            },
        }
    found["beside"] = _beside(aws)
    found["count"] = _count(bench)
    text = json.dumps(_lasting(found), default=str, sort_keys=True)
    for physical in sorted(names, key=len, reverse=True):
        text = text.replace(physical, names[physical])
    plain: dict[str, Any] = _ordered(json.loads(_SHAPED.sub("*", text)))
    return plain


def _beside(aws: Direct) -> dict[str, Any]:
    """Images by tag, branches with their history and files, locks."""
    ecr, commits = aws.client("ecr"), aws.client("codecommit")
    images = {
        repository["repositoryName"]: [
            sorted(len(tag) > 8 or tag for tag in image.get("imageTags", ()))  # a commit's tag is different in every run
            for image in ecr.describe_images(repositoryName=repository["repositoryName"])["imageDetails"]
        ]
        for repository in ecr.describe_repositories()["repositories"]
    }
    branches = {}
    for name in (one["repositoryName"] for one in commits.list_repositories()["repositories"]):
        for branch in commits.list_branches(repositoryName=name)["branches"]:
            tip = commits.get_branch(repositoryName=name, branchName=branch)["branch"]["commitId"]
            files = commits.get_folder(repositoryName=name, folderPath="/", commitSpecifier=tip)["files"]
            branches[f"{name}/{branch}"] = {
                "parents": len(commits.get_commit(repositoryName=name, commitId=tip)["commit"]["parents"]),
                "files": {one["absolutePath"]: one["blobId"][:8] for one in files},
            }
    locks = aws.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]
    return {"images": images, "branches": branches, "locks": [one["Name"] for one in locks]}


def _count(bench: Bench) -> dict[str, int]:
    """How many of each thing exist, in or out of a stack: nothing may exist twice. What comes and goes by itself is left out."""
    passing = {"ec2.NetworkInterface", "ecs.tasks", "ecs.revisions", "codebuild.builds", "codepipeline.executions", "cloudformation.stacks"}
    return {
        name: sum(one.get("status") != "INACTIVE" for one in table.values())  # of what is deregistered ECS keeps a note
        for tables in bench.world.state().values()
        for name, table in tables.items()
        if name not in passing
    }  # fmt: skip


def _lasting(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {str(name): _lasting(item) for name, item in tree.items() if name not in _PASSING}
    return [_lasting(item) for item in tree] if isinstance(tree, list) else tree


def _ordered(tree: Any) -> Any:
    """Lists in an order that does not depend on ids."""
    if isinstance(tree, dict):
        return {name: _ordered(item) for name, item in tree.items()}
    if isinstance(tree, list):
        return sorted((_ordered(item) for item in tree), key=lambda item: json.dumps(item, sort_keys=True))
    return tree


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Where two of them differ."""
    if isinstance(one, dict) and isinstance(other, dict):
        for name in dict.fromkeys((*one, *other)):
            yield from differences(one.get(name), other.get(name), f"{path}/{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            yield from differences(left, right, f"{path}/{number}")
    elif one != other:
        yield f"{path}: {one!r} != {other!r}"[:600]
