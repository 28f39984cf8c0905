"""From a request to a call, and from an answer or a refusal back to HTTP."""

import json
import re
from typing import Any
from urllib.parse import parse_qs
from xml.etree import ElementTree as ET

from botocore.model import OperationModel

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.models import SERVICES, model, operation
from bgspec.sandbox.wire import cbor, form, rest, tree, xml
from bgspec.sandbox.wire.message import Answer, Call, Request

_SCOPE = re.compile(r"Credential=([^/]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")


def identity(request: Request) -> tuple[str, str, str]:
    """Access key, region and signing name out of the signature; an unsigned request is S3's (a download by URL)."""
    signed = request.headers.get("authorization") or f"Credential={request.query.get('X-Amz-Credential', '')}"
    found = _SCOPE.search(signed)
    return (found[1], found[2], found[3]) if found else ("", "us-east-1", "s3")


def decode(request: Request) -> Call:
    """Refuses with UnknownOperationException what no model knows; a body that does not parse is a SerializationException."""
    signing = identity(request)[2]
    if signing not in SERVICES:
        raise AwsError("SandboxNotEmulated", f"The bgspec sandbox does not emulate the service {signing}.", 501)
    service = SERVICES[signing]
    protocol, asked = _recognise(service, request)
    try:
        return Call(service, asked, protocol, _params(protocol, asked, request))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise AwsError("SerializationException", f"The request body is malformed: {error}") from error


def _recognise(service: str, request: Request) -> tuple[str, OperationModel]:
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "cbor", operation(service, request.path.rpartition("/")[2])
    if target := request.headers.get("x-amz-target"):
        return "json", operation(service, target.rpartition(".")[2])
    own: str = model(service).metadata["protocol"]
    if own in {"rest-json", "rest-xml"}:
        for route in rest.routes(service):
            if route.matches(request):
                return own, operation(service, route.operation)
        raise AwsError("UnknownOperationException", f"{request.method} {request.path} is no operation of {service}.", 404)
    actions = parse_qs(request.body.decode(errors="replace")).get("Action")
    if not actions:
        raise AwsError("MissingAction", f"{request.method} {request.path} names no action of {service}.")
    return "ec2" if own == "ec2" else "query", operation(service, actions[0])


def _params(protocol: str, asked: OperationModel, request: Request) -> dict[str, Any]:
    match protocol:
        case "cbor":
            body = cbor.loads(request.body) if request.body else {}
        case "json":
            body = json.loads(request.body or b"{}")
        case "rest-json" | "rest-xml":
            return rest.read(asked, request, is_xml=protocol == "rest-xml")
        case _:
            return form.read(asked.input_shape, request.body, ec2=protocol == "ec2")
    found: dict[str, Any] = tree.read(asked.input_shape, body) if asked.input_shape else {}
    return found


def encode(call: Call, value: dict[str, Any], request_id: str) -> Answer:
    shape = call.operation.output_shape
    match call.protocol:
        case "cbor":
            body = cbor.dumps(tree.write(shape, value, binary=True) if shape else {})
            return Answer(200, _headers("application/cbor", request_id) | {"smithy-protocol": "rpc-v2-cbor"}, body)
        case "json":
            text = json.dumps(tree.write(shape, value, binary=False)).encode() if shape else b""
            return Answer(200, _headers("application/x-amz-json-1.1", request_id), text)
        case "rest-json" | "rest-xml":
            found = rest.write(call.operation, value, is_xml=call.protocol == "rest-xml")
            return found._replace(headers=found.headers | {"x-amzn-RequestId": request_id})
        case _:
            return Answer(200, _headers("text/xml", request_id), _action_response(call, value, request_id))


def _action_response(call: Call, value: dict[str, Any], request_id: str) -> bytes:
    name, shape = call.operation.name, call.operation.output_shape
    root = ET.Element(name + "Response", xmlns=model(call.service).metadata.get("xmlNamespace", ""))
    if call.protocol == "ec2":
        ET.SubElement(root, "requestId").text = request_id
        if shape:
            xml.write_members(shape, value, root)
    else:
        if shape:
            xml.write_members(shape, value, ET.SubElement(root, shape.serialization.get("resultWrapper", name + "Result")))
        ET.SubElement(ET.SubElement(root, "ResponseMetadata"), "RequestId").text = request_id
    return xml.document(root)


def _headers(content_type: str, request_id: str) -> dict[str, str]:
    return {"Content-Type": content_type, "x-amzn-RequestId": request_id}


def encode_error(protocol: str, service: str, error: AwsError, request_id: str) -> Answer:
    """A refusal in the protocol of the call; before a call is known, JSON, which every client can show."""
    match protocol:
        case "query" | "rest-xml" if service != "s3":
            root = ET.Element("ErrorResponse")
            _error_members(ET.SubElement(root, "Error"), error)
            ET.SubElement(root, "RequestId").text = request_id
        case "rest-xml":
            root = ET.Element("Error")
            _error_members(root, error)
        case "ec2":
            root = ET.Element("Response")
            _error_members(ET.SubElement(ET.SubElement(root, "Errors"), "Error"), error)
            ET.SubElement(root, "RequestID").text = request_id
        case "cbor":
            body = cbor.dumps({"__type": error.code, "message": error.message} | error.members)
            headers = _headers("application/cbor", request_id) | {"smithy-protocol": "rpc-v2-cbor"}
            return Answer(error.status, headers, body)
        case _:
            text = json.dumps({"__type": error.code, "message": error.message} | error.members).encode()
            headers = _headers("application/x-amz-json-1.1", request_id) | {"x-amzn-ErrorType": error.code}
            return Answer(error.status, headers, text)
    return Answer(error.status, _headers("text/xml", request_id), xml.document(root))


def _error_members(node: ET.Element, error: AwsError) -> None:
    ET.SubElement(node, "Type").text = "Sender"
    ET.SubElement(node, "Code").text = error.code
    ET.SubElement(node, "Message").text = error.message
    for name, value in error.members.items():
        ET.SubElement(node, name).text = str(value)
