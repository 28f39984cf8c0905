"""Many resources at once: each starts when those it waits for are done, and the first failure cancels the rest."""

import traceback
from collections.abc import Callable
from typing import NamedTuple

from bgspec.sandbox.cloudformation.stack import Resource, Stack, event
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.world import Context, Work


class Task(NamedTuple):
    resource: Resource
    verb: str  # CREATE, UPDATE or DELETE: its events are named by it
    work: Callable[[], Work]
    waits: set[str]  # logical ids of tasks of the same run


class Run:
    """Drives tasks; calls `then(failed)` once nothing runs any more. Without `cancel` a failure stops only its dependents."""

    def __init__(self, ctx: Context, stack: Stack, tasks: list[Task], then: Callable[[list[str]], None], *, cancel: bool = True) -> None:
        self.ctx = ctx
        self.stack = stack
        self.waiting = {task.resource.logical: task for task in tasks}
        self.known = set(self.waiting)
        self.running: set[str] = set()
        self.failed: list[str] = []
        self.then = then
        self.cancel = cancel
        self.ended = False
        self.advance()

    def advance(self) -> None:
        if not (self.failed and self.cancel):
            ready = [task for task in self.waiting.values() if not task.waits & (self.waiting.keys() | self.running | set(self.failed))]
            for task in ready:
                del self.waiting[task.resource.logical]
                self.running.add(task.resource.logical)
            for task in ready:
                self.ctx.world.start(self._drive(task))
        if not self.running and not self.ended:
            self.ended = True
            self.then(self.failed)

    def _drive(self, task: Task) -> Work:
        resource, logical = task.resource, task.resource.logical
        work = task.work()
        try:
            for seconds in work:
                yield seconds
                if self.failed and self.cancel:
                    event(self.ctx, self.stack, resource, f"{task.verb}_FAILED", f"Resource {_WORDS[task.verb]} cancelled")
                    self.failed.append(logical)
                    work.close()
                    break
        except AwsError as error:
            self.failed.append(logical)
            event(self.ctx, self.stack, resource, f"{task.verb}_FAILED", handler_message(resource, error))
        except Exception:  # noqa: BLE001 -- a defect of the emulator fails the resource, and is shown by the health page
            self.failed.append(logical)
            self.ctx.world.failures.append(traceback.format_exc())
            event(self.ctx, self.stack, resource, f"{task.verb}_FAILED", "Internal Failure")
        self.running.discard(logical)
        self.advance()


_WORDS = {"CREATE": "creation", "UPDATE": "update", "DELETE": "deletion"}


def handler_message(resource: Resource, error: AwsError) -> str:
    """How CloudFormation passes on what a service refused."""
    if error.code in {"ValidationError", "StackPolicy", "SandboxNotEmulated"}:
        return error.message
    service = resource.type.split("::")[1]
    return (
        f'Resource handler returned message: "{error.message} (Service: {service}, Status Code: {error.status}, '
        f'Request ID: 00000000-0000-4000-8000-000000000000)" (RequestToken: 00000000-0000-4000-8000-000000000000, '
        f"HandlerErrorCode: {_HANDLER_CODES.get(error.code, 'GeneralServiceException')})"
    )


_HANDLER_CODES = {
    "AlreadyExists": "AlreadyExists", "EntityAlreadyExists": "AlreadyExists", "ResourceAlreadyExistsException": "AlreadyExists",
    "RepositoryAlreadyExistsException": "AlreadyExists", "RepositoryNameExistsException": "AlreadyExists",
    "BucketAlreadyOwnedByYou": "AlreadyExists", "NotStabilized": "NotStabilized",
    "InvalidParameterException": "InvalidRequest", "ValidationException": "InvalidRequest",
}  # fmt: skip
