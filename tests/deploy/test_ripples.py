"""A change is followed through the stacks that take its outputs: what plan says is what apply does."""

import json

import pytest

from bgspec.cfn import GetAtt, Ref, Sub, Word
from bgspec.deploy import ripples
from bgspec.deploy.apply import Apply
from bgspec.deploy.decide import Change, Seen
from bgspec.deploy.units import Unit
from bgspec.stacks import Output
from tests.deploy.bench import SMALL, Bench

NATIVE = SMALL + "deployment: {engine: ecs}\n"
BUILT = SMALL.replace("uri: public.ecr.aws/nginx/nginx:1.27", "build: container")
WORKER = "  worker:\n    image: {uri: public.ecr.aws/x/worker:1}\n"


def zones(text: str, count: int) -> str:
    return text.replace("egress: public\n", f"egress: public\n  zones: {count}\n")


def private(text: str) -> str:
    return text.replace("egress: public\n", "egress: nat\n")


EDITS = {
    "a third zone": (zones(NATIVE, 2), zones(NATIVE, 3)),
    "a zone less": (zones(NATIVE, 3), zones(NATIVE, 2)),
    "a zone for CodeDeploy": (zones(SMALL, 2), zones(SMALL, 3)),
    "private tasks": (NATIVE, private(NATIVE)),
    "public tasks": (private(NATIVE), NATIVE, "network/Nat1", "endpoints"),
    "a key": (NATIVE, NATIVE + "encryption: {key: own}\n"),
    "a key for images": (BUILT, BUILT + "encryption: {key: own}\n"),
    "a worker": (SMALL, SMALL + WORKER),
    "access logs": (SMALL, SMALL + "load_balancer: {access_logs: true}\n"),
    "published values": (zones(NATIVE, 2) + "publish: /shop/dev\n", zones(NATIVE, 3) + "publish: /shop/dev\n"),
}
"""What was applied, what is to be applied then, and what the user names to be deleted."""


def left(bench: Bench) -> list[str]:
    """The change sets that wait for somebody."""
    client = bench.client("cloudformation")
    return [
        one["ChangeSetName"]
        for name in bench.stacks()
        for one in client.list_change_sets(StackName=name)["Summaries"]
        if one["ExecutionStatus"] == "AVAILABLE"
    ]


@pytest.mark.parametrize("name", EDITS)
def test_apply_does_what_plan_says(bench: Bench, name: str) -> None:
    before, after, *allowed = EDITS[name]
    allow = [word for one in allowed for word in ("--allow", one)]
    bench.spec(before)
    assert bench.apply().code == 0
    bench.spec(after)
    told = {one["stack"]: one["action"] for one in json.loads(bench.plan("--format", "json", *allow).out)["stacks"]}
    assert not left(bench)
    done: dict[str, str] = {}
    judged = Apply.run

    def run(self: Apply, *arguments: object) -> dict[str, str]:
        steps = judged(self, *arguments)
        done.update({key: verdict.kind for key, verdict in self.verdicts.items()})
        return steps

    bench.patch.setattr(Apply, "run", run)
    if "refused" in told.values():
        assert bench.apply().code == 3
        assert not done
        # Whoever does not look ahead finds it out in the midst.
        bench.patch.setattr(ripples, "moves", lambda *_: ())
        assert bench.apply().code == 3
        assert {key for key, kind in done.items() if kind == "refused"} <= {key for key, kind in told.items() if kind == "refused"}
        assert "refused" in done.values()
        return
    result = bench.apply(*allow)
    assert result.code == 0, result.err
    assert done == {key: kind for key, kind in told.items() if kind != "deleted"}
    assert set(bench.actions().values()) == {"nothing"}


