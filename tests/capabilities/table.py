"""What people run, by how many do it; and how a spec says it, with what then stands in the output.

The cases are in the YAML files beside this one, by the capability's id:

    C012:
      base: article                    # the spec that the lines are laid over; without it minimal
      spec: |                          # the lines: mappings merge, all else replaces, null takes away; none where it is always so
        deployment:
          terminate_after: 30m
      output:                          # what then stands in which file, and did not stand there before
        stacks/deployment.yaml:
          FargateDeploymentGroup.BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess:
            TerminationWaitTimeInMinutes: 30

A mapping holds at least what is written, a list at least these items, `null` says that a key is not there, `…text…` is a part of a text.
Dots lead into mappings; in a template they begin at a resource's properties. `beside:` says what of a row is left to others. Instead of
`output`, `by design:` says how a wish is met without any words of a spec, `out:` why it never will be.
"""

import csv
import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import yaml

from bgspec.document import parse
from tests.corpus import ROOT, compiled
from tests.output.cloudformation import load

HERE = ROOT / "tests/capabilities"
BASES = {name: (ROOT / f"tests/specs/{name}.yaml").read_text(encoding="utf-8") for name in ("minimal", "article")}


class Row(NamedTuple):
    id: str
    users: int
    area: str
    capability: str
    how: str
    """`expressed`, `by design`, `out`, or `open` where nothing proves it yet."""
    why: str = ""
    """How it is met, why it is out, or what of it is left to others."""
    base: str = "minimal"
    spec: str = ""
    """The lines of the spec that say it."""
    output: dict[str, Any] = {}  # noqa: RUF012  never changed

    @property
    def wanted(self) -> list[tuple[str, tuple[str, ...], Any]]:
        """What stands in the output: file, path and value of each."""
        return [(file, path, value) for file, tree in self.output.items() for path, value in flat(tree)]


@cache
def table() -> list[Row]:
    cases: dict[str, dict[str, Any]] = {}
    for path in sorted(HERE.glob("*.yaml")):
        found = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert not set(found) & set(cases), f"{path.name}: {set(found) & set(cases)} are in another file, too"
        cases |= found
    with (ROOT / "tests/data/capabilities.csv").open(encoding="utf-8", newline="") as file:
        rows = [
            Row(row["id"], int(row["users"]), row["area"], row["capability"], *_case(cases.pop(row["id"], {})))
            for row in csv.DictReader(file)
        ]
    assert not cases, f"no such capabilities: {[*cases]}"
    return rows


def _case(case: dict[str, Any]) -> tuple[Any, ...]:
    for how in ("by design", "out"):
        if how in case:
            return how, case[how]
    if not case:
        return ("open", "nothing proves it yet")
    return "expressed", case.get("beside", ""), case.get("base", "minimal"), case.get("spec", ""), case["output"]


def share(rows: list[Row], *ways: str) -> float:
    """How much of all uses is in these ways, in percent."""
    return 100 * sum(row.users for row in rows if row.how in ways) / sum(row.users for row in rows)


def flat(tree: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The leaves of what is wanted, each with its path; an item of a list stays in one piece."""
    if isinstance(tree, dict) and tree and not any(key == "Ref" or key.startswith("Fn::") for key in tree):
        for key, below in tree.items():
            yield from flat(below, (*path, *str(key).split(".")))
    elif isinstance(tree, list):
        yield from ((path, [item]) for item in tree)
    else:
        yield path, tree


def laid_over(below: Any, above: Any) -> Any:
    """Mappings merge, all else replaces, null takes away."""
    if not (isinstance(below, dict) and isinstance(above, dict)):
        return above
    merged = {key: laid_over(below.get(key), value) for key, value in above.items() if value is not None}
    return {key: value for key, value in {**below, **merged}.items() if key not in above or above[key] is not None}


@cache
def rendered(base: str, spec: str) -> dict[str, Any]:
    """The output of a spec, each file parsed as far as it is YAML or JSON."""
    tree = laid_over(_read(BASES[base]), _read(spec)) if spec else _read(BASES[base])
    return {artifact.path: _parsed(artifact.path, artifact.text) for artifact in compiled(json.dumps(tree).encode())}


def _read(text: str) -> Any:
    """A spec as bgspec reads it: `on` is a word."""
    return parse(text.encode(), "spec.yaml").tree


def _parsed(path: str, text: str) -> Any:
    return load(text) if path.endswith((".yaml", ".yml", ".json")) else text


def stands(files: dict[str, Any], file: str, path: tuple[str, ...], value: Any) -> bool:
    """Whether a file holds a value at a path."""
    if file not in files:
        return value is None
    return _holds(_at(files[file], path), value)


def _at(tree: Any, path: tuple[str, ...]) -> Any:
    resources = tree.get("Resources") if isinstance(tree, dict) else None
    if path and isinstance(resources, dict) and path[0] in resources:
        resource = resources[path[0]]
        tree, path = {**resource, **resource.get("Properties", {})}, path[1:]
    for step in path:
        if not isinstance(tree, dict) or step not in tree:
            return None
        tree = tree[step]
    return tree


def _holds(found: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(found, dict):
        return all(
            _holds(_at(found, (str(key),)) if str(key) in found else _at(found, tuple(str(key).split("."))), value)
            for key, value in wanted.items()
        )
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(_holds(item, one) for item in found) for one in wanted)
    if isinstance(wanted, str) and isinstance(found, str) and wanted.startswith("…"):
        return wanted.strip("…") in found
    return type(found) is type(wanted) and found == wanted
