"""Stack policies: which resources an update may touch (CloudFormation user guide, "Prevent updates to stack resources")."""

import fnmatch
import json
from typing import Any

from bgspec.sandbox.cloudformation.stack import Resource, Stack
from bgspec.sandbox.errors import AwsError


def check(stack: Stack, resource: Resource, action: str) -> None:
    """Raises when the stack's policy does not allow `action` (Update:Modify, Update:Replace, Update:Delete)."""
    if not stack.policy:
        return
    statements = json.loads(stack.policy)["Statement"]
    matching = [(n, s) for n, s in enumerate(statements, 1) if _matches(s, resource, action)]
    denied = [n for n, s in matching if s["Effect"] == "Deny"]
    if denied or not matching:  # whatever a policy does not allow is denied
        which = f"Statement [#{denied[0]}] does not allow" if denied else "no statement allows"
        message = f"Action denied by stack policy: {which} [{action}] for resource [LogicalResourceId/{resource.logical}]"
        raise AwsError("StackPolicy", message)


def _matches(statement: dict[str, Any], resource: Resource, action: str) -> bool:
    name = f"LogicalResourceId/{resource.logical}"
    acts = any(fnmatch.fnmatchcase(action, p) for p in _list(statement.get("Action", [])))
    acts = acts or ("NotAction" in statement and not any(fnmatch.fnmatchcase(action, p) for p in _list(statement["NotAction"])))
    hits = any(fnmatch.fnmatchcase(name, p) for p in _list(statement.get("Resource", [])))
    hits = hits or ("NotResource" in statement and not any(fnmatch.fnmatchcase(name, p) for p in _list(statement["NotResource"])))
    types = [t for test in statement.get("Condition", {}).values() for t in _list(test.get("ResourceType", []))]
    return acts and hits and (not types or any(fnmatch.fnmatchcase(resource.type, t) for t in types))


def _list(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
