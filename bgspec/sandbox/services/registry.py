"""How a module of handlers becomes a service."""

from collections.abc import Callable
from typing import Any, TypeVar

from bgspec.sandbox.world import Context, Record

Handler = Callable[[Context, Record], Record | None]

H = TypeVar("H", bound=Handler)

LOWER = ("key", "value")
"""What services that spell members in lower case call a tag's name and value."""


class Service:
    """The operations one service answers; a handler's name is the operation's, in Python's spelling."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.operations: dict[str, Handler] = {}

    def __call__(self, handler: H) -> H:
        self.operations[handler.__name__] = handler
        return handler

    def tags(
        self,
        find: Callable[[Context, str], Record],
        resource: str,
        *,
        pairs: tuple[str, str] | None = ("Key", "Value"),
        listing: str = "list_tags_for_resource",
    ) -> None:
        """Answer TagResource, UntagResource and the operation that lists tags, which most services spell alike.

        Args:
            find: the record with an ARN.
            resource: the member that holds the ARN; the other members begin in the same case.
            pairs: what a tag's name and value are called; None where tags are a mapping.
            listing: the operation that lists them.
        """
        tags, keys = ("tags", "tagKeys") if resource[0].islower() else ("Tags", "TagKeys")

        def tag(ctx: Context, p: Record) -> None:
            find(ctx, p[resource])["_tags"].update(tags_of(p[tags]) if pairs else p[tags])

        def untag(ctx: Context, p: Record) -> None:
            for key in p[keys]:
                find(ctx, p[resource])["_tags"].pop(key, None)

        def listed(ctx: Context, p: Record) -> Record:
            found = find(ctx, p[resource])
            return {tags: tag_list(found, *pairs) if pairs else found["_tags"]}

        self.operations |= {"tag_resource": tag, "untag_resource": untag, listing: listed}


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
