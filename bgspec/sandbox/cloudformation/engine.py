"""A stack's operations: create and delete, and what they have together with update."""

import hashlib
from collections.abc import Iterable

from bgspec.sandbox.cloudformation.changes import merged_tags
from bgspec.sandbox.cloudformation.outputs import exports_in_use, set_outputs
from bgspec.sandbox.cloudformation.run import Run, Task
from bgspec.sandbox.cloudformation.schema import problems, tag_property, takes_system_tags
from bgspec.sandbox.cloudformation.stack import Props, Resource, Stack, Wanted, answers, event, forget, resolver
from bgspec.sandbox.cloudformation.template import Template, dependencies
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.world import Context, Work

_STEP = 3.0  # emulated seconds a handler takes to answer; a quick resource on AWS takes about as long
POLL = 2.0


class Operation:
    """What all operations share: the stack, its next template, and how one resource is made, changed or removed."""

    def __init__(self, ctx: Context, stack: Stack, wanted: Wanted) -> None:
        self.ctx = ctx
        self.stack = stack
        self.template, self.texts, self.tags, self.on_failure, self.retain_except_on_create = wanted
        self.resolver = resolver(ctx, stack, self.template, self.texts, answers(ctx, stack))

    @property
    def step(self) -> float:
        return _STEP + self.ctx.world.slow.get(self.stack.name, 0.0)

    def wanted(self) -> list[str]:
        return [logical for logical, block in self.template.resources.items() if self.resolver.wanted(block)]

    def new(self, logical: str) -> Resource:
        block = self.template.resources[logical]
        return Resource(
            logical,
            block["Type"],
            deletion_policy=block.get("DeletionPolicy", "Delete"),
            replace_policy=block.get("UpdateReplacePolicy", "Delete"),
            needs=dependencies(self.template, logical),
        )

    def props(self, logical: str) -> Props:
        block = self.template.resources[logical]
        found: Props = self.resolver.value(block.get("Properties") or {})
        self.stack.imports |= self.resolver.imports
        wrong = list(problems(block["Type"], found))
        if wrong:
            texts = "; ".join(f"#{path}: {text}" if not text.startswith("#") else text for path, text in wrong)
            raise AwsError("ValidationError", f"Properties validation failed for resource {logical} with message:\n{texts}")
        return found

    def all_tags(self, resource: Resource) -> dict[str, str]:
        own = tag_property(resource.type)
        if not own:
            return {}
        system = {
            "aws:cloudformation:stack-name": self.stack.name,
            "aws:cloudformation:stack-id": self.stack.id,
            "aws:cloudformation:logical-id": resource.logical,
        }
        found = merged_tags(resource.props.get(own), self.tags)
        return found | system if takes_system_tags(resource.type) else found

    def make(self, resource: Resource) -> Work:
        """Create one resource; its physical id is known before it is complete, as with real handlers."""
        kind = KINDS[resource.type]
        event(self.ctx, self.stack, resource, "CREATE_IN_PROGRESS")
        yield self.step
        resource.props = self.props(resource.logical)
        resource.invented = self.invented(resource)
        resource.tags = self.all_tags(resource)
        props = resource.full
        props.pop(tag_property(resource.type), None)
        physical = kind.create(self.ctx, props)
        resource.physical = physical
        if tag_property(resource.type):
            kind.tag(self.ctx, physical, dict(resource.tags))
        event(self.ctx, self.stack, resource, "CREATE_IN_PROGRESS", "Resource creation Initiated")
        yield POLL
        while kind.busy(self.ctx, physical):
            yield POLL
        event(self.ctx, self.stack, resource, "CREATE_COMPLETE")

    def invented(self, resource: Resource) -> Props:
        """The name CloudFormation makes up where the template gives none: `stack-LogicalId-RANDOM`."""
        name, limit = KINDS[resource.type].named
        if not name or name in resource.props:
            return {}
        seed = f"{self.stack.id}/{resource.logical}/{self.ctx.world.number('invented')}"
        suffix = hashlib.sha256(seed.encode()).hexdigest()[:12].upper()
        text = f"{self.stack.name}-{resource.logical}"[: limit - 13] + f"-{suffix}"
        return {name: text.lower() if resource.type in {"AWS::S3::Bucket", "AWS::ECR::Repository"} else text}

    def change(self, resource: Resource, old: Resource) -> Work:
        """Apply `resource.props` in place; `old` is what it was."""
        kind = KINDS[resource.type]
        own = tag_property(resource.type)
        new_props, old_props = ({k: v for k, v in r.full.items() if k != own} for r in (resource, old))
        yield from self._before(resource, old)
        if new_props != old_props:
            kind.update(self.ctx, resource.physical, new_props, old_props)
        if own:
            kind.tag(self.ctx, resource.physical, dict(resource.tags))
        yield POLL
        while kind.busy(self.ctx, resource.physical):
            yield POLL

    def _before(self, resource: Resource, old: Resource) -> Work:
        """The time until a handler acts. Whoever is cancelled in it has changed nothing."""
        try:
            yield self.step
        except GeneratorExit:
            restore(resource, old)
            raise

    def remove(self, resource: Resource) -> Work:
        """Delete one resource; what is gone already is gone."""
        kind = KINDS[resource.type]
        event(self.ctx, self.stack, resource, "DELETE_IN_PROGRESS")
        yield self.step
        props = resource.full
        props.pop(tag_property(resource.type), None)
        try:
            kind.delete(self.ctx, resource.physical, props)
            while kind.leaving(self.ctx, resource.physical):
                yield POLL
        except (AwsError, KeyError) as error:
            if isinstance(error, AwsError) and not _is_gone(error):
                raise
        event(self.ctx, self.stack, resource, "DELETE_COMPLETE")

    def removals(self, resources: Iterable[Resource], *, retain: set[str]) -> list[Task]:
        """Tasks that delete in reverse order of the dependencies; what is retained only leaves an event."""
        found = list(resources)
        there = {resource.logical for resource in found}
        users = {r.logical: {other.logical for other in found if r.logical in other.needs} & there for r in found}
        tasks = []
        for resource in found:
            kept = resource.logical in retain or not resource.physical
            work = self.keep if kept else self.remove
            tasks.append(Task(resource, "DELETE", lambda work=work, resource=resource: work(resource), users[resource.logical]))  # type: ignore[misc]
        return tasks

    def keep(self, resource: Resource) -> Work:
        if resource.physical:
            event(self.ctx, self.stack, resource, "DELETE_SKIPPED")
        yield from ()

    def finish(self, status: str, reason: str = "") -> None:
        event(self.ctx, self.stack, None, status, reason)
        self.stack.operation = ""
        for change_set in self.stack.change_sets.values():
            if change_set.execution == "EXECUTE_IN_PROGRESS":
                ok = status in {"CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE"}
                change_set.execution = "EXECUTE_COMPLETE" if ok else "EXECUTE_FAILED"


