"""`status`: one screen of what runs now."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, NamedTuple

from bgspec.deploy import colours, final, live
from bgspec.deploy.aws import Aws
from bgspec.deploy.decide import Seen
from bgspec.deploy.formation import Formation
from bgspec.deploy.preview import service_json
from bgspec.deploy.show import moment
from bgspec.deploy.units import Environment


class Status(NamedTuple):
    """What runs."""

    environment: Environment
    account: str
    stacks: dict[str, Seen]
    services: tuple[live.Live, ...]
    colours: dict[str, tuple[colours.Colour, ...]]
    """What runs on each colour, by service."""
    deployments: dict[str, tuple[live.Deployment, ...]]
    """The last ones, the newest first, by service."""
    addresses: dict[str, str]
    run: live.Run | None


def status(aws: Aws, formation: Formation, environment: Environment, account: str) -> Status:
    """Look at everything. Changes nothing."""
    with ThreadPoolExecutor(8) as pool:
        seen = pool.map(lambda unit: formation.seen(unit.name), environment.units)
        stacks = dict(zip((unit.key for unit in environment.units), seen, strict=True))
        outputs = {name: value for one in stacks.values() for name, value in one.outputs.items()}
        served = environment.plan.served
        services = pool.submit(live.services, aws, environment, outputs)
        run = pool.submit(live.last_run, aws, environment)
        running = pool.map(lambda service: colours.colours(aws, environment, service, outputs), served)
        last = pool.map(lambda service: colours.deployments(aws, environment, service), served)
        keys = [service.key for service in served]
        return Status(
            environment,
            account,
            stacks,
            services.result(),
            dict(zip(keys, running, strict=True)),
            dict(zip(keys, last, strict=True)),
            final.addresses(environment, outputs),
            run.result(),
        )


def human(found: Status) -> str:
    """One screen."""
    plan = found.environment.plan
    standing = {key: one.status for key, one in found.stacks.items() if one.status}
    lines = [
        f"{found.environment.name} in {plan.region.name}, account {found.account}",
        f"  {'stacks':<12} {len(standing)} of {len(found.stacks)} stand",
    ]
    lines += [
        f"  {'':<12} {key}: {state} {found.stacks[key].reason}".rstrip()
        for key, state in standing.items()
        if state not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    ]
    for service in found.services:
        lines += _service(service, found)
    if found.run:
        lines.append(f"  {'pipeline':<12} {found.run.status} {moment(found.run.started)} {found.run.revision}".rstrip())
        lines += [f"  {'':<12} {found.run.reason}"] if found.run.reason else []
    return "\n".join(lines) + "\n"


def _service(service: live.Live, found: Status) -> list[str]:
    if not service.status:
        return [f"  {service.service:<12} does not run yet"]
    lines = [f"  {service.service:<12} {service.status}: {service.tasks}, {service.revision}"]
    kinds: tuple[Literal["production", "test"], ...] = ("production", "test")
    for kind in kinds:
        told = service.carried(kind)
        if told:
            lines.append(f"  {'':<12} {kind:<11} {told:<24} {found.addresses.get(kind, '')}".rstrip())
    for one in found.colours.get(service.service, ()):
        healthy = f", {service.healthy[one.colour]} healthy" if service.healthy.get(one.colour) else ""
        lines.append(f"  {'':<12} {one.colour:<11} {one.running}/{one.wanted} tasks{healthy}, {one.revision}{_tagged(one.tags)}")
        lines += [f"  {'':<12} {'':<11} {image}" for image in (one.image, *_beside(one.beside))]
    if not found.colours.get(service.service):
        lines.append(f"  {'':<12} image       {service.image}")
        lines += [f"  {'':<12} {'':<11} {image}" for image in _beside(service.beside)]
    lines += [
        f"  {'':<12} {'' if number else 'deployments':<11} {one.id} {one.status} {moment(one.created)} {one.reason}".rstrip()
        for number, one in enumerate(found.deployments.get(service.service, ()))
    ]
    return lines


def _beside(images: dict[str, str]) -> list[str]:
    return [f"{container}: {image}" for container, image in images.items()]


def _tagged(tags: tuple[str, ...]) -> str:
    return f", tagged {', '.join(tags)}" if tags else ""


def machine(found: Status) -> str:
    """The same as JSON."""
    whole: dict[str, Any] = {
        "system": found.environment.plan.system,
        "environment": found.environment.plan.environment,
        "region": found.environment.plan.region.name,
        "account": found.account,
        "stacks": {key: one.status or None for key, one in found.stacks.items()},
        "services": [_json(service, found) for service in found.services],
        "addresses": found.addresses,
        "pipeline": found.run and found.run._asdict(),
    }
    return json.dumps(whole, indent=2) + "\n"


def _json(service: live.Live, found: Status) -> dict[str, Any]:
    return service_json(service) | {
        "colours": {one.colour: one._asdict() for one in found.colours.get(service.service, ())},
        "deployments": [one._asdict() for one in found.deployments.get(service.service, ())],
    }
