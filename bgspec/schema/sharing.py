"""Equal parts of a schema written once: `$ref` with nothing beside it, because editors drop most of what stands beside."""

import json
from collections import Counter
from collections.abc import Iterator

from bgspec.schema.values import Schema

_WORTH = 400
"""Characters: a smaller part is shorter than the reader's way to its definition."""


def share(schema: Schema) -> Schema:
    """The same schema with `definitions` for every larger part that occurs more than once."""
    times = Counter(_text(part) for part in _parts(schema) if len(_text(part)) > _WORTH)
    names: dict[str, str] = {}
    definitions: Schema = {}

    def shared(part: Schema, name: str) -> Schema:
        text = _text(part)
        if times[text] < 2:
            return _map(part, name)
        if text not in names:
            names[text] = _free(name, definitions)
            definitions[names[text]] = {}  # keeps the place in the order of the schema
            definitions[names[text]] = _map(part, name)
        return {"$ref": f"#/definitions/{names[text]}"}

    def _map(part: Schema, name: str) -> Schema:
        found = {**part}
        for keyword in ("additionalProperties", "items", "propertyNames", "then", "else"):
            if isinstance(part.get(keyword), dict):
                found[keyword] = shared(part[keyword], name)
        for keyword in ("allOf", "anyOf"):
            if keyword in part:
                found[keyword] = [shared(below, name) for below in part[keyword]]
        if "properties" in part:
            found["properties"] = {key: shared(below, key) for key, below in part["properties"].items()}
        return found

    return {**_map(schema, "spec"), "definitions": definitions}


def _parts(schema: Schema) -> Iterator[Schema]:
    """Every schema inside a schema."""
    below = [schema[keyword] for keyword in ("additionalProperties", "items", "propertyNames", "then", "else") if keyword in schema]
    below += [*schema.get("allOf", ()), *schema.get("anyOf", ()), *schema.get("properties", {}).values()]
    for part in below:
        if isinstance(part, dict):
            yield part
            yield from _parts(part)


def _free(name: str, taken: Schema) -> str:
    number = 1
    while (found := name if number == 1 else f"{name}-{number}") in taken:
        number += 1
    return found


def _text(schema: Schema) -> str:
    return json.dumps(schema, ensure_ascii=False)
