"""What runs on each colour, and which commit that is. Read, never changed."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from bgspec.deploy import live, native
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.units import Environment
from bgspec.plan.service import Build, Service

_SHOWN = 3
"""Deployments that are told: the one under way, and what came before."""


class Colour(NamedTuple):
    """One colour of a service on which tasks run, or should."""

    colour: str
    running: int
    wanted: int
    revision: str
    """The task definition, `family:number`."""
    image: str
    beside: dict[str, str]
    """The images of sidecars that deployments bring, by container."""
    tags: tuple[str, ...]
    """What the registry calls the image: the pipeline tags it with the commit."""


def colours(aws: Aws, environment: Environment, service: Service, outputs: dict[str, str]) -> tuple[Colour, ...]:
    """What runs on each colour of a service: on one, or on both while a deployment is under way.

    Args:
        aws: where to ask.
        environment: whose service it is.
        service: the service.
        outputs: the outputs of all stacks that stand.
    """
    names = {outputs[group.output]: group.colour for target in service.targets for group in target.groups if group.output in outputs}
    found = live.described(aws, environment.plan.cluster, service.name)
    parts = []
    for group, running, wanted, definition in (*_task_sets(found), *_revisions(aws, found)):
        if group in names:
            images = live.images(aws, definition)
            own, beside = images.get(service.key, ""), live.beside(service, images)
            parts.append(Colour(names[group], running, wanted, definition.rpartition("/")[2], own, beside, _tags(aws, service, images)))
    return tuple(parts)


def _task_sets(found: dict[str, Any]) -> Iterator[tuple[str, int, int, str]]:
    """Target group, running, wanted and task definition of each task set: CodeDeploy's way (bc:ecs.TaskSet)."""
    for one in found.get("taskSets", ()):
        for balancer in one.get("loadBalancers", ()):
            yield balancer.get("targetGroupArn", ""), one["runningCount"], one["computedDesiredCount"], one["taskDefinition"]


def _revisions(aws: Aws, found: dict[str, Any]) -> Iterator[tuple[str, int, int, str]]:
    """The same of each revision that serves: ECS's own way. Its resolved configuration names the target group (bc:ecs.ServiceRevision)."""
    current = {one["arn"]: one for one in found.get("currentServiceRevisions", ())}
    if not current or found.get("taskSets"):
        return
    for one in aws.call("ecs", "describe_service_revisions", serviceRevisionArns=list(current))["serviceRevisions"]:
        counts = current[one["serviceRevisionArn"]]
        for balancer in one.get("resolvedConfiguration", {}).get("loadBalancers", ()):
            yield balancer.get("targetGroupArn", ""), counts["runningTaskCount"], counts["requestedTaskCount"], one["taskDefinition"]


def _tags(aws: Aws, service: Service, images: dict[str, str]) -> tuple[str, ...]:
    """What the registry calls the images that deployments bring, each tag once; of another one, only what its address says."""
    found = [_tags_of(aws, images.get(image.container, ""), image.builds) for image in service.brought or service.images[:1]]
    return tuple(dict.fromkeys(tag for tags in found for tag in tags))


def _tags_of(aws: Aws, image: str, builds: tuple[Build, ...]) -> tuple[str, ...]:
    """The tags of an image in its own repository; of another one, only what its address says."""
    _, _, digest = image.partition("@")
    if not digest:
        address, _, tag = image.rpartition(":")
        return (tag,) if address and "/" not in tag else ()
    for build in builds:
        try:
            found = aws.call("ecr", "describe_images", repositoryName=build.repository.name, imageIds=[{"imageDigest": digest}])
        except RefusedError as error:
            if error.code in {"ImageNotFoundException", "RepositoryNotFoundException"}:
                return ()
            raise
        return tuple(tag for one in found["imageDetails"] for tag in one.get("imageTags", ()))
    return ()


def deployments(aws: Aws, environment: Environment, service: Service) -> tuple[live.Deployment, ...]:
    """The last deployments of a service and what became of them, the newest first."""
    for group in environment.plan.deployment.groups:
        if group.service.key == service.key:
            return live.last_deployments(aws, group.application, group.name)[:_SHOWN]
    return tuple(map(live.of_ecs, native.newest(aws, environment.plan.cluster, service.name)[:_SHOWN] if service.targets else ()))
