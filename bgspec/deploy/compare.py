"""What an update of a stack would change, seen together with what runs: nothing here changes anything."""

from collections.abc import Iterator

from bgspec.deploy import data, image, live, rights
from bgspec.deploy.aws import Aws
from bgspec.deploy.decide import (
    Change,
    Seen,
    Update,
    Verdict,
    astray,
    controller_changes,
    gone,
    judge,
    recounted,
    regraced,
    step,
    taken,
    unlogged,
    updated,
)
from bgspec.deploy.formation import ChangeSet, Formation
from bgspec.deploy.preflight.gone import exists
from bgspec.deploy.units import Environment, Unit


def own(environment: Environment, unit: Unit, seen: Seen, account: str) -> dict[str, str]:
    """What no other stack gives a stack: what it was made with, or is made with now. Images that the spec names are the spec's always."""
    made_with = seen.parameters if step(seen) == "update" else {}
    images = [one for service in unit.services for one in service.images]
    first = {one.parameter: image.address(environment.plan, one, account) for one in images}
    keeps = {*unit.lasting, *(one.parameter for one in images if not one.uri)}
    stays = {name: value for name, value in made_with.items() if name in keeps and value}
    return unit.lasting | first | stays


def compare(  # noqa: PLR0913, PLR0917  all that an update depends on
    formation: Formation,
    environment: Environment,
    unit: Unit,
    seen: Seen,
    parameters: dict[str, str],
    account: str,
    allowed: frozenset[str],
) -> tuple[ChangeSet, Verdict]:
    """What an update would change, and whether it may. The change set waits to be executed or forgotten.

    Once a deployment has replaced the first image, the stack still names that. As long as nothing else changes it stays so; what
    changes the task must not bring the first image back, so it is compared again with the image that runs.
    """
    tags = environment.plan.tags
    updates = _updates(formation.aws, environment, unit, seen)
    change_set = formation.change_set(unit, seen, parameters, tags)
    if not change_set.id:
        return change_set, updated(Verdict("nothing"), updates)
    if unit.services and any(change.type in {"AWS::ECS::TaskDefinition", "AWS::ECS::Service"} for change in change_set.found):
        running = _running(formation.aws, environment, unit, seen)
        if running and running != {name: parameters[name] for name in running}:
            formation.forget(change_set)
            parameters = parameters | running
            change_set = formation.change_set(unit, seen, parameters, tags)
    held = rights.held(formation, environment, unit, change_set.found, account)
    if held:
        formation.forget(change_set)
        change_set = formation.change_set(held, seen, parameters, tags)
        if not change_set.id:
            return change_set, updated(Verdict("nothing", (rights.WORDS,), again=True), updates)
    hindered = dict(_hindered(formation.aws, environment, unit, seen, change_set.found, account))
    verdict = judge(unit.key, unit.controller, change_set.found, allowed, hindered)
    if held and not verdict.stops:
        verdict = verdict._replace(reasons=(*verdict.reasons, rights.WORDS), again=True)
    return change_set, updated(verdict._replace(changes=change_set.found), updates)


def _hindered(  # noqa: PLR0913, PLR0917  all that runs
    aws: Aws, environment: Environment, unit: Unit, seen: Seen, found: tuple[Change, ...], account: str
) -> Iterator[tuple[str, Verdict]]:
    """What may not be done because of what runs, by the logical id of the change."""
    for rule in _astray(aws, environment, seen, found):
        yield rule, astray(rule)
    changes = {change.id: change for change in found if change.action in {"Add", "Modify"}}
    renewed = [change for change in changes.values() if change.type == "AWS::ECS::TaskDefinition"]
    for thing in data.named(environment, unit, account):
        change = changes.get(thing.id)
        if change and change.action == "Modify" and not exists(aws, thing):
            yield thing.id, gone(change)
        if change and change.action == "Add" and thing.retained and thing.type in data.DATA and exists(aws, thing):
            yield thing.id, taken(change, thing.name)
        if not change and renewed and thing.type == "AWS::Logs::LogGroup" and not exists(aws, thing):
            yield renewed[0].id, unlogged(renewed[0], thing.name)


def _updates(aws: Aws, environment: Environment, unit: Unit, seen: Seen) -> tuple[Update, ...]:
    """What is to be updated on ECS itself: CloudFormation would send the whole service, and ECS refuses that under CodeDeploy."""
    found: list[Update] = []
    for service in unit.services if unit.controller == "CODE_DEPLOY" else ():
        runs = live.described(aws, environment.plan.cluster, service.name)
        if runs and not service.scaling:
            found += recounted(runs["desiredCount"], service.tasks, seen.outputs.get(service.wanted_count, ""))
        if runs:
            found += regraced(runs.get("healthCheckGracePeriodSeconds", 0), service.target.health_check.grace)
    return tuple(found)


def engine_changes(aws: Aws, environment: Environment, unit: Unit) -> Verdict | None:
    """What it means where a stack's service is to be deployed by another engine than the one that deploys it; None where it is not."""
    for service in unit.services if unit.controller else ():
        return controller_changes(service.key, live.controller(aws, environment.plan.cluster, service.name), unit.controller)
    return None


def _astray(aws: Aws, environment: Environment, seen: Seen, found: tuple[Change, ...]) -> Iterator[str]:
    """The production rules that would be made and send their first requests to blue, while the service's others go elsewhere."""
    new = {change.id for change in found if change.action == "Add" and change.type == "AWS::ElasticLoadBalancingV2::ListenerRule"}
    for rule in environment.plan.traffic.rules:
        if rule.id in new and rule.listener.kind == "production":
            service = next(one for one in environment.plan.served if one.key == rule.target.service)
            if _elsewhere(live.production(aws, service, seen.outputs)):
                yield rule.id


def _elsewhere(weights: dict[str, int]) -> bool:
    """Whether production goes anywhere but to blue alone; a service that gets no requests yet goes nowhere."""
    return bool(weights) and any(share for colour, share in weights.items() if colour != "blue")


def _running(aws: Aws, environment: Environment, unit: Unit, seen: Seen) -> dict[str, str]:
    """The images that run now, unless the spec names them itself, or builds them only from now on."""
    found: dict[str, str] = {}
    for service in unit.services:
        primary = live.primary(aws, environment.plan.cluster, service.name)
        if primary.get("taskDefinition"):
            running = live.images(aws, primary["taskDefinition"])
            found |= {
                image.parameter: running.get(image.container, "")
                for image in service.images
                if not image.uri and image.parameter in seen.parameters
            }
    return {name: address for name, address in found.items() if address}
