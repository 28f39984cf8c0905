"""A stack's operations: create, update, delete, and the way back from each."""

import hashlib
from collections.abc import Iterable

from bgspec.sandbox.cloudformation import policy
from bgspec.sandbox.cloudformation.changes import differing, merged_tags, replacement
from bgspec.sandbox.cloudformation.outputs import exports_in_use, set_outputs
from bgspec.sandbox.cloudformation.run import Run, Task
from bgspec.sandbox.cloudformation.schema import problems, tag_property, takes_system_tags
from bgspec.sandbox.cloudformation.stack import Props, Resource, Stack, Wanted, answers, event, resolver
from bgspec.sandbox.cloudformation.template import Template, dependencies
from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.world import Context, Work

_STEP = 3.0  # emulated seconds a handler takes to answer; a quick resource on AWS takes about as long
_POLL = 2.0


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
        yield _POLL
        while kind.busy(self.ctx, physical):
            yield _POLL
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
        yield _POLL
        while kind.busy(self.ctx, resource.physical):
            yield _POLL

    def _before(self, resource: Resource, old: Resource) -> Work:
        """The time until a handler acts. Whoever is cancelled in it has changed nothing."""
        try:
            yield self.step
        except GeneratorExit:
            _restore(resource, old)
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
                yield _POLL
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
                ok = status in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
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


