"""buildspec.yml and appspec.yaml are what CodeBuild and CodeDeploy read."""

import pytest
from jsonschema import Draft202012Validator

from tests.corpus import artifacts, compiled, specs
from tests.output.environment import parse
from tests.output.grammars import APPSPEC, BUILDSPEC, HOOKS
from tests.strategies import as_yaml, sample


def refused(value, grammar):
    return [f"{error.json_path}: {error.message[:200]}" for error in Draft202012Validator(grammar).iter_errors(value)]


def check(made):
    for artifact in made:
        name = artifact.path.rpartition("/")[2]
        if name.startswith("buildspec"):
            assert refused(parse(artifact.text), BUILDSPEC) == []
        elif name == "appspec.yaml":
            appspec = parse(artifact.text)
            assert refused(appspec, APPSPEC) == []
            order = [event for hook in appspec.get("Hooks", []) for event in hook]
            assert order == [event for event in HOOKS if event in order]


@pytest.mark.parametrize("name", specs())
def test_the_goldens_hold_against_the_grammars(name):
    check(artifacts(name))


def test_random_specs_hold_against_the_grammars():
    for tree in sample(20):
        check(compiled(as_yaml(tree)))


@pytest.mark.parametrize(
    ("grammar", "wrong"),
    [
        (BUILDSPEC, {"version": 0.1, "phases": {}}),
        (BUILDSPEC, {"version": 0.2, "phases": {"deploy": {"commands": ["x"]}}}),
        (BUILDSPEC, {"version": 0.2, "phases": {"build": {"commands": [{"echo a": "b"}]}}}),
        (BUILDSPEC, {"version": 0.2, "phases": {"build": {"commands": []}}}),
        (APPSPEC, {"version": 0.0, "Resources": []}),
        (APPSPEC, {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": {}}}]}),
    ],
)
def test_what_the_grammars_refuse(grammar, wrong):
    assert refused(wrong, grammar) != []
