"""The first image: in the registry before the service asks for it."""

import base64
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.show import Tell
from bgspec.errors import AwsError
from bgspec.plan import Plan
from bgspec.plan.service import Build, Image, Repository, Service
from bgspec.sandbox.stand_ins import digest, simulated_image

TAG = "first"
"""The tag of the image that the first tasks run; deploy.sh has the same."""
ENGINES = ("docker", "podman", "buildah", "finch")


class Wanted(NamedTuple):
    """An image that must lie in its registry."""

    service: Service
    container: str
    parameter: str
    """What the service's stack takes it by."""
    build: Build
    uri: str
    """Its address with its tag."""

    @property
    def name(self) -> str:
        """Whose image it is: `web`, or `web/nginx` of a sidecar."""
        return self.service.key if self.container == self.service.key else f"{self.service.key}/{self.container}"


def wanted(plan: Plan, service: Service, account: str) -> tuple[Wanted, ...]:
    """The first images of a service, those that are built."""
    return tuple(Wanted(service, one.container, one.parameter, build, address(plan, one, account)) for one, build in service.built)


def address(plan: Plan, image: Image, account: str) -> str:
    """The address of a container's first image, or the one that the spec names."""
    registry = f"{account}.dkr.ecr.{plan.region.name}.{plan.region.dns_suffix}"
    return next((f"{registry}/{build.repository.name}:{TAG}" for build in image.builds), image.uri)


def exists(aws: Aws, repository: Repository) -> bool:
    """Whether the registry holds the first image."""
    try:
        aws.call("ecr", "describe_images", repositoryName=repository.name, imageIds=[{"imageTag": TAG}])
    except RefusedError as error:
        if error.code in {"ImageNotFoundException", "RepositoryNotFoundException"}:
            return False
        raise
    return True


def provide(aws: Aws, wanted: Wanted, source: Path, tell: Tell) -> None:
    """Build and push a first image unless it is there. In the sandbox a stand-in is pushed: no container engine takes part.

    Args:
        aws: where the registry is.
        wanted: the image.
        source: the root of the sources.
        tell: takes what is going on, in words.
    """
    build, uri = wanted.build, wanted.uri
    if exists(aws, build.repository):
        return
    if aws.sandbox:
        tell(f"image {uri} (simulated: no container engine takes part)", loud=True)
        _stand_in(aws, build.repository, wanted.service.architecture)
        return
    engine = builder(wanted, source)
    tell(f"building the image with {engine}")
    _log_in(aws, engine, uri)
    _run(engine, _build(engine, wanted, source))
    tell(f"pushing {uri}")
    _run(engine, ["push", uri])


def builder(wanted: Wanted, source: Path) -> str:
    """The container engine that builds an image. AwsError where there is none, or nothing to build from."""
    engine = next((name for name in ENGINES if shutil.which(name)), None)
    if engine is None:
        raise AwsError(
            f"No container engine to build the first image of {wanted.name}: install one of {', '.join(ENGINES)}, or push an image"
            f" yourself to {wanted.uri}, and run the same command again."
        )
    dockerfile = source / wanted.build.dockerfile
    if not dockerfile.is_file():
        raise AwsError(f"No {dockerfile} to build {wanted.name} from. Say where the sources are: --source DIR")
    return engine


def _build(engine: str, wanted: Wanted, source: Path) -> list[str]:
    build = wanted.build
    options = ["--platform", wanted.service.platform, "--build-arg", f"COMMIT={TAG}", "--file", str(source / build.dockerfile)]
    stages = [word for stage in build.target for word in ("--target", stage)]
    return ["bud" if engine == "buildah" else "build", *options, *stages, "--tag", wanted.uri, str(source / build.context)]


def _log_in(aws: Aws, engine: str, uri: str) -> None:
    """With a token of ECR's, through standard input: it is never seen in a list of processes (GetAuthorizationToken: `AWS:password`)."""
    token = aws.call("ecr", "get_authorization_token")["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    _run(engine, ["login", "--username", user, "--password-stdin", uri.partition("/")[0]], password)


def _run(engine: str, arguments: list[str], given: str = "") -> None:
    done = subprocess.run(  # noqa: S603  the engine's own program, found by its name; no shell
        [engine, *arguments], input=given, capture_output=True, text=True, check=False
    )
    if done.returncode:
        words = (done.stderr or done.stdout).strip().splitlines()[-12:]
        raise AwsError(f"{engine} {arguments[0]} failed:\n  " + "\n  ".join(words))


def _stand_in(aws: Aws, repository: Repository, architecture: str) -> None:
    """The smallest image there can be, through ECR's own API."""
    manifest, blobs = simulated_image("arm64" if architecture == "ARM64" else "amd64")
    for blob in blobs:
        _upload(aws, repository.name, blob)
    try:
        aws.call("ecr", "put_image", repositoryName=repository.name, imageManifest=manifest, imageTag=TAG)
    except RefusedError as error:
        if error.code not in {"ImageAlreadyExistsException", "ImageTagAlreadyExistsException"}:  # only an answer was lost
            raise


def _upload(aws: Aws, name: str, data: bytes) -> None:
    named = digest(data)
    found = aws.call("ecr", "batch_check_layer_availability", repositoryName=name, layerDigests=[named])
    if not any(layer.get("layerAvailability") == "AVAILABLE" for layer in found["layers"]):
        upload = aws.call("ecr", "initiate_layer_upload", repositoryName=name)["uploadId"]
        last = len(data) - 1
        try:
            aws.call(
                "ecr", "upload_layer_part", repositoryName=name, uploadId=upload, partFirstByte=0, partLastByte=last, layerPartBlob=data
            )
        except RefusedError as error:
            if error.code != "InvalidLayerPartException":  # the part has arrived, its answer was lost
                raise
        try:
            aws.call("ecr", "complete_layer_upload", repositoryName=name, uploadId=upload, layerDigests=[named])
        except RefusedError as error:
            if error.code not in {"LayerAlreadyExistsException", "UploadNotFoundException"}:  # as above
                raise
