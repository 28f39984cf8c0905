"""Single values: their JSON Schema, and how they are named and written in a spec."""

import re
from collections.abc import Sequence
from typing import Any, TypeAlias

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from bgspec.schema import kinds
from bgspec.schema.kinds import Kind
from bgspec.spec.types import SENTENCES
from bgspec.spec.values import each_once, text

Schema: TypeAlias = dict[str, Any]

_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "pattern": "pattern"}
_SIZES = {"string": "Length", "array": "Items", "object": "Properties"}


def scalar(kind: Kind) -> Schema:
    """The schema of a value that is no section, list or mapping."""
    own = next((mark for mark in kind.marks if hasattr(mark, "__get_pydantic_json_schema__")), None)
    if allowed := kinds.literals(kind):
        types = list(dict.fromkeys(_TYPES[type(value)] for value in allowed))
        found: Schema = {"type": types[0] if len(types) == 1 else types, "enum": list(allowed)}
    elif own is not None:
        found = own.__get_pydantic_json_schema__(None, None)
    elif kind.bare not in _TYPES:
        found = {}  # anything at all
    else:
        found = {"type": _TYPES[kind.bare], **limits(kind, _TYPES[kind.bare])}
        if any(getattr(mark, "func", None) is text for mark in kind.marks):
            found["type"] = ["string", "number", "boolean"]  # it is taken as it was typed
    return {**found, **editor(kind)}


def limits(kind: Kind, json_type: str) -> Schema:
    """What annotations say about size and range."""
    found: Schema = {}
    for mark in kind.marks:
        for attribute, keyword in _BOUNDS.items():
            if (value := getattr(mark, attribute, None)) is not None:
                found[keyword] = value
        for attribute in ("min", "max"):
            if (value := getattr(mark, f"{attribute}_length", None)) is not None and json_type in _SIZES:
                found[attribute + _SIZES[json_type]] = value
        if getattr(mark, "func", None) is each_once:
            found["uniqueItems"] = True
    if found.get("pattern") in SENTENCES:
        found["patternErrorMessage"] = SENTENCES[found["pattern"]]
    return found


def editor(kind: Kind) -> Schema:
    """What is said for editors only."""
    return keywords(kind) | ({"examples": list(shown)} if (shown := examples(kind)) else {})


def examples(kind: Kind) -> tuple[Any, ...]:
    """Values to show and to begin with: those that are given, or those that the sentence about a pattern shows."""
    given = next((mark.examples for mark in reversed(kind.marks) if isinstance(mark, kinds.Extra) and mark.examples), ())
    if given or not sentence(kind).startswith("Write"):
        return given
    return tuple(text for text in re.findall(r"`([^`]{2,})`", sentence(kind)) if re.search(_pattern(kind), text))


def sentence(kind: Kind) -> str:
    """In which form a text is written, where that is more than its limits say."""
    return SENTENCES.get(_pattern(kind), "")


def _pattern(kind: Kind) -> str:
    return next((mark.pattern for mark in reversed(kind.marks) if getattr(mark, "pattern", None)), "")


def keywords(kind: Kind) -> Schema:
    """What a `Field` adds to the schema as it is."""
    found: Schema = {}
    for mark in kind.marks:
        if isinstance(mark, kinds.Extra):
            found |= mark.keywords
    return found


def name(kind: Kind) -> str:  # noqa: PLR0911  one answer for each kind
    """What a value is, in a few words: `whole number, 1 to 65535`."""
    if kinds.is_section(kind):
        return outline(kind.bare)
    if kinds.is_union(kind):
        chosen = kinds.choice(kind)
        parts = [name(member) for member in kinds.members(kind).values()]
        return f"section with {chosen.key}" if chosen and chosen.key else " or ".join(dict.fromkeys(parts))
    if (item := kinds.items(kind)) is not None:
        return f"list: {name(item)}"
    if (pair := kinds.entries(kind)) is not None:
        return f"mapping: {name(pair[1])}"
    schema = scalar(kind)
    if "title" in schema:
        return str(schema["title"])
    if "enum" in schema:
        return alternatives(schema["enum"]) if len(schema["enum"]) <= 8 else f"one of {len(schema['enum'])} values"
    if "type" not in schema:
        return "anything"
    json_type = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    if json_type == "string":
        return _WORDS[json_type]
    low, high = schema.get("minimum"), schema.get("maximum")
    bounds = {(True, True): f", {low} to {high}", (True, False): f", {low} or more", (False, True): f", up to {high}"}
    return _WORDS[json_type] + bounds.get((low is not None, high is not None), "")


def outline(model: type[BaseModel]) -> str:
    """A section by the keys that make it one: those it needs, or its first ones."""
    needed = [name for name, field in model.model_fields.items() if field.is_required()]
    names = needed or list(model.model_fields)
    return f"section with {', '.join(names[:4])}{', …' if len(names) > 4 else ''}"


def alternatives(values: Sequence[object]) -> str:
    """`a, b or c`."""
    words = [written(value) for value in values]
    return " or ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def written(value: object, kind: Kind | None = None) -> str:
    """A value as it stands in a spec: `true`, `80`, `5m`."""
    for mark in kind.marks if kind else ():
        if hasattr(mark, "write"):
            return str(mark.write(value))
    if isinstance(value, list | tuple):
        return f"[{', '.join(written(item) for item in value)}]"
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_shown(default: object) -> bool:
    """Whether a default says something that is not seen at once: an empty list, or a section of defaults, does not."""
    return not (default is None or default is PydanticUndefined or default in ({}, [], ()) or isinstance(default, BaseModel))
