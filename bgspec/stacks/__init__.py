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


def stacks_of(plan: Plan) -> tuple[Stack, ...]:
    """All stacks of the plan, producers before consumers."""
    stacks = tuple(stack for module in STACKS for stack in module.stacks(plan))
    stacks += parameters.stacks(plan, stacks)
    origins = {output.id: stack.key for stack in stacks for output in stack.outputs}
    given = {**dict(plan.network.given), **dict(plan.load_balancer.given)}
    return tuple(
        stack._replace(parameters=tuple(_with_origin(parameter, origins, given) for parameter in stack.parameters)) for stack in stacks
    )


def _with_origin(parameter: Parameter, origins: dict[Word, str], given: dict[Word, str]) -> Parameter:
    """The same, saying from which stack its value comes; what stands already has its value in the template."""
    if parameter.id in given:
        return parameter._replace(description=f"{parameter.description}, named in the spec", default=(given[parameter.id],))
    if parameter.id in origins:
        return parameter._replace(description=f"{parameter.description}, from the {origins[parameter.id]} stack")
    return parameter


def needs(stack: Stack, stacks: tuple[Stack, ...]) -> tuple[str, ...]:
    """The keys of the stacks that must stand before `stack`, in deployment order."""
    wanted = {parameter.id for parameter in stack.parameters}
    return tuple(
        other.key for other in stacks if other.key in stack.after or (wanted and any(output.id in wanted for output in other.outputs))
    )


__all__ = ["STACKS", "Output", "Parameter", "Stack", "needs", "stacks_of"]
