"""One request: recognised, checked, handled under the world's lock, paginated, and answered in its own protocol."""

import re
import sys
import traceback
from typing import Any

from botocore import xform_name
from botocore.model import Shape

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.models import check, paginators, project
from bgspec.sandbox.services.catalog import REGISTRY
from bgspec.sandbox.wire.message import Answer, Call, Request
from bgspec.sandbox.wire.protocol import decode, encode, encode_error, identity
from bgspec.sandbox.world import DEFAULT_ACCOUNT, World

_PAGE = 100  # items in an answer when the caller does not limit them; AWS's own numbers differ by operation


def answer(world: World, request: Request) -> Answer:
    with world.lock:
        request_id = f"00000000-0000-4000-8000-{world.number('requests'):012x}"
        call = None
        try:
            call = decode(request)
            return encode(call, _handle(world, request, call), request_id)
        except AwsError as error:
            refusal = error
        except Exception:  # noqa: BLE001 -- a defect of the emulator: AWS's own word for it, and a traceback for us
            traceback.print_exc(file=sys.stderr)
            world.failures.append(traceback.format_exc())
            refusal = AwsError("InternalFailure", "The bgspec sandbox failed: see its log.", 500)
        protocol, service = (call.protocol, call.service) if call else (_protocol_of(request), "")
        return encode_error(protocol, service, refusal, request_id)


def _protocol_of(request: Request) -> str:
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return "cbor"
    if "x-amz-target" in request.headers:
        return "json"
    return {"ec2": "ec2", "s3": "rest-xml"}.get(identity(request)[2], "query")


def _handle(world: World, request: Request, call: Call) -> dict[str, Any]:
    access_key, region, _ = identity(request)
    # As other emulators have it: an access key of twelve digits is the account.
    account = access_key if re.fullmatch(r"\d{12}", access_key) else DEFAULT_ACCOUNT
    name = call.operation.name
    world.requests[f"{call.service}:{name}"] += 1
    handler = REGISTRY[call.service].operations.get(xform_name(name))
    if handler is None:
        raise NotEmulated(f"{call.service}:{name}")
    params: dict[str, Any] = call.params
    if call.operation.input_shape is not None:
        check(call.operation.input_shape, params)
    found = handler(world.context(account, region), params) or {}
    shape = call.operation.output_shape
    return _page(call, params, project(shape, found), shape) if shape is not None else {}


def _page(call: Call, params: dict[str, Any], found: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """Cut the answer where botocore's paginator expects a token. A token is the offset it stands for."""
    config = paginators(call.service).get(call.operation.name)
    if config is None or not isinstance(config.get("input_token"), str) or config["output_token"] not in shape.members:
        return found
    keys = config["result_key"] if isinstance(config["result_key"], list) else [config["result_key"]]
    lists = [key for key in keys if isinstance(found.get(key), list)]
    token = params.get(config["input_token"])
    if token is not None and not str(token).isdigit():
        raise AwsError("ValidationException", "The token is not valid.")
    start, size = int(token or 0), int(params.get(config.get("limit_key", "")) or _PAGE)
    if any(len(found[key]) > start + size for key in lists):
        found[config["output_token"]] = str(start + size)
    return found | {key: found[key][start : start + size] for key in lists}