def _is_gone(error: AwsError) -> bool:
    return error.status == 404 or any(word in error.code for word in ("NotFound", "DoesNotExist", "NoSuch"))


class Create(Operation):
    def __init__(self, ctx: Context, stack: Stack, wanted: Wanted) -> None:
        super().__init__(ctx, stack, wanted)
        stack.template, stack.parameters, stack.tags = self.template, self.texts, self.tags
        event(ctx, stack, None, "CREATE_IN_PROGRESS", "User Initiated")
        ctx.world.start(self._start())

    def _start(self) -> Work:
        yield 1.0
        tasks = []
        wanted = self.wanted()
        for logical in wanted:
            resource = self.stack.resources[logical] = self.new(logical)
            waits = resource.needs & set(wanted)
            tasks.append(Task(resource, "CREATE", lambda resource=resource: self.make(resource), waits))  # type: ignore[misc]
        Run(self.ctx, self.stack, tasks, self._created)

    def _created(self, failed: list[str]) -> None:
        if not failed:
            try:
                set_outputs(self.ctx, self.stack, self.resolver)
            except AwsError as error:
                self._fail(error.message)
                return
            self.finish("CREATE_COMPLETE")
            return
        self._fail(f"The following resource(s) failed to create: [{', '.join(sorted(failed))}].")

    def _fail(self, reason: str) -> None:
        for logical in [key for key, r in self.stack.resources.items() if not r.status]:
            del self.stack.resources[logical]  # never begun
        if self.on_failure == "DO_NOTHING":
            self.finish("CREATE_FAILED", reason)
        elif self.on_failure == "DELETE":
            Delete(self.ctx, self.stack, reason=f"{reason} Delete requested by user.")
        else:
            event(self.ctx, self.stack, None, "ROLLBACK_IN_PROGRESS", f"{reason} Rollback requested by user.")
            retain = {
                r.logical for r in self.stack.resources.values() if r.deletion_policy == "Retain" and not self.retain_except_on_create
            }
            tasks = self.removals(self.stack.resources.values(), retain=retain)
            Run(self.ctx, self.stack, tasks, self._rolled_back, cancel=False)

    def _rolled_back(self, failed: list[str]) -> None:
        self.finish("ROLLBACK_FAILED" if failed else "ROLLBACK_COMPLETE", _delete_reason(failed))


