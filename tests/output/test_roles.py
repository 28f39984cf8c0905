"""Roles as an organisation wants them: made by itself, or below its path and bounded by its policy."""

import pytest

from bgspec.checks.rule import Environment
from tests.corpus import artifacts
from tests.output.cloudformation import load
from tests.wishes import models, wishes

KINDS = {
    "swap": "Build Deployment Execution FlowLog Pipeline Scheduler Task Test Trigger AfterTestTraffic",
    "native": "Build Execution FlowLog Hook Infrastructure Pipeline Scheduler Stack Task Trigger",
    "github": "Execution FlowLog GitHub Hook Infrastructure Scheduler Stack Task",
}
"""What kinds of roles each environment makes: a new kind must be bounded too, and it must be possible to name one that exists."""


def roles(name: str) -> dict[str, dict]:
    """Every role of a golden's stacks, by file and logical id."""
    return {
        f"{artifact.path}:{key}": resource["Properties"]
        for artifact in artifacts(name)
        if artifact.path.endswith(".yaml") and "/stacks/" in artifact.path
        for key, resource in load(artifact.text)["Resources"].items()
        if resource["Type"] == "AWS::IAM::Role"
    }


def test_every_role_stands_below_the_path_and_is_bounded():
    made = roles("bounded")
    assert {role["Path"] for role in made.values()} == {"/delivery/shop/"}
    assert {role["PermissionsBoundary"] for role in made.values()} == {"arn:aws:iam::111122223333:policy/developers"}


@pytest.mark.parametrize("environment", KINDS)
def test_every_kind_of_role_is_there(environment):
    ids = [key.partition(":")[2] for key in roles("bounded") if key.startswith(f"{environment}/")]
    kinds = KINDS[environment].split()
    assert not [one for one in ids if not one.endswith(tuple(f"{kind}Role" for kind in kinds))]
    assert not [kind for kind in kinds if not any(one.endswith(f"{kind}Role") for one in ids)]


def test_no_arn_of_a_role_forgets_the_path():
    for artifact in artifacts("bounded"):
        assert ":role/shop" not in artifact.text, artifact.path


def test_where_every_role_stands_already_none_is_made():
    assert not roles("given-roles")


def test_every_field_for_a_role_is_looked_at():
    """The rule about roles of other accounts goes by the fields' names."""
    arn = "arn:aws:iam::444455556666:role/a"
    fields = {wish.field for wish in wishes() if "role" in wish.field and not models(wish.model.model_fields[wish.field].annotation)}
    found = Environment(None, None, dict.fromkeys(sorted(fields), arn)).roles
    assert {route[0] for route, _ in found} == fields - {"role_path"}
