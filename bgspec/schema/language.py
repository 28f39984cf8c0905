"""docs/language.md: every key of the language, from the same docstrings that editors show."""

import re
from collections.abc import Iterator
from typing import NamedTuple

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bgspec.schema import docstrings, kinds, references, values
from bgspec.schema.docstrings import Doc
from bgspec.schema.kinds import WORD, Kind
from bgspec.spec.models import Spec

_INTRODUCTION = """\
# The language

Every key of a spec. This page is made of the same texts that an editor shows (see [editors](editors.md)): `python -m bgspec.schema.docs`.

A key without "required" may be left out. Times are written `30s`, `5m`, `1h` or `7d`, shares `10%`. In `services.NAME` and the like,
NAME is a name of your own; `[]` is an item of a list.
"""


class Place(NamedTuple):
    """Where a section of the language may stand."""

    keys: str
    """The keys that lead to it: `services.NAME.health_check`; empty for the whole."""
    kind: str
    """Which of several kinds, as it is chosen: `provider: github`; empty where there is one."""
    outer: str
    """Which kind the section around it is, where that is one of several."""
    model: type[BaseModel]


def page() -> str:
    """The whole page: each section once, at the first of its places."""
    from bgspec.schema import ENVIRONMENTS  # noqa: PLC0415  it stands where the schema does

    places: dict[type[BaseModel], list[Place]] = {}
    for place in (Place("", "", "", Spec), *_below(Place("", "", "", Spec))):
        places.setdefault(place.model, []).append(place)
    headings: dict[type[BaseModel], str] = {}
    for model, (first, *_) in places.items():
        heading = f"`{first.keys}`" + (f" with `{first.kind}`" if first.kind else "") if first.keys else "The spec"
        headings[model] = f"{heading} (`{first.outer}`)" if heading in headings.values() else heading
    contents = [f"- [{heading}](#{_anchor(heading)})\n" for heading in [*headings.values(), "`environments`"]]
    chapters = [_chapter(model, places[model], headings) for model in headings]
    return "\n".join([_INTRODUCTION, "".join(contents), *chapters, f"## `environments`\n\n{ENVIRONMENTS.text}"]) + "\n"


def _anchor(heading: str) -> str:
    """As GitHub makes it of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _below(place: Place) -> Iterator[Place]:
    """The sections inside a section, in the order of the language."""
    for name, field in place.model.model_fields.items():
        for found in _sections(f"{place.keys}.{name}".lstrip("."), place.kind or place.outer, kinds.kind_of_field(field)):
            yield found
            yield from _below(found)


def _sections(keys: str, outer: str, kind: Kind) -> Iterator[Place]:
    """The sections that stand directly in a value: itself, its kinds, its items, its entries."""
    if kinds.is_section(kind):
        yield Place(keys, "", outer, kind.bare)
    elif kinds.is_union(kind):
        choice = kinds.choice(kind)
        for tag, member in kinds.members(kind).items():
            if tag != WORD and kinds.is_section(member):
                yield Place(keys, f"{choice.key}: {tag}" if choice and choice.key else tag, outer, member.bare)
    elif (item := kinds.items(kind)) is not None:
        yield from _sections(f"{keys}[]", outer, item)
    elif (pair := kinds.entries(kind)) is not None:
        yield from _sections(f"{keys}.NAME", outer, pair[1])


def _chapter(model: type[BaseModel], places: list[Place], headings: dict[type[BaseModel], str]) -> str:
    """A section with its keys."""
    others = list(dict.fromkeys(f"`{place.keys}`" for place in places if place.keys != places[0].keys))
    also = f"\nThe same at {', '.join(others)}.\n" if others else ""
    keys = [_key(model, name, field, headings) for name, field in model.model_fields.items()]
    return "\n".join([f"## {headings[model]}\n\n{_told(docstrings.of_model(model))}\n{also}", *keys])


def _key(model: type[BaseModel], name: str, field: FieldInfo, headings: dict[type[BaseModel], str]) -> str:
    kind, doc = kinds.kind_of_field(field), docstrings.of_field(model, name)
    default = field.get_default(call_default_factory=True)
    note = f"default `{values.written(default, kind)}`" if values.is_shown(default) else "required" if field.is_required() else ""
    below = [f"[{headings[found.model]}](#{_anchor(headings[found.model])})" for found in _sections(name, "", kind)]
    facts = ", ".join(filter(None, ("" if kinds.is_section(kind) else values.name(kind), note, *below)))
    meanings = "".join(f"\n- `{value}`: {meaning}" for value, meaning in doc.meanings.items())
    return f"**`{name}`** · {facts}  \n{_told(doc, values.sentence(kind))}\n" + (f"{meanings}\n" if meanings else "")


def _told(doc: Doc, sentence: str = "") -> str:
    return "\n\n".join(filter(None, (doc.text, sentence, references.becomes(doc.becomes))))
