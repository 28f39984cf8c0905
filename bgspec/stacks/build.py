"""The CodeBuild projects, one for each image that is built."""

from bgspec.plan import Plan
from bgspec.stacks.stack import Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.pipeline is None or not plan.pipeline.projects:
        return ()
    return (
        Stack(
            key="build",
            name=plan.names.stack("build"),
            template="build.yaml.j2",
            description="CodeBuild projects",
            parameters=(),
            outputs=(),
            context={"projects": plan.pipeline.projects},
            after=("registry",),
            named_iam=True,
        ),
    )
