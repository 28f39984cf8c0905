"""An override changes what it names and nothing else; what CloudFormation knows is what its schemas say."""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest

from bgspec.overrides import findings, known, patching, values
from bgspec.render import settings
from bgspec.stacks import STACKS
from tests.corpus import artifacts, specs
from tests.output.cloudformation import load
from tests.overrides import docs

Path = tuple[str, ...]


def test_the_schemas_are_current():
    assert docs.FILE.read_text(encoding="utf-8") == docs.text(), "run `python -m tests.overrides.docs`"


@pytest.mark.parametrize("kind", known.REFUSED)
def test_what_is_refused_is_a_property(kind):
    for dotted in known.REFUSED[kind]:
        form = known.properties()[kind]
        for step in dotted.split("."):
            form = form[0] if isinstance(form, list) else form
            assert step in form
            form = form[step]


def test_every_kind_of_resource_that_has_a_name_keeps_it():
    named = {kind for kind, forms in known.properties().items() if any(name in forms for name in ("Name", f"{kind.split('::')[2]}Name"))}
    assert {kind for kind in named if not known.REFUSED.get(kind)} == set()


def places(value: Any, form: known.Form, path: Path) -> Iterator[tuple[Path, known.Form, Any]]:
    """Everything that stands in a resource, with the form that it has."""
    yield path, form, value
    if isinstance(value, dict) and not values.is_function(value):
        for key, below in value.items():
            yield from places(below, values.below(form, key), (*path, key))
    elif isinstance(value, list):
        for position, below in enumerate(value):
            yield from places(below, values.below(form, str(position)), (*path, str(position)))


def put(tree: Any, path: Path, value: Any) -> None:
    for step in path[:-1]:
        tree = tree[int(step) if isinstance(tree, list) else step]
    tree[int(path[-1]) if isinstance(tree, list) else path[-1]] = value


REPLACEMENTS = (
    "${AWS::Region} # no: comment",
    "line\nbreak",
    7,
    True,
    ["a", {"B": [1, {"C": "- d"}]}],
    {"Ref": "AWS::Region"},
    {"Off": {"F": "on"}},
)


@pytest.mark.parametrize("name", specs())
def test_a_change_changes_what_it_names_and_nothing_else(name):
    """Any value of any resource, replaced by values of every kind, and the comments stay."""
    random = Random(name)
    templates = [made.text for made in artifacts(name) if "stacks/" in made.path and made.path.endswith(".yaml")]
    found = [
        (text, *place)
        for text in templates
        for id_, resource in load(text)["Resources"].items()
        for place in places(resource.get("Properties", {}), {}, ("Resources", id_, "Properties"))
        if len(place[0]) > 3
    ]
    for text, path, form, _ in random.sample(found, min(12, len(found))):
        value = random.choice(REPLACEMENTS)
        added = (*path[:3], "On")
        wanted = load(text)
        put(wanted, path, value)
        put(wanted, added, 1)
        changes = (patching.Change(path, value, form, "here"), patching.Change(added, 1, {}, "there"))
        made = patching.patch(text, changes, settings)
        assert unfilled(load(made)) == unfilled(wanted)
        assert made.count("# spec: there") == 1


def unfilled(value: Any) -> Any:
    """A text that holds `${` is written as what a `Sub` is given for a variable: the text itself again."""
    match value:
        case {"Fn::Sub": ["${Text}", {"Text": text}]}:
            return text
        case dict():
            return {key: unfilled(below) for key, below in value.items()}
        case list():
            return [unfilled(below) for below in value]
        case _:
            return value


def test_a_task_definition_says_the_same_in_both_files():
    made = {artifact.path: artifact.text for artifact in artifacts("overrides")}
    container = load(made["prd/stacks/service-web.yaml"])["Resources"]["TaskDefinition"]["Properties"]["ContainerDefinitions"][0]
    assert container["Hostname"] == "shop"
    assert '"hostname": "shop"' in made["prd/taskdef.json"]
    assert '"com.example.team": "shop"' in made["prd/taskdef.json"]


def test_an_overlay_takes_overrides_back_and_adds_some():
    made = {artifact.path: artifact.text for artifact in artifacts("overrides")}
    patched = {one: {path for path in made if path.startswith(one) and "# spec: overrides" in made[path]} for one in ("prd/", "stg/")}
    assert patched["prd/"] == {path.replace("stg/", "prd/") for path in patched["stg/"]} | {"prd/stacks/registry.yaml"}
    assert "MinimumLoadBalancerCapacity" in made["stg/stacks/load-balancer.yaml"]
    assert "MinimumLoadBalancerCapacity" not in made["prd/stacks/load-balancer.yaml"]


def test_every_stack_that_can_be_missing_says_what_it_is_made_for():
    """Load balancer and services stand in every environment; the names of the rest are the modules'."""
    known = {module.__name__.rpartition(".")[2].replace("_", "-") for module in STACKS} | {"parameters"}
    assert set(findings.MADE_FOR) == known - {"load-balancer", "service", "scaling"}
