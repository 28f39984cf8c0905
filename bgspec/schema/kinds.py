"""Type annotations, taken apart for the schema and its pages; findings ask for less of them (`spec.shape`)."""

from types import NoneType, UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel, Discriminator, Tag
from pydantic.fields import FieldInfo

from bgspec.spec.values import KindByKey, KindOf

WORD = "word"
"""The tag of a union's member that is no section: `shift: all-at-once`."""


class Kind(NamedTuple):
    """An annotation without its wrapping."""

    bare: Any
    """A class, or `Union[…]`, `dict[…]`, `list[…]`, `Literal[…]`."""
    marks: tuple[Any, ...]
    """Everything that `Annotated` and `Field` say about it, outermost last."""


class Extra(NamedTuple):
    """What a `Field` says for editors only."""

    examples: tuple[Any, ...]
    keywords: dict[str, Any]
    """`json_schema_extra`: added to the value's schema as it is."""


def kind_of_annotation(annotation: Any) -> Kind:  # noqa: ANN401  any annotation
    """Unwrap `Annotated` and `Optional`: that a key may be left out is said by its default, never by its type."""
    if get_origin(annotation) is Annotated:
        inner, *outer = get_args(annotation)
        below = kind_of_annotation(inner)
        return Kind(below.bare, (*below.marks, *(mark for part in outer for mark in _flat(part))))
    if get_origin(annotation) in {Union, UnionType}:
        members = [member for member in get_args(annotation) if member is not NoneType]
        return kind_of_annotation(members[0]) if len(members) == 1 else Kind(Union[tuple(members)], ())  # noqa: UP007  built at run time
    return Kind(annotation, ())


def kind_of_field(field: FieldInfo) -> Kind:
    """The kind of a model's field."""
    below = kind_of_annotation(field.annotation)
    return Kind(below.bare, (*below.marks, *_flat(field)))


def _flat(mark: Any) -> tuple[Any, ...]:  # noqa: ANN401  whatever stands in `Annotated`
    if not isinstance(mark, FieldInfo):
        return (mark,)
    keywords = mark.json_schema_extra if isinstance(mark.json_schema_extra, dict) else {}
    return (*mark.metadata, Extra(tuple(mark.examples or ()), dict(keywords)))


def is_section(kind: Kind) -> bool:
    return isinstance(kind.bare, type) and issubclass(kind.bare, BaseModel)


def is_union(kind: Kind) -> bool:
    return get_origin(kind.bare) is Union


def members(kind: Kind) -> dict[str, Kind]:
    """The kinds of a union by tag, without the angle brackets; where it has no tags, by number."""
    found = {}
    for number, member in enumerate(get_args(kind.bare)):
        below = kind_of_annotation(member)
        tag = next((mark.tag.strip("<>") for mark in below.marks if isinstance(mark, Tag)), str(number))
        found[tag] = below
    return found


class Choice(NamedTuple):
    """How a kind of section is chosen."""

    key: str
    """The key that names the kind (`provider`); empty where each kind is told by a key that only it has."""
    default: str
    """The kind where nothing is chosen; empty where something must be."""
    order: tuple[str, ...] = ()
    """The keys that tell the kinds apart; where a section has two of them, the first counts."""


def choice(kind: Kind) -> Choice | None:
    """How the kinds of a union are told apart; None where only trying tells."""
    chooser = next((mark for mark in kind.marks if isinstance(mark, Discriminator)), None)
    if chooser is None or not callable(chooser.discriminator):
        return None
    told = getattr(chooser.discriminator, "__self__", None)
    match told:
        case KindOf(key, default):
            return Choice(key, default or "")
        case KindByKey(keys, default):
            return Choice("", default, keys)
        case _:
            return None


def items(kind: Kind) -> Kind | None:
    """What a list holds; None where it is no list."""
    return kind_of_annotation(get_args(kind.bare)[0]) if get_origin(kind.bare) is list else None


def entries(kind: Kind) -> tuple[Kind, Kind] | None:
    """The keys and the values of a mapping that the user names; None where it is none."""
    if get_origin(kind.bare) is not dict:
        return None
    key, value = get_args(kind.bare)
    return kind_of_annotation(key), kind_of_annotation(value)


def literals(kind: Kind) -> tuple[Any, ...]:
    """What a `Literal` allows; empty where it is none."""
    return get_args(kind.bare) if get_origin(kind.bare) is Literal else ()
