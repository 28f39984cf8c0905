"""`status`: one screen of what runs now."""

import json
from typing import Any, NamedTuple

from bgspec.deploy import final, live
from bgspec.deploy.aws import Aws
from bgspec.deploy.decide import Seen
from bgspec.deploy.formation import Formation
from bgspec.deploy.preview import service_json
from bgspec.deploy.units import Environment


class Status(NamedTuple):
    environment: Environment
    account: str
    stacks: dict[str, Seen]
    services: tuple[live.Live, ...]
    addresses: dict[str, str]
    run: live.Run | None


def status(aws: Aws, formation: Formation, environment: Environment, account: str) -> Status:
    """Look at everything. Changes nothing."""
    stacks = {unit.key: formation.seen(unit.name) for unit in environment.units}
    outputs = {name: value for one in stacks.values() for name, value in one.outputs.items()}
    services = live.services(aws, environment, outputs)
    return Status(environment, account, stacks, services, final.addresses(environment, outputs), live.last_run(aws, environment))


def human(found: Status) -> str:
    """One screen."""
    plan = found.environment.plan
    standing = {key: one.status for key, one in found.stacks.items() if one.status}
    lines = [
        f"{found.environment.name} in {plan.region.name}, account {found.account}",
        f"  {'stacks':<12} {len(standing)} of {len(found.stacks)} stand",
    ]
    lines += [f"  {'':<12} {key}: {state}" for key, state in standing.items() if state not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}]
    for service in found.services:
        lines += _service(service, found.addresses)
    if found.run:
        lines.append(f"  {'pipeline':<12} {found.run.status} {found.run.started} {found.run.revision}".rstrip())
    return "\n".join(lines) + "\n"


def _service(service: live.Live, addresses: dict[str, str]) -> list[str]:
    if not service.status:
        return [f"  {service.service:<12} does not run yet"]
    lines = [f"  {service.service:<12} {service.status}: {service.running} of {service.wanted} tasks run, {service.revision}"]
    lines.append(f"  {'':<12} image       {service.image}")
    for kind, weights in (("production", service.production), ("test", service.test)):
        if weights:
            told = ", ".join(f"{colour} {weight} %" for colour, weight in weights.items())
            lines.append(f"  {'':<12} {kind:<11} {told:<24} {addresses.get(kind, '')}".rstrip())
    health = ", ".join(f"{colour} {count}" for colour, count in service.healthy.items() if count)
    if health:
        lines.append(f"  {'':<12} healthy     {health}")
    if service.deployment:
        last = service.deployment
        lines.append(f"  {'':<12} deployment  {last.id} {last.status} {last.created} {last.reason}".rstrip())
    return lines


def machine(found: Status) -> str:
    """The same as JSON."""
    whole: dict[str, Any] = {
        "system": found.environment.plan.system,
        "environment": found.environment.plan.environment,
        "region": found.environment.plan.region.name,
        "account": found.account,
        "stacks": {key: one.status or None for key, one in found.stacks.items()},
        "services": [service_json(service) for service in found.services],
        "addresses": found.addresses,
        "pipeline": found.run and found.run._asdict(),
    }
    return json.dumps(whole, indent=2) + "\n"
