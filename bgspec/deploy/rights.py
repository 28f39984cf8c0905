"""What the tasks that run need of their roles is kept until the tasks of a new revision have taken over.

A service's stack holds its roles beside its task definition. An update that brings both takes away what only the old revision needs: the
right to pull from another repository, to read another secret. But its tasks run on until a deployment has replaced them, for ever where
that fails, and each that ECS has to start again needs all of it. So such an update leaves the old rights beside the new ones, and the next
one, once the new revision runs, takes them away.
"""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from bgspec.deploy import data, deployments, live
from bgspec.deploy.decide import Change
from bgspec.deploy.formation import Formation
from bgspec.deploy.units import Environment, Unit
from bgspec.plan.service import Service

WORDS = "what the tasks that run need of their roles stays until new ones have taken over; apply takes it away then"
_POLICY = "UntilDeployed"
_ECR = re.compile(r"(?P<account>\d{12})\.dkr[.-]ecr\..+?/(?P<name>[^:@]+)")
"""The address of an image in ECR (ECR User Guide, Registries): its account and its repository."""

Statement = dict[str, Any]


def held(formation: Formation, environment: Environment, unit: Unit, found: Iterable[Change], account: str) -> Unit | None:
    """The same stack with the rights that are still needed; None where none of them would go.

    Args:
        formation: CloudFormation.
        environment: whose stack it is.
        unit: a stack that stands.
        found: what its update would change.
        account: the caller's, twelve digits.
    """
    # Their statements name things by ARN; one that referred to what the new template has no longer could not stay.
    own: dict[str, Service] = {role.id: service for service in unit.services for role in (*service.execution_roles, *service.task_roles)}
    roles = [change.id for change in found if change.id in own and change.action == "Modify" and not change.replaces]
    if not roles:
        return None
    service = own[roles[0]]
    now = str(live.primary(formation.aws, environment.plan.cluster, service.name).get("taskDefinition", ""))
    if not now:
        return None
    stands, wanted = data.read(formation.template(unit.name))["Resources"], data.read(unit.template)
    lost = {role: _lost(stands[role]["Properties"], wanted["Resources"][role]["Properties"]) for role in roles if role in stands}
    if not any(map(any, lost.values())):
        return None
    comes = any(change.type == "AWS::ECS::TaskDefinition" for change in found) or deployments.behind(
        formation.aws, environment, service, now
    )
    dropped = [statement for statements, _ in lost.values() for statement in statements]
    if not comes and not _pulled(live.images(formation.aws, now).values(), dropped, environment, account):
        return None
    for role, (statements, managed) in lost.items():
        properties = wanted["Resources"][role]["Properties"]
        if statements:
            policy = {"PolicyName": _POLICY, "PolicyDocument": {"Version": "2012-10-17", "Statement": statements}}
            properties["Policies"] = [*properties.get("Policies", ()), policy]
        if managed:
            properties["ManagedPolicyArns"] = [*properties.get("ManagedPolicyArns", ()), *managed]
    return unit._replace(template=json.dumps(wanted, indent=1))


def _lost(stands: dict[str, Any], wanted: dict[str, Any]) -> tuple[list[Statement], list[Any]]:
    """The statements and the managed policies that a role has now and would have no longer."""
    new, kept = list(_statements(wanted)), wanted.get("ManagedPolicyArns", ())
    statements = [one for one in _statements(stands) if one not in new]
    return statements, [one for one in stands.get("ManagedPolicyArns", ()) if one not in kept]


def _statements(role: dict[str, Any]) -> Iterator[Statement]:
    """All statements in a role, without their names: those of two revisions may be the same."""
    for policy in role.get("Policies", ()):
        for statement in policy["PolicyDocument"]["Statement"]:
            yield {key: value for key, value in statement.items() if key != "Sid"}


def _pulled(images: Iterable[str], dropped: Iterable[Statement], environment: Environment, account: str) -> bool:
    """Whether an image that runs comes from a repository that its role could not pull from any more."""
    found = filter(None, map(_ECR.match, images))
    repositories = tuple(f":{image['account']}:repository/{image['name']}" for image in found)
    return any(
        data.text(one, environment, account).endswith(repositories) for statement in dropped for one in statement.get("Resource", ())
    )
