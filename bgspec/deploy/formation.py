"""CloudFormation: stacks described, compared, changed, deleted and watched. Every call may be repeated without harm.

A response can be lost after the call took effect; then botocore's own retry meets what the first try made (`AlreadyExistsException`,
`InvalidChangeSetStatus`). Names are made up once for each change set, so what is met can only be our own.
"""

import itertools
import json
import threading
import uuid
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from bgspec.deploy import large
from bgspec.deploy.advice import Explain
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.decide import Change, Seen, changes, nothing_changes
from bgspec.deploy.show import Tell
from bgspec.deploy.units import Unit
from bgspec.errors import AwsError

PAUSE = 5.0
"""Seconds between two looks. AWS publishes no rate; 5 s is what the AWS CLI polls change sets with."""
SANDBOX_PAUSE = 0.1
_SETTLED = 5
"""Looks until the pause has its whole length."""


class FailedError(AwsError):
    """A stack did not become what it should."""

    def __init__(self, name: str, status: str, cause: "Cause | None") -> None:
        super().__init__(f"{name}: {cause.reason if cause else status}")
        self.status = status
        self.cause = cause


class Cause(NamedTuple):
    """The resource that failed first, and why."""

    id: str
    type: str
    reason: str


class ChangeSet(NamedTuple):
    """What CloudFormation says that it would do."""

    id: str
    """Its ARN; empty when there is nothing to change."""
    stack: str
    """The stack's ARN."""
    found: tuple[Change, ...]


