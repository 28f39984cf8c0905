"""What a user writes stands in every file as what it is: never as code, never as more than one value.

Every text of a spec, and every name in it, is replaced by one that means something to YAML, CloudFormation, a shell or JSON, and by a
harmless word of the same length. Both are rendered, every file is read by what reads it on AWS, every function of CloudFormation is
resolved: then one is the other, with the dangerous texts in place of the words.
"""

import ast
import json
import random
import re
import shlex
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from pathlib import Path
from typing import Annotated, Any, NamedTuple, get_origin

import pytest
from pydantic import TypeAdapter, ValidationError

from bgspec.compiler import compile_spec
from bgspec.document import parse
from bgspec.overlays import views
from bgspec.spec import shape
from bgspec.spec.models import Spec
from tests.corpus import compiled, specs
from tests.output.environment import environments
from tests.output.environment import parse as read
from tests.strategies import HOSTILE, Tree, as_yaml

WORDS = ("{}", "/{}", "/*{}", "{}:1", "a/{}:1", "a.{}.example.com", "*.{}.com", "{}.yml", "s3:{}", "{}/**/*")
PATHS = {**specs(), "the rest": Path(__file__).with_name("injection.yaml")}


def numbered(tree: Tree) -> Tree:
    """Every route with a priority: one that is not written follows from the route's texts, and with it what the rule is called."""
    routes = [route for service in tree.get("services", {}).values() for route in service.get("routes", [])]
    for number, route in enumerate(routes, 2000):
        route.setdefault("priority", number)
    return tree


TREES = {name: numbered(views(parse(path.read_bytes(), name))[0][0].tree) for name, path in PATHS.items()}
"""Of every spec its first environment."""


class Text(NamedTuple):
    """A place of a spec where somebody writes a text of his own."""

    route: tuple[str | int, ...]
    kind: shape.Kind
    is_key: bool


class Replaced(NamedTuple):
    word: str
    hostile: str


def texts(value: Any, kinds: list[shape.Kind], route: tuple[str | int, ...] = ()) -> Iterator[Text]:
    """Every text of a tree, and every name that is no key of the language."""
    if isinstance(value, dict):
        for key, below in value.items():
            named = [kind for kind in kinds if get_origin(kind.type) is dict]
            yield from (Text((*route, key), name, is_key=True) for kind in named for name in shape.names(kind) if name.type is str)
            inner = [found for kind in named for found in shape.inside(kind)]
            fields = [kind.type.model_fields[key] for kind in kinds if shape.is_section(kind.type) and key in kind.type.model_fields]
            yield from texts(below, inner + [found for field in fields for found in shape.of_field(field)], (*route, key))
    elif isinstance(value, list):
        inner = [found for kind in kinds if get_origin(kind.type) is list for found in shape.inside(kind)]
        for index, below in enumerate(value):
            yield from texts(below, inner, (*route, index))
    elif isinstance(value, str):
        yield from (Text(route, kind, is_key=False) for kind in kinds if kind.type is str)


def fits(text: Text, word: str) -> bool:
    try:
        TypeAdapter(Annotated[str, "text", *text.kind.marks]).validate_python(word, strict=True)
    except ValidationError:
        return False
    return True


def put(tree: Tree, text: Text, word: str) -> Tree:
    """The tree with `word` there."""
    changed = deepcopy(tree)
    place: Any = changed
    for step in text.route[:-1]:
        place = place[step]
    last = text.route[-1]
    if text.is_key:
        items = [(word if key == last else key, value) for key, value in place.items()]
        place.clear()
        place.update(items)
    else:
        place[last] = word
    return changed


def errors(tree: Tree) -> int:
    return sum(found.severity == "error" for found in compile_spec(as_yaml(tree), "spec.yaml").findings)


def dangerous(chance: random.Random) -> Iterator[str]:
    """Texts that could mean something, in the forms that some places ask for."""
    for text in chance.sample(HOSTILE, len(HOSTILE)):
        tight = text.replace(" ", "")
        forms = (text, f"/{text}", f"a{tight}", f"/{tight}", f"/{tight}a", f"a {text}")
        yield from (form for form in forms if re.search(r"[^A-Za-z0-9_.:/*-]", form))


def chosen(tree: Tree, text: Text, replaced: list[Replaced], chance: random.Random) -> Replaced | None:
    """A dangerous text and a word for a place, other than those before; None where no dangerous one may stand."""
    number, taken = len(replaced), {one.hostile for one in replaced} if text.is_key else ()
    free = (word for word in dangerous(chance) if word not in taken and fits(text, word))
    hostile = next((word for word in free if not errors(put(tree, text, word))), None)
    if hostile is None:
        return None
    for form in WORDS:
        bare = form.format(f"w{number:03}w")
        word = form.format(f"w{number:03}w{'x' * (len(hostile) - len(bare))}")
        if fits(text, word) and not errors(put(tree, text, word)):
            return Replaced(word, hostile)
    return None


