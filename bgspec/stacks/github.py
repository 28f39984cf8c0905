"""The role of a GitHub Actions workflow, and the provider by which AWS knows its tokens."""

from bgspec.plan import Plan
from bgspec.stacks.stack import Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.github is None or not (plan.github.role.made or plan.github.stack_roles):
        return ()
    return (
        Stack(
            key="github",
            name=plan.names.stack("github"),
            template="github.yaml.j2",
            description="Role of the GitHub Actions workflow",
            parameters=(),
            outputs=(),
            context={"workflow": plan.github, "own": (plan.github.issuer,) if plan.github.own_provider else ()},
            after=(
                *(("registry",) if any(service.built for service in plan.services) else ()),
                *(("deployment",) if plan.deployment.groups else ()),
                *(f"service-{service.key}" for service in plan.services),
            ),
            named_iam=True,
        ),
    )
