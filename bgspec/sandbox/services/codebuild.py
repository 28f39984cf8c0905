"""CodeBuild: projects, and builds that are simulated.

No command of a buildspec runs. A build reads what its buildspec says it produces, pushes an image that stands for the one
`docker build` would make, and hands on the files of its artifacts.
"""

import json
import posixpath
import re
from typing import Any

import yaml

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import ecr
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import LOWER, Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Work

codebuild = Service("codebuild")

Tree = dict[str, bytes]
_MEMBERS = (
    "description", "source", "secondarySources", "sourceVersion", "secondarySourceVersions", "artifacts", "secondaryArtifacts", "environment",
    "serviceRole", "encryptionKey", "vpcConfig", "fileSystemLocations", "buildBatchConfig", "concurrentBuildLimit", "autoRetryLimit", "badge",
)  # fmt: skip


def project(ctx: Context, name: str) -> Record:
    found = ctx.table("codebuild.projects").get(name)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Project cannot be found: {ctx.arn('codebuild', f'project/{name}')}")
    return found


def _made(ctx: Context, p: Record) -> Record:
    if not role_exists(ctx, p["serviceRole"]):
        raise AwsError(
            "InvalidInputException",
            "CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The provided service role exists",
        )
    modes = (p.get("cache") or {}).get("modes", [])
    if p.get("vpcConfig") and modes:
        raise AwsError("InvalidInputException", "Invalid cache: local caching is not supported for projects in a VPC")
    return {
        "name": p["name"], "arn": ctx.arn("codebuild", f"project/{p['name']}"), "timeoutInMinutes": 60, "queuedTimeoutInMinutes": 480,
        "encryptionKey": ctx.arn("kms", "alias/aws/s3"), "badge": {"badgeEnabled": False}, "projectVisibility": "PRIVATE",
        "secondarySources": [], "secondaryArtifacts": [], **given(p, *_MEMBERS, "timeoutInMinutes", "queuedTimeoutInMinutes", "logsConfig"),
        "cache": p.get("cache") or {"type": "NO_CACHE"}, "lastModified": ctx.now(),
    }  # fmt: skip


@codebuild
def create_project(ctx: Context, p: Record) -> Record:
    if p["name"] in ctx.table("codebuild.projects"):
        raise AwsError("ResourceAlreadyExistsException", f"Project already exists: {ctx.arn('codebuild', 'project/' + p['name'])}")
    made = _made(ctx, p) | {"created": ctx.now(), "_tags": tags_of(p.get("tags"))}
    ctx.table("codebuild.projects")[p["name"]] = made
    return {"project": made}


@codebuild
def update_project(ctx: Context, p: Record) -> Record:
    found = project(ctx, p["name"])
    found.update(_made(ctx, found | given(p)))
    return {"project": found}


@codebuild
def batch_get_projects(ctx: Context, p: Record) -> Record:
    known = ctx.table("codebuild.projects")
    names = [name.rpartition("project/")[2] for name in p["names"]]
    found = [known[name] | {"tags": tag_list(known[name], *LOWER)} for name in names if name in known]
    return {"projects": found, "projectsNotFound": [name for name in names if name not in known]}


@codebuild
def list_projects(ctx: Context, _: Record) -> Record:
    return {"projects": sorted(ctx.table("codebuild.projects"))}


@codebuild
def delete_project(ctx: Context, p: Record) -> None:
    ctx.table("codebuild.projects").pop(p["name"].rpartition("project/")[2], None)


# --- builds ---

_PHASES = (
    "SUBMITTED",
    "QUEUED",
    "PROVISIONING",
    "DOWNLOAD_SOURCE",
    "INSTALL",
    "PRE_BUILD",
    "BUILD",
    "POST_BUILD",
    "UPLOAD_ARTIFACTS",
    "FINALIZING",
)


class BuildFailed(Exception):  # noqa: N818 -- how a build ends, not an error of the emulator
    def __init__(self, phase: str, code: str, message: str) -> None:
        super().__init__(message)
        self.phase, self.code, self.message = phase, code, message


