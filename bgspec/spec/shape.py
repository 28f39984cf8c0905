"""The shape of the language, read from the models: which keys stand where. Only findings ask for it."""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, Discriminator, Tag
from pydantic.fields import FieldInfo

from bgspec.spec.models import Spec

Location: TypeAlias = tuple[str | int, ...]
"""A route as pydantic writes it: between the keys stand the tags of the kinds that were chosen, `<codecommit>`."""


class Kind(NamedTuple):
    """One of the types that a value may have."""

    tag: str
    """`<codecommit>` where there is a choice, otherwise empty."""
    type: Any
    marks: tuple[Any, ...] = ()
    """What limits it: pydantic's and our own annotations."""


def keys(location: Location) -> list[str]:
    """The keys that may stand in the section there."""
    return next((list(kind.type.model_fields) for kind in at(location) if is_section(kind.type)), [])


def required(location: Location) -> bool:
    """Whether what stands there cannot be left out; an item of a list or an entry of a mapping can."""
    fields = [kind.type.model_fields.get(str(location[-1])) for kind in at(location[:-1]) if is_section(kind.type)]
    return any(field is not None and field.is_required() for field in fields)


def other_kinds(location: Location, key: str) -> tuple[str, list[str]]:
    """Which kind was chosen, and which others have `key` at this place: in the section itself, or in one that it lies in."""
    for place in range(len(location) - 1, -1, -1):
        chosen = str(location[place])
        if chosen.startswith("<"):
            above, below = location[:place], location[place + 1 :]
            others = [kind.tag for kind in at(above) if kind.tag not in {"", chosen} and key in keys((*above, kind.tag, *below))]
            if others:
                return chosen, others
    return "", []


def chooser(kinds: tuple[Kind, ...]) -> str:
    """The key that says which of `kinds` a section is, `engine` or `provider`; empty where its keys tell."""
    sections = [kind for kind in kinds if is_section(kind.type)]
    names = [
        {name for name, field in kind.type.model_fields.items() if get_args(field.annotation) == (kind.tag[1:-1],)} for kind in sections
    ]
    return min(set.intersection(*names), default="") if names else ""


@cache
def homes(key: str) -> tuple[str, ...]:
    """Every section that has `key`, as a person writes its place: `services.NAME.health_check`."""
    return tuple(dict.fromkeys(place for place, name in _everything() if name == key))


def at(location: Location) -> tuple[Kind, ...]:
    """What may stand there."""
    here: tuple[Kind, ...] = (Kind("", Spec),)
    for step in location:
        here = tuple(_below(here, step))
    return here


def is_section(kind: Any) -> bool:  # noqa: ANN401  a type annotation
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _below(here: tuple[Kind, ...], step: str | int) -> Iterator[Kind]:
    for kind in here:
        if str(step).startswith("<"):
            if kind.tag == step:
                yield kind
        elif get_origin(kind.type) in {dict, list}:
            yield from inside(kind)
        elif is_section(kind.type) and step in kind.type.model_fields:
            yield from of_field(kind.type.model_fields[step])


def inside(kind: Kind) -> Iterator[Kind]:
    """What the items of a list and the entries of a mapping may be."""
    yield from _kinds(get_args(kind.type)[-1])


def names(kind: Kind) -> Iterator[Kind]:
    """What the names of a mapping's entries may be."""
    yield from _kinds(get_args(kind.type)[0])


def of_field(field: FieldInfo) -> Iterator[Kind]:
    """What may stand behind a key."""
    yield from _kinds(field.annotation, marks=tuple(mark for mark in field.metadata if not isinstance(mark, Discriminator)))


def _kinds(annotation: Any, tag: str = "", marks: tuple[Any, ...] = ()) -> Iterator[Kind]:  # noqa: ANN401  a type annotation
    """The members of a union, however it is wrapped, or the one type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *more = get_args(annotation)
        tag = next((mark.tag for mark in more if isinstance(mark, Tag)), tag)
        limits = [
            limit
            for mark in more
            for limit in (mark.metadata if isinstance(mark, FieldInfo) else [mark])
            if not isinstance(limit, Tag | Discriminator)
        ]
        yield from _kinds(inner, tag, (*marks, *limits))
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _kinds(member, tag, marks)
    else:
        yield Kind(tag, annotation, marks)


@cache
def _everything() -> tuple[tuple[str, str], ...]:
    return tuple(_walk(Kind("", Spec), ()))


def _walk(kind: Kind, place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every section's place with each of its keys."""
    if is_section(kind.type):
        for name, field in kind.type.model_fields.items():
            yield ".".join(place), name
            for below in of_field(field):
                yield from _walk(below, (*place, name))
    elif get_origin(kind.type) in {dict, list}:
        step = ("NAME",) if get_origin(kind.type) is dict else ()
        for below in inside(kind):
            yield from _walk(below, (*place, *step))
