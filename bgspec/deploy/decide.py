"""What to do with a stack, decided from what is described: nothing here calls AWS.

The statuses and what each allows: AWS CloudFormation User Guide, "Stack status codes"; the operations' own texts in the API reference.
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from bgspec.diagnostics import Route

Step = Literal["create", "recreate", "update", "wait", "refuse"]
Kind = Literal["nothing", "created", "changed", "later", "busy", "deployment", "replaced", "deleted", "refused", "two steps"]


class Seen(NamedTuple):
    """A stack as CloudFormation describes it."""

    status: str = ""
    """Empty where there is none."""
    id: str = ""
    reason: str = ""
    description: str = ""
    """The template's own."""
    outputs: dict[str, str] = {}  # noqa: RUF012  never changed
    parameters: dict[str, str] = {}  # noqa: RUF012  never changed
    protected: bool = False
    role: str = ""
    """The role with which CloudFormation changes it; empty where it does so in the caller's name."""

    @classmethod
    def of(cls, stack: dict[str, Any]) -> "Seen":
        """From an answer of DescribeStacks."""
        return cls(
            status=stack["StackStatus"],
            id=stack["StackId"],
            reason=stack.get("StackStatusReason", ""),
            description=stack.get("Description", ""),
            outputs={output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", ())},
            parameters={one["ParameterKey"]: one.get("ParameterValue", "") for one in stack.get("Parameters", ())},
            protected=bool(stack.get("EnableTerminationProtection")),
            role=stack.get("RoleARN") or "",
        )


class Change(NamedTuple):
    """One resource that a change set would touch."""

    action: Literal["Add", "Modify", "Remove", "Import", "Dynamic"]
    id: str
    type: str
    replaces: bool
    """Whether a new one takes its place, for certain or perhaps."""
    properties: tuple[str, ...]
    """What changes about it."""
    retained: bool
    """Whether the old one stays, outside of the stack."""
    physical: str = ""
    """Its name, id or ARN on AWS; empty for what does not exist yet."""


class Update(NamedTuple):
    """What ECS lets be updated of a service of CodeDeploy (bc:ecs.UpdateService)."""

    argument: str
    """As UpdateService calls it."""
    value: int
    why: str


class Verdict(NamedTuple):
    """What becomes of a stack, and why."""

    kind: Kind
    reasons: tuple[str, ...] = ()
    culprit: str = ""
    """The logical id that a refusal is about."""
    about: Route = ()
    """Where the spec says so, if not where it speaks of that resource."""
    changes: tuple[Change, ...] = ()
    """What it was judged by."""
    updates: tuple[Update, ...] = ()
    """What is changed of its service beside the stack."""
    again: bool = False
    """Whether there is more to do once a deployment has brought the new revision."""

    @property
    def stops(self) -> bool:
        """Whether nothing may be changed before somebody has decided."""
        return self.kind in {"refused", "two steps"}


MADE_NOW = frozenset({"", "DELETE_COMPLETE", "REVIEW_IN_PROGRESS"})
"""The states in which a stack has nothing yet. (An update that takes a name is refused by CloudFormation when the change set is made.)"""

_UPDATABLE = frozenset(
    "CREATE_COMPLETE UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE IMPORT_COMPLETE IMPORT_ROLLBACK_COMPLETE CREATE_FAILED UPDATE_FAILED".split()
)
_WAY_OUT = {
    "UPDATE_ROLLBACK_FAILED": "an update failed and could not be taken back. Mend what stood in the way of that, then run"
    " `aws cloudformation continue-update-rollback --stack-name {name}` (`--resources-to-skip ID` for what cannot be mended), and apply"
    " again",
    "IMPORT_ROLLBACK_FAILED": "an import could not be taken back. Only deleting the stack helps, or AWS's support",
}
UNDONE = frozenset({"CREATE_FAILED", "UPDATE_FAILED"})
"""The states after something failed that somebody forbade to be taken back."""


def step(seen: Seen) -> Step:
    """What a stack in this state needs first."""
    match seen.status:
        case "" | "DELETE_COMPLETE" | "REVIEW_IN_PROGRESS":  # the last is the shell of a change set that was never executed
            return "create"
        case "ROLLBACK_COMPLETE" | "ROLLBACK_FAILED" | "DELETE_FAILED":  # never stood, or was being deleted: nothing in it is in use
            return "recreate"
        case status if status in _UPDATABLE:
            return "update"
        case status if status.endswith("_IN_PROGRESS"):
            return "wait"
        case _:
            return "refuse"


def way_out(name: str, seen: Seen) -> str:
    """Why nothing can be done with a stack that is refused as it stands, and what helps."""
    return f"{name} is in {seen.status}: " + _WAY_OUT.get(seen.status, "this version of bgspec does not know that state").format(name=name)


def changes(described: dict[str, Any]) -> tuple[Change, ...]:
    """The changes of a described change set."""
    found = (change["ResourceChange"] for change in described.get("Changes", ()) if change.get("Type", "Resource") == "Resource")
    return tuple(
        Change(
            action=change["Action"],
            id=change["LogicalResourceId"],
            type=change["ResourceType"],
            replaces=change.get("Replacement") in {"True", "Conditional"},
            properties=tuple(dict.fromkeys(_targets(change))),
            retained=str(change.get("PolicyAction", "")).endswith("Retain"),
            physical=change.get("PhysicalResourceId", ""),
        )
        for change in found
    )


def _targets(change: dict[str, Any]) -> Iterable[str]:
    for detail in change.get("Details", ()):
        target = detail.get("Target", {})
        yield target.get("Name") or target.get("Attribute", "")


# What says so in the status reason of a failed change set (AWS CLI, customizations/cloudformation/deployer.py).
_NO_CHANGES = ("didn't contain changes", "No updates are to be performed")


def nothing_changes(status: str, reason: str) -> bool:
    """Whether a change set failed only because there is nothing to do."""
    return status == "FAILED" and any(text in reason for text in _NO_CHANGES)


GUARDED = {
    "AWS::CodeCommit::Repository": "the source and its history",
    "AWS::DynamoDB::Table": "data",
    "AWS::EC2::NatGateway": "the address under which the environment calls others",
    "AWS::EC2::VPC": "everything in it",
    "AWS::ECR::Repository": "the images",
    "AWS::ECS::Cluster": "the services in it",
    "AWS::ECS::Service": "the running tasks",
    "AWS::EFS::FileSystem": "the files",
    "AWS::ElasticLoadBalancingV2::LoadBalancer": "the address that clients call",
    "AWS::ElasticLoadBalancingV2::TargetGroup": "the tasks that production traffic goes to",
    "AWS::KMS::Key": "whatever is encrypted with it",
    "AWS::Logs::LogGroup": "the logs",
    "AWS::S3::Bucket": "the files",
}
"""What holds data or traffic, and what would be lost with it."""
_NAMELESS = frozenset({"AWS::DynamoDB::Table", "AWS::EC2::NatGateway", "AWS::EFS::FileSystem", "AWS::KMS::Key"})
"""Those of them that can be replaced where they stand. CloudFormation replaces nothing that has a name of its own (User Guide,
aws-properties-name), and no VPC goes while anything is in it."""
_MOVED = frozenset({"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"})
"""What deployments move: to update one is to send its first weights again."""


def holds(template: str) -> bool:
    """Whether a stack of this template holds data or traffic."""
    return any(f"Type: {kind}\n" in template for kind in (*GUARDED, *_MOVED))


# What of a service begins a deployment of ECS's own (bc:ecs.UpdateServiceRequest, as CloudFormation calls it).
_REDEPLOYS = frozenset({
    "LoadBalancers", "NetworkConfiguration", "PlatformVersion", "ServiceConnectConfiguration", "ServiceRegistries", "TaskDefinition",
    "VolumeConfigurations",
})  # fmt: skip

_IN_PLACE = (
    "AWS's way in place, by hand and with no deployment under way: first each listener gets a rule with both target groups and the live"
    " weights; then, in an update of its own, the service its new controller, its strategy and these rules (`aws ecs update-service`;"
    " ECS Developer Guide, migrate-codedeploy-to-ecs-bluegreen). The stacks do not follow: these listeners are yours from then on"
)
_BESIDE = (
    "with bgspec, and nothing of this one touched: give the spec another `environment` and the new engine, apply it beside this one, let"
    ' the names lead there, and destroy this one (docs/deploy.md, "Another engine")'
)
_ELSE = "take the spec back; or give it another `environment`, apply that beside this one, let the names lead there, and destroy this one"
_WAYS: dict[tuple[str, ...], str] = {
    ("ServiceRegistries",): "a name in DNS is given when a service is made: call this one through the load balancer, or make another one",
}
"""The way out where this alone of a service of CodeDeploy would change."""


def controller_changes(service: str, runs: str, wanted: str) -> Verdict | None:
    """What it means that a service is to be deployed by another engine than the one that deploys it; None where it is the same.

    Args:
        service: its name in the spec.
        runs: the deployment controller that it has; empty where it does not exist.
        wanted: the one that its template says.

    Source: ECS Developer Guide, update-service-parameters (the transitions that are allowed, and why not together with anything else) and
    migrate-codedeploy-to-ecs-bluegreen.
    """
    if runs in {"", wanted}:
        return None
    engine = {"CODE_DEPLOY": "CodeDeploy", "ECS": "ECS itself"}.get(runs, "something else")
    place = ("deployment", "engine")
    if wanted == "CODE_DEPLOY":
        return Verdict(
            "refused", (f"{service} is deployed by {engine}, and AWS lets no service change to CodeDeploy", _BESIDE), "Service", place
        )
    why = (
        f"{service} is deployed by {engine}, the spec says `engine: ecs`: AWS changes that in two updates, because going back fails"
        " where one of them brings a new task, too"
    )
    return Verdict("two steps", (why, _IN_PLACE, _BESIDE), "Service", place)


def judge(
    key: str,
    controller: str,
    found: tuple[Change, ...],
    allowed: frozenset[str] = frozenset(),
    hindered: Mapping[str, Verdict] = MappingProxyType({}),
) -> Verdict:
    """What an update of a stack that stands would do, and whether it may.

    Args:
        key: the stack's short name.
        controller: the deployment controller of its ECS service, or empty.
        found: the changes of the change set.
        allowed: what the user named to be replaced or deleted, as `STACK/LogicalId`.
        hindered: what may not be done because of what runs, by logical id: see `astray`, `gone` and `taken`.
    """
    if not found:
        return Verdict("changed", ("what it tells other stacks, and no resource",))
    for change in found:
        if change.id in hindered:
            return hindered[change.id]
        refusal = _refusal(key, controller, change, allowed)
        if refusal:
            return Verdict("refused", refusal, change.id)
    replaced = [change for change in found if change.replaces and change.type != "AWS::ECS::TaskDefinition"]
    if any(change.action == "Modify" and _deploys(change, controller) for change in found):
        return Verdict("deployment", (*map(_words, found),))
    if replaced:
        return Verdict("replaced", tuple(map(_words, found)))
    return Verdict("changed", tuple(map(_words, found)))


def recounted(runs: int, wanted: int, applied: str) -> Iterator[Update]:
    """The update by which as many tasks are wanted as the spec says; none where it is the count on ECS that somebody has changed.

    Args:
        runs: how many are wanted on ECS.
        wanted: how many the spec wants.
        applied: how many it wanted when it was last applied; empty where the stack does not tell.
    """
    if wanted != runs and str(wanted) != applied:
        yield Update("desiredCount", wanted, f"the service wants {wanted} tasks, no longer {runs}")


def regraced(runs: int, wanted: int) -> Iterator[Update]:
    """The update by which fresh tasks may fail their health checks for as many seconds as the spec says."""
    if wanted != runs:
        yield Update("healthCheckGracePeriodSeconds", wanted, f"fresh tasks may fail health checks for {wanted} s, no longer {runs} s")


def updated(verdict: Verdict, updates: tuple[Update, ...]) -> Verdict:
    """The same where the service is updated, too. That its stack then tells another count needs no word of its own."""
    if not updates or verdict.stops:
        return verdict
    told = verdict.reasons if verdict.changes else ()
    kind = verdict.kind if verdict.changes else "changed"
    return verdict._replace(kind=kind, reasons=(*told, *(update.why for update in updates)), updates=updates)


def astray(rule: str) -> Verdict:
    """A rule that would be made and send production traffic to a colour that is not live."""
    why = f"{rule} is new and would send its requests to blue, but production is not on blue alone: nothing may run there"
    return Verdict("refused", (why, "deploy once more, so that blue is live, and apply it then"), rule)


def gone(change: Change) -> Verdict:
    """A change of what somebody has deleted by hand: its update would fail, and so might the way back."""
    why = f"{change.id} would be changed ({_what(change)}), but somebody has deleted it"
    return Verdict("refused", (why, "make it again first: BG016 says how"), change.id)


def unlogged(change: Change, name: str) -> Verdict:
    """Tasks that could not start: a task whose log group is not there stops before its containers run."""
    why = f"{change.id} would be changed ({_what(change)}), and no new task would start: somebody has deleted the log group {name}"
    return Verdict("refused", (why, "make it again first: BG016 says how"), change.id)


def taken(change: Change, name: str) -> Verdict:
    """What would be made, holds data, and exists already, outside of the stack."""
    why = f"{change.id} would be made, but {change.type.removeprefix('AWS::')} {name} exists already, outside of the stack"
    return Verdict("refused", (why, "left by an earlier version of the spec? `--adopt` takes it back as it is; else delete it"), change.id)


def _deploys(change: Change, controller: str) -> bool:
    """Whether a change of this resource replaces the tasks."""
    if change.type == "AWS::ECS::Service":
        return controller == "ECS" and not _REDEPLOYS.isdisjoint(change.properties)
    return change.type == "AWS::ECS::TaskDefinition"


def _refusal(key: str, controller: str, change: Change, allowed: frozenset[str]) -> tuple[str, ...]:
    if change.action == "Add" or f"{key}/{change.id}" in allowed:
        return ()
    if change.type in _MOVED and change.action != "Remove":
        return (
            f"{change.id} would be sent again ({_what(change)}) with the weights of its first day: traffic could go where nothing runs",
            f"{_ELSE}. By hand it may be changed, with the weights that are live (`aws elbv2 modify-listener`), the spec left as it was",
        )
    if change.type == "AWS::ECS::Service" and controller == "CODE_DEPLOY" and change.action == "Modify":
        return (
            f"{change.id} belongs to CodeDeploy: ECS refuses its update ({_what(change)})",
            _WAYS.get(change.properties, _ELSE),
        )
    if change.type in GUARDED and (change.replaces or (change.action == "Remove" and not change.retained)):
        verb = "deleted" if change.action == "Remove" else f"replaced ({_what(change)})"
        stays = change.action == "Modify" and change.type not in _NAMELESS
        return (
            f"{change.id} would be {verb}, and with it {GUARDED[change.type]}",
            _ELSE if stays else f"if that is meant, name it: --allow {key}/{change.id}",
        )
    return ()


def _words(change: Change) -> str:
    verb = {"Add": "new", "Remove": "left, outside of the stack" if change.retained else "deleted"}.get(
        change.action, "replaced" if change.replaces else "changed"
    )
    return f"{change.id} {verb}" + (f" ({_what(change)})" if change.action == "Modify" else "")


def _what(change: Change) -> str:
    return ", ".join(change.properties) or "what it refers to"
