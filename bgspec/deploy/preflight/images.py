"""Images that exist: are they there, and for the task's processor? Only ECR is asked."""

import json
import urllib.request
from collections.abc import Iterator
from functools import partial
from typing import Any

from bgspec import account as words
from bgspec.checks import Environment
from bgspec.deploy import image
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.preflight.look import Look
from bgspec.diagnostics import Diagnostic, Route
from bgspec.plan.images import ecr_image

# What an image may be described by (OCI Image Format Specification, and Docker's own that came before it).
_INDEXES = ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
_MANIFESTS = ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
_PATIENCE = 10.0
"""Seconds for a configuration of some kilobytes."""
_LARGEST = 4 * 1024 * 1024
_UNKNOWN = "Look yourself if you are not sure."


def looks(env: Environment, account: str) -> Iterator[Look]:
    """The images in ECR: the tag or digest, and the processor they were built for."""
    processors = {service.key: service.platform.partition("/")[2] for service in env.plan.services}
    for found in env.images:
        yield _look(found.route, found.architecture, found.uri, processors[str(found.route[1])], env.plan.region.name)
    for service in env.plan.services:
        for one, _ in service.built:  # the first image, where somebody has pushed it already
            uri, architecture = image.address(env.plan, one, account), (*service.image.route, "architecture")
            yield Look(one.route, "the first image", partial(_ecr, (one.route, architecture), uri, processors[service.key], needed=False))


def arns(env: Environment) -> Iterator[str]:
    """The images in ECR as the sandbox's seeds have them: the repository's ARN with the tag and the processor."""
    processors = {service.key: service.platform.partition("/")[2] for service in env.plan.services}
    for found in env.images:
        for named in ecr_image(found.uri):
            tag, ident = _selected(found.uri)
            if named.region == env.plan.region.name and "imageTag" in ident:
                arn = f"arn:{env.plan.region.partition}:ecr:{named.region}:{named.account}:repository/{named.repository}"
                yield f"{arn}:{tag}:{processors[str(found.route[1])]}"


def _look(route: Route, architecture: Route, uri: str, wanted: str, region: str) -> Look:
    for found in ecr_image(uri):
        if found.region == region:
            return Look(route, "the image", partial(_ecr, (route, architecture), uri, wanted, needed=True))
        return Look(route, "the image", partial(_elsewhere, route, f"it lies in {found.region}"))
    return Look(route, "the image", partial(_elsewhere, route, "only images in ECR are"))


def _elsewhere(route: Route, why: str, _: Aws) -> Iterator[Diagnostic]:
    yield words.not_looked_at(route, "the image", why, _UNKNOWN)


def _ecr(places: tuple[Route, Route], uri: str, wanted: str, aws: Aws, *, needed: bool) -> Iterator[Diagnostic]:
    """Whether the image is there (if it is `needed` already) and has something for the processor."""
    (named,) = ecr_image(uri)
    tag, ident = _selected(uri)
    try:
        found = aws.call(
            "ecr",
            "batch_get_image",
            registryId=named.account,
            repositoryName=named.repository,
            imageIds=[ident],
            acceptedMediaTypes=[*_INDEXES, *_MANIFESTS],
        )["images"]
    except RefusedError as error:
        if error.code != "RepositoryNotFoundException":
            raise
        found = []
    if not found:
        if needed:
            yield words.image_missing(places[0], tag, named.repository)
        return
    offered = _processors(aws, named.account, named.repository, json.loads(found[0]["imageManifest"]))
    if not offered:
        yield words.not_looked_at(places[0], "the image for this processor", "its configuration could not be read", _UNKNOWN)
    elif wanted not in offered:
        yield words.image_of_another_processor(places[1], " and ".join(offered), wanted)


def _selected(uri: str) -> tuple[str, dict[str, str]]:
    """The tag or digest of an address, and as ECR takes it; without either `latest`, as container engines have it."""
    path = uri.partition("/")[2]
    name, _, digest = path.partition("@")
    if digest:
        return digest, {"imageDigest": digest}
    tag = name.partition(":")[2] or "latest"
    return tag, {"imageTag": tag}


def _processors(aws: Aws, registry: str, repository: str, manifest: dict[str, Any]) -> tuple[str, ...]:
    """The processors that an image has something for; nothing where it does not say."""
    if "manifests" in manifest:
        platforms = [one.get("platform", {}) for one in manifest["manifests"]]
        # What is attested about an image stands in its index as one for an unknown processor.
        return tuple(dict.fromkeys(str(one["architecture"]) for one in platforms if one.get("architecture", "unknown") != "unknown"))
    config = manifest.get("config", {})
    if not config.get("digest") or config.get("size", 0) > _LARGEST:
        return ()
    found = aws.call("ecr", "get_download_url_for_layer", registryId=registry, repositoryName=repository, layerDigest=config["digest"])
    try:
        with urllib.request.urlopen(found["downloadUrl"], timeout=_PATIENCE) as answer:  # noqa: S310  https: ECR made it
            said = json.loads(answer.read(_LARGEST))
    except (OSError, ValueError):
        return ()
    return (str(said["architecture"]),) if isinstance(said, dict) and said.get("architecture") else ()
