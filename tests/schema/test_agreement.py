"""The schema and the compiler give the same verdict, at the same place."""

import json

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker
from judge import judge, of_bgspec, of_schema
from mutations import at, mutated

from bgspec import checks
from bgspec.document import parse
from bgspec.pages import parse_page
from bgspec.spec import rules as language
from tests.checks.base import HERE, cases, complete
from tests.corpus import specs

TREES = [tree for name, path in specs().items() if "environments" not in (tree := parse(path.read_bytes(), name).tree)]
"""Specs of one environment. Of several, no schema knows what the whole is before they are laid over the rest."""


def step_of_a_time(value, message):
    """A regular expression for multiples of sixty would be worse than none."""
    return isinstance(value, str) and "multiple of" in message


def host_bits(value, message):
    """Which bits of an address belong to the host is arithmetic."""
    return isinstance(value, str) and "host bits" in message


def number_as_text(value, message):
    """Text may be typed without quotes; a pattern is not asked what a number looks like."""
    return isinstance(value, int | float) and message[:5] in {"BG205", "BG206"}


def whole_float(value, _message):
    """To JSON 2.0 is an integer."""
    return isinstance(value, float) and value.is_integer()


BEYOND = (step_of_a_time, host_bits, number_as_text, whole_float)
"""Everything that bgspec says and a schema cannot."""


def value_at(tree, route):
    try:
        return at(tree, route)
    except (KeyError, IndexError, TypeError):
        return None


def differences(data: bytes):
    """Where only one of the two complains; what is beyond a schema does not count."""
    tree = parse(data, "spec.yaml").tree
    drawn, told = of_schema(tree), of_bgspec(data)
    near = lambda one, other: one.route[: len(other.route)] == other.route or other.route[: len(one.route)] == one.route  # noqa: E731
    false = [one for one in drawn if not any(near(one, other) for other in told)]
    silent = [
        one
        for one in told
        if not any(near(one, other) for other in drawn) and not any(excuse(value_at(tree, one.route), one.message) for excuse in BEYOND)
    ]
    return [("only the schema", *one) for one in false] + [("only bgspec", *one) for one in silent]


def written_specs():
    """Every spec in the tests: good ones, cases of the rules, and the examples on the rules' pages."""
    for name, path in specs().items():
        yield pytest.param(path.read_bytes(), id=name)
    for file in sorted(HERE.glob("*.yaml")):
        for case in cases(file.stem):
            yield pytest.param(complete(case.spec).encode(), id=f"{case.rule} {case.title}")
    for code, text in {**language.PAGES, **checks.PAGES}.items():
        page = parse_page(text)
        yield pytest.param(complete(page.fails).encode(), id=f"{code} fails")
        yield pytest.param(complete(page.passes).encode(), id=f"{code} passes")


def test_the_schema_is_one():
    Draft7Validator.check_schema(judge().schema, FormatChecker([]))  # its patterns are ECMAScript's


@pytest.mark.parametrize("data", list(written_specs()))
def test_both_say_the_same_about_a_written_spec(data):
    assert differences(data) == []


@given(mutated(st.sampled_from(TREES)))
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_both_say_the_same_about_a_spec_with_one_change(tree):
    note(json.dumps(tree))
    assert differences(json.dumps(tree).encode()) == []
