"""What the language is made of, read from its models: every field and every word, as something that a spec may be wished to hold."""

from collections.abc import Iterator
from functools import cache
from types import UnionType
from typing import Annotated, Any, Literal, NamedTuple, Union, get_args, get_origin

from pydantic import BaseModel

from bgspec.spec.models import Spec

Tree = dict[str, Any]
Place = tuple[type[BaseModel], str]


class Wish(NamedTuple):
    """A field of a model; with a value also one of its words."""

    model: type[BaseModel]
    field: str
    value: object = None

    def __str__(self) -> str:
        return f"{self.model.__name__}.{self.field}" + ("" if self.value is None else f"={self.value}")


@cache
def wishes() -> list[Wish]:
    """Every field of the language, and every word that a field can hold."""
    found: dict[Wish, None] = {}
    seen: set[type[BaseModel]] = set()

    def visit(model: type[BaseModel]) -> None:
        if model in seen:
            return
        seen.add(model)
        for name, field in model.model_fields.items():
            found[Wish(model, name)] = None
            found.update(dict.fromkeys(Wish(model, name, word) for word in words(field.annotation)))
            for inner in models(field.annotation):
                visit(inner)

    visit(Spec)
    return list(found)


def granted(tree: Tree) -> set[Wish]:
    """The wishes that a spec fulfils."""

    def visit(value: object, kind: Any, wish: Wish | None) -> Iterator[Wish]:
        for branch in branches(kind):
            origin, inner = get_origin(branch), get_args(branch)
            if origin is list and isinstance(value, list):
                for item in value:
                    yield from visit(item, inner[0], wish)
            elif origin is dict and isinstance(value, dict):
                for item in value.values():
                    yield from visit(item, inner[1], wish)
            elif wish and ((origin is Literal and value in inner) or (branch is bool and isinstance(value, bool))):
                yield wish._replace(value=value)
            elif is_model(branch) and isinstance(value, dict) and _fits(value, branch):
                for name in value:
                    here = Wish(branch, name)
                    yield here
                    yield from visit(value[name], branch.model_fields[name].annotation, here)

    return set(visit(tree, Spec, None))


def branches(kind: Any) -> list[Any]:
    """A type without its annotations; the members of a union."""
    if get_origin(kind) is Annotated:
        return branches(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return [branch for member in get_args(kind) for branch in branches(member)]
    return [kind]


def words(kind: Any) -> Iterator[object]:
    """The words that a type allows, not looking into models."""
    for branch in branches(kind):
        if get_origin(branch) is Literal:
            yield from get_args(branch)
        elif branch is bool:
            yield from (True, False)
        elif get_origin(branch) in {list, dict}:
            yield from words(get_args(branch)[-1])


def models(kind: Any) -> Iterator[type[BaseModel]]:
    """The models that stand directly in a type."""
    for branch in branches(kind):
        if is_model(branch):
            yield branch
        elif get_origin(branch) in {list, dict}:
            yield from models(get_args(branch)[-1])


def reachable(kind: Any) -> set[type[BaseModel]]:
    """The models that can stand anywhere inside a type."""
    found: set[type[BaseModel]] = set()
    waiting = list(models(kind))
    while waiting:
        model = waiting.pop()
        if model not in found:
            found.add(model)
            waiting += [inner for field in model.model_fields.values() for inner in models(field.annotation)]
    return found


def picks(wish: Wish, place: Place, kind: Any) -> bool:
    return wish[:2] == place and wish.value is not None and any(wish.value is word or wish.value == word for word in words(kind))


def is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


def _fits(value: Tree, model: type[BaseModel]) -> bool:
    """Whether a mapping is of this kind, as far as its keys and its discriminating words tell."""
    fields = model.model_fields
    return set(value) <= set(fields) and all(
        value.get(name, field.default) in set(words(field.annotation))
        for name, field in fields.items()
        if get_origin(field.annotation) is Literal
    )