def new_build(ctx: Context, name: str, *, initiator: str, version: str = "") -> Record:
    found = project(ctx, name)
    found["_builds"] = found.get("_builds", 0) + 1
    ident = f"{name}:{ctx.uuid('build')}"
    group = (found.get("logsConfig", {}).get("cloudWatchLogs") or {}).get("groupName", f"/aws/codebuild/{name}")
    made = {
        "id": ident, "arn": ctx.arn("codebuild", f"build/{ident}"), "buildNumber": found["_builds"], "startTime": ctx.now(),
        "buildStatus": "IN_PROGRESS", "currentPhase": "SUBMITTED", "projectName": name, "phases": [], "buildComplete": False,
        "initiator": initiator, "resolvedSourceVersion": version or None, "sourceVersion": version or None,
        "logs": {"groupName": group, "streamName": ident.partition(":")[2]},
        **given(found, "source", "artifacts", "environment", "serviceRole", "timeoutInMinutes", "queuedTimeoutInMinutes", "encryptionKey", "cache"),
    }  # fmt: skip
    ctx.table("codebuild.builds")[ident] = made
    return made


def run(ctx: Context, build: Record, source: Tree, outputs: dict[str, Tree]) -> Work:
    """One build; its artifacts go into `outputs`, the primary one under the empty name."""
    try:
        for phase in _PHASES:
            build["currentPhase"] = phase
            record = {"phaseType": phase, "phaseStatus": "IN_PROGRESS", "startTime": ctx.now(), "durationInSeconds": 0}
            build["phases"].append(record)
            yield 1 if phase in {"SUBMITTED", "QUEUED", "FINALIZING"} else 8
            if build["buildStatus"] == "STOPPED":
                return
            try:
                _do(ctx, build, source, outputs)
            except BuildFailed as end:
                record |= {"phaseStatus": "FAILED", "contexts": [{"statusCode": end.code, "message": end.message}]}
                raise
            record |= {"phaseStatus": "SUCCEEDED", "endTime": ctx.now(), "durationInSeconds": 8}
    except BuildFailed:
        build |= {"buildStatus": "FAILED", "buildComplete": True, "endTime": ctx.now(), "currentPhase": "COMPLETED"}
        return
    build |= {"buildStatus": "SUCCEEDED", "buildComplete": True, "endTime": ctx.now(), "currentPhase": "COMPLETED"}


def _do(ctx: Context, build: Record, source: Tree, outputs: dict[str, Tree]) -> None:
    """What the phase the build is in does."""
    phase, found = build["currentPhase"], project(ctx, build["projectName"])
    if phase == "DOWNLOAD_SOURCE":
        build["_spec"] = _buildspec(found, source)
    elif phase == "BUILD":
        _check_build(build["_spec"], source, found)
        build["_images"] = _push(ctx, found, build)
    elif phase == "UPLOAD_ARTIFACTS":
        artifacts = build["_spec"].get("artifacts") or {}
        if artifacts.get("files"):
            outputs[""] = _collect(ctx, build, source, artifacts)
        for name, secondary in (artifacts.get("secondary-artifacts") or {}).items():
            outputs[name] = _collect(ctx, build, source, secondary)


def _buildspec(found: Record, source: Tree) -> Record:
    text = found["source"].get("buildspec") or "buildspec.yml"
    if "\n" not in text:
        if text not in source:
            raise BuildFailed(
                "DOWNLOAD_SOURCE", "YAML_FILE_ERROR", f"YAML_FILE_ERROR: stat /codebuild/output/src/{text}: no such file or directory"
            )
        text = source[text].decode()
    try:
        spec: Any = yaml.safe_load(text)
        if str(spec["version"]) not in {"0.2", "0.1"}:
            raise KeyError("version")
    except (yaml.YAMLError, KeyError, TypeError) as error:
        raise BuildFailed("DOWNLOAD_SOURCE", "YAML_FILE_ERROR", f"YAML_FILE_ERROR: {error}") from error
    result: Record = spec
    return result


