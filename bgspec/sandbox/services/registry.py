"""How a module of handlers becomes a service."""

from collections.abc import Callable
from typing import Any, TypeVar

from bgspec.sandbox.world import Context, Record

Handler = Callable[[Context, Record], Record | None]


H = TypeVar("H", bound=Handler)


class Service:
    """The operations one service answers; a handler's name is the operation's, in Python's spelling."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: dict[str, Handler] = {}

    def __call__(self, handler: H) -> H:
        self.operations[handler.__name__] = handler
        return handler


def given(params: Record, *names: str) -> Record:
    """The members of a request that were given, all or those named."""
    return {name: params[name] for name in names or params if params.get(name) is not None}


def tags_of(pairs: list[Record] | None) -> dict[str, str]:
    """Tags as they are kept, `{name: value}`, whatever the service calls the two."""
    found: dict[str, str] = {}
    for pair in pairs or ():
        found[pair["Key" if "Key" in pair else "key"]] = pair.get("Value") or pair.get("value") or ""
    return found


def tag_list(record: Record, key: str = "Key", value: str = "Value") -> list[Record]:
    """The tags of a record as its service lists them. `_tags` is theirs in every record."""
    return [{key: name, value: text} for name, text in record.get("_tags", {}).items()]


def dig(value: Any, path: str) -> Any:
    """`dig(answer, "service.serviceArn")`."""
    for name in path.split("."):
        value = value[name]
    return value
