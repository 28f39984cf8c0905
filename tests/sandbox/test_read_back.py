"""Whatever a template says of a resource, the resource's own service says as well."""

from pathlib import Path

import pytest

from bgspec.sandbox import seeds
from bgspec.sandbox.cloudformation.schema import schemas, tag_property
from bgspec.sandbox.cloudformation.stack import find
from bgspec.sandbox.cloudformation.template import parse
from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.server import Server
from bgspec.sandbox.services import ecr
from bgspec.sandbox.world import World
from tests.sandbox.harness import ACCOUNT, REGION, Sandbox
from tests.sandbox.readers import READERS, lost

TEMPLATE = (Path(__file__).parent / "everything.yaml").read_text("utf-8")
BLOCKS = parse(TEMPLATE).resources


@pytest.fixture(scope="module")
def everything():
    import threading

    server = Server(0, World(speed=2000))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    found = Sandbox(server)
    context = found.world.context(ACCOUNT, REGION)
    seeds.plant(context, ["arn:aws:route53:::hostedzone/ZEXAMPLE/example.com", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/seeded"])
    ecr.push(context, "seeded", "first")
    image = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/seeded:first"
    stack = found.deploy("everything", TEMPLATE, parameters={"Image": image}, Tags=[{"Key": "Owner", "Value": "team"}])
    assert stack["StackStatus"] == "CREATE_COMPLETE", found.failed("everything")
    yield found
    server.shutdown()
    server.server_close()
    assert not found.world.failures, found.world.failures


def test_every_type_has_an_example_and_a_reader():
    types = {block["Type"] for block in BLOCKS.values()}
    assert types == set(KINDS) == set(READERS)


@pytest.mark.parametrize("logical", BLOCKS)
def test_every_property_is_held(everything, logical):
    stack = find(everything.world.context(ACCOUNT, REGION), "everything")
    resource = stack.resources[logical]
    answers = READERS[resource.type](everything, resource.physical, resource.full)
    assert lost(resource.full, answers) == []


@pytest.mark.parametrize("logical", [logical for logical, block in BLOCKS.items() if tag_property(block["Type"])])
def test_a_stack_s_tags_are_its_resources_tags(everything, logical):
    resource = find(everything.world.context(ACCOUNT, REGION), "everything").resources[logical]
    name = tag_property(resource.type)
    pairs = schemas()[resource.type]["properties"][name].get("type") == "array"
    wanted = {name: [{"Key": "Owner", "Value": "team"}] if pairs else {"Owner": "team"}}
    assert lost(wanted, READERS[resource.type](everything, resource.physical, resource.full)) == []


def test_a_property_that_differs_is_seen_to_be_lost():
    answers = [{"name": "a", "Nested": {"count": 2, "on": True}, "items": [{"Key": "k", "Value": "v"}]}]
    assert lost({"Name": "a", "Nested": {"Count": "2", "On": "true"}, "Items": [{"Key": "k"}]}, answers) == []
    assert lost({"Name": "b"}, answers) == ["Name"]
    assert lost({"Nested": {"Count": 3}}, answers) == ["Nested"]
    assert lost({"Items": [{"Key": "k", "Value": "w"}]}, answers) == ["Items"]
    assert lost({"Missing": 1}, answers) == ["Missing"]
