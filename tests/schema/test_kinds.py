"""What tells the kinds of a section apart names kinds that there are."""

import pytest

from bgspec.schema import kinds
from bgspec.schema.kinds import WORD
from tests.strategies import wishes


def unions(kind):
    """The unions in a type, not looking into sections."""
    if kinds.is_union(kind):
        yield kind
        for member in kinds.members(kind).values():
            yield from unions(member)
    elif (item := kinds.items(kind)) is not None:
        yield from unions(item)
    elif (pair := kinds.entries(kind)) is not None:
        yield from unions(pair[1])


UNIONS = {
    f"{wish.model.__name__}.{wish.field}-{number}": union
    for wish in wishes()
    for number, union in enumerate(unions(kinds.kind_of_field(wish.model.model_fields[wish.field])))
}


@pytest.mark.parametrize("name", UNIONS)
def test_a_choice_names_kinds_that_there_are(name):
    choice, members = kinds.choice(UNIONS[name]), kinds.members(UNIONS[name])
    assert choice, "a union needs a way to tell which of its kinds is meant: kind_of or kind_by_key"
    sections = [tag for tag in members if tag != WORD]
    assert choice.default in {"", *sections}
    assert set(choice.order) <= set(sections), "a section with only that key would be of no kind"
    for tag in sections:
        fields = members[tag].bare.model_fields
        assert choice.key in fields if choice.key else tag in fields
