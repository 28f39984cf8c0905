"""Whatever the language can say is said in a spec whose output is kept: every key, every word, every kind of a section.

The goldens are read in reviews, and cfn-lint finds nothing in them (tests/output/test_cfn_lint.py); so this holds for the whole language.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, Literal, get_args, get_origin

import pytest
from pydantic import BaseModel

from bgspec.document import parse
from bgspec.overlays import views
from bgspec.spec.models import Spec
from tests.corpus import specs
from tests.strategies import granted, wishes

LONG = 10
"""An enumeration with more words, such as the days that logs are kept, need not stand in full at every place that has it."""


def branches(kind: Any) -> list[Any]:
    """What a value may be: the members of a union, without their annotations; lists and mappings stay."""
    inner = get_args(kind)
    if get_origin(kind) in {None, list, dict, Literal}:
        return [kind]
    return [branch for member in (inner[:1] if hasattr(kind, "__metadata__") else inner) for branch in branches(member)]


def name_of(branch: Any) -> str:
    """How a kind is called here: a section by its model, all plain values alike."""
    return branch.__name__ if isinstance(branch, type) and issubclass(branch, BaseModel) else "word"


def said(place: str, kind: Any, value: Any) -> Iterator[tuple[str, object]]:
    """Every kind and every word in a value, each with its place."""
    found = [branch for branch in branches(kind) if branch is not type(None)]
    kinds = {name_of(branch) for branch in found}
    if isinstance(value, BaseModel):
        if len(kinds) > 1:
            yield place, type(value).__name__
        for key, field in type(value).model_fields.items():
            yield from said(f"{type(value).__name__}.{key}", field.annotation, getattr(value, key))
    elif value is not None:
        if len(kinds) > 1:
            yield place, "word"
        for branch in found:
            if get_origin(branch) is Literal and value in get_args(branch):
                yield place, value
            elif get_origin(branch) in {list, dict} and isinstance(value, get_origin(branch)):
                for item in value.values() if isinstance(value, dict) else value:
                    yield from said(place, get_args(branch)[-1], item)


def sayable(place: str, kind: Any, seen: set[type]) -> Iterator[tuple[str, object]]:
    """Every kind and every word that a place can hold, and the places below."""
    found = [branch for branch in branches(kind) if branch is not type(None)]
    kinds = {name_of(branch) for branch in found}
    for branch in found:
        if len(kinds) > 1:
            yield place, name_of(branch)
        if get_origin(branch) is Literal:
            words = get_args(branch)
            yield from ((place if len(words) <= LONG else str(words), word) for word in words)
        elif get_origin(branch) in {list, dict}:
            yield from sayable(place, get_args(branch)[-1], seen)
        elif name_of(branch) != "word" and branch not in seen:
            seen.add(branch)
            for key, field in branch.model_fields.items():
                yield from sayable(f"{branch.__name__}.{key}", field.annotation, seen)


def long_enumerations(place: str, kind: Any, value: object) -> str:
    """Under which name a word counts: its place, or a long enumeration itself."""
    words = next((get_args(one) for one in branches(kind) if get_origin(one) is Literal and value in get_args(one)), ())
    return place if len(words) <= LONG else str(words)


@cache
def environments() -> list[Any]:
    """The trees of all environments of all kept specs."""
    return [view.tree for name, path in specs().items() for view in views(parse(path.read_bytes(), name))[0]]


@cache
def all_said() -> set[tuple[str, object]]:
    found = {one for tree in environments() for one in said("", Spec, Spec.model_validate(tree))}
    fields = {f"{model.__name__}.{key}": field.annotation for model in models() for key, field in model.model_fields.items()}
    return {(long_enumerations(place, fields[place], value) if place in fields else place, value) for place, value in found}


def models() -> set[type[BaseModel]]:
    return {wish.model for wish in wishes()}


@pytest.mark.parametrize("model", sorted(models(), key=lambda model: model.__name__), ids=lambda model: model.__name__)
def test_every_key_is_written_somewhere(model):
    written = {wish for tree in environments() for wish in granted(tree)}
    assert [wish.field for wish in wishes() if wish.model is model and wish.value is None and wish not in written] == []


def test_every_word_and_every_kind_of_a_section_is_rendered_somewhere():
    assert sorted(map(str, set(sayable("", Spec, set())) - all_said())) == []
