"""The schema in the engine that editors are made of: its patterns are ECMAScript's there, and Ajv is as strict as the public catalogue."""

import json
import subprocess

import yaml
from client import HERE, node

from bgspec.document import parse
from bgspec.schema import schema
from tests.checks.base import HERE as CHECKS
from tests.checks.base import cases, complete
from tests.corpus import specs


def documents():
    texts = [path.read_bytes() for path in specs().values()]
    texts += [complete(case.spec).encode() for file in sorted(CHECKS.glob("*.yaml")) for case in cases(file.stem)]
    texts += [complete(case["spec"]).encode() for case in yaml.safe_load((HERE / "diagnostics.yaml").read_text(encoding="utf-8"))]
    return [tree for text in texts if isinstance(tree := parse(text, "spec.yaml").tree, dict)]


def test_it_gives_the_same_verdicts_as_in_python(server, judge):
    del server  # where there is a server, there is Ajv
    trees = documents()
    asked = json.dumps({"schema": schema(), "documents": trees})
    run = subprocess.run([node(), HERE / "judge.cjs"], input=asked, capture_output=True, text=True, check=True)
    assert json.loads(run.stdout) == [judge.is_valid(tree) for tree in trees]