def contents(tree: Tree) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Everything that a render of a tree holds, as those read it for whom it is made."""
    pipeline = tree.get("pipeline") or {}
    users = {*pipeline.get("build", {}).get("test", ()), *(pipeline.get("test") or {}).get("commands", ())}
    made = compiled(as_yaml(tree))
    for number, env in enumerate(environments(made, tree)):
        for resource in env.region.resources:
            yield from flat(resource.properties, (number, resource.stack, resource.id))
        for stack in env.region.stacks.values():
            yield from flat(stack.outputs, (number, stack.name, "outputs"))
    for path, text in ((artifact.path, artifact.text) for artifact in made if "stacks/" not in artifact.path):
        if path.endswith(".sh"):
            yield from flat(shlex.split(text, comments=True), (path,))
        elif path.endswith((".json", ".yaml", ".yml")):
            for route, value in flat(json.loads(text) if path.endswith(".json") else read(text), (path,)):
                shell = "commands" in route and value not in users
                yield from flat(shlex.split(value, comments=True), route) if shell else [(route, value)]


def flat(value: Any, route: tuple[Any, ...]) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every scalar with the way to it; a text that is JSON or a program is read."""
    if route[-1] == "ZipFile":
        value = [type(node).__name__ if not isinstance(node, ast.Constant) else node.value for node in ast.walk(ast.parse(value))]
    if isinstance(value, str) and value[:1] in {"{", "["}:
        with suppress(ValueError):
            value = json.loads(value)
    if isinstance(value, dict):
        for key, below in value.items():
            yield from flat(below, (*route, key))
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from flat(below, (*route, index))
    else:
        yield route, value


def exchanged(value: Any, replaced: list[Replaced]) -> Any:
    """What was a word is the dangerous text."""
    if isinstance(value, tuple):
        return tuple(exchanged(one, replaced) for one in value)
    if isinstance(value, str):
        for word, hostile in replaced:
            value = value.replace(word, hostile)
    return value


def check(tree: Tree, seed: int) -> int:
    """How many texts of a tree were replaced."""
    chance = random.Random(seed)
    harmless, hostile, replaced = tree, tree, []
    found = list(texts(tree, [shape.Kind("", Spec)]))
    # The innermost first: a name that changes is part of the way to everything below it.
    for text in sorted(found, key=lambda text: -len(text.route)):
        choice = chosen(hostile, text, replaced, chance)
        if choice and not errors(put(harmless, text, choice.word)):
            harmless, hostile = put(harmless, text, choice.word), put(hostile, text, choice.hostile)
            replaced.append(choice)
    # A rule's priority follows from its words.
    expected = {exchanged(route, replaced): exchanged(value, replaced) for route, value in contents(harmless) if route[-1] != "Priority"}
    seen = {route: value for route, value in contents(hostile) if route[-1] != "Priority"}
    assert [(route, seen.get(route), value) for route, value in expected.items() if seen.get(route) != value] == []
    assert seen.keys() == expected.keys()
    return len(replaced)


@pytest.mark.parametrize("name", TREES)
def test_what_a_user_writes_is_never_more_than_a_value(name):
    check(TREES[name], 0)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 12))
@pytest.mark.parametrize("name", TREES)
def test_whatever_a_user_writes_is_never_more_than_a_value(name, seed):
    check(TREES[name], seed)


def every(kind: shape.Kind, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Text]]:
    """Every place of the language for a text, with `*` for a name or an index."""
    if shape.is_section(kind.type):
        for name, field in kind.type.model_fields.items():
            for below in shape.of_field(field):
                yield from every(below, (*place, name))
    elif get_origin(kind.type) in {dict, list}:
        for name in shape.names(kind) if get_origin(kind.type) is dict else ():
            yield (*place, "a name"), Text((), name, is_key=True)
        for below in shape.inside(kind):
            yield from every(below, (*place, "*"))
    elif kind.type is str:
        yield place, Text((), kind, is_key=False)


def present(value: Any, kinds: list[shape.Kind]) -> Iterator[tuple[str, ...]]:
    """The places of a tree, as `every` writes them."""
    for text in texts(value, kinds):
        here: list[shape.Kind] = kinds
        steps: list[str] = []
        for step in text.route:
            named = [kind for kind in here if get_origin(kind.type) in {dict, list}]
            fields = [kind.type.model_fields[step] for kind in here if shape.is_section(kind.type) and step in kind.type.model_fields]
            steps.append("*" if named else str(step))
            here = [below for kind in named for below in shape.inside(kind)] + [
                below for field in fields for below in shape.of_field(field)
            ]
        yield (*steps[:-1], "a name") if text.is_key else tuple(steps)


def test_no_place_for_a_dangerous_text_is_left_out():
    some = list(dangerous(random.Random(0)))
    wanted = {place for place, text in every(shape.Kind("", Spec)) if text.kind.type is str and any(fits(text, word) for word in some)}
    seen = {place for tree in TREES.values() for place in present(tree, [shape.Kind("", Spec)])}
    assert len(wanted) > 30
    assert sorted(wanted - seen) == []
