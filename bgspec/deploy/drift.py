"""What runs otherwise than the spec says because somebody changed it by hand.

What deployments move is no drift: one live colour is as right as the other.
"""

from collections.abc import Container, Iterable, Iterator

from bgspec import account as words
from bgspec.checks import Environment
from bgspec.deploy.decide import Seen, step
from bgspec.deploy.live import Live
from bgspec.diagnostics import Diagnostic, Route


def drifts(env: Environment, seen: dict[str, Seen], services: Iterable[Live], counted: Container[str]) -> Iterator[Diagnostic]:
    """What matters of it, service by service. While a deployment is under way nothing is drift.

    Args:
        env: what was written and decided.
        seen: the stacks as they stand, by key.
        services: the services as they run.
        counted: those whose stack changes how many tasks are wanted: that differs because the spec has changed.
    """
    scaled = {service.key for service in env.plan.services if service.scaling}
    served = {service.key for service in env.plan.served}
    for live in services:
        route: Route = ("services", live.service)
        if step(seen[f"service-{live.service}"]) != "update" or live.deploying:
            continue
        if not live.status:
            yield words.drifted(route, "Its stack stands, but the service is gone", "Delete the stack, and apply makes both anew")
            continue
        wanted = env.spec.services[live.service].count
        if live.service not in scaled and live.service not in counted and live.wanted != wanted:
            yield words.drifted(
                env.written((*route, "count"), route),
                f"{live.wanted} task{'s are' if live.wanted != 1 else ' is'} wanted on ECS, the spec says {wanted}",
                f"Set it back with `aws ecs update-service --desired-count {wanted}`, or write `count: {live.wanted}`",
            )
        if live.service in served:
            yield from _traffic(live, route)


def _traffic(live: Live, route: Route) -> Iterator[Diagnostic]:
    shares = {colour: share for colour, share in live.production.items() if share}
    told = live.carried("production") if live.rules else " and ".join(f"{colour} {share} %" for colour, share in shares.items())
    by_hand = "Look at the listener, and give its weights with `aws elbv2 modify-listener` or `modify-rule`"
    if not shares:
        yield words.drifted(route, "The production listener leads to neither of its target groups", by_hand)
    elif len(shares) > 1:
        yield words.drifted(route, f"Production is split ({told}), and no deployment is under way", by_hand)
    else:
        ((colour, _),) = shares.items()
        others = {other: health for other, health in live.healthy.items() if other != colour and _healthy(health)}
        if live.running and not _healthy(live.healthy.get(colour, "")) and others:
            other, health = next(iter(others.items()))
            yield words.drifted(route, f"Production goes to {colour}, where no task is healthy; {other} has {health}", by_hand)


def _healthy(health: str) -> bool:
    """Whether any target is: `2/2` means two of two."""
    return health.partition("/")[0] not in {"", "0"}
