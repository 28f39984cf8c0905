"""The schema and the compiler give the same verdict, at the same place."""

from functools import cache

import pytest
from hypothesis import HealthCheck, given, note, settings
from hypothesis import strategies as st
from jsonschema import Draft7Validator, FormatChecker
from judge import judge, of_bgspec, of_schema
from mutations import at, mutated, overlaid
from test_kinds import UNIONS

from bgspec import checks
from bgspec.document import parse
from bgspec.pages import parse_page
from bgspec.schema import kinds
from bgspec.spec import rules as language
from tests.checks.base import HERE, cases, complete
from tests.corpus import specs
from tests.strategies import as_yaml, sample


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

MERGED = {"BG123", "BG202", "BG208", "BG209"}
"""What can only be said once an overlay is laid over the rest: nothing there to remove, a key missing in both, a key that stayed empty, a
key of a kind that is chosen elsewhere."""


def values_at(tree, route):
    """What stands there, in the rest of the file or in an overlay."""
    overlays = tree.get("environments")
    for whole in (tree, *(overlays.values() if isinstance(overlays, dict) else ())):
        try:
            yield at(whole, route)
        except (KeyError, IndexError, TypeError):
            yield None


def is_excused(tree, complaint):
    return any(excuse(value, complaint.message) for excuse in BEYOND for value in values_at(tree, complaint.route))


@cache
def disputed():
    """Keys that mean different things in different kinds: an overlay that does not name the kind may hold what any of them takes."""
    found = set()
    for union in UNIONS.values():
        meant = {}
        for member in filter(kinds.is_section, kinds.members(union).values()):
            for name, field in member.bare.model_fields.items():
                if meant.setdefault(name, kinds.kind_of_field(field)) != kinds.kind_of_field(field):
                    found.add(name)
    return found


def replaced_everywhere(tree, route):
    """Whether every environment has something else in place of what stands there in the rest of the file: the editor looks at it too."""
    overlays = tree["environments"]
    if not isinstance(overlays, dict) or route[:1] == ("environments",):
        return False
    base, *laid = values_at(tree, route)
    return all(value is not None and not (isinstance(value, dict) and isinstance(base, dict)) for value in laid)


def below_overlay(complaint):
    """A complaint with the route that it has in the environment."""
    return complaint._replace(route=complaint.route[2:]) if complaint.route[:1] == ("environments",) else complaint


def differences(data: bytes):
    """Where only one of the two complains; what is beyond a schema does not count."""
    tree = parse(data, "spec.yaml").tree
    if tree is None:
        return []  # no YAML: a schema is not even asked
    drawn, told = of_schema(tree), of_bgspec(data)
    if "environments" in tree:
        drawn = [one for one in drawn if not replaced_everywhere(tree, one.route)]
        drawn, told = [below_overlay(one) for one in drawn], [below_overlay(one) for one in told]
        told_alone = [one for one in told if one.message[:5] not in MERGED and not disputed() & {*one.route}]
    else:
        told_alone = told
    near = lambda one, other: one.route[: len(other.route)] == other.route or other.route[: len(one.route)] == one.route  # noqa: E731
    false = [one for one in drawn if not any(near(one, other) for other in told)]
    silent = [one for one in told_alone if not any(near(one, other) for other in drawn) and not is_excused(tree, one)]
    return [("only the schema", *one) for one in false] + [("only bgspec", *one) for one in silent]


def written_specs():
    """Every spec in the tests: good ones, cases of the rules, and the examples on the rules' pages."""
    for name, path in specs().items():
        yield pytest.param(path.read_bytes(), id=name)
    for file in sorted(HERE.glob("*.yaml")):
        for case in cases(file.stem):
            yield pytest.param(complete(case.spec).encode(), id=f"{case.rule} {case.title}")
    for code, text in (language.FAMILY.pages | checks.FAMILY.pages).items():
        page = parse_page(text)
        yield pytest.param(complete(page.fails).encode(), id=f"{code} fails")
        yield pytest.param(complete(page.passes).encode(), id=f"{code} passes")


def test_the_schema_is_one():
    Draft7Validator.check_schema(judge().schema, FormatChecker([]))  # its patterns are ECMAScript's


@pytest.mark.parametrize("data", list(written_specs()))
def test_both_say_the_same_about_a_written_spec(data):
    assert differences(data) == []


@cache
def written(*, several: bool):
    """The specs of the tests, of several environments or of one."""
    trees = [parse(path.read_bytes(), name).tree for name, path in specs().items()]
    return [tree for tree in trees if ("environments" in tree) == several]


@cache
def good_specs():
    """Specs of one environment: the written ones, and drawn ones in which every key of the language may stand."""
    return st.sampled_from(written(several=False) + sample(60))


@cache
def of_several_environments():
    return st.sampled_from(written(several=True)) | overlaid(good_specs())


@given(st.deferred(lambda: mutated(good_specs())))
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_both_say_the_same_about_a_spec_with_one_change(tree):
    note(as_yaml(tree).decode())
    assert differences(as_yaml(tree)) == []


@given(st.deferred(lambda: of_several_environments() | mutated(of_several_environments())))
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_both_say_the_same_about_overlays(tree):
    note(as_yaml(tree).decode())
    assert differences(as_yaml(tree)) == []
