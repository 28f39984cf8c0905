"""The random specs reach the whole language; a property that holds for them holds for it."""

import pytest

from bgspec.spec.models import Spec
from tests.corpus import compiled
from tests.strategies import Wish, as_yaml, granted, sample, wishes

pytestmark = pytest.mark.slow  # it looks at the strategies themselves; what they find is asserted where they are used


@pytest.mark.parametrize("wish", wishes()[::10], ids=str)
def test_a_field_stands_in_a_valid_spec(wish):
    (tree,) = sample(1, wish)
    assert wish in granted(tree)


@pytest.mark.slow
@pytest.mark.parametrize("wish", wishes(), ids=str)
def test_every_field_and_every_word_stands_in_a_valid_spec(wish):
    (tree,) = sample(1, wish)
    assert wish in granted(tree)


@pytest.mark.slow
def test_the_random_specs_hold_most_of_the_language_without_being_asked():
    reached = {wish for tree in sample(120) for wish in granted(tree)}
    fields = {wish for wish in wishes() if wish.value is None}
    missing = sorted(map(str, fields - reached))
    assert len(missing) < len(fields) / 10, missing


def test_wishes_are_complete():
    """A few that are easy to lose: inside a union, a list, a mapping, a nested section."""
    names = set(map(str, wishes()))
    assert {"BuiltImage.target", "ExistingImage.uri", "Permission.actions", "HealthCheck.grace", "Canary.after", "Linear.every"} <= names
    assert {"Service.cpu=32768", "Network.egress=nat", "Rollback.on=stop", "CodeDeployDeployment.shift=all-at-once"} <= names
    assert Wish(Spec, "services") in wishes()


def test_random_specs_compile():
    for tree in sample(25):
        assert compiled(as_yaml(tree))
