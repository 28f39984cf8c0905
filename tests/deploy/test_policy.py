"""The deployer's policy holds every call that the commands make."""

import json
import re
from pathlib import Path

from botocore import xform_name

from bgspec.deploy import docs
from tests.deploy.bench import ARTICLE, Bench

ROOT = Path(__file__).parents[2]


def test_the_committed_policy_is_current() -> None:
    assert (ROOT / docs.FILE).read_text("utf-8") == docs.text()


def test_no_call_is_missing(bench: Bench) -> None:
    bench.spec(ARTICLE)
    with bench.world.lock:
        bench.world.requests.clear()
    assert bench.apply().code == 0
    assert bench.plan().code == 0
    seen = {tuple(call.split(":")) for call in bench.calls()}
    # The emulator calls itself for what CloudFormation does; only what came in over HTTP is counted.
    allowed = set(json.loads(docs.text())["Statement"][0]["Action"]) | set(json.loads(docs.text())["Statement"][1]["Action"])
    for service, operation in seen - {("sts", "GetCallerIdentity")}:
        assert set(docs.actions(service, xform_name(operation))) <= allowed


def test_every_call_is_an_operation_that_exists() -> None:
    found = set(docs.calls())
    assert ("cloudformation", "execute_change_set") in found
    assert ("ssm", "get_parameters_by_path") in found
    for service, operation in found:
        assert docs.actions(service, operation)


def test_every_type_that_is_rendered_is_covered() -> None:
    found = {
        name
        for path in (ROOT / "tests/golden").rglob("stacks/*.yaml")
        for name in re.findall(r"^    Type: AWS::([A-Za-z0-9]+)::", path.read_text("utf-8"), re.MULTILINE)
    }
    assert found
    assert {docs.NAMESPACES.get(name, name.lower()) for name in found} <= set(docs.namespaces())
