"""The update of a stack: what changes in place, what is replaced, and the way back."""

from bgspec.sandbox.cloudformation import policy
from bgspec.sandbox.cloudformation.changes import differing, replacement
from bgspec.sandbox.cloudformation.engine import POLL, Delete, Operation, restore
from bgspec.sandbox.cloudformation.outputs import set_outputs
from bgspec.sandbox.cloudformation.run import Run, Task
from bgspec.sandbox.cloudformation.schema import tag_property
from bgspec.sandbox.cloudformation.stack import Resource, Stack, Wanted, event
from bgspec.sandbox.cloudformation.template import dependencies
from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.world import Context, Work


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
            restore(resource, old)
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
            yield POLL

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
            restore(resource, old)
        else:
            restore(resource, old)
            try:
                yield from self.change(resource, failed)
            except NotEmulated:
                pass  # what the sandbox refused to do it has not done
            except AwsError:
                restore(resource, failed)
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
