"""XML of the query, ec2 and rest-xml protocols, to and from the values of a shape."""

import base64
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from xml.etree import ElementTree as ET

from botocore.model import Shape

from bgspec.sandbox.wire.tree import iso, moment


def read(shape: Shape, node: ET.Element) -> Any:
    """The value in an element whose namespaces are already gone (`parse`)."""
    match shape.type_name:
        case "structure":
            return _read_structure(shape, node)
        case "list":
            return [read(shape.member, item) for item in node]
        case "map":
            key = shape.key.serialization.get("name", "key")
            value = shape.value.serialization.get("name", "value")
            return {entry.findtext(key): read(shape.value, _child(entry, value)) for entry in node}
        case "boolean":
            return node.text == "true"
        case "integer" | "long":
            return int(node.text or 0)
        case "float" | "double":
            return float(node.text or 0)
        case "timestamp":
            return moment(node.text)
        case "blob":
            return base64.b64decode(node.text or "")
        case _:
            return node.text or ""


def _child(node: ET.Element, name: str) -> ET.Element:
    found = node.find(name)
    return ET.Element(name) if found is None else found


def _read_structure(shape: Shape, node: ET.Element) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        tag = _tag(name, member)
        if member.serialization.get("xmlAttribute"):
            if (value := node.get(tag.partition(":")[2] or tag)) is not None:
                found[name] = value
        elif member.type_name == "list" and member.serialization.get("flattened"):
            if items := node.findall(tag):
                found[name] = [read(member.member, item) for item in items]
        elif (child := node.find(tag)) is not None:
            found[name] = read(member, child)
    return found


def parse(body: bytes) -> ET.Element:
    """The document without its namespaces; ValueError when it is not XML."""
    try:
        root = ET.fromstring(body)  # noqa: S314 -- loopback only, and expat ≥ 2.4.1 bounds entity expansion itself
    except ET.ParseError as error:
        raise ValueError(str(error)) from error
    for node in root.iter():
        node.tag = node.tag.rpartition("}")[2]
        for name in [name for name in node.attrib if "}" in name]:
            node.set(name.rpartition("}")[2], node.attrib.pop(name))
    return root


def write(shape: Shape, value: Any, parent: ET.Element, tag: str) -> None:
    """Append `value` to `parent` as `<tag>`, or as several for a flattened list."""
    kind = shape.type_name
    if kind == "list" and shape.serialization.get("flattened"):
        for item in value:
            write(shape.member, item, parent, tag)
        return
    node = ET.SubElement(parent, tag)
    if kind == "structure":
        write_members(shape, value, node)
    elif kind == "list":
        for item in value:
            write(shape.member, item, node, shape.member.serialization.get("name", "member"))
    elif kind == "map":
        for key, item in value.items():
            entry = ET.SubElement(node, "entry")
            ET.SubElement(entry, shape.key.serialization.get("name", "key")).text = str(key)
            write(shape.value, item, entry, shape.value.serialization.get("name", "value"))
    else:
        node.text = text(shape, value)


def write_members(shape: Shape, value: dict[str, Any], node: ET.Element) -> None:
    for name, member in shape.members.items():
        if value.get(name) is None or "location" in member.serialization:
            continue
        if member.serialization.get("xmlAttribute"):
            node.set("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance")
            node.set(_tag(name, member), str(value[name]))
        else:
            write(member, value[name], node, _tag(name, member))


def _tag(name: str, member: Shape) -> str:
    tag: str = member.serialization.get("name", name)
    if member.type_name == "list" and member.serialization.get("flattened"):
        tag = member.member.serialization.get("name", tag)
    return tag


def text(shape: Shape, value: Any) -> str:
    """A scalar as XML and headers spell it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if shape.serialization.get("timestampFormat") == "rfc822" or shape.serialization.get("location") == "header":
            return format_datetime(value, usegmt=True)
        return iso(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return str(value)


def document(root: ET.Element) -> bytes:
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root)
