"""BG51x: images that are built beside a service's own."""

import re
from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.spec.values import LONGEST_SERVICE_NAME, SERVICE_NAME

_MOST_IMAGES = 4


@rule("BG510")
def name_of_a_built_sidecar(env: Environment) -> Iterator[Found]:
    """A sidecar that is built needs a name like a service's.

    What: A sidecar's image is built, and its name holds capitals, underscores or doubled hyphens, begins a word with a digit, or is longer
        than 32 characters.
    Why: The name becomes part of what belongs to its image: of an ECR repository, which knows small letters only, of logical ids, which
        know neither `-` nor `_`, and of variables of the build. Two names that differ in those alone would meet.
    Mend: Use small letters and digits, in words joined by single hyphens.
    Source: bc:ecr.RepositoryName; CloudFormation User Guide, resources-section-structure (logical ids are alphanumeric).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              Front_Proxy:
                image: {build: proxy}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              front-proxy:
                image: {build: proxy}
    """
    for service in env.plan.services:
        for image, _ in service.built:
            name = image.container
            if image is not service.image and (len(name) > LONGEST_SERVICE_NAME or not re.match(SERVICE_NAME, name)):
                yield Found(
                    image.route[:-1],
                    f"`{name}` cannot be the name of a sidecar whose image is built.",
                    f"Use small letters and digits, in words joined by single hyphens, at most {LONGEST_SERVICE_NAME} characters.",
                    "key",
                )


@rule("BG511")
def one_repository_for_two(env: Environment) -> Iterator[Found]:
    """Two images would lie in one repository.

    What: Two images that are built name the same `repository`; or a sidecar and a service are called so that what belongs to their images
        would have one name.
    Why: Both would be pushed under the commit's id. The second finds the first under it, and is not built: its container would run the
        image of the other.
    Mend: Give each image a repository of its own; leave `repository` away, and one is made. Or rename the sidecar.
    Source: CodeBuild User Guide, sample-docker; the rest is derived from the build, which looks a commit's image up before it builds it.

    Fails:
        services:
          web:
            image: {build: app, repository: shop/web}
            port: 8080
            sidecars:
              proxy:
                image: {build: proxy, repository: shop/web}
    Passes:
        services:
          web:
            image: {build: app, repository: shop/web}
            port: 8080
            sidecars:
              proxy:
                image: {build: proxy, repository: shop/proxy}
    """
    seen: dict[tuple[str, str], Route] = {}
    for image, build in env.built if len(env.built) > 1 else ():
        what = (("repository", build.repository.name), ("id", build.repository.id))
        for kind, name in what:
            if (kind, name) in seen:
                named = env.wrote(*image.route, "repository")
                yield Found(
                    (*image.route, "repository") if named else image.route,
                    f"This image would share the {kind} `{name}` with another one.",
                    "Give each image a repository of its own." if named else "Rename the sidecar.",
                    related=(("the other image", seen[kind, name]),),
                )
                break
        seen |= dict.fromkeys(what, image.route)


@rule("BG512")
def too_many_images(env: Environment) -> Iterator[Found]:
    """A deployment brings more images than the pipeline can hand on.

    What: More than four images of one service are built, and CodeDeploy replaces it; or somebody else pushes more than four of them.
    Why: The deploy action knows Image1 to Image4, and a build takes five artifacts: the source, and four that tell what was pushed.
    Mend: Name some sidecars' images with their address, or use `engine: ecs`, whose stacks take any number.
    Source: CodePipeline User Guide, action-reference-ECSbluegreen and action-reference-CodeBuild (number of input artifacts).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              a: {image: {build: a}}
              b: {image: {build: b}}
              c: {image: {build: c}}
              d: {image: {build: d}}
        pipeline:
          source: {provider: codecommit}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              a: {image: {build: a}}
              b: {image: {build: b}}
              c: {image: {build: c}}
        pipeline:
          source: {provider: codecommit}
    """
    for project in env.plan.pipeline.projects if env.plan.pipeline else ():
        if project.details or project.pushed:
            for image in project.service.brought[_MOST_IMAGES:]:
                yield Found(
                    image.route,
                    f"A deployment of {project.service.key} can bring {_MOST_IMAGES} images, and this is one more.",
                    "Name the image with its address, or use `engine: ecs`." if project.builds else "Name the image with its address.",
                    related=(("who deploys it", env.written(("deployment", "engine"), ("pipeline",))),),
                )
