"""The record of what an environment is made of: everything that, were it to change, would replace something that runs.

`tests/names/<spec>.txt` has a line for every resource: its stack, its logical id, its type, and those of its properties that
CloudFormation cannot change in place, with their values. `make bless` adds lines for what is new; it never changes or removes one.
"""

import json
from functools import cache

from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from tests.corpus import ROOT, compiled
from tests.output.environment import environments

RECORDED = {"article": ROOT / "examples/article/bgspec.yaml", "production": ROOT / "tests/data/specs/production.yaml"}
PLACE = ROOT / "tests/names"

RENEWED = {
    "AWS::ECS::TaskDefinition": {"Family"},  # a changed task is a new revision; the old one stays
}
"""Types that are replaced as a matter of course, and what of them must stay all the same."""


def lines(name: str) -> list[str]:
    """What the record of a spec must say now."""
    found = []
    for env in environments(compiled(RECORDED[name].read_bytes()), {}):
        for path, template in env.templates.items():
            stack = template["Description"].partition(":")[0]
            found.append(f"{path} = {json.dumps(stack)}")
            for key, resource in template["Resources"].items():
                kept = {name: value for name, value in resource.get("Properties", {}).items() if name in _fixed(resource["Type"])}
                found.append(f"{stack} {key} {resource['Type']} = {json.dumps(kept, sort_keys=True)}")
    return found


@cache
def _fixed(kind: str) -> frozenset[str]:
    """The properties of a type that only a replacement can change."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema
    fixed = (path.split("/")[2] for path in schema.get("createOnlyProperties", ()))
    return frozenset(RENEWED.get(kind, fixed))


def read(name: str) -> list[str]:
    """What the record says; nothing where there is none yet."""
    path = PLACE / f"{name}.txt"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def bless(name: str) -> None:
    """Record what is new.

    Raises:
        ValueError: something would be replaced. Whoever means it changes the line by hand, and says in the commit how it is brought about.
    """
    made = lines(name)
    gone = [line for line in read(name) if line not in made]
    if gone:
        raise ValueError(f"tests/names/{name}.txt: this would replace what runs:\n" + "\n".join(gone))
    PLACE.mkdir(exist_ok=True)
    (PLACE / f"{name}.txt").write_text("\n".join(made) + "\n", encoding="utf-8")
