"""The role with which the pipeline of another account deploys here."""

from bgspec.plan import Plan
from bgspec.stacks.stack import Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.tools is None:
        return ()
    return (
        Stack(
            key="tools",
            name=plan.names.stack("tools"),
            template="tools.yaml.j2",
            description="Role with which the pipeline of another account deploys here",
            parameters=(),
            outputs=(),
            context={"tools": plan.tools},
            after=(*(("deployment",) if plan.deployment.groups else ()), *(f"service-{service.key}" for service in plan.services)),
            named_iam=True,
        ),
    )
