"""The CloudFormation stacks of a plan, in the article's own division, in the order in which they can be deployed."""

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.stacks import (
    access_logs,
    alarms,
    build,
    certificates,
    cluster,
    deployment,
    discovery,
    endpoints,
    github,
    hooks,
    key,
    load_balancer,
    network,
    parameters,
    pipeline,
    registry,
    repository,
    scaling,
    service,
    tools,
    traffic,
)
from bgspec.stacks.stack import Module, Output, Parameter, Stack

# The order is the article's; each stack needs only what stands before it.
STACKS: tuple[Module, ...] = (
    key,
    network,
    endpoints,
    access_logs,
    certificates,
    load_balancer,
    traffic,
    registry,
    cluster,
    discovery,
    alarms,
    hooks,
    service,
    scaling,
    repository,
    build,
    deployment,
    pipeline,
    github,
    tools,
)

_TOOLS: tuple[Module, ...] = (key, repository, build, pipeline)
"""Those of an account that holds nothing but the pipeline."""


def stacks_of(plan: Plan) -> tuple[Stack, ...]:
    """All stacks of the plan, producers before consumers."""
    modules = _TOOLS if plan.half == "tools" else STACKS
    stacks = tuple(stack for module in modules for stack in module.stacks(plan))
    stacks += parameters.stacks(plan, stacks)
    origins = {output.id: stack.key for stack in stacks for output in stack.outputs}
    given = {**dict(plan.network.given), **dict(plan.load_balancer.given)}
    return tuple(_connected(stack, origins, given, stacks) for stack in stacks)


def _connected(stack: Stack, origins: dict[Word, str], given: dict[Word, str], stacks: tuple[Stack, ...]) -> Stack:
    """The same, knowing which of the others it needs and what it takes from each."""
    taken = tuple(_with_origin(parameter, origins, given) for parameter in stack.parameters)
    needs = {*stack.after, *(parameter.origin for parameter in taken)}
    return stack._replace(parameters=taken, needs=tuple(other.key for other in stacks if other.key in needs))


def _with_origin(parameter: Parameter, origins: dict[Word, str], given: dict[Word, str]) -> Parameter:
    """The same, saying from which stack its value comes; what stands already has its value in the template."""
    name, kind, told, default, _, lasting = parameter
    if name in given:
        return Parameter(name, kind, f"{told}, named in the spec", (given[name],))
    if name in origins:
        return Parameter(name, kind, f"{told}, from the {origins[name]} stack", default, origins[name], lasting)
    return parameter


__all__ = ["STACKS", "Output", "Parameter", "Stack", "stacks_of"]
