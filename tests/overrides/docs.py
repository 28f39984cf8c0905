"""Writes what CloudFormation's schemas say of the resources in the templates: `python -m tests.overrides.docs`."""

import json
import re
from typing import Any

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.corpus import ROOT

FILE = ROOT / "bgspec/overrides/properties.json"
_TYPE = re.compile(r"Type: (AWS::\w+::\w+)")


def types() -> list[str]:
    """Every type of resource in the templates."""
    templates = sorted((ROOT / "bgspec/templates").rglob("*.j2"))
    return sorted({found for path in templates for found in _TYPE.findall(path.read_text(encoding="utf-8"))})


def properties(kind: str) -> dict[str, Any]:
    """What may be written of a resource, as `bgspec.overrides.known` describes it."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    read_only = {path.removeprefix("/properties/") for path in schema.get("readOnlyProperties", ())}
    return {name: form for name, form in shape(schema, schema).items() if name not in read_only}


def shape(node: dict[str, Any], schema: dict[str, Any], seen: tuple[str, ...] = ()) -> Any:
    """The form of a value: a word for a scalar, a list with the form of its items, a mapping with the forms of its keys."""
    if "$ref" in node:
        if node["$ref"] in seen:
            return {}
        target: Any = schema
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        return shape(target, schema, (*seen, node["$ref"]))
    branches = [branch for key in ("anyOf", "oneOf", "allOf") for branch in node.get(key, ())]
    named = [branch["properties"] for branch in (node, *branches) if "properties" in branch]
    if named:
        return {name: shape(value, schema, seen) for names in named for name, value in sorted(names.items())}
    kind = node.get("type")
    if kind == "array":
        return [shape(node.get("items", {}), schema, seen)]
    return kind if isinstance(kind, str) and kind != "object" else {}


def text() -> str:
    lines = [f"{json.dumps(kind)}: {json.dumps(properties(kind), separators=(',', ':'))}" for kind in types()]
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
