"""The ECR repositories, one for each image that is built."""

from types import SimpleNamespace

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.plan.machine import PUSH
from bgspec.plan.service import Image, Service
from bgspec.stacks.stack import Output, Stack, key


def stacks(plan: Plan) -> tuple[Stack, ...]:
    built = [
        (_whose(service, image), build.repository) for service in plan.services for image, build in service.built if build.repository.own
    ]
    if not built:
        return ()
    mutability = plan.registry.mutability
    moving = plan.pipeline.source.moving_tags if plan.pipeline else ()
    return (
        Stack(
            key="registry",
            name=plan.names.stack("registry"),
            template="registry.yaml.j2",
            description="ECR repositories",
            parameters=key(plan) if plan.registry.key == plan.encryption.keys else (),
            outputs=tuple(
                Output(repository.uri_output, f"Where the images of {whose} are pushed to", repository.uri) for whose, repository in built
            ),
            context={
                "repositories": [
                    SimpleNamespace(
                        whose=whose,
                        repository=repository,
                        builders=[one for one in (plan.tools.builders if plan.tools else ()) if one.repository == repository.name],
                    )
                    for whose, repository in built
                ],
                "registry": plan.registry,
                "push": PUSH,
                "about_tags": "A tag never changes its meaning: the image of a commit is the image of that commit for ever."
                if mutability == "IMMUTABLE"
                else "A tag can be moved to another image.",
                "mutability": Word(f"{mutability}_WITH_EXCLUSION" if moving and mutability == "IMMUTABLE" else mutability),
                "moving_tags": moving if mutability == "IMMUTABLE" else (),
            },
        ),
    )


def _whose(service: Service, image: Image) -> str:
    return service.key if image is service.image else f"{image.container} beside {service.key}"
