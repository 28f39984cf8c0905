"""What was kept is taken back: imported into its stack as it is, before anything else of that stack is made or changed.

CloudFormation imports or changes, not both at once (CloudFormation User Guide, resource-import-new-stack and -existing-stack): so a new
stack begins with nothing but what is imported, one that stands gets it beside what it has, and an ordinary update does the rest. Whoever is
stopped in between has a stack that stands, and goes on.
"""

import json
from typing import Any

from bgspec.deploy import data
from bgspec.deploy.aws import Aws
from bgspec.deploy.decide import Seen, step
from bgspec.deploy.formation import Formation
from bgspec.deploy.units import Environment, Unit

_EMPTY: dict[str, Any] = {"Resources": {}}


def kept(formation: Formation, environment: Environment, unit: Unit, seen: Seen, account: str) -> tuple[data.Kept, ...]:
    """What a stack is to have, and exists already outside of it, because it holds data."""
    wanted = data.kept(environment._replace(units=(unit,)), account)
    resources = _standing(formation, unit, seen)["Resources"] if wanted else ()
    return tuple(thing for thing in wanted if thing.id not in resources and data.exists(formation.aws, thing))


def part(formation: Formation, unit: Unit, seen: Seen, things: tuple[data.Kept, ...]) -> Unit:
    """The stack as it stands, with these resources and no other change. None of them refers to another resource of its stack."""
    whole = data.read(unit.template)
    about = {section: whole[section] for section in ("AWSTemplateFormatVersion", "Description", "Parameters") if section in whole}
    stands = about | _standing(formation, unit, seen)
    resources = stands["Resources"] | {thing.id: whole["Resources"][thing.id] for thing in things}
    declared = tuple(name for name in unit.parameters if name in stands.get("Parameters", {}))
    return unit._replace(template=json.dumps(stands | {"Resources": resources}, indent=1), parameters=declared)


def imports(aws: Aws, things: tuple[data.Kept, ...]) -> list[dict[str, Any]]:
    """What is imported, as CreateChangeSet takes it (bc:cloudformation.ResourceToImport)."""
    return [
        {"ResourceType": thing.type, "LogicalResourceId": thing.id, "ResourceIdentifier": data.identifier(aws, thing)} for thing in things
    ]


def _standing(formation: Formation, unit: Unit, seen: Seen) -> dict[str, Any]:
    """The template of a stack that stands."""
    return data.read(formation.template(unit.name)) if step(seen) == "update" else _EMPTY