def _commands(spec: Record) -> str:
    phases = (spec.get("phases") or {}).values()
    return "\n".join(str(command) for phase in phases for command in (phase or {}).get("commands") or ()).replace("\\\n", " ")


def _check_build(spec: Record, source: Tree, found: Record) -> None:
    dockerfiles = re.findall(r"docker\s+(?:buildx\s+)?build\b[^\n]*?(?:--file|-f)[ =](\S+)", _commands(spec))
    for dockerfile in (written.strip("\"'") for written in dockerfiles):
        if "$" not in dockerfile and posixpath.normpath(dockerfile) not in source:
            raise BuildFailed(
                "BUILD",
                "COMMAND_EXECUTION_ERROR",
                f"unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat {dockerfile}: no such file or directory",
            )
    if dockerfiles and not found["environment"].get("privilegedMode"):
        raise BuildFailed(
            "BUILD",
            "COMMAND_EXECUTION_ERROR",
            "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?",
        )


def _push(ctx: Context, found: Record, build: Record) -> dict[str, str]:
    """The images this build pushes into the repositories that its variables name, tagged by the commit as its commands cut it: by variable."""
    variables = {variable["name"]: variable["value"] for variable in found["environment"].get("environmentVariables", ())}
    registry = next((hit[1] for value in variables.values() if (hit := re.match(r"(\d{12})\.dkr\.ecr\.", value))), ctx.account)
    builder, ctx = ctx.account, ctx.world.context(registry, ctx.region)
    known = ctx.table("ecr.repositories")
    version = build["resolvedSourceVersion"] or ctx.unique("build-tag", 40)
    cut = re.search(r":0:(\d+)\}", _commands(build["_spec"]))
    tag = version[: int(cut[1])] if cut else version
    architecture = "arm64" if found["environment"]["type"].startswith("ARM") else "amd64"
    by_repository: dict[str, list[str]] = {}
    for variable, value in variables.items():
        for name, record in known.items():
            if value in {name, record["repositoryUri"]}:
                by_repository.setdefault(name, []).append(variable)
    images: dict[str, str] = {}
    for name, said in by_repository.items():
        if builder != registry and f"{builder}:root" not in known[name].get("_policyText", ""):
            raise BuildFailed(
                "BUILD", "COMMAND_EXECUTION_ERROR", f"denied: account {builder} may not perform ecr:InitiateLayerUpload on {name}"
            )
        pushed = ecr.push(ctx, name, tag, architecture=architecture, seed=version)
        images |= dict.fromkeys(said, f"{known[name]['repositoryUri']}@{pushed}")
    return images


def _collect(ctx: Context, build: Record, source: Tree, artifacts: Record) -> Tree:
    """The files of one artifact: what the build writes is written here, what it copies is found where it copies it from."""
    base = str(artifacts.get("base-directory") or "").strip("/.")
    found: Tree = {}
    for wanted in artifacts["files"]:
        path = posixpath.normpath(wanted)
        inside = posixpath.join(base, path)
        if path.startswith("**"):
            found |= source
        elif (printed := _printed(ctx, build, inside)) is not None:
            found[path] = printed
        elif path.endswith(("imageDetail.json", "imagedefinitions.json")) and build["_images"]:
            found[path] = _told(build, inside, path).encode()
        else:
            origin = next((p for p in (inside, path, _copied_from(build["_spec"], inside)) if p in source), None)
            if origin is None:
                raise BuildFailed("UPLOAD_ARTIFACTS", "CLIENT_ERROR", f"no matching artifact paths found: {wanted}")
            found[path] = source[origin].replace(b"<ACCOUNT_ID>", _account(ctx, build).encode())
    return found


