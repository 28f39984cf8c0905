"""At every choice among kinds, the editor offers all of them."""

from collections.abc import Iterator

import pytest
from client import at_cursor

from bgspec.schema import kinds
from bgspec.schema.kinds import WORD, Kind
from bgspec.schema.snippets import name_of, skeleton
from bgspec.schema.values import written
from bgspec.spec.models import Spec


def unions(model, route=()) -> Iterator[tuple[tuple[str, ...], Kind]]:
    """Every union of the language with the lines that lead to it; `-` is an item of a list."""
    for name, field in model.model_fields.items():
        yield from within(kinds.kind_of_field(field), (*route, name))


def within(kind, route):
    if kinds.is_section(kind):
        yield from unions(kind.bare, route)
    elif kinds.is_union(kind):
        yield route, kind
        choice = kinds.choice(kind)
        for tag, member in kinds.members(kind).items():
            if kinds.is_section(member):
                chosen = f"{choice.key}: {tag}" if choice.key else next((f"{tag}: {x}" for x in [skeleton(member).get(tag)] if x), "")
                yield from unions(member.bare, (*route, f"={chosen}") if chosen else route)
    elif (item := kinds.items(kind)) is not None:
        yield from within(item, (*route, "-"))
    elif (pair := kinds.entries(kind)) is not None:
        yield from within(pair[1], (*route, name_of(pair[0])))


def text_at(route) -> str:
    """A file with the cursor behind the last key of a route; `=` says which kind a section is."""
    lines, indent = [], 0
    for step in route:
        if step.startswith("="):
            lines.append(" " * indent + step[1:])
        elif step == "-":
            lines.append(" " * indent + "- ")
            indent += 2
        else:
            lines.append(" " * indent + f"{step}:")
            indent += 2
    return "\n".join(lines) + ("" if route[-1] == "-" else " ") + "█"


UNIONS = {" ".join(route): (route, kind) for route, kind in unions(Spec)}


def test_there_are_unions():
    assert len(UNIONS) > 10


@pytest.mark.parametrize("route", UNIONS)
def test_every_kind_is_offered(server, route):
    steps, kind = UNIONS[route]
    choice = kinds.choice(kind)
    text, position = at_cursor(text_at(steps))
    if choice.key:
        text, position = at_cursor(text_at(steps).rstrip("█ ") + "\n" + "  " * len([step for step in steps if step[0] != "="]) + "█")
    items = server.complete(server.open(text), position)
    offered = {item.label for item in items}
    for tag, member in kinds.members(kind).items():
        if tag == WORD:
            assert {written(value) for value in kinds.literals(member)} <= offered
        elif choice.key:
            assert f"{choice.key}: {tag}" in offered
        elif needed := skeleton(member):
            assert ", ".join(needed) in offered
