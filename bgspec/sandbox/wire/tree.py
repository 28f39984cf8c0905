"""JSON and CBOR trees, to and from the values of a shape."""

import base64
from datetime import UTC, datetime
from typing import Any

from botocore.model import Shape


def read(shape: Shape, tree: Any) -> Any:
    """The value of `shape` in a parsed JSON or CBOR tree: Python's names, datetimes and bytes."""
    if tree is None:
        return None
    kind = shape.type_name
    if kind == "structure":
        found = ((name, tree.get(wire_name(name, member)), member) for name, member in shape.members.items())
        return {name: read(member, item) for name, item, member in found if item is not None}
    if kind == "list":
        return [read(shape.member, item) for item in tree]
    if kind == "map":
        return {name: read(shape.value, item) for name, item in tree.items()}
    if kind == "timestamp":
        return moment(tree)
    if kind == "blob" and isinstance(tree, str):
        return base64.b64decode(tree)
    return tree


def write(shape: Shape, value: Any, *, binary: bool) -> Any:
    """The tree of a value; `binary` (CBOR) keeps bytes and datetimes, JSON gets base64 and epoch seconds."""
    if value is None:
        return None
    kind = shape.type_name
    if kind == "structure":
        found = ((wire_name(name, member), write(member, value[name], binary=binary))
                 for name, member in shape.members.items() if value.get(name) is not None)  # fmt: skip
        return dict(found)
    if kind == "list":
        return [write(shape.member, item, binary=binary) for item in value]
    if kind == "map":
        return {name: write(shape.value, item, binary=binary) for name, item in value.items()}
    if binary:
        return value
    if kind == "timestamp":
        return _timestamp(shape, value)
    if kind == "blob":
        return base64.b64encode(value).decode()
    return value


def _timestamp(shape: Shape, value: datetime) -> float | str:
    if shape.serialization.get("timestampFormat") == "iso8601":
        return iso(value)
    return round(value.timestamp(), 3)


def wire_name(name: str, member: Shape) -> str:
    found: str = member.serialization.get("name", name)
    return found


def moment(value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        return datetime.fromtimestamp(float(value), UTC)
    except ValueError:
        return datetime.fromisoformat(value)


def iso(value: datetime) -> str:
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{value.microsecond // 1000:03d}Z"
