"""CloudFormation's own schemas of the emulated types: which properties there are, and which of them replace.

`types.json` is cut out of the schemas that cfn-lint ships (`tests/sandbox/types_json.py` makes it): one type a line,
without texts and handlers.
"""

import functools
import importlib.resources
import json
import re
from collections.abc import Iterator
from typing import Any

from bgspec.sandbox.cloudformation.unknown import Unknown

Schema = dict[str, Any]


@functools.cache
def schemas() -> dict[str, Schema]:
    text = importlib.resources.files("bgspec.sandbox").joinpath("types.json").read_text("utf-8")
    found: dict[str, Schema] = json.loads(text)
    return found


def known_types() -> set[str]:
    from bgspec.sandbox.kinds import KINDS  # noqa: PLC0415 -- the kinds' services call back into CloudFormation

    return schemas().keys() & KINDS.keys()


def create_only(type_name: str) -> list[str]:
    """Pointers of the properties whose change replaces the resource: `EncryptionConfiguration/KmsKey`."""
    schema = schemas()[type_name]
    pointers = schema.get("createOnlyProperties", []) + schema.get("conditionalCreateOnlyProperties", [])
    return [pointer.removeprefix("/properties/").replace("/properties/", "/") for pointer in pointers]


def read_only(type_name: str) -> set[str]:
    return {p.removeprefix("/properties/") for p in schemas()[type_name].get("readOnlyProperties", [])}


def tag_property(type_name: str) -> str:
    """The property that takes a stack's tags, or none."""
    tagging = schemas()[type_name].get("tagging") or {}
    default = "/properties/Tags" if "Tags" in schemas()[type_name]["properties"] else ""
    pointer: str = tagging.get("tagProperty", default) if tagging.get("taggable", True) else default
    return pointer.removeprefix("/properties/")


def takes_system_tags(type_name: str) -> bool:
    return bool((schemas()[type_name].get("tagging") or {}).get("cloudFormationSystemTags", True))


def problems(type_name: str, props: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """`(path, what is wrong)` for each breach of the type's schema. What is not known yet breaks nothing."""
    schema = schemas()[type_name]
    for name in sorted(read_only(type_name) & props.keys()):
        yield f"/{name}", f"Encountered unsupported property {name}"
    yield from _check(schema, schema, props, "")


def _check(root: Schema, schema: Any, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, bool) or isinstance(value, Unknown):
        return
    if "$ref" in schema:
        schema = {**_follow(root, schema["$ref"]), **{key: item for key, item in schema.items() if key != "$ref"}}
    for check, keywords in _CHECKS.items():
        if not schema.keys().isdisjoint(keywords):
            yield from check(root, schema, value, path)


def _follow(root: Schema, pointer: str) -> Schema:
    found: Any = root
    for part in pointer.removeprefix("#/").split("/"):
        found = found[part]
    return dict(found)


def _check_type(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if not any(_is(kind, value) for kind in kinds):
        yield path, f"expected type: {kinds[0].capitalize()}, found: {type(value).__name__}"


def _is(kind: str, value: Any) -> bool:
    """CloudFormation casts scalars: "80" and 80 are both an integer, true and "true" both a boolean."""
    match kind:
        case "object":
            return isinstance(value, dict)
        case "array":
            return isinstance(value, list)
        case "string":
            return isinstance(value, str | int | float | bool)
        case "boolean":
            return str(value).lower() in {"true", "false"}
        case "integer":
            return re.fullmatch(r"-?\d+", str(value)) is not None
        case "number":
            return re.fullmatch(r"-?\d+(\.\d+)?([eE]-?\d+)?", str(value)) is not None
        case _:
            return True


def _check_object(root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if not isinstance(value, dict):
        return
    own, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, item in value.items():
        inner = own.get(name) or next((s for p, s in patterns.items() if _matches(p, name)), None)
        if inner is not None:
            yield from _check(root, inner, item, f"{path}/{name}")
        elif schema.get("additionalProperties", True) is False and not _alternative(root, schema, name):
            yield f"{path}/{name}", f"extraneous key [{name}] is not permitted"


def _alternative(root: Schema, schema: Schema, name: str) -> bool:
    branches = [*schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return any(name in (_follow(root, b["$ref"]) if "$ref" in b else b).get("properties", {}) for b in branches)


def _check_required(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name in schema["required"]:
            if name not in value:
                yield path, f"required key [{name}] not found"


def _check_items(root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, list):
        for index, item in enumerate(value):
            yield from _check(root, schema["items"], item, f"{path}/{index}")


def _check_enum(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if str(value) not in {str(item) for item in schema["enum"]} and not isinstance(value, dict | list):
        yield path, f"#{path}: {value} is not a valid enum value"


def _check_pattern(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str) and not value.startswith("{{resolve:") and not _matches(schema["pattern"], value):
        yield path, f"#{path}: failed validation constraint for keyword [pattern]"


def _matches(pattern: str, text: str) -> bool:
    found = _compiled(pattern)
    return found is None or found.search(text) is not None


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """None for what `re` does not know: it has no counterpart of JavaScript's classes of letters."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _check_size(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    sizes: tuple[tuple[str, str, float | None], ...] = (
        ("minLength", "maxLength", len(value) if isinstance(value, str) else None),
        ("minItems", "maxItems", len(value) if isinstance(value, list) else None),
        ("minimum", "maximum", float(value) if _is("number", value) and not isinstance(value, bool) else None),
    )
    for low, high, size in sizes:
        if size is None:
            continue
        if low in schema and size < schema[low]:
            yield path, f"#{path}: failed validation constraint for keyword [{low}]"
        if high in schema and size > schema[high]:
            yield path, f"#{path}: failed validation constraint for keyword [{high}]"


def _check_one_of(root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    branches = schema.get("anyOf") or schema["oneOf"]
    if all(any(True for _ in _check(root, branch, value, path)) for branch in branches):
        yield path, f"#{path}: no subschema matched out of the total {len(branches)} subschemas"


def _check_either(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    names: list[str] = schema.get("requiredXor") or schema.get("requiredOr") or []
    given = [name for name in names if name in value]
    if not given:
        yield path, f"one of [{', '.join(names)}] is required"
    elif len(given) > 1 and "requiredXor" in schema:
        yield path, f"only one of [{', '.join(given)}] may be given"


def _check_dependent(_root: Schema, schema: Schema, value: Any, path: str) -> Iterator[tuple[str, str]]:
    for name, others in schema.get("dependentRequired", {}).items():
        for other in others:
            if name in value and other not in value:
                yield path, f"property [{name}] requires [{other}]"
    for name, others in schema.get("dependentExcluded", {}).items():
        for other in others:
            if name in value and other in value:
                yield path, f"properties [{name}] and [{other}] exclude each other"


_CHECKS = {
    _check_type: {"type"},
    _check_object: {"properties", "patternProperties", "additionalProperties"},
    _check_required: {"required"},
    _check_items: {"items"},
    _check_enum: {"enum"},
    _check_pattern: {"pattern"},
    _check_size: {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum"},
    _check_one_of: {"anyOf", "oneOf"},
    _check_either: {"requiredXor", "requiredOr"},
    _check_dependent: {"dependentRequired", "dependentExcluded"},
}
