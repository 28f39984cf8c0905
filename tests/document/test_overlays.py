"""`environments:`: what each environment is, and where its values stand."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from yaml import safe_dump

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import parse
from bgspec.overlays import MOST_VALUES_OF_ALL, finding, views

TEXT = """\
system: shop
network: {cidr: 10.0.0.0/16, zones: 3}
services:
  api:
    count: 2
    scaling: {min: 2}
    ports: [1, 2]
environments:
  stg:
    network:
      zones: 2
    services:
      api:
        scaling: null
        ports: [3]
    tags: {A: b}
  prd: {}
"""


def read(text):
    return views(parse(text.encode(), "spec.yaml"))


def place(view, route, at="value"):
    span = view.locate(route, at)
    return span.line, view.document.line(span.line)[span.column - 1 : span.end_column - 1]


def test_without_environments_there_is_one_view_of_the_tree_as_it_is():
    (view,), problems = read("system: shop\nenvironment: stg\n")
    assert (view.environment, view.tree, problems) == (None, {"system": "shop", "environment": "stg"}, ())


@pytest.mark.parametrize("text", ["", "- a", "x: [", "1"])
def test_what_is_no_mapping_has_no_view(text):
    assert read(text) == ((), ())


def test_mappings_merge_lists_and_scalars_replace_null_removes():
    (stg, prd), problems = read(TEXT)
    assert problems == ()
    assert stg.tree == {
        "system": "shop",
        "network": {"cidr": "10.0.0.0/16", "zones": 2},
        "services": {"api": {"count": 2, "ports": [3]}},
        "tags": {"A": "b"},
        "environment": "stg",
    }
    base = parse(TEXT.encode(), "x").tree
    del base["environments"]
    assert prd.tree == base | {"environment": "prd"}


def test_a_value_is_located_where_it_stands():
    (stg, prd), _ = read(TEXT)
    zones, ports, cidr = ("network", "zones"), ("services", "api", "ports", 0), ("network", "cidr")
    assert (place(stg, zones), place(prd, zones)) == ((11, "2"), (2, "3"))
    assert (place(stg, ports), place(prd, ports)) == ((15, "3"), (7, "1"))
    assert place(stg, cidr) == place(prd, cidr) == (2, "10.0.0.0/16")
    assert place(stg, ("tags", "A")) == (16, "b")
    assert place(stg, ("tags", "A"), "key") == (16, "A")


def test_the_environment_is_located_at_its_name():
    (stg, prd), _ = read(TEXT)
    assert (place(stg, ("environment",)), place(prd, ("environment",))) == ((9, "stg"), (17, "prd"))


def test_what_an_overlay_removed_is_missed_at_that_line():
    (stg, prd), _ = read(TEXT)
    route = ("services", "api", "scaling", "min")
    assert (place(stg, route), place(prd, route)) == ((14, "scaling"), (6, "2"))


def test_what_is_missing_everywhere_is_missed_at_the_rest_or_in_the_overlay_that_added_the_section():
    (stg, prd), _ = read(TEXT)
    assert place(stg, ("services", "api", "image")) == place(prd, ("services", "api", "image")) == (4, "api")
    assert place(stg, ("region",)) == (1, "system")
    assert place(stg, ("tags", "B")) == (16, "tags")


def test_a_mapping_over_a_scalar_stands_in_the_overlay():
    (view,), _ = read("image: x\nenvironments:\n  a:\n    image: {build: y}\n")
    assert view.tree["image"] == {"build": "y"}
    assert place(view, ("image", "build")) == (4, "y")
    assert place(view, ("image", "uri")) == (4, "image")


def test_nothing_is_shared_that_could_be_changed_by_laying():
    text = "a: &a {b: 1}\nenvironments:\n  x: {a: {c: 2}}\n  y: {a: {d: 3}}\n  z: {}\n"
    (x, y, z), _ = read(text)
    assert (x.tree["a"], y.tree["a"], z.tree["a"]) == ({"b": 1, "c": 2}, {"b": 1, "d": 3}, {"b": 1})


@pytest.mark.parametrize(
    ("text", "code", "line", "token"),
    [
        ("a: 1\nenvironments:\n", "BG120", 2, "environments"),
        ("a: 1\nenvironments: {}\n", "BG120", 2, "{}"),
        ("a: 1\nenvironments: [stg, prd]\n", "BG120", 2, "[stg, prd]"),
        ("a: 1\nenvironments: stg\n", "BG120", 2, "stg"),
        ("environments:\n  stg:\n  prd: {}\n", "BG121", 2, "stg"),
        ("environments:\n  stg: null\n", "BG121", 2, "null"),
        ("environments:\n  stg: [a]\n", "BG121", 2, "[a]"),
        ("environment: x\nenvironments:\n  stg: {}\n", "BG122", 1, "environment"),
        ("environments:\n  stg: {environment: x}\n", "BG122", 2, "environment"),
        ("environments:\n  stg: {environments: {a: {}}}\n", "BG122", 2, "environments"),
        ("a: 1\nenvironments:\n  stg: {b: null}\n", "BG123", 3, "b"),
        ("a: {c: 1}\nenvironments:\n  stg: {a: {d: ~}}\n", "BG123", 3, "d"),
        ("a: 1\nenvironments:\n  stg: {b: {c: null}}\n", "BG123", 3, "c"),
    ],
)
def test_findings(text, code, line, token):
    document = parse(text.encode(), "spec.yaml")
    found, (problem,) = views(document)
    assert (problem.code, problem.span.line) == (code, line)
    assert document.line(line)[problem.span.column - 1 : problem.span.end_column - 1] == token
    assert all("environments" not in view.tree for view in found)


def test_a_misspelled_removal_names_what_was_meant():
    _, (problem,) = read("deployment: {terminate_after: 5m}\nenvironments: {prd: {deployment: {terminate_aftr: null}}}\n")
    assert problem.message == "There is no `deployment.terminate_aftr` above that this null could remove."
    assert problem.help == "Did you mean `terminate_after`?"


def test_environments_cannot_multiply_the_file_beyond_the_limit():
    services = "".join(f"k{number}: 1\n" for number in range(1000))
    names = "".join(f"  e{number}: {{}}\n" for number in range(MOST_VALUES_OF_ALL // 2000))
    found, (problem,) = read(f"{services}environments:\n{names}")
    assert (found, problem.code) == ((), "BG105")


def test_a_finding_takes_its_places_from_the_view():
    (stg, _), _ = read(TEXT)
    diagnostic = Diagnostic("BG999", "warning", "A.", "B.", ("network", "zones"), related=(("there", ("network", "cidr")),))
    found = finding(stg, diagnostic)
    assert (found.file, found.environment, found.span) == ("spec.yaml", "stg", Span(11, 14, 11, 15))
    assert found.related == (("there", Span(2, 17, 2, 28)),)


KEYS = st.sampled_from("abcd")
TREES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(0, 9), st.lists(st.integers(0, 9), max_size=2)),
    lambda below: st.dictionaries(KEYS, below, max_size=3),
    max_leaves=12,
)
MAPPINGS = st.dictionaries(KEYS, TREES, max_size=4)


def lay(overlay: Any, base: Any) -> Any:
    """The rule once more, in its shortest form."""
    if not isinstance(overlay, dict):
        return overlay
    below = base if isinstance(base, dict) else {}
    laid = {key: lay(overlay[key], below.get(key)) if key in overlay else below[key] for key in below | overlay}
    return {key: value for key, value in laid.items() if not (key in overlay and value is None)}


def leaves(tree, route=()):
    if isinstance(tree, dict) and tree:
        for key, value in tree.items():
            yield from leaves(value, (*route, key))
    else:
        yield route, tree


@given(MAPPINGS, st.dictionaries(st.sampled_from(["x", "y"]), MAPPINGS, min_size=1))
def test_laying_is_the_rule_and_every_leaf_is_located_at_its_value(base, overlays):
    text = safe_dump(base | {"environments": overlays}, sort_keys=False)
    document = parse(text.encode(), "x")
    found, problems = views(document)
    assert {problem.code for problem in problems} <= {"BG123"}
    for view, (name, overlay) in zip(found, overlays.items(), strict=True):
        assert view.tree == lay(overlay, base) | {"environment": name}
        for route, value in leaves({key: value for key, value in view.tree.items() if key != "environment"}):
            span = view.locate(route)
            if value is not None and not isinstance(value, dict | list):
                source = document.line(span.line)[span.column - 1 : span.end_column - 1]
                assert parse(b"- " + source.encode(), "x").tree == [value]
