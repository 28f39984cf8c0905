"""Cuts bgspec/sandbox/types.json out of the schemas cfn-lint ships: `python -m tests.sandbox.types_json` writes it anew."""

import json
from pathlib import Path
from typing import Any

import cfnlint

from bgspec.sandbox.kinds import KINDS

TARGET = Path(__file__).parents[2] / "bgspec" / "sandbox" / "types.json"
# What says nothing about which properties are valid, or which of them replace.
DROPPED = {
    "description", "title", "examples", "markdownDescription", "$comment", "handlers", "propertyTransform", "sourceUrl", "documentationUrl",
    "replacementStrategy", "typeConfiguration", "resourceLink", "deprecatedProperties",
}  # fmt: skip
NAMED = {"properties", "definitions", "patternProperties", "dependentRequired", "dependentExcluded"}


def cut(tree: Any, *, names: bool = False) -> Any:
    """The schema without its texts; below `NAMED` the keys are names, not keywords."""
    if isinstance(tree, dict):
        kept = ((key, item) for key, item in tree.items() if names or key not in DROPPED)
        return {key: cut(item, names=not names and key in NAMED) for key, item in kept}
    return [cut(item) for item in tree] if isinstance(tree, list) else tree


def text(types: list[str]) -> str:
    directory = Path(cfnlint.__file__).parent / "data" / "schemas"
    files = json.loads((directory / "providers" / "us-east-1.json").read_text("utf-8"))
    lines = []
    for name in sorted(types):
        schema = json.loads((directory / "resources" / f"{files[name].removesuffix('.json')}.json").read_text("utf-8"))
        lines.append(f"{json.dumps(name)}: {json.dumps(cut(schema), separators=(',', ':'), sort_keys=True)}")
    return "{\n" + ",\n".join(lines) + "\n}\n"


if __name__ == "__main__":
    TARGET.write_text(text(list(KINDS)), "utf-8")
