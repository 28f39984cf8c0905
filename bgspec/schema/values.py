"""Single values: their JSON Schema, and how they are named and written in a spec."""

from typing import Annotated, Any, TypeAlias, get_args

from pydantic import BaseModel, TypeAdapter
from pydantic_core import PydanticUndefined

from bgspec.schema import kinds
from bgspec.schema.kinds import Kind
from bgspec.spec.types import SENTENCES, Text

Schema: TypeAlias = dict[str, Any]

_AS_TYPED = get_args(Text)[1]
_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}
_WORDS = {"string": "text", "integer": "whole number", "number": "number", "boolean": "true or false"}
_BOUNDS = {"ge": "minimum", "gt": "exclusiveMinimum", "le": "maximum", "lt": "exclusiveMaximum", "pattern": "pattern"}
_SIZES = {"string": "Length", "array": "Items", "object": "Properties"}


def scalar(kind: Kind) -> Schema:
    """The schema of a value that is no section, list or mapping."""
    if allowed := kinds.values(kind):
        types = sorted({_TYPES[type(value)] for value in allowed})
        return {"type": types[0] if len(types) == 1 else types, "enum": list(allowed)}
    own = next((mark for mark in kind.marks if hasattr(mark, "__get_pydantic_json_schema__")), None)
    if own is not None:
        return TypeAdapter(_annotated(kind.bare, own)).json_schema()
    kept = {"type": _TYPES[kind.bare], **limits(kind, _TYPES[kind.bare])}
    if _AS_TYPED in kind.marks:
        kept["type"] = ["string", "number", "boolean"]  # as it was typed
    return kept


def limits(kind: Kind, json_type: str) -> Schema:
    """What annotations say about size and range."""
    found: Schema = {}
    for mark in kind.marks:
        if (pattern := getattr(mark, "pattern", None)) in SENTENCES:
            found["patternErrorMessage"] = SENTENCES[pattern]
        for attribute, keyword in _BOUNDS.items():
            if (value := getattr(mark, attribute, None)) is not None:
                found[keyword] = value
        for attribute in ("min", "max"):
            if (value := getattr(mark, f"{attribute}_length", None)) is not None and json_type in _SIZES:
                found[attribute + _SIZES[json_type]] = value
    return found


def name(kind: Kind) -> str:
    """What a value is, in a few words: `whole number, 1 to 65535`."""
    if kinds.is_section(kind):
        return "section"
    if kinds.is_union(kind):
        chosen = kinds.chooser(kind)
        key = (chosen.custom_error_context or {}).get("key") if chosen else None
        members = kinds.members(kind).items()
        tags = [word for tag, member in members for word in kinds.values(member) or (tag if kinds.is_section(member) else name(member),)]
        return f"section with {key} {alternatives(tags)}" if key else alternatives(tags)
    if (item := kinds.items(kind)) is not None:
        return f"list of {name(item)}"
    if (pair := kinds.entries(kind)) is not None:
        return f"mapping to {name(pair[1])}"
    if allowed := kinds.values(kind):
        return alternatives(allowed)
    schema = scalar(kind)
    json_type = schema["type"] if isinstance(schema["type"], str) else schema["type"][0]
    low, high = schema.get("minimum"), schema.get("maximum")
    span = f", {low} to {high}" if low is not None and high is not None else ""
    return _WORDS[json_type] + span


def alternatives(values: Any) -> str:  # noqa: ANN401  a sequence of scalars
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


def _annotated(bare: Any, mark: Any) -> Any:  # noqa: ANN401  an annotation
    return Annotated[bare, mark]


def missing(value: object) -> bool:
    """Whether a field has no default that could be shown."""
    return value is None or value is PydanticUndefined or value in ({}, [], ()) or isinstance(value, BaseModel)
