"""What deploy.sh calls besides the AWS CLI, simulated for the emulator: a container engine, and git's way to CodeCommit.

    simulated-engine login|build|push …      what docker, podman or finch would be asked; nothing is built
    git-remote-simulated NAME URL            git runs it for URLs that begin with `simulated::` (gitremote-helpers(7))

Both speak to the emulator as any tool does: through AWS_ENDPOINT_URL and the account's key. `scripts` writes them.
"""

import hashlib
import itertools
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENGINE = "simulated-engine"
_GIT = "git-remote-simulated"
_CODECOMMIT = "https://git-codecommit."
_NOTES = "BGSPEC_SIMULATED_IMAGES"  # where `build` notes for `push` what it was asked for


def simulated_image(architecture: str) -> tuple[str, tuple[bytes, bytes]]:
    """The manifest of the smallest image there can be, and its blobs: a configuration and one empty layer.

    Args:
        architecture: as Docker names it: `amd64`, `arm64`.
    """
    # An empty tar archive is two blocks of zeros.
    blobs = (json.dumps({"architecture": architecture, "os": "linux"}).encode(), bytes(1024))
    kinds = ("application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar")
    described = [{"mediaType": kind, "size": len(blob), "digest": digest(blob)} for kind, blob in zip(kinds, blobs, strict=True)]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
        "config": described[0],
        "layers": described[1:],
    }
    return json.dumps(manifest), blobs


def digest(blob: bytes) -> str:
    """How a registry names a blob."""
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def scripts(directory: Path) -> dict[str, str]:
    """Write both commands into a directory. Returns the environment in which deploy.sh finds them; PATH has to be put before the usual one."""
    directory.mkdir(mode=0o700, exist_ok=True)
    package = Path(__file__).resolve().parents[2]
    for name in (ENGINE, _GIT):
        path = directory / name
        call = shlex.join([sys.executable, "-m", "bgspec.sandbox.stand_ins", name])
        path.write_text(
            f'#!/bin/sh\nPYTHONPATH={shlex.quote(str(package))} {_NOTES}={shlex.quote(str(directory))} exec {call} "$@"\n', "utf-8"
        )
        path.chmod(0o700)
    return {
        "PATH": str(directory),
        "ENGINE": ENGINE,
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.simulated::{_CODECOMMIT}.insteadOf",
        "GIT_CONFIG_VALUE_0": _CODECOMMIT,
    }


def main(command: str, *arguments: str) -> int:
    if not os.environ.get("AWS_ENDPOINT_URL"):
        sys.stderr.write(f"{command} is for bgspec's sandbox alone: AWS_ENDPOINT_URL is not set\n")
        return 1
    try:
        return _git(arguments[1]) if command == _GIT else _engine(*arguments)
    except ClientError as error:
        sys.stderr.write(f"{command}: {error}\n")
        return 1


def _client(service: str) -> Any:
    return boto3.client(service, config=Config(proxies={}))


def _engine(verb: str, *arguments: str) -> int:
    verbs: dict[str, Callable[..., int]] = {"login": _login, "build": _build, "push": _push}
    return verbs[verb](*arguments)


def _login(*_: str) -> int:
    """Take a password that ECR gave out."""
    if not sys.stdin.readline().strip():
        sys.stderr.write("no password on standard input\n")
        return 1
    sys.stdout.write("simulated: logged in\n")
    return 0


def _build(*arguments: str) -> int:
    """Note what was asked for, for `push`; the Dockerfile is not read."""
    options = dict(itertools.pairwise(arguments))
    if not Path(options["--file"]).is_file() or not Path(arguments[-1]).is_dir():
        sys.stderr.write(f"no {options['--file']} or no {arguments[-1]}\n")
        return 1
    _note(options["--tag"]).write_text(options["--platform"].partition("/")[2], "utf-8")
    sys.stdout.write(f"simulated: {options['--tag']} is built for {options['--platform']}\n")
    return 0


def _push(tag: str) -> int:
    note = _note(tag)
    if not note.exists():
        sys.stderr.write(f"no image {tag}\n")
        return 1
    repository, _, version = tag.partition("/")[2].rpartition(":")
    ecr = _client("ecr")
    manifest, blobs = simulated_image(note.read_text("utf-8"))
    for blob in blobs:
        upload = ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]
        where = {"repositoryName": repository, "uploadId": upload}
        ecr.upload_layer_part(**where, partFirstByte=0, partLastByte=len(blob) - 1, layerPartBlob=blob)
        ecr.complete_layer_upload(**where, layerDigests=[digest(blob)])
    ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag=version)
    sys.stdout.write(f"simulated: {tag} is pushed\n")
    return 0


def _note(tag: str) -> Path:
    return Path(os.environ[_NOTES]) / f"image-{hashlib.sha256(tag.encode()).hexdigest()}"


def _git(address: str) -> int:
    """A remote helper that can push (gitremote-helpers(7)): a command on a line, a batch of pushes ended by an empty one."""
    pushed = False
    for line in map(str.strip, sys.stdin):
        match line.split():
            case ["capabilities"]:
                sys.stdout.write("push\n\n")
            case ["list", *_]:
                sys.stdout.write("\n")
            case ["push", refs]:
                source, _, target = refs.lstrip("+").partition(":")
                _commit(address.rpartition("/")[2], source, target.removeprefix("refs/heads/"))
                sys.stdout.write(f"ok {target}\n")
                pushed = True
            case [] if pushed:
                sys.stdout.write("\n")
                pushed = False
            case _:
                break
        sys.stdout.flush()
    return 0


def _commit(repository: str, source: str, branch: str) -> None:
    """The files of a local commit as one commit through CodeCommit's own API."""
    _client("codecommit").create_commit(
        repositoryName=repository,
        branchName=branch,
        authorName=_said("log", "-1", "--format=%an", source).strip(),
        email=_said("log", "-1", "--format=%ae", source).strip(),
        commitMessage=_said("log", "-1", "--format=%B", source).rstrip("\n") + "\n",
        putFiles=list(_files(source)),
    )


def _files(commit: str) -> Iterable[dict[str, Any]]:
    for entry in filter(None, _said("ls-tree", "-r", "-z", commit).split("\0")):
        about, _, path = entry.partition("\t")
        mode, _, blob = about.split()
        content = subprocess.run(["git", "cat-file", "blob", blob], capture_output=True, check=True).stdout  # noqa: S603, S607  git runs us
        yield {"filePath": path, "fileContent": content, "fileMode": "EXECUTABLE" if mode == "100755" else "NORMAL"}


def _said(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], capture_output=True, check=True).stdout.decode()  # noqa: S603, S607  as above


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
