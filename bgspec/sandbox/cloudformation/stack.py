"""What CloudFormation remembers: stacks, their resources, their events, their change sets."""

import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from bgspec.sandbox.cloudformation.intrinsics import Lookup, Resolver, typed
from bgspec.sandbox.cloudformation.template import Template
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.world import Context, Record

Props = dict[str, Any]
DELETED = 200  # deleted stacks that are remembered
EVENTS = 2000  # of one stack


@dataclass(slots=True)
class Resource:
    logical: str
    type: str
    physical: str = ""
    props: Props = field(default_factory=dict)  # as the template gives them, resolved; what the next update compares with
    invented: Props = field(default_factory=dict)  # names CloudFormation made up
    tags: dict[str, str] = field(default_factory=dict)  # the stack's and the resource's own
    status: str = ""
    reason: str = ""
    updated: datetime | None = None
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    needs: set[str] = field(default_factory=set)

    @property
    def full(self) -> Props:
        return self.invented | self.props


class Wanted(NamedTuple):
    """What an operation brings a stack to."""

    template: Template
    parameters: dict[str, str]
    tags: dict[str, str]
    on_failure: str = "ROLLBACK"  # DO_NOTHING, ROLLBACK, DELETE
    retain_except_on_create: bool = False


@dataclass(slots=True)
class ChangeSet:
    id: str
    name: str
    stack: str
    kind: str
    template: Template
    parameters: dict[str, str]
    tags: dict[str, str]
    capabilities: list[str]
    created: datetime
    description: str = ""
    on_failure: str = "ROLLBACK"
    retain_except_on_create: bool = False
    role: str = ""
    token: str = ""
    imports: dict[str, str] = field(default_factory=dict)  # the physical ids of what an import takes, by logical id
    status: str = "CREATE_PENDING"
    reason: str = ""
    execution: str = "UNAVAILABLE"
    changes: list[Record] = field(default_factory=list)
    events: list[Record] = field(default_factory=list)


@dataclass(slots=True)
class Stack:
    id: str
    name: str
    created: datetime
    status: str = "REVIEW_IN_PROGRESS"
    reason: str = ""
    template: Template | None = None
    parameters: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    capabilities: list[str] = field(default_factory=list)
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[Record] = field(default_factory=list)
    imports: set[str] = field(default_factory=set)
    events: list[Record] = field(default_factory=list)
    change_sets: dict[str, ChangeSet] = field(default_factory=dict)
    change_set: str = ""  # the one last executed
    protected: bool = False
    policy: str = ""
    role: str = ""
    updated: datetime | None = None
    deleted: datetime | None = None
    no_rollback: bool = False
    token: str = ""
    operation: str = ""
    rollback: Any = None  # the update that is being rolled back, for ContinueUpdateRollback
    operations: list[Record] = field(default_factory=list)

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"


def stacks(ctx: Context) -> dict[str, Any]:
    return ctx.table("cloudformation.stacks")


def find(ctx: Context, name: str, *, deleted: bool = True) -> Stack | None:
    """By id, or the living one by name."""
    by_id: Stack | None = stacks(ctx).get(name)
    if by_id is not None:
        return by_id if deleted or by_id.status != "DELETE_COMPLETE" else None
    return next((s for s in reversed(stacks(ctx).values()) if s.name == name and s.status != "DELETE_COMPLETE"), None)


def get(ctx: Context, name: str) -> Stack:
    found = find(ctx, name)
    if found is None:
        raise AwsError("ValidationError", f"Stack [{name}] does not exist")
    return found


def forget(ctx: Context) -> None:
    """Let go of the oldest deleted stacks. AWS shows them for 90 days; an emulator that runs for long must not grow."""
    gone = [name for name, stack in stacks(ctx).items() if stack.status == "DELETE_COMPLETE"]
    for name in gone[:-DELETED]:
        del stacks(ctx)[name]


def new_operation(ctx: Context, stack: Stack, kind: str) -> None:
    stack.operation = ctx.uuid("operation")
    stack.operations.append({"OperationId": stack.operation, "OperationType": kind})


def event(ctx: Context, stack: Stack, resource: Resource | None, status: str, reason: str = "") -> None:
    """Record that a resource, or the stack itself, went into a status."""
    if resource is None:
        stack.status, stack.reason = status, reason
    else:
        resource.status, resource.reason, resource.updated = status, reason, ctx.now()
    found = {
        "StackId": stack.id,
        "StackName": stack.name,
        "EventId": ctx.uuid("event"),
        "LogicalResourceId": resource.logical if resource else stack.name,
        "PhysicalResourceId": resource.physical if resource else stack.id,
        "ResourceType": resource.type if resource else "AWS::CloudFormation::Stack",
        "Timestamp": ctx.now(),
        "ResourceStatus": status,
        "ResourceStatusReason": reason or None,
        "ResourceProperties": json.dumps(resource.full, default=str)
        if resource and resource.props and status.endswith("_IN_PROGRESS")
        else None,
        "ClientRequestToken": stack.token or None,
        "OperationId": stack.operation,
        "EventType": "STACK_EVENT",
    }
    stack.events.append({name: value for name, value in found.items() if value is not None})
    del stack.events[:-EVENTS]


def resolver(ctx: Context, stack: Stack, template: Template, texts: dict[str, str], lookup: Lookup) -> Resolver:
    pseudo = {
        "AWS::AccountId": ctx.account,
        "AWS::Region": ctx.region,
        "AWS::Partition": ctx.partition,
        "AWS::URLSuffix": ctx.suffix,
        "AWS::StackName": stack.name,
        "AWS::StackId": stack.id,
        "AWS::NotificationARNs": [],
    }
    return Resolver(ctx, template, pseudo, typed(ctx, template, texts), lookup)


def answers(ctx: Context, stack: Stack) -> Lookup:
    """What the stack's resources answer to Ref and GetAtt."""

    def lookup(logical: str, attribute: str | None) -> Any:
        resource = stack.resources.get(logical)
        if resource is None or not resource.physical:
            message = f"Template format error: Unresolved resource dependencies [{logical}] in the Resources block of the template"
            raise AwsError("ValidationError", message)
        kind = KINDS[resource.type]
        if attribute is None:
            return kind.ref(ctx, resource.physical)
        return kind.attribute(ctx, resource.physical, attribute)

    return lookup
