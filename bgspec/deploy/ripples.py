"""What a change of one stack means for those that take its outputs: told before anything changes, though the new values are not known yet.

A stack that stands is compared with stand-ins for such values. Of parameters of AWS's own types CloudFormation asks whether what they name
exists (CloudFormation User Guide, cloudformation-supplied-parameter-types), so subnets stand in for subnets, in another order; where
nothing can stand in, plan says that it cannot know.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from bgspec.cfn import GetAtt, Ref, Sub, Value
from bgspec.deploy.decide import Change, Seen
from bgspec.deploy.units import Unit
from bgspec.stacks.stack import SUBNETS

_INSERTED = re.compile(r"\$\{(\w+)[.}]")
_LATER = "arn:aws:kms:us-east-1:000000000000:key/becomes-known-later"
"""Shaped like a key's ARN, which CloudFormation looks at before anything happens (KmsKeyId in the schema of AWS::Logs::LogGroup)."""


class Move(NamedTuple):
    """An output that will not be what it is today, or is not there yet."""

    output: str
    stack: str
    """The key of the stack that says it."""


def moves(unit: Unit, seen: Seen, found: Iterable[Change]) -> Iterator[Move]:
    """The outputs of a stack that its changes change.

    Args:
        unit: the stack as it is to be.
        seen: the stack as it stands; nothing of it stays if it has no outputs.
        found: the changes of its change set.
    """
    changes = tuple(found)
    renewed = {change.id for change in changes if change.action == "Add" or change.replaces}
    gone = tuple(change.physical for change in changes if change.physical and (change.replaces or change.action == "Remove"))
    for output in unit.outputs:
        today = seen.outputs.get(output.id)
        if today is None or not renewed.isdisjoint(_named(output.value)) or any(one in today for one in gone):
            yield Move(output.id, unit.key)


def _named(value: Value) -> tuple[str, ...]:
    """The resources that the value of an output names."""
    if isinstance(value, GetAtt):
        return (value.resource,)
    if isinstance(value, Ref):
        return (str(value),)
    return tuple(_INSERTED.findall(value)) if isinstance(value, Sub) else ()


def stand_ins(unit: Unit, names: Iterable[str], today: Mapping[str, str]) -> dict[str, str] | None:
    """Values for parameters that CloudFormation takes and that are not those of today; None where there are none.

    Args:
        unit: the stack that is to be compared.
        names: the parameters whose values are not known yet.
        today: what they are now, and all other values that are known.
    """
    found = {name: _stand_in(unit.types[name], today.get(name, ""), today.values()) for name in names}
    return {name: value for name, value in found.items() if value} if all(found.values()) else None


def _stand_in(kind: str, today: str, known: Iterable[str]) -> str:
    """Empty for none."""
    if kind == SUBNETS:
        others = (",".join(reversed(value.split(","))) for value in (today, *known) if value.startswith("subnet-"))
        return next((other for other in others if other != today), "")
    if kind.startswith("AWS::"):
        return ""
    return f"{today}0" if today else _LATER
