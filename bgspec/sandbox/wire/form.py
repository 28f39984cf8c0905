"""Form bodies of the query and ec2 protocols, read by shape."""

import base64
from typing import Any
from urllib.parse import parse_qsl

from botocore.model import Shape

from bgspec.sandbox.wire.tree import moment


def read(shape: Shape | None, body: bytes, *, ec2: bool) -> dict[str, Any]:
    if shape is None:
        return {}
    tree: dict[str, Any] = {}
    for key, text in parse_qsl(body.decode(), keep_blank_values=True):
        branch = tree
        *path, leaf = key.split(".")
        for part in path:
            inner = branch.setdefault(part, {})
            if not isinstance(inner, dict):  # `Tags=` (an empty list) beside `Tags.member.1`
                inner = branch[part] = {}
            branch = inner
        branch[leaf] = text
    found: dict[str, Any] = _value(shape, tree, ec2=ec2)
    return found


def _value(shape: Shape, tree: Any, *, ec2: bool) -> Any:
    match shape.type_name:
        case "structure":
            names = ((name, _name(name, member, ec2=ec2), member) for name, member in shape.members.items())
            return {name: _value(member, tree[key], ec2=ec2) for name, key, member in names if key in tree}
        case "list":
            return [_value(shape.member, item, ec2=ec2) for item in _items(shape, tree, ec2=ec2)]
        case "map":
            return dict(_entry(shape, item, ec2=ec2) for item in _numbered(tree.get("entry", tree)))
        case _:
            return _scalar(shape.type_name, tree)


def _name(name: str, member: Shape, *, ec2: bool) -> str:
    if ec2:
        own: str = member.serialization.get("queryName") or member.serialization.get("name", name)
        return own if "queryName" in member.serialization else own[0].upper() + own[1:]
    if member.type_name == "list" and member.serialization.get("flattened"):
        name = member.member.serialization.get("name", name)
    found: str = member.serialization.get("name", name)
    return found


def _items(shape: Shape, tree: Any, *, ec2: bool) -> list[Any]:
    if not isinstance(tree, dict):
        return []
    if ec2 or shape.serialization.get("flattened"):
        return _numbered(tree)
    return _numbered(tree.get(shape.member.serialization.get("name", "member"), {}))


def _numbered(tree: dict[str, Any]) -> list[Any]:
    return [tree[key] for key in sorted((key for key in tree if key.isdigit()), key=int)]


def _entry(shape: Shape, item: dict[str, Any], *, ec2: bool) -> tuple[str, Any]:
    key = shape.key.serialization.get("name", "key")
    value = shape.value.serialization.get("name", "value")
    return item[key], _value(shape.value, item[value], ec2=ec2)


def _scalar(kind: str, text: str) -> Any:
    match kind:
        case "boolean":
            return text == "true"
        case "integer" | "long":
            return int(text)
        case "float" | "double":
            return float(text)
        case "timestamp":
            return moment(text)
        case "blob":
            return base64.b64decode(text)
        case _:
            return text