def test_it_says_what_a_change_comes_from(bench: Bench) -> None:
    bench.spec(zones(SMALL, 2))
    assert bench.apply().code == 0
    bench.spec(zones(SMALL, 3))
    shown = bench.plan()
    assert shown.code == 3
    assert "Service belongs to CodeDeploy: ECS refuses its update (NetworkConfiguration)" in shown.out
    assert f"because network ({bench.file}:5) changes PublicSubnetIds" in shown.out


def test_what_nothing_can_stand_in_for_is_said_to_be_unknown(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.patch.setattr(ripples, "moves", lambda unit, *_: [ripples.Move("VpcId", "network")] if unit.key == "network" else [])
    found = {one["stack"]: one for one in json.loads(bench.plan("--format", "json").out)["stacks"]}
    assert found["traffic"]["action"] == "later"
    assert found["traffic"]["reasons"] == [
        "what changes is known once it is given what it takes from others",
        f"because network ({bench.file}:5) changes VpcId",
    ]
    assert found["cluster"]["action"] == "nothing"


UNIT = Unit(
    *("x", "x", "", (), (), (), (), "", "", ""),
    types={"Subnets": "List<AWS::EC2::Subnet::Id>", "Vpc": "AWS::EC2::VPC::Id", "Group": "String"},
    outputs=(
        Output(Word("A"), "a resource", Ref("One")),
        Output(Word("B"), "two", Sub("${One},${Two}")),
        Output(Word("C"), "an attribute", GetAtt("Three", "Arn")),
        Output(Word("D"), "a text", Sub("${AWS::Region}/name")),
    ),
)
SEEN = Seen("CREATE_COMPLETE", outputs={"A": "a-1", "B": "a-1,b-1", "C": "c-1", "D": "eu-west-1/name"})


@pytest.mark.parametrize(
    ("change", "outputs"),
    [
        (Change("Modify", "One", "T", replaces=False, properties=(), retained=False, physical="a-1"), ""),
        (Change("Modify", "One", "T", replaces=True, properties=(), retained=False, physical="a-1"), "AB"),
        (Change("Add", "Two", "T", replaces=False, properties=(), retained=False), "B"),
        (Change("Modify", "Three", "T", replaces=True, properties=(), retained=False), "C"),
        (Change("Remove", "Gone", "T", replaces=False, properties=(), retained=False, physical="b-1"), "B"),
    ],
)
def test_outputs_move_with_what_they_name(change: Change, outputs: str) -> None:
    assert [move.output for move in ripples.moves(UNIT, SEEN, (change,))] == list(outputs)
    assert [move.output for move in ripples.moves(UNIT, Seen(), ())] == list("ABCD")


def test_stand_ins_are_what_cloudformation_takes() -> None:
    today = {"Subnets": "subnet-1,subnet-2", "Vpc": "v", "Group": "g"}
    assert ripples.stand_ins(UNIT, ["Subnets", "Group"], today) == {"Subnets": "subnet-2,subnet-1", "Group": "g0"}
    assert ripples.stand_ins(UNIT, ["Group", "Vpc"], today) is None
    assert ripples.stand_ins(UNIT, ["Subnets"], {"Subnets": "subnet-1"}) is None
    assert ripples.stand_ins(UNIT, ["Subnets"], {"Others": "subnet-1,subnet-2"}) == {"Subnets": "subnet-2,subnet-1"}
    assert "becomes-known-later" in ripples.stand_ins(UNIT, ["Group"], {})["Group"]
    assert ripples.stand_ins(UNIT, [], today) == {}


def test_what_has_a_name_is_not_offered_to_be_replaced(bench: Bench) -> None:
    """CloudFormation would refuse it in the midst."""
    bench.spec(BUILT)
    assert bench.apply().code == 0
    bench.spec(BUILT + "encryption: {key: own}\n")
    shown = bench.plan()
    assert shown.code == 3
    assert "WebRepository would be replaced (EncryptionConfiguration), and with it the images" in shown.out
    assert "take the spec back; or give it another `environment`" in shown.out
    assert "--allow" not in shown.out
