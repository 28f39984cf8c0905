"""The shape of the language, read from the models: which keys stand where. Only findings ask for it."""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, NamedTuple, TypeAlias, Union, get_args, get_origin

from pydantic import BaseModel, Tag

from bgspec.spec.models import Spec

Location: TypeAlias = tuple[str | int, ...]
"""A route as pydantic writes it: between the keys stand the tags of the kinds that were chosen, `<codecommit>`."""


class Kind(NamedTuple):
    """One of the types that a value may have."""

    tag: str
    """`<codecommit>` where there is a choice, otherwise empty."""
    type: Any


def keys(location: Location) -> list[str]:
    """The keys that may stand in the section there."""
    return next((list(kind.type.model_fields) for kind in at(location) if is_section(kind.type)), [])


def other_kinds(location: Location, key: str) -> list[str]:
    """The tags of the kinds that have `key`, where the section at `location` is another kind."""
    if not location or not str(location[-1]).startswith("<"):
        return []
    return [kind.tag for kind in at(location[:-1]) if is_section(kind.type) and key in kind.type.model_fields]


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
            yield from _kinds(get_args(kind.type)[-1])
        elif is_section(kind.type) and step in kind.type.model_fields:
            yield from _kinds(kind.type.model_fields[step].annotation)


def _kinds(annotation: Any, tag: str = "") -> Iterator[Kind]:  # noqa: ANN401  a type annotation
    """The members of a union, however it is wrapped, or the one type."""
    origin = get_origin(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        yield from _kinds(inner, next((mark.tag for mark in marks if isinstance(mark, Tag)), tag))
    elif origin in {Union, UnionType}:
        for member in get_args(annotation):
            yield from _kinds(member, tag)
    else:
        yield Kind(tag, annotation)


@cache
def _everything() -> tuple[tuple[str, str], ...]:
    return tuple(_walk(Kind("", Spec), ()))


def _walk(kind: Kind, place: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every section's place with each of its keys."""
    if is_section(kind.type):
        for name, field in kind.type.model_fields.items():
            yield ".".join(place), name
            for below in _kinds(field.annotation):
                yield from _walk(below, (*place, name))
    elif get_origin(kind.type) in {dict, list}:
        step = ("NAME",) if get_origin(kind.type) is dict else ()
        for below in _kinds(get_args(kind.type)[-1]):
            yield from _walk(below, (*place, *step))
