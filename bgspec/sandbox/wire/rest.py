"""The HTTP bindings of rest-json and rest-xml: which operation a path means, and where its members travel."""

import functools
import json
import re
from typing import Any, NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree as ET

from botocore.model import OperationModel, Shape

from bgspec.sandbox.models import model
from bgspec.sandbox.wire import tree, xml
from bgspec.sandbox.wire.message import Answer, Request


class Route(NamedTuple):
    operation: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]  # `?list-type=2`, `?policy`: what the URI itself demands
    needs_query: frozenset[str]  # required members that travel in the query
    needs_headers: frozenset[str]  # required members that travel in a header
    literal: int  # characters of the path that are not placeholders
    current: bool  # not deprecated: S3 has two operations for one path where it renamed them

    @property
    def rank(self) -> tuple[int, int, int, bool]:
        return len(self.query) + len(self.needs_query), self.literal, len(self.needs_headers), self.current

    def matches(self, request: Request) -> bool:
        return (
            request.method == self.method
            and self.path.fullmatch(request.path) is not None
            and all(request.query.get(name) == value for name, value in self.query.items())
            and self.needs_query <= request.query.keys()
            and self.needs_headers <= request.headers.keys()
        )


@functools.cache
def routes(service: str) -> tuple[Route, ...]:
    """All routes of a service, the most demanding first."""
    aws = model(service)
    found = (_route(aws.operation_model(name)) for name in aws.operation_names)
    return tuple(sorted(found, key=lambda route: route.rank, reverse=True))


def _route(operation: OperationModel) -> Route:
    path, _, query = operation.http["requestUri"].partition("?")
    pattern = "".join(_segment(part) for part in re.split(r"(\{[^}]+\})", path))
    demanded = dict(part.partition("=")[::2] for part in query.split("&") if part)
    required = operation.input_shape.required_members if operation.input_shape else []
    bound = [operation.input_shape.members[name].serialization for name in required]
    return Route(
        operation.name,
        operation.http["method"],
        re.compile(pattern.rstrip("/") + "/?"),
        demanded,
        frozenset(b["name"] for b in bound if b.get("location") == "querystring"),
        frozenset(b["name"].lower() for b in bound if b.get("location") == "header"),
        len(re.sub(r"\{[^}]+\}", "", path)),
        not operation.deprecated,
    )


def _segment(part: str) -> str:
    if not part.startswith("{"):
        return re.escape(part)
    name = part[1:-1]
    return f"(?P<{_group(name)}>{'.+' if name.endswith('+') else '[^/]+'})"


def _group(name: str) -> str:
    return "m_" + re.sub(r"\W", "_", name.rstrip("+"))


def read(operation: OperationModel, request: Request, *, is_xml: bool) -> dict[str, Any]:
    shape = operation.input_shape
    if shape is None:
        return {}
    match = _route(operation).path.fullmatch(request.path)
    found: dict[str, Any] = {}
    for name, member in shape.members.items():
        bound = member.serialization
        label = bound.get("name", name)
        match bound.get("location"):
            case "uri":
                value = match.groupdict().get(_group(label)) if match else None
                found[name] = None if value is None else _scalar(member, unquote(value))
            case "querystring":
                found[name] = _from_query(member, label, request.query)
            case "header":
                value = request.headers.get(label.lower())
                found[name] = None if value is None else _scalar(member, value)
            case "headers":
                prefix = label.lower()
                found[name] = {k[len(prefix) :]: v for k, v in request.headers.items() if k.startswith(prefix)}
            case _:
                pass
    found |= _read_body(shape, request.body, is_xml=is_xml)
    return {name: value for name, value in found.items() if value is not None}


def _from_query(member: Shape, label: str, query: dict[str, str]) -> Any:
    if member.type_name == "map":
        return dict(query)
    if label not in query:
        return None
    return [query[label]] if member.type_name == "list" else _scalar(member, query[label])


def _scalar(shape: Shape, value: str) -> Any:
    match shape.type_name:
        case "boolean":
            return value.lower() == "true"
        case "integer" | "long":
            return int(value)
        case "timestamp":
            return tree.moment(value) if not value.endswith("GMT") else None
        case _:
            return value


def _read_body(shape: Shape, body: bytes, *, is_xml: bool) -> dict[str, Any]:
    payload = shape.serialization.get("payload")
    if payload is None:
        if not body:
            return {}
        found: dict[str, Any] = xml.read(shape, xml.parse(body)) if is_xml else tree.read(shape, json.loads(body))
        return found
    member = shape.members[payload]
    if member.type_name == "blob":
        return {payload: body}
    if member.type_name == "string":
        return {payload: body.decode()}
    if not body:
        return {}
    return {payload: xml.read(member, xml.parse(body)) if is_xml else tree.read(member, json.loads(body))}


def write(operation: OperationModel, value: dict[str, Any], *, is_xml: bool) -> Answer:
    shape = operation.output_shape
    status: int = operation.http.get("responseCode", 200)
    if shape is None:
        return Answer(status, {}, b"")
    headers = {"Content-Type": "application/xml" if is_xml else "application/json"}
    for name, member in shape.members.items():
        bound = member.serialization
        if value.get(name) is None:
            continue
        match bound.get("location"):
            case "header":
                headers[bound.get("name", name)] = xml.text(member, value[name])
            case "headers":
                headers |= {bound.get("name", "") + key: item for key, item in value[name].items()}
            case "statusCode":
                status = value[name]
            case _:
                pass
    return Answer(status, headers, _write_body(shape, value, is_xml=is_xml))


def _write_body(shape: Shape, value: dict[str, Any], *, is_xml: bool) -> bytes:
    payload = shape.serialization.get("payload")
    if payload is not None:
        inner, shape = value.get(payload), shape.members[payload]
        if shape.type_name in {"blob", "string"}:
            return inner.encode() if isinstance(inner, str) else inner or b""
        value = inner or {}
    if is_xml:
        root = ET.Element(shape.serialization.get("name", shape.name))
        xml.write_members(shape, value, root)
        return xml.document(root)
    written = {k: v for k, v in value.items() if "location" not in getattr(shape.members.get(k), "serialization", {})}
    return json.dumps(tree.write(shape, written, binary=False)).encode()
