"""Blocks that an editor writes at one stroke: everything that has to be there, the cursor jumping from value to value."""

from collections.abc import Iterator
from itertools import count
from typing import Any, TypeAlias

from bgspec.schema import docstrings, kinds, values
from bgspec.schema.kinds import Kind

Snippet: TypeAlias = dict[str, Any]

_LAST = "~"
"""Snippets are sorted behind the keys themselves."""


def snippet(label: str, body: Any, meaning: str = "") -> Snippet:  # noqa: ANN401  whatever YAML can hold
    explained = {"markdownDescription": meaning} if meaning else {}
    return {"label": label, **explained, "body": body, "sortText": _LAST + label}


def block(kind: Kind) -> list[Snippet]:
    """The snippet that writes a section, called by the keys that it writes; none where nothing has to be written."""
    body = skeleton(kind)
    return [snippet(", ".join(body), body, docstrings.of_model(kind.bare).text)] if body else []


def skeleton(kind: Kind, numbers: Iterator[int] | None = None) -> Any:  # noqa: ANN401  whatever YAML can hold
    """A value of that kind with all it needs; `${1:…}` are the places to fill in."""
    numbers = numbers or count(1)
    if kinds.is_section(kind):
        fields = kind.bare.model_fields.items()
        needed = {name: skeleton(kinds.kind_of_field(field), numbers) for name, field in fields if field.is_required()}
        return {name: value or _first(kinds.kind_of_field(kind.bare.model_fields[name]), numbers) for name, value in needed.items()}
    if kinds.is_union(kind):
        return skeleton(next(iter(kinds.members(kind).values())), numbers)
    if (item := kinds.items(kind)) is not None:
        return [skeleton(item, numbers)]
    if (pair := kinds.entries(kind)) is not None:
        return named(pair, numbers)
    if allowed := kinds.literals(kind):
        words = [values.written(value) for value in allowed]
        return allowed[0] if len(words) == 1 else f"${{{next(numbers)}|{','.join(words)}|}}"
    shown = values.examples(kind)
    return f"${{{next(numbers)}:{values.written(shown[0])}}}" if shown else f"${next(numbers)}"


def _first(kind: Kind, numbers: Iterator[int]) -> dict[str, Any]:
    """A section of which nothing has to be written: its first key, because an empty section is a mistake."""
    name, field = next(iter(kind.bare.model_fields.items()))
    default = values.written(field.get_default(call_default_factory=True), kinds.kind_of_field(field))
    return {name: f"${{{next(numbers)}:{default}}}"}


def named(pair: tuple[Kind, Kind], numbers: Iterator[int] | None = None) -> dict[str, Any]:
    """One entry of a mapping that the user names."""
    numbers = numbers or count(1)
    return {f"${{{next(numbers)}:{name_of(pair[0])}}}": skeleton(pair[1], numbers)}


def name_of(names: Kind) -> str:
    """What stands for a name until the user writes one."""
    return str(next(iter(values.examples(names)), "name"))
