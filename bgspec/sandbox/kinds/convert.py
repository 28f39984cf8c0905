"""From a template's property to the member of an API message that holds it, or a refusal: nothing is dropped on the way."""

import functools
import json
from collections.abc import Mapping
from typing import Any

from botocore.model import Shape

from bgspec.sandbox.errors import AwsError, NotEmulated


def to_api(shape: Shape, value: Any, renames: Mapping[str, str], path: str) -> Any:
    """`value` in the members of `shape`.

    CloudFormation and the services spell almost every name alike but for the case of its letters; `renames` has the
    others. Scalars are cast as CloudFormation casts them ("80" is a number where a number is due). A property without
    a member raises NotEmulated, so whatever is accepted is held.
    """
    if shape.type_name == "structure" and isinstance(value, dict):
        known = _members(shape)
        found = {}
        for name, item in value.items():
            member = known.get(renames.get(name, name).lower())
            if member is None:
                raise NotEmulated(f"the property {path}.{name}")
            found[member] = to_api(shape.members[member], item, renames, f"{path}.{name}")
        return found
    if shape.type_name == "list" and isinstance(value, list):
        return [to_api(shape.member, item, renames, path) for item in value]
    if shape.type_name == "map" and isinstance(value, dict):
        return {name: to_api(shape.value, item, renames, f"{path}.{name}") for name, item in value.items()}
    return scalar(shape.type_name, value, path)


@functools.cache
def _members(shape: Shape) -> dict[str, str]:
    return {name.lower(): name for name in shape.members}


def scalar(kind: str, value: Any, path: str) -> Any:
    """A scalar as CloudFormation casts it; an object for a string is a policy document."""
    try:
        match kind:
            case "string" if isinstance(value, dict):
                return json.dumps(value, separators=(",", ":"))
            case "string" if isinstance(value, bool):
                return "true" if value else "false"
            case "string" if not isinstance(value, list):
                return str(value)
            case "integer" | "long":
                return int(value)
            case "float" | "double":
                return float(value)
            case "boolean":
                return {"true": True, "false": False}[str(value).lower()]
            case "timestamp" | "blob":
                return value
            case _:
                pass
    except (TypeError, ValueError, KeyError):
        pass
    raise AwsError("ValidationError", f"Value of property {path} must be of type {kind}")
