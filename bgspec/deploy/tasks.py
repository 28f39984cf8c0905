"""What is told while a service is waited for: tasks that stop, at once and not after an hour."""

import time
from abc import ABC, abstractmethod
from contextlib import suppress

from bgspec.deploy.aws import Aws
from bgspec.deploy.show import Tell
from bgspec.errors import AwsError


class Watch(ABC):
    """Something that is looked at now and then while something else is waited for; what was told once is not told again."""

    every = 10.0
    """Seconds between two looks."""

    def __init__(self, aws: Aws, cluster: str, service: str, tell: Tell) -> None:
        self._aws = aws
        self._cluster = cluster
        self._service = service
        self._tell = tell
        self._told: set[str] = set()
        self._pause = 0.3 if aws.sandbox else self.every
        self._next = 0.0

    def look(self) -> None:
        """Look if it is time to. What cannot be looked at (nothing there yet, not allowed) is no reason to end what is waited for."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._pause
        with suppress(AwsError):
            self._look()

    @abstractmethod
    def _look(self) -> None: ...


class Stopped(Watch):
    """Looks for stopped tasks of a service and tells each once, with the reason that ECS gives."""

    def _look(self) -> None:
        arns = self._aws.call("ecs", "list_tasks", cluster=self._cluster, serviceName=self._service, desiredStatus="STOPPED")["taskArns"]
        fresh = [arn for arn in arns if arn not in self._told]
        if not fresh:
            return
        for task in self._aws.call("ecs", "describe_tasks", cluster=self._cluster, tasks=fresh[:100])["tasks"]:
            self._told.add(task["taskArn"])
            reasons = [str(task.get("stoppedReason", ""))]
            for container in task.get("containers", ()):
                code = f"exit code {container['exitCode']}" if container.get("exitCode") is not None else ""
                words = ", ".join(filter(None, (code, container.get("reason", ""))))
                if words:
                    reasons.append(f"{container['name']}: {words}")
            self._tell(f"a task stopped: {'; '.join(filter(None, reasons))}", loud=True)
