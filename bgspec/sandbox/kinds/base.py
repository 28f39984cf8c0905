"""What CloudFormation's handler of a resource type does, said as a declaration where that is enough."""

from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds.convert import to_api
from bgspec.sandbox.models import operation
from bgspec.sandbox.services.registry import dig
from bgspec.sandbox.world import Context, Record

Props = dict[str, Any]


class Kind:
    """A resource type. A type whose service has one create, one update and one delete call is only declared.

    Handlers go through the services' own operations, so whatever a service refuses fails the resource as on AWS.
    """

    type: ClassVar[str]
    service: ClassVar[str]
    create_op: ClassVar[str] = ""
    result: ClassVar[str] = ""  # where the create call's answer has the physical id
    update_op: ClassVar[str] = ""
    delete_op: ClassVar[str] = ""
    key: ClassVar[str] = ""  # the member of update and delete that takes the physical id
    table: ClassVar[str] = ""  # where the service keeps its records, by physical id
    named: ClassVar[tuple[str, int]] = ("", 0)  # the property CloudFormation invents a name for, and its limit
    renames: ClassVar[Mapping[str, str]] = {}
    attributes: ClassVar[Mapping[str, str]] = {}  # Fn::GetAtt's names -> members of the record
    tag_property: ClassVar[str] = "Tags"
    defaults: ClassVar[Mapping[str, Any]] = {}  # what a property means once it is gone from the template
    renames_itself: ClassVar[bool] = False  # a replacement may keep the name: each has a number of its own beside it

    def records(self, ctx: Context) -> dict[str, Record]:
        return ctx.table(self.table)

    def record(self, ctx: Context, physical: str) -> Record:
        return self.records(ctx)[physical]

    def input(self, action: str, props: Props) -> Record:
        shape = operation(self.service, action).input_shape
        found: Record = to_api(shape, props, self.renames, self.type)
        return found

    def create(self, ctx: Context, props: Props) -> str:
        found: str = dig(ctx.call(self.service, self.create_op, **self.input(self.create_op, props)), self.result)
        return found

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        """Called when a property besides the tags changed that does not replace the resource."""
        if not self.update_op:
            raise NotEmulated(f"updates of {self.type}")
        gone = {name: self.defaults[name] for name in old.keys() - props.keys() if name in self.defaults}
        wanted = self.updatable(props | gone)
        ctx.call(self.service, self.update_op, **self.input(self.update_op, wanted) | {self.key: physical})
        self.forget(ctx, physical, old.keys() - props.keys() - gone.keys())

    def updatable(self, props: Props) -> Props:
        """The properties the update call takes; those it has no member for were not changed, or would have replaced."""
        known = {name.lower() for name in operation(self.service, self.update_op).input_shape.members}
        return {name: value for name, value in props.items() if self.renames.get(name, name).lower() in known}

    def forget(self, ctx: Context, physical: str, names: set[str]) -> None:
        """Take members out of the record whose properties are gone from the template."""
        gone = {self.renames.get(name, name).lower() for name in names}
        record = self.record(ctx, physical) if gone else {}
        for member in [member for member in record if member.lower() in gone]:
            del record[member]

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call(self.service, self.delete_op, **{self.key: physical})

    def tag(self, ctx: Context, physical: str, tags: dict[str, str]) -> None:
        self.record(ctx, physical)["_tags"] = tags

    def busy(self, ctx: Context, physical: str) -> bool:
        """True while the handler waits for the service; an AwsError fails the resource."""
        del ctx, physical
        return False

    def leaving(self, ctx: Context, physical: str) -> bool:
        """True while a deletion is under way."""
        del ctx, physical
        return False

    def ref(self, ctx: Context, physical: str) -> str:
        del ctx
        return physical

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        if name not in self.attributes:
            raise AwsError("ValidationError", f"Template error: resource type {self.type} has no attribute {name}")
        return dig(self.record(ctx, physical), self.attributes[name])


def changed(new: Props, old: Props, *names: str) -> bool:
    return any(new.get(name) != old.get(name) for name in names)