class Formation:
    """CloudFormation in one Region."""

    def __init__(
        self,
        aws: Aws,
        stop: threading.Event | None = None,
        explain: Explain = lambda _stack, _logical_id, reason: reason,
        *,
        locked: bool = False,
    ) -> None:
        self.aws = aws
        self._explain = explain
        self.stop = stop or threading.Event()
        """Set when nothing new may be begun and nothing be waited for any more."""
        self._names = "bgspec-apply-" if locked else "bgspec-plan-"
        """How the names of change sets begin; the first kind is made under the lock only."""
        self.pause = SANDBOX_PAUSE if aws.sandbox else PAUSE

    def seen(self, name: str) -> Seen:
        """The stack, or one without a status where there is none."""
        try:
            stack = self.aws.call("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
        except RefusedError as error:
            if error.code == "ValidationError" and "does not exist" in error.message:
                return Seen()
            raise
        return Seen.of(stack)

    def template(self, name: str) -> str:
        """The template that a stack was last brought to, as it was sent; botocore hands on what is JSON as what it says."""
        body = self.aws.call("cloudformation", "get_template", StackName=name, TemplateStage="Original")["TemplateBody"]
        return body if isinstance(body, str) else json.dumps(body)

    def change_set(
        self, unit: Unit, seen: Seen, parameters: dict[str, str], tags: tuple[tuple[str, str], ...], imports: Sequence[dict[str, Any]] = ()
    ) -> ChangeSet:
        """Ask CloudFormation what would change. Whoever does not execute the change set must `forget` it.

        Args:
            unit: the stack as it should be.
            seen: as it is.
            parameters: what it is given.
            tags: of the stack.
            imports: what is there already and becomes part of it (bc:cloudformation.ResourceToImport); then all of it must be.
        """
        creates = not seen.status or seen.status == "REVIEW_IN_PROGRESS"
        name = f"{self._names}{uuid.uuid4().hex}"
        asked: dict[str, Any] = {
            "StackName": seen.id or unit.name,
            "ChangeSetName": name,
            "ClientToken": name,
            "ChangeSetType": "IMPORT" if imports else "CREATE" if creates else "UPDATE",
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
            "Capabilities": list(unit.capabilities),
            "Description": "bgspec",
        }
        if imports:
            asked["ResourcesToImport"] = list(imports)
        # To tag a listener or a service of CodeDeploy anew would be to update it, and that moves traffic or is refused.
        if creates or not (unit.policy or unit.controller == "CODE_DEPLOY"):
            asked["Tags"] = [{"Key": key, "Value": value} for key, value in tags]
        with large.sent(self.aws, unit, name) as template:
            try:
                self.aws.call("cloudformation", "create_change_set", **asked, **template)
            except RefusedError as error:
                if error.code != "AlreadyExistsException":
                    raise
            return self._prepared(name, seen.id or unit.name, unit.name)

    def _prepared(self, name: str, stack: str, shown: str) -> ChangeSet:
        looks = 0
        while True:
            looks += 1
            described = self.aws.call("cloudformation", "describe_change_set", ChangeSetName=name, StackName=stack)
            status, reason = described["Status"], described.get("StatusReason", "")
            if status == "CREATE_COMPLETE":
                found = changes(described)
                token = described.get("NextToken")
                while token:
                    more = self.aws.call("cloudformation", "describe_change_set", ChangeSetName=name, StackName=stack, NextToken=token)
                    found += changes(more)
                    token = more.get("NextToken")
                return ChangeSet(described["ChangeSetId"], described["StackId"], found)
            if status == "FAILED":
                why = reason if nothing_changes(status, reason) else self._validation(described) or reason
                self.forget(ChangeSet(described["ChangeSetId"], described["StackId"], ()))
                if nothing_changes(status, reason):
                    return ChangeSet("", described["StackId"], ())
                raise FailedError(shown, status, Cause("", "", why))
            self.wait(looks)

    def _validation(self, described: dict[str, Any]) -> str:
        """What CloudFormation found before deployment (DescribeEvents, VALIDATION_ERROR), or nothing."""
        try:
            answer = self.aws.call("cloudformation", "describe_events", ChangeSetName=described["ChangeSetId"])
        except RefusedError:
            return ""  # the reason of the change set itself remains
        found = [event for event in answer.get("OperationEvents", ()) if event.get("EventType") == "VALIDATION_ERROR"]
        return "; ".join(f"{event.get('ValidationPath', '')}: {event.get('ValidationStatusReason', '')}" for event in found)

    def forget(self, change_set: ChangeSet) -> None:
        """Delete a change set that is not wanted any more."""
        if not change_set.id:
            return
        try:
            self.aws.call("cloudformation", "delete_change_set", ChangeSetName=change_set.id)
        except RefusedError as error:
            if error.code != "ChangeSetNotFound":  # an answer was lost
                raise

    def tidy(self, name: str) -> None:
        """Delete the change sets that runs of apply left on a stack when they were killed. Only under the lock: nobody uses them."""
        for found in self.aws.pages("cloudformation", "list_change_sets", "Summaries", StackName=name):
            if found["ChangeSetName"].startswith(self._names) and not found["ExecutionStatus"].startswith("EXECUTE_"):
                self.forget(ChangeSet(found["ChangeSetId"], found["StackId"], ()))

    def execute(self, change_set: ChangeSet, name: str, tell: Tell, look: Callable[[], None] | None = None) -> Seen:
        """Let the change set happen, and wait until it has. Raises FailedError with the first cause."""
        token = f"bgspec-{uuid.uuid4().hex}"
        try:
            # What a failed creation made under a name of its own must not stand in the way of the next try.
            self.aws.call(
                "cloudformation", "execute_change_set", ChangeSetName=change_set.id, ClientRequestToken=token, RetainExceptOnCreate=True
            )
        except RefusedError as error:
            if error.code != "InvalidChangeSetStatus" or not self._taken(change_set):
                raise
        seen = self.settled(change_set.stack, name, tell, token, look)
        if seen.status not in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}:
            raise FailedError(name, f"{seen.status} {seen.reason}".strip(), self.cause(change_set.stack, token))
        return seen

    def _taken(self, change_set: ChangeSet) -> bool:
        """Whether the change set was executed after all, its answer lost."""
        described = self.aws.call("cloudformation", "describe_change_set", ChangeSetName=change_set.id)
        return str(described.get("ExecutionStatus", "")).startswith("EXECUTE_")

    def settled(self, stack: str, name: str, tell: Tell, token: str = "", look: Callable[[], None] | None = None) -> Seen:
        """The stack once nothing is in progress; meanwhile what happens to its resources is told, and `look` called."""
        told: set[str] = set()
        looks = 0
        while True:
            looks += 1
            seen = self.seen(stack)
            for event in reversed(self._events(stack, token)):
                if event["EventId"] not in told:
                    told.add(event["EventId"])
                    self._tell(event, name, tell)
            if not seen.status.endswith("_IN_PROGRESS") or seen.status == "REVIEW_IN_PROGRESS":
                return seen
            if look:
                look()
            self.wait(looks)

    def _tell(self, event: dict[str, Any], name: str, tell: Tell) -> None:
        """An event in words: beginnings and failures; what is done is told by the stack's end."""
        verb, _, rest = str(event.get("ResourceStatus", "")).partition("_")
        if event["LogicalResourceId"] == name or event["ResourceType"] == "AWS::CloudFormation::Stack":
            return
        what = f"{event['LogicalResourceId']} ({event['ResourceType'].removeprefix('AWS::')})"
        reason = str(event.get("ResourceStatusReason", ""))
        if rest == "FAILED" and "cancelled" not in reason:
            tell(f"{what} failed: {self._explain(name, event['LogicalResourceId'], reason)}", loud=True)
        elif rest == "IN_PROGRESS" and verb in _WORDS and not reason:
            tell(f"{_WORDS[verb]} {what}")

    def _events(self, stack: str, token: str) -> list[dict[str, Any]]:
        """The newest events first; of one operation where its token is known."""
        found = []
        for event in self.aws.pages("cloudformation", "describe_stack_events", "StackEvents", StackName=stack):
            if token and event.get("ClientRequestToken") not in {token, None}:
                break
            found.append(event)
            if not token and event["ResourceType"] == "AWS::CloudFormation::Stack" and str(event.get("ResourceStatus")) in _BEGINS:
                break
        return found

    def cause(self, stack: str, token: str = "", *, back: bool = False) -> Cause | None:
        """What failed first in the last operation, or with `back` in its taking back; what was cancelled because of it is not told."""
        events = self._events(stack, token)
        if back:
            events = list(itertools.takewhile(lambda event: not str(event.get("ResourceStatus")).endswith("ROLLBACK_IN_PROGRESS"), events))
        for event in reversed(events):
            reason = str(event.get("ResourceStatusReason", ""))
            if event.get("ResourceStatus", "").endswith("_FAILED") and reason and "cancelled" not in reason:
                return Cause(event["LogicalResourceId"], event["ResourceType"], reason)
        return None

    def set_policy(self, name: str, policy: str) -> None:
        """Put a stack policy on a stack, unless it has it."""
        current = self.aws.call("cloudformation", "get_stack_policy", StackName=name).get("StackPolicyBody", "")
        if current.strip() != policy.strip():
            self.aws.call("cloudformation", "set_stack_policy", StackName=name, StackPolicyBody=policy)

    def delete(self, seen: Seen, name: str, tell: Tell, left: tuple[str, ...] = ()) -> None:
        """Delete a stack and wait until it is gone. Raises FailedError when something of it stays.

        Args:
            seen: the stack.
            name: its name.
            tell: who is told of every step.
            left: logical ids of what could not be deleted before and shall stay (DeleteStack, RetainResources).
        """
        self.aws.call("cloudformation", "delete_stack", StackName=seen.id, **({"RetainResources": list(left)} if left else {}))
        gone = self.settled(seen.id, name, tell)
        if gone.status not in {"", "DELETE_COMPLETE"}:
            raise FailedError(name, gone.status, self.cause(seen.id))

    def wait(self, looks: int = _SETTLED) -> None:
        """Pause between two looks, the first ones shorter: small stacks are made in seconds. StoppedError where the user wants an end.

        Args:
            looks: how often was looked already.
        """
        if self.stop.wait(self.pause * min(looks, _SETTLED) / _SETTLED):
            raise StoppedError


class StoppedError(Exception):
    """The user asked for an end: what is under way on AWS goes on there."""


_BEGINS = frozenset({"CREATE_IN_PROGRESS", "UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS", "REVIEW_IN_PROGRESS", "IMPORT_IN_PROGRESS"})
_WORDS = {"CREATE": "creating", "UPDATE": "changing", "DELETE": "deleting"}
