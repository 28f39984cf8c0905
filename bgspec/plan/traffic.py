"""Which requests go to which service: the rules on both listeners and what happens to all others."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.naming import logical_id
from bgspec.plan.load_balancer import Listener, LoadBalancer
from bgspec.plan.service import Service
from bgspec.plan.target import Target, TargetGroup
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


class Weight(NamedTuple):
    """A target group's share of a rule's requests."""

    group: TargetGroup
    weight: int


class Rule(NamedTuple):
    """A rule of a listener that sends requests to a service."""

    id: Word
    listener: Listener
    priority: int
    conditions: tuple[Condition, ...]
    target: Target
    weights: tuple[Weight, ...]
    """Both groups, where a deployment moves weights inside the rule; empty where it puts another group in blue's place."""

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")


class FixedResponse(NamedTuple):
    """What a listener answers by itself."""

    status: int
    content_type: str
    body: str


class Traffic(NamedTuple):
    """Which requests go where, on both listeners."""

    rules: tuple[Rule, ...]
    """Of the production listener, then of the test listener."""
    default: tuple[Target, ...]
    """The service that gets what no rule names, or none."""
    otherwise: FixedResponse
    """The answer to all others where there is no such service."""


class Placed(NamedTuple):
    """A rule before it stands on its listeners, on both with the same priority."""

    target: Target
    number: int
    """What its logical id ends in."""
    conditions: tuple[Condition, ...]
    priority: int


def resolve(spec: Spec, services: tuple[Service, ...], balancer: LoadBalancer, *, weighted: bool) -> Traffic:
    """Which requests go where.

    With `weighted`, each service has exactly one rule on each listener, with both groups in it, the default service too: ECS moves weights
    inside one rule that it knows by its ARN, and CloudFormation does not tell the ARN of a listener's default rule
    (cfn:AWS::ElasticLoadBalancingV2::Listener.readOnlyProperties).
    """
    response = spec.load_balancer.default
    served = [(target, spec.services[target.service].routes) for service in services for target in service.targets]
    placed = _place(served, weighted=weighted)
    return Traffic(
        rules=tuple(_rule(listener, one, weighted=weighted) for listener in balancer.listeners for one in placed),
        default=() if weighted else tuple(target for target, routes in served if not routes)[:1],
        otherwise=FixedResponse(response.status, response.type, response.body),
    )


def _place(served: list[tuple[Target, list[Route]]], *, weighted: bool) -> tuple[Placed, ...]:
    """Every rule with a priority of its own.

    Where the spec gives none, it follows from the route alone, so a route or a service that is added, taken away or written elsewhere
    moves no rule that exists; only where two routes meet on one number does the later one in the spec take the next.

    A rule is called by its priority. One that exists is therefore never sent again, which would send the weights of its first day, too:
    another priority is another rule, made before the old one leaves, so no request is without one; and no update ever exchanges the
    priorities of two rules, which CloudFormation cannot do, because it changes one after the other and a priority is taken until it is
    free. (Two services that exchange theirs in the spec are refused by ELB with PriorityInUse, and the stack stays as it was.)
    ECS knows its one rule of a service by its ARN, so that one keeps its name whatever its routes.
    """
    taken = {route.priority: route.priority + 1 for _, routes in served for route in routes if route.priority is not None}
    placed = []
    for target, routes in served:
        for together in [routes] if weighted and routes else [[route] for route in routes]:
            conditions = _together(together)
            written = [route.priority for route in together if route.priority is not None]
            priority = min(written) if written else _free(_priority(together[0]), taken)
            taken[priority] = priority + 1
            placed.append(Placed(target, 1 if weighted else priority, conditions, priority))
        if weighted and not routes:
            placed.append(Placed(target, 1, (Condition("path-pattern", Word("PathPatternConfig"), (), ("/*",)),), LAST_PRIORITY))
    return tuple(placed)


def _priority(route: Route) -> int:
    """The more precise, the smaller: more conditions first, then the longer path, then what a checksum of the route says."""
    from zlib import crc32  # noqa: PLC0415  only specs with routes pay for it

    conditions = list(_conditions(route))
    band = (_COUNTS - min(len(conditions), _COUNTS)) * _LENGTHS + _LENGTHS - max(len(route.path or "*"), 1)
    return 1 + band * _ROOM + crc32(repr(conditions).encode()) % _ROOM


def _free(wanted: int, taken: dict[int, int]) -> int:
    """The first number from `wanted` on that is not taken. `taken` says where to look next, and learns it, so no number is tried twice."""
    tried = []
    while wanted in taken:
        tried.append(wanted)
        wanted = taken[wanted]
    taken.update(dict.fromkeys(tried, wanted))
    return wanted


def rule_id(service: str, listener: str, number: int = 1) -> Word:
    """The logical id of a service's rule on a listener; the output with its ARN is called so, too, with `Arn` at its end."""
    return logical_id(service, f"{listener.capitalize()}Rule{number}")


def _rule(listener: Listener, placed: Placed, *, weighted: bool) -> Rule:
    target = placed.target
    return Rule(
        rule_id(target.service, listener.kind, placed.number),
        listener,
        placed.priority,
        placed.conditions,
        target,
        (Weight(target.blue, 1), Weight(target.green, 0)) if weighted else (),
    )


def _together(routes: list[Route]) -> tuple[Condition, ...]:
    """The conditions of one rule for all of these: they differ in one condition at most, whose values stand side by side."""
    first, *others = (list(_conditions(route)) for route in routes)
    return tuple(
        condition._replace(
            values=tuple(dict.fromkeys(value for one in (first, *others) for value in (one[place].values if place < len(one) else ())))
        )
        for place, condition in enumerate(first)
    )


def one_rule(routes: list[Route]) -> bool:
    """Whether these routes fit into one rule: the same kinds of conditions, with different values in one of them at most."""
    conditions = [tuple(_conditions(route)) for route in routes]
    kinds = {tuple((one.field, one.header) for one in each) for each in conditions}
    return len(kinds) <= 1 and sum(len(set(values)) > 1 for values in zip(*conditions, strict=True)) <= 1


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
