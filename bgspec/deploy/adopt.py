"""What an earlier `destroy` kept is taken back: imported into its stack as it is, before the rest of that is made.

A new stack can import or make, not both at once (CloudFormation User Guide, resource-import-new-stack): so it begins with nothing but
what is imported, and an ordinary update adds what else it has. Whoever is stopped in between has a stack that stands, and goes on.
"""

import json
from typing import Any

import yaml

from bgspec.deploy import data
from bgspec.deploy.aws import Aws
from bgspec.deploy.units import Environment, Unit


def kept(aws: Aws, environment: Environment, unit: Unit, account: str) -> tuple[data.Kept, ...]:
    """What of a stack that is to be made is there already, and holds data."""
    return tuple(thing for thing in data.kept(environment, account) if thing.stack == unit.key and data.exists(aws, thing))


def part(unit: Unit, things: tuple[data.Kept, ...]) -> Unit:
    """The stack with these resources alone. None of them refers to another resource of its stack."""
    whole: dict[str, Any] = yaml.load(unit.template, data.Loader)  # noqa: S506  a SafeLoader
    only = {section: whole[section] for section in ("AWSTemplateFormatVersion", "Description", "Parameters") if section in whole}
    resources = {thing.id: whole["Resources"][thing.id] for thing in things}
    return unit._replace(template=json.dumps(only | {"Resources": resources}, indent=1))


def imports(aws: Aws, things: tuple[data.Kept, ...]) -> list[dict[str, Any]]:
    """What is imported, as CreateChangeSet takes it (bc:cloudformation.ResourceToImport)."""
    return [
        {"ResourceType": thing.type, "LogicalResourceId": thing.id, "ResourceIdentifier": data.identifier(aws, thing)} for thing in things
    ]