def _printed(ctx: Context, build: Record, target: str) -> bytes | None:
    """What `printf 'FORMAT' "$NAME"... > target` writes; None where nothing does, or with values that only commands would give."""
    wanted = rf"printf\s+'([^'\n]*)'((?:\s+\"\$\w+\")*)\s+>\s+{re.escape(target)}(?!\S)"
    written = re.search(wanted, _commands(build["_spec"]))
    if written is None:
        return None
    values = {one["name"]: str(one["value"]) for one in project(ctx, build["projectName"])["environment"].get("environmentVariables", ())}
    for name, image in build["_images"].items():
        repository, _, digest = image.partition("@")
        values |= {name: repository, name.replace("REPOSITORY_URI", "DIGEST"): digest}
    names = re.findall(r"\w+", written[2])
    if written[1].count("%s") != len(names) or not values.keys() >= set(names):
        return None
    parts = written[1].replace("\\n", "\n").split("%s")
    return "".join((parts[0], *(values[name] + part for name, part in zip(names, parts[1:], strict=True)))).encode()


def _account(ctx: Context, build: Record) -> str:
    """What the commands know as AWS_ACCOUNT_ID."""
    variables = project(ctx, build["projectName"])["environment"].get("environmentVariables", ())
    return str(next((one["value"] for one in variables if one["name"] == "AWS_ACCOUNT_ID"), ctx.account))


def _told(build: Record, target: str, path: str) -> str:
    """What the build writes of its images into `target`: of those whose variables stand in the command that writes it, else of the first."""
    written = re.search(rf"^.*>\s*[\"']?{re.escape(target)}\b", _commands(build["_spec"]), re.MULTILINE)
    images: dict[str, str] = build["_images"]
    named = [images[word] for word in re.findall(r"\$\{?(\w+)", written[0] if written else "") if word in images]
    named = list(dict.fromkeys(named)) or list(images.values())[:1]
    if path.endswith("imageDetail.json"):
        return json.dumps({"ImageURI": named[0]})
    containers = re.findall(r'\\?"name\\?"\s*:\s*\\?"([^"\\%$]+)', _commands(build["_spec"])) or ["app"]
    return json.dumps([{"name": name, "imageUri": image} for name, image in zip(containers, named, strict=False)])


def _copied_from(spec: Record, target: str) -> str:
    """The source of `cp SOURCE target` or `… SOURCE > target`."""
    match = re.search(rf"(\S+)\s+(?:>\s*)?[\"']?{re.escape(target)}\b", _commands(spec))
    return posixpath.normpath(match[1].strip("\"'")) if match else ""


@codebuild
def start_build(ctx: Context, p: Record) -> Record:
    found = project(ctx, p["projectName"])
    if found["source"]["type"] == "CODEPIPELINE":
        raise AwsError("InvalidInputException", "Build of a project whose source is CODEPIPELINE can only be started by its pipeline")
    build = new_build(ctx, p["projectName"], initiator="sandbox", version=p.get("sourceVersion", ""))
    ctx.world.start(run(ctx, build, {}, {}))
    return {"build": build}


@codebuild
def batch_get_builds(ctx: Context, p: Record) -> Record:
    known = ctx.table("codebuild.builds")
    return {"builds": [known[n] for n in p["ids"] if n in known], "buildsNotFound": [n for n in p["ids"] if n not in known]}


@codebuild
def list_builds_for_project(ctx: Context, p: Record) -> Record:
    project(ctx, p["projectName"])
    return {"ids": [n for n, b in reversed(ctx.table("codebuild.builds").items()) if b["projectName"] == p["projectName"]]}


@codebuild
def stop_build(ctx: Context, p: Record) -> Record:
    build = ctx.table("codebuild.builds").get(p["id"])
    if build is None:
        raise AwsError("ResourceNotFoundException", f"Build {p['id']} cannot be found")
    if not build["buildComplete"]:
        build |= {"buildStatus": "STOPPED", "buildComplete": True, "endTime": ctx.now(), "currentPhase": "COMPLETED"}
    return {"build": build}