class Import(Operation):
    """What is there becomes part of a stack, and gets its tags (which AWS writes down nowhere); nothing else of it is touched."""

    def __init__(self, ctx: Context, stack: Stack, wanted: Wanted, physical: dict[str, str]) -> None:
        super().__init__(ctx, stack, wanted)
        self.physical = physical
        stack.template, stack.parameters, stack.tags = self.template, self.texts, self.tags
        event(ctx, stack, None, "IMPORT_IN_PROGRESS", "User Initiated")
        ctx.world.start(self._work())

    def _work(self) -> Work:
        yield self.step
        for logical, physical in self.physical.items():
            resource = self.stack.resources[logical] = self.new(logical)
            resource.physical = physical
            resource.props = self.props(logical)
            resource.tags = self.all_tags(resource)
            if tag_property(resource.type):
                KINDS[resource.type].tag(self.ctx, resource.physical, dict(resource.tags))
            event(self.ctx, self.stack, resource, "IMPORT_COMPLETE", "Resource import completed.")
        self.finish("IMPORT_COMPLETE")


def _delete_reason(failed: list[str]) -> str:
    return f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}]. " if failed else ""


class Delete(Operation):
    def __init__(
        self,
        ctx: Context,
        stack: Stack,
        *,
        retain: set[str] | None = None,
        force: bool = False,
        reason: str = "User Initiated",
    ) -> None:
        empty = stack.template or Template("", "", {}, {}, {}, {}, {})
        super().__init__(ctx, stack, Wanted(empty, stack.parameters, stack.tags))
        self.retain, self.force = retain or set(), force
        event(ctx, stack, None, "DELETE_IN_PROGRESS", reason)
        ctx.world.start(self._start())

    def _start(self) -> Work:
        yield 1.0
        alive = [r for r in self.stack.resources.values() if r.status != "DELETE_COMPLETE"]
        kept = {r.logical for r in alive if r.deletion_policy in {"Retain", "RetainExceptOnCreate"}} | self.retain
        used = exports_in_use(self.ctx, self.stack, [])
        if used:
            self.finish("DELETE_FAILED", used)
            return
        Run(self.ctx, self.stack, self.removals(alive, retain=kept), self._deleted, cancel=False)

    def _deleted(self, failed: list[str]) -> None:
        if failed and not self.force:
            self.finish("DELETE_FAILED", _delete_reason(failed))
            return
        exports = self.ctx.table("cloudformation.exports")
        for name in [name for name, export in exports.items() if export["ExportingStackId"] == self.stack.id]:
            del exports[name]
        self.stack.imports.clear()
        self.stack.deleted = self.ctx.now()
        self.finish("DELETE_COMPLETE")
        forget(self.ctx)


def restore(resource: Resource, old: Resource) -> None:
    for name in ("physical", "props", "invented", "tags", "deletion_policy", "replace_policy", "needs"):
        setattr(resource, name, getattr(old, name))
