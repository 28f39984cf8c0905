"""Tasks that stop while a service is waited for: told at once, not after an hour."""

import time

from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.show import Tell
from bgspec.errors import AwsError

_EVERY = 10.0
"""Seconds between two looks."""


class Stopped:
    """Looks for stopped tasks of a service and tells each once, with the reason that ECS gives."""

    def __init__(self, aws: Aws, cluster: str, service: str, tell: Tell) -> None:
        self._aws = aws
        self._cluster = cluster
        self._service = service
        self._tell = tell
        self._told: set[str] = set()
        self._pause = 0.3 if aws.sandbox else _EVERY
        self._next = 0.0

    def look(self) -> None:
        """Look if it is time to. What cannot be looked at is no reason to end what is waited for."""
        if time.monotonic() < self._next:
            return
        self._next = time.monotonic() + self._pause
        try:
            self._look()
        except RefusedError:
            return  # no cluster or no service yet; or not allowed to look
        except AwsError:
            return

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
