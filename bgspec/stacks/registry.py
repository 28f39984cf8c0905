"""The ECR repositories, one for each image that is built."""

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.stacks.stack import Output, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    built = [(service, service.repository) for service in plan.services if service.repository]
    if not built:
        return ()
    moving = plan.pipeline.source.moving_tags if plan.pipeline else ()
    return (
        Stack(
            key="registry",
            name=plan.names.stack("registry"),
            template="registry.yaml.j2",
            description="ECR repositories",
            parameters=(),
            outputs=tuple(
                Output(repository.uri_output, f"Where the images of {service.key} are pushed to", repository.uri)
                for service, repository in built
            ),
            context={
                "repositories": [{"service": service, "repository": repository} for service, repository in built],
                "mutability": Word("IMMUTABLE_WITH_EXCLUSION" if moving else "IMMUTABLE"),
                "moving_tags": moving,
            },
        ),
    )
