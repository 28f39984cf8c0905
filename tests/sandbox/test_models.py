"""The emulator's tables against those they are taken from."""

import json

from botocore import xform_name

from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.models import SERVICES, model
from bgspec.sandbox.services.catalog import REGISTRY
from bgspec.sandbox.wire import cbor
from tests.sandbox import types_json


def test_types_json_is_what_cfn_lint_ships():
    found = types_json.TARGET.read_text("utf-8")
    assert found == types_json.text(list(json.loads(found)))
    assert set(KINDS) <= set(json.loads(found))


def test_every_handler_is_an_operation_of_its_service():
    for name, service in REGISTRY.items():
        known = {xform_name(operation) for operation in model(name).operation_names}
        assert service.operations.keys() <= known, name


def test_every_service_is_found_by_the_name_it_signs_with():
    for signing, service in SERVICES.items():
        assert (model(service).signing_name or model(service).endpoint_prefix) == signing, service


def test_cbor_reads_what_it_writes():
    value = {"a": [1, -1, 1.5, True, False, None, "é" * 300, b"\x00" * 70_000], "n": 2**40, "e": {}}
    assert cbor.loads(cbor.dumps(value)) == value
