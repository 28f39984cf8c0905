"""What is told while a service is waited for: tasks that stop and those that cannot start, at once and not after an hour."""

import re
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any, NamedTuple

from bgspec.deploy.advice import explained
from bgspec.deploy.aws import Aws
from bgspec.deploy.show import Tell
from bgspec.deploy.units import Environment
from bgspec.errors import AwsError
from bgspec.plan.service import Service


class Watch(ABC):
    """Something that is looked at now and then while something else is waited for; what was told once is not told again."""

    every = 10.0
    """Seconds between two looks."""

    def __init__(self, aws: Aws, environment: Environment, service: Service, tell: Tell) -> None:
        self._aws = aws
        self._cluster = environment.plan.cluster
        self._service = service.name
        self._tell = tell
        self._told: set[str] = set()
        self._pause = 0.3 if aws.sandbox else self.every
        self._next = 0.0

    def look(self, *, last: bool = False) -> None:
        """Look if it is time to, or for the last time. What cannot be looked at (nothing there, not allowed) ends no waiting."""
        if time.monotonic() < self._next and not last:
            return
        self._next = time.monotonic() + self._pause
        with suppress(AwsError):
            self._look()

    @abstractmethod
    def _look(self) -> None: ...


_ORDINARY = "Scaling activity initiated by"
"""Why a task stops whose place another one takes, or that is too many."""
_TROUBLE = re.compile(r"unable to place a task|is unhealthy in|unable to consistently start tasks|are being throttled")
"""What a service says (ECS Developer Guide, service-event-messages-list) that no stopped task says, or says later."""

_TASK = re.compile(r"\(task [0-9a-f-]+\) ?")
"""What alone differs between the troubles of two tasks."""


class Stopped(Watch):
    """Tells of a service's tasks that stop, and of those that it cannot start; what to do about them is told once."""

    def __init__(self, aws: Aws, environment: Environment, service: Service, tell: Tell, since: datetime | None = None) -> None:
        """Look at what happens from `since` on, a moment of AWS's; without one, from now on."""
        super().__init__(aws, environment, service, tell)
        self._environment = environment
        self._key = service.key
        self._since = since
        self._kinds: Counter[tuple[str, str]] = Counter()
        self._mends: set[str] = set()
        if since is None:
            with suppress(AwsError):
                self._told |= {trouble.id for trouble in self._troubles()}

    def _look(self) -> None:
        fresh = [trouble for trouble in self._troubles() if trouble.id not in self._told]
        self._told |= {trouble.id for trouble in fresh}
        before = self._kinds.copy()
        self._kinds.update((trouble.what, trouble.reason) for trouble in fresh)
        for (what, reason), count in self._kinds.items():
            if not before[what, reason]:
                self._tell(f"{what}: {self._explained(reason)}", loud=True)
            elif count > before[what, reason]:
                self._tell(f"{what}: the same again, {count} times by now")

    def _explained(self, reason: str) -> str:
        text = explained(reason, self._environment, self._key)
        mend = text.removeprefix(reason)
        known = mend in self._mends
        self._mends.add(mend)
        return reason if known else text

    def _troubles(self) -> Iterator["_Trouble"]:
        for trouble in sorted((*self._events(), *self._stopped()), key=lambda trouble: trouble.when):
            if self._since is None or trouble.when >= self._since:
                yield trouble

    def _stopped(self) -> Iterator["_Trouble"]:
        arns = self._aws.call("ecs", "list_tasks", cluster=self._cluster, serviceName=self._service, desiredStatus="STOPPED")["taskArns"]
        fresh = [arn for arn in arns if arn not in self._told]
        found = self._aws.call("ecs", "describe_tasks", cluster=self._cluster, tasks=fresh[:100])["tasks"] if fresh else []
        for task in found:
            if not str(task.get("stoppedReason", "")).startswith(_ORDINARY):
                yield _Trouble(task["taskArn"], task["createdAt"], "a task stopped", _reason(task))

    def _events(self) -> Iterator["_Trouble"]:
        for service in self._aws.call("ecs", "describe_services", cluster=self._cluster, services=[self._service])["services"]:
            for event in reversed(service.get("events", ())):
                if _TROUBLE.search(event["message"]):
                    yield _Trouble(event["id"], event["createdAt"], "ECS says", _TASK.sub("", event["message"]))


class _Trouble(NamedTuple):
    id: str
    when: datetime
    what: str
    reason: str


def _reason(task: dict[str, Any]) -> str:
    reasons = [str(task.get("stoppedReason", ""))]
    for container in task.get("containers", ()):
        code = f"exit code {container['exitCode']}" if container.get("exitCode") is not None else ""
        words = ", ".join(filter(None, (code, container.get("reason", ""))))
        if words:
            reasons.append(f"{container['name']}: {words}")
    return "; ".join(filter(None, reasons)) or "ECS gives no reason"