class Update(Operation):
    def __init__(self, ctx: Context, stack: Stack, wanted: Wanted) -> None:
        super().__init__(ctx, stack, wanted)
        self.before = (stack.template, stack.parameters, stack.tags, list(stack.outputs), set(stack.imports))
        self.old: dict[str, Resource] = {}  # as they stood, of every resource this update touched
        self.added: list[str] = []
        self.left: list[Resource] = []  # what the clean-up deletes: replaced and removed resources
        stack.imports = set()
        stack.updated = ctx.now()
        event(ctx, stack, None, "UPDATE_IN_PROGRESS", "User Initiated")
        ctx.world.start(self._start())

    def _start(self) -> Work:
        yield 1.0
        wanted = self.wanted()
        tasks = []
        for logical in wanted:
            there = self.stack.resources.get(logical)
            resource = there or self.new(logical)
            needs = dependencies(self.template, logical)
            if there is None:
                self.added.append(logical)
                self.stack.resources[logical] = resource
                tasks.append(Task(resource, "CREATE", lambda r=resource: self.make(r), needs & set(wanted)))  # type: ignore[misc]
            else:
                tasks.append(Task(resource, "UPDATE", lambda r=resource: self._update(r), needs & set(wanted)))  # type: ignore[misc]
        Run(self.ctx, self.stack, tasks, self._updated)

    def _update(self, resource: Resource) -> Work:
        block = self.template.resources[resource.logical]
        old = _copy(resource)
        props = self.props(resource.logical)
        resource.deletion_policy = block.get("DeletionPolicy", "Delete")
        resource.replace_policy = block.get("UpdateReplacePolicy", "Delete")
        resource.needs = dependencies(self.template, resource.logical)
        resource.props = props
        tags, resource.tags = resource.tags, self.all_tags(resource)
        own = tag_property(resource.type)
        names = [name for name in differing(old.props, props) if name != own]
        if not names and resource.tags == tags:
            self.old[resource.logical] = old
            return
        moves = bool(names) and replacement(resource.type, old.props, props) == "True"
        try:
            policy.check(self.stack, resource, "Update:Replace" if moves else "Update:Modify")
        except AwsError:
            _restore(resource, old)
            raise
        self.old[resource.logical] = old
        if not moves:
            event(self.ctx, self.stack, resource, "UPDATE_IN_PROGRESS")
            yield from self.change(resource, old)
        else:
            event(
                self.ctx,
                self.stack,
                resource,
                "UPDATE_IN_PROGRESS",
                "Requested update requires the creation of a new physical resource; hence creating one.",
            )
            yield from self._replace(resource, old)
        event(self.ctx, self.stack, resource, "UPDATE_COMPLETE")

    def _replace(self, resource: Resource, old: Resource) -> Work:
        kind = KINDS[resource.type]
        name = kind.named[0]
        custom = name and name in resource.props and resource.props.get(name) == old.props.get(name)
        if custom and not kind.renames_itself:
            raise AwsError(
                "ValidationError",
                f"CloudFormation cannot update a stack when a custom-named resource requires replacing. Rename {resource.props[name]} and update the stack again.",
            )
        yield from self._before(resource, old)
        resource.invented = self.invented(resource)
        props = resource.full
        props.pop(tag_property(resource.type), None)
        resource.physical = ""
        resource.physical = kind.create(self.ctx, props)
        if tag_property(resource.type):
            kind.tag(self.ctx, resource.physical, dict(resource.tags))
        event(self.ctx, self.stack, resource, "UPDATE_IN_PROGRESS", "Resource creation Initiated")
        while kind.busy(self.ctx, resource.physical):
            yield _POLL

    def _updated(self, failed: list[str]) -> None:
        if failed:
            self._fail(f"The following resource(s) failed to update: [{', '.join(sorted(failed))}]. ")
            return
        gone = [r for logical, r in self.stack.resources.items() if logical not in self.wanted()]
        try:
            for resource in gone:
                policy.check(self.stack, resource, "Update:Delete")
            set_outputs(self.ctx, self.stack, self.resolver)
        except AwsError as error:
            self._fail(error.message)
            return
        event(self.ctx, self.stack, None, "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        self.stack.template, self.stack.parameters, self.stack.tags = self.template, self.texts, self.tags
        for resource in gone:
            del self.stack.resources[resource.logical]
        replaced = [old for logical, old in self.old.items() if self.stack.resources[logical].physical != old.physical]
        kept = {r.logical for r in gone if r.deletion_policy.startswith("Retain")} | {
            r.logical for r in replaced if r.replace_policy.startswith("Retain")
        }
        tasks = self.removals([*gone, *replaced], retain=kept)
        Run(self.ctx, self.stack, tasks, lambda _: self.finish("UPDATE_COMPLETE"), cancel=False)

    def _fail(self, reason: str) -> None:
        for logical in [key for key in self.added if not self.stack.resources[key].status]:
            self.added.remove(logical)
            del self.stack.resources[logical]
        self.stack.rollback = self
        if self.on_failure == "DO_NOTHING":
            self.stack.template, self.stack.parameters, self.stack.tags = self.template, self.texts, self.tags
            self.finish("UPDATE_FAILED", reason)
            return
        event(self.ctx, self.stack, None, "UPDATE_ROLLBACK_IN_PROGRESS", reason)
        self.roll_back(set())

    def roll_back(self, skip: set[str]) -> None:
        """Bring every touched resource back to what it was; also the second try, from UPDATE_ROLLBACK_FAILED."""
        template, texts, tags, self.stack.outputs, self.stack.imports = self.before
        self.stack.template, self.stack.parameters, self.stack.tags = template, texts, tags
        tasks = []
        for logical, old in self.old.items():
            resource = self.stack.resources[logical]
            touched = resource.full != old.full or resource.physical != old.physical or resource.tags != old.tags
            if touched and logical not in skip:
                tasks.append(Task(resource, "UPDATE", lambda r=resource, o=old: self._revert(r, o), set()))  # type: ignore[misc]
            elif touched:
                event(self.ctx, self.stack, resource, "UPDATE_COMPLETE", "Resource update cancelled")
        Run(self.ctx, self.stack, tasks, self._reverted, cancel=False)

    def _revert(self, resource: Resource, old: Resource) -> Work:
        event(self.ctx, self.stack, resource, "UPDATE_IN_PROGRESS")
        failed = _copy(resource)
        if resource.physical != old.physical:
            if resource.physical:
                self.left.append(failed)
            _restore(resource, old)
        else:
            _restore(resource, old)
            try:
                yield from self.change(resource, failed)
            except NotEmulated:
                pass  # what the sandbox refused to do it has not done
            except AwsError:
                _restore(resource, failed)
                raise
        event(self.ctx, self.stack, resource, "UPDATE_COMPLETE")

    def _reverted(self, failed: list[str]) -> None:
        if failed:
            self.finish("UPDATE_ROLLBACK_FAILED", f"The following resource(s) failed to update: [{', '.join(sorted(failed))}]. ")
            return
        event(self.ctx, self.stack, None, "UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        added = [self.stack.resources.pop(logical) for logical in self.added if logical in self.stack.resources]
        retain = {r.logical for r in added if r.deletion_policy == "Retain" and not self.retain_except_on_create}
        tasks = self.removals([*added, *self.left], retain=retain)
        Run(self.ctx, self.stack, tasks, lambda _: self._back(), cancel=False)

    def _back(self) -> None:
        self.stack.rollback = None
        self.finish("UPDATE_ROLLBACK_COMPLETE")


def _copy(resource: Resource) -> Resource:
    return Resource(
        resource.logical, resource.type, resource.physical, resource.props, resource.invented, resource.tags,
        resource.status, resource.reason, resource.updated, resource.deletion_policy, resource.replace_policy,
        resource.needs,
    )  # fmt: skip


def _restore(resource: Resource, old: Resource) -> None:
    for name in ("physical", "props", "invented", "tags", "deletion_policy", "replace_policy", "needs"):
        setattr(resource, name, getattr(old, name))


def continue_rollback(ctx: Context, stack: Stack, skip: set[str]) -> None:
    update: Update = stack.rollback
    event(ctx, stack, None, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
    update.roll_back(skip)


def roll_back_failed(ctx: Context, stack: Stack) -> None:
    """RollbackStack: to the last stable state of a stack whose rollback was disabled; without one it is deleted."""
    if stack.status == "CREATE_FAILED":
        Delete(ctx, stack)
        return
    update: Update = stack.rollback
    event(ctx, stack, None, "UPDATE_ROLLBACK_IN_PROGRESS", "User Initiated")
    update.roll_back(set())
