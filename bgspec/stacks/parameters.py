"""What the stacks tell, as SSM parameters: for stacks, scripts and pipelines that are not bgspec's."""

from bgspec.naming import logical_id
from bgspec.plan import Plan
from bgspec.stacks.stack import Stack, text


def stacks(plan: Plan, made: tuple[Stack, ...]) -> tuple[Stack, ...]:
    """The stack that publishes the outputs of all others, or none."""
    outputs = [output for stack in made for output in stack.outputs]
    return tuple(
        Stack(
            key="parameters",
            name=plan.names.stack("parameters"),
            template="parameters.yaml.j2",
            description="SSM parameters with what the other stacks tell",
            parameters=tuple(text(output.id, output.description) for output in outputs),
            outputs=(),
            context={"published": [(logical_id(output.id, "Parameter"), f"{path}/{output.id}", output) for output in outputs]},
        )
        for path in plan.published
    )
