"""docs/language.md: every key of the language, from the same docstrings that editors show."""

from collections.abc import Iterator

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
NAME is a name of your own.
"""


def page() -> str:
    """The whole page."""
    sections = [_INTRODUCTION, *_section("The spec", "", Spec, docstrings.of_model(Spec)), *_environments()]
    return "\n".join(sections).rstrip() + "\n"


def _environments() -> Iterator[str]:
    from bgspec.schema import ENVIRONMENTS  # noqa: PLC0415  it stands where the schema does

    yield f"## `environments`\n\n{ENVIRONMENTS.text}\n"


def _section(heading: str, place: str, model: type[BaseModel], doc: Doc) -> Iterator[str]:
    """A section with its keys, then the sections below it."""
    yield f"## {heading}\n\n{prose(doc)}\n"
    for name, field in model.model_fields.items():
        yield _key(model, name, field)
    for name, field in model.model_fields.items():
        yield from _below(f"{place}.{name}".lstrip("."), kinds.kind_of_field(field))


def _below(place: str, kind: Kind) -> Iterator[str]:
    """The sections that a value can be or hold."""
    if kinds.is_section(kind):
        yield from _section(f"`{place}`", place, kind.bare, docstrings.of_model(kind.bare))
    elif kinds.is_union(kind):
        choice = kinds.choice(kind)
        for tag, member in kinds.members(kind).items():
            if tag != WORD and kinds.is_section(member):
                told = f"`{choice.key}: {tag}`" if choice and choice.key else f"`{tag}`"
                yield from _section(f"`{place}` with {told}", place, member.bare, docstrings.of_model(member.bare))
    elif (item := kinds.items(kind)) is not None:
        yield from _below(f"{place}[]", item)
    elif (pair := kinds.entries(kind)) is not None:
        yield from _below(f"{place}.NAME", pair[1])


def _key(model: type[BaseModel], name: str, field: FieldInfo) -> str:
    kind, doc = kinds.kind_of_field(field), docstrings.of_field(model, name)
    default = field.get_default(call_default_factory=True)
    note = "required" if field.is_required() else ""
    if values.is_shown(default):
        note = f"default `{values.written(default, kind)}`"
    facts = ", ".join(filter(None, (values.name(kind), note)))
    told = "\n\n".join(filter(None, (doc.text, values.sentence(kind), references.becomes(doc.becomes))))
    return f"**`{name}`** · {facts}  \n{told}\n{meanings(doc)}"


def prose(doc: Doc) -> str:
    """A text with the pages it refers to."""
    return "\n\n".join(filter(None, (doc.text, references.becomes(doc.becomes))))


def meanings(doc: Doc) -> str:
    return "".join(f"\n- `{value}`: {meaning}" for value, meaning in doc.meanings.items()) + ("\n" if doc.meanings else "")
