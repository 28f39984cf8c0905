"""Which requests go to which service: the rules on both listeners and what happens to all others."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.naming import logical_id
from bgspec.plan.load_balancer import Listener, LoadBalancer
from bgspec.plan.service import Service
from bgspec.plan.target import Target
from bgspec.spec import Route, Spec

LAST_PRIORITY = 50000
"""The largest priority of a rule (cfn:AWS::ElasticLoadBalancingV2::ListenerRule)."""

# Rules without a priority of their own get one from 1 to 49920: 4 bands by the number of conditions, in each 128 by the length of the
# path (which is at most 128 characters), in each room for 97.
_ROOM = 97
_LENGTHS = 128
_COUNTS = 4


class Condition(NamedTuple):
    """One condition of a rule, as CloudFormation describes it."""

    field: str
    """`path-pattern` and its like."""
    config: Word
    """The property that holds the values."""
    header: tuple[str, ...]
    """The header's name, where it is one."""
    values: tuple[str, ...]


class Rule(NamedTuple):
    """A rule of a listener that sends requests to a service."""

    id: Word
    listener: Listener
    priority: int
    conditions: tuple[Condition, ...]
    target: Target

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")


class FixedResponse(NamedTuple):
    """What a listener answers by itself."""

    status: int
    content_type: str
    body: str


class Traffic(NamedTuple):
    rules: tuple[Rule, ...]
    """Of the production listener, then of the test listener."""
    default: tuple[Target, ...]
    """The service that gets what no rule names, or none."""
    otherwise: FixedResponse
    """The answer to all others where there is no such service."""


class Placed(NamedTuple):
    """A route with its service and its priority, the same on both listeners."""

    service: Service
    target: Target
    number: int
    """Counts the service's routes from 1."""
    route: Route
    priority: int


def resolve(spec: Spec, services: tuple[Service, ...], balancer: LoadBalancer) -> Traffic:
    response = spec.load_balancer.default
    placed = place(spec, services)
    return Traffic(
        rules=tuple(_rule(listener, one) for listener in balancer.listeners for one in placed),
        default=tuple(target for service in services if not spec.services[service.key].routes for target in service.targets)[:1],
        otherwise=FixedResponse(response.status, response.type, response.body),
    )


def place(spec: Spec, services: tuple[Service, ...]) -> tuple[Placed, ...]:
    """Every route with a priority of its own.

    Where the spec gives none, it follows from the route alone, so a service that is added moves no rule that exists; only where two
    routes meet on one number does the later one in the spec take the next.
    """
    routes = [
        (service, target, number, route)
        for service in services
        for target in service.targets
        for number, route in enumerate(spec.services[service.key].routes, 1)
    ]
    taken = {route.priority for *_, route in routes if route.priority is not None}
    placed = []
    for service, target, number, route in routes:
        priority = route.priority or _free(_priority(route), taken)
        taken.add(priority)
        placed.append(Placed(service, target, number, route, priority))
    return tuple(placed)


def _priority(route: Route) -> int:
    """The more precise, the smaller: more conditions first, then the longer path, then what a checksum of the route says."""
    from zlib import crc32  # noqa: PLC0415  only specs with routes pay for it

    conditions = list(_conditions(route))
    band = (_COUNTS - min(len(conditions), _COUNTS)) * _LENGTHS + _LENGTHS - max(len(route.path or "*"), 1)
    return 1 + band * _ROOM + crc32(repr(conditions).encode()) % _ROOM


def _free(wanted: int, taken: set[int]) -> int:
    while wanted in taken:
        wanted += 1
    return wanted


def _rule(listener: Listener, placed: Placed) -> Rule:
    return Rule(
        logical_id(placed.service.key, f"{listener.kind.capitalize()}Rule{placed.number}"),
        listener,
        placed.priority,
        tuple(_conditions(placed.route)),
        placed.target,
    )


def _conditions(route: Route) -> Iterator[Condition]:
    simple: tuple[tuple[Literal["path-pattern", "host-header", "http-request-method"], str, str | None], ...] = (
        ("host-header", "HostHeaderConfig", route.host),
        ("path-pattern", "PathPatternConfig", route.path),
        ("http-request-method", "HttpRequestMethodConfig", route.method),
    )
    for field, config, value in simple:
        if value:
            yield Condition(field, Word(config), (), (value,))
    for name, value in route.header.items():
        yield Condition("http-header", Word("HttpHeaderConfig"), (name,), (value,))
