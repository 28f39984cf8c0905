"""The random specs reach the whole language; a property that holds for them holds for it."""

import pytest

from bgspec.spec.models import Section, Spec
from tests.corpus import compiled
from tests.strategies import Wish, as_yaml, granted, sample, wishes

# Chance would seldom give these what they need beside them; tests/output/test_language.py asks for every wish.
RARE = [wish for wish in wishes() if str(wish) in {"HealthCommand.retries", "Sidecar.depends_on=healthy", "Mount.read_only=True"}]


@pytest.mark.parametrize("wish", [*wishes()[::12], *RARE], ids=str)
def test_a_field_stands_in_a_valid_spec(wish):
    (tree,) = sample(1, wish)
    assert wish in granted(tree)


@pytest.mark.slow
def test_the_random_specs_hold_most_of_the_language_without_being_asked():
    reached = {wish for tree in sample(240) for wish in granted(tree)}
    fields = {wish for wish in wishes() if wish.value is None}
    missing = sorted(map(str, fields - reached))
    assert len(missing) < len(fields) / 10, missing


def sections(model: type = Section):
    for each in model.__subclasses__():
        yield each
        yield from sections(each)


ONLY_TO_INHERIT_FROM = {"Container", "Machine"}


def test_wishes_are_complete():
    """Every field of every section, found without looking at how sections hold each other; some words that are easy to lose."""
    wanted = {f"{section.__name__}.{field}" for section in sections() for field in section.model_fields}
    missing = wanted - set(map(str, wishes()))
    assert {name.partition(".")[0] for name in missing} == ONLY_TO_INHERIT_FROM
    assert {"Service.cpu=32768", "NewNetwork.egress=nat", "Rollback.on=stop", "CodeDeployDeployment.shift=all-at-once"} <= set(
        map(str, wishes())
    )
    assert Wish(Spec, "services") in wishes()


def test_random_specs_compile():
    for tree in sample(25):
        assert compiled(as_yaml(tree))
