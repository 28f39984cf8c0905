"""Whatever goes wrong in one place of a valid spec is told there, or where it is missed, or where it is contradicted."""

from copy import deepcopy
from typing import Any, NamedTuple

import pytest
import yaml
from hypothesis import given, note, settings
from hypothesis import strategies as st

from bgspec.compiler import Compilation, compile_spec
from bgspec.diagnostics import Finding, Route
from bgspec.document import parse
from tests import strategies
from tests.corpus import specs

TREES = [tree for name, path in specs().items() if "environments" not in (tree := parse(path.read_bytes(), name).tree)]
RETYPED = (None, True, 0, 17, 2.5, "x", "", "5m", "10%", [], {}, ["x"], {"x": 1})
MANY_DIGITS = ("9" * 5000, "9" * 5000 + "s", "0" * 5000 + "%")  # Python does not read so long a number
OUT_OF_RANGE = (-1, 0, 70000, 10**12, 1e30, "0s", "400d", "0%", "100%", "10.0.0.0/33", "x" * 300, "ü", "..", "a b", *MANY_DIGITS)


class Mutation(NamedTuple):
    kind: str
    tree: Any
    routes: tuple[Route, ...]
    """Where the tree was changed."""


@st.composite
def mutations(draw: st.DrawFn, trees: st.SearchStrategy[Any]) -> tuple[Any, Mutation]:
    """A valid spec, and the same with one change that people make."""
    before = draw(trees)
    tree = deepcopy(before)
    routes = list(_routes(tree))
    route = draw(st.sampled_from(routes))
    kind = draw(st.sampled_from(("delete", "retype", "misspell", "out of range", "swap")))
    holder, step = _at(tree, route[:-1]), route[-1]
    if kind == "delete":
        del holder[step]
    elif kind == "retype":
        holder[step] = deepcopy(draw(st.sampled_from(RETYPED)))
    elif kind == "misspell" and isinstance(step, str):
        renamed = draw(st.sampled_from((step[:-1] + "x", step + "s", step.upper(), step.replace("_", "-") + "x", f"my_{step}")))
        items = [(renamed if key == step else key, value) for key, value in holder.items()]
        holder.clear()
        holder.update(items)
        return before, Mutation(kind, tree, (route, (*route[:-1], renamed)))
    elif kind == "swap":
        other = draw(st.sampled_from([one for one in routes if one[: len(route)] != route and route[: len(one)] != one] or [route]))
        there = _at(tree, other[:-1])
        holder[step], there[other[-1]] = there[other[-1]], holder[step]
        return before, Mutation(kind, tree, (route, other))
    else:
        holder[step] = draw(st.sampled_from(OUT_OF_RANGE))
    return before, Mutation(kind, tree, (route,))


def _routes(tree: Any, route: Route = ()):
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, value in below:
        yield (*route, step)
        yield from _routes(value, (*route, step))


def _at(tree: Any, route: Route) -> Any:
    for step in route:
        tree = tree[step]
    return tree


def compiled(tree: Any) -> Compilation:
    """A tree as a person would write it: one value in a line, so that lines tell places apart."""
    text = yaml.safe_dump(tree, sort_keys=False, allow_unicode=True, width=10**6, default_style=None)
    return compile_spec(text.encode(), "spec.yaml")


KINDS = ("provider", "engine")


def lines(compilation: Compilation, mutation: Mutation) -> set[int]:
    """The lines of what was changed, and of the keys above it. A key that chooses a kind changes what its whole section means."""
    found = set()
    for route in (route[:-1] if route and route[-1] in KINDS else route for route in mutation.routes):
        for length in range(len(route) + 1):
            found.add(compilation.document.locate(route[:length], "key").line)
        try:
            below = list(_routes(_at(mutation.tree, route), route))
        except (KeyError, IndexError, TypeError):
            continue
        for inner in (route, *below):
            found.update((compilation.document.locate(inner).line, compilation.document.locate(inner, "key").line))
    return found


def names(finding: Finding, mutation: Mutation) -> bool:
    """Whether a finding elsewhere says what it has to do with the change: it misses the key, or contradicts it."""
    told = " ".join((finding.message, finding.help, *(sentence for sentence, _ in finding.related)))
    return any(f"{step}" in told for route in mutation.routes for step in route[-2:] if isinstance(step, str))


def check(before: Any, mutation: Mutation) -> None:
    note(f"{mutation.kind} {mutation.routes}\n{yaml.safe_dump(mutation.tree, sort_keys=False)}")
    known = {(one.code, one.message) for one in compiled(before).findings}
    compilation = compiled(mutation.tree)
    touched = lines(compilation, mutation)
    if mutation.kind != "swap" and any(one.code.startswith("BG2") for one in compilation.findings):
        follow = [one for one in compilation.findings if one.code[:3] not in {"BG1", "BG2"} and (one.code, one.message) not in known]
        assert not follow, f"what the language refused brought about {follow}"
    for one in compilation.findings:
        if (one.code, one.message) in known or one.severity == "info":
            continue
        places = {one.span.line, *(span.line for _, span in one.related)}
        assert places & touched or names(one, mutation), f"{one.code} {one.span.line}: {one.message} {one.help} {one.related}"
    assert compilation.errors or compilation.plans


@given(mutations(st.sampled_from(TREES)))
@settings(max_examples=300)
def test_a_change_in_a_spec_of_ours_is_told_where_it_was_made(pair):
    check(*pair)


@pytest.mark.slow
@given(mutations(st.sampled_from(TREES)))
@settings(max_examples=4000)
def test_thousands_of_changes_in_specs_of_ours(pair):
    check(*pair)


@pytest.mark.slow
@given(mutations(strategies.specs()))
@settings(max_examples=600)
def test_thousands_of_changes_in_any_spec(pair):
    check(*pair)
