"""The CloudFormation stacks of a plan, in the article's own division, in the order in which they can be deployed."""

from bgspec.plan import Plan
from bgspec.stacks import (
    access_logs,
    alarms,
    build,
    certificates,
    cluster,
    deployment,
    endpoints,
    hooks,
    load_balancer,
    network,
    pipeline,
    registry,
    repository,
    service,
    traffic,
)
from bgspec.stacks.stack import Module, Output, Parameter, Stack

# The order is the article's; each stack needs only what stands before it.
STACKS: tuple[Module, ...] = (
    network,
    endpoints,
    access_logs,
    certificates,
    load_balancer,
    traffic,
    registry,
    cluster,
    alarms,
    hooks,
    service,
    repository,
    build,
    deployment,
    pipeline,
)


def stacks_of(plan: Plan) -> tuple[Stack, ...]:
    """All stacks of the plan, producers before consumers."""
    return tuple(stack for module in STACKS for stack in module.stacks(plan))


def needs(stack: Stack, stacks: tuple[Stack, ...]) -> tuple[str, ...]:
    """The keys of the stacks that must stand before `stack`, in deployment order."""
    wanted = {parameter.id for parameter in stack.parameters}
    return tuple(other.key for other in stacks if other.key in stack.after or wanted.intersection(output.id for output in other.outputs))


__all__ = ["STACKS", "Output", "Parameter", "Stack", "needs", "stacks_of"]
