"""The first commit of a CodeCommit repository: the rendered files and what the image is built from. Never over existing history."""

import posixpath
import shutil
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.show import Tell
from bgspec.deploy.units import Environment
from bgspec.errors import AwsError
from bgspec.plan import Plan

# Of one commit (CodeCommit User Guide, quotas: files and size of a single CreateCommit call).
_MOST_FILES = 100
_MOST_BYTES = 20 * 1024 * 1024
_LARGEST_FILE = 6 * 1024 * 1024


def wanted(plan: Plan) -> bool:
    """Whether the environment owns a CodeCommit repository."""
    return bool(plan.pipeline and plan.pipeline.source.repository)


def sow(aws: Aws, environment: Environment, source: Path, tell: Tell) -> None:
    """Make the first commit, unless the branch or any other one exists.

    Args:
        aws: where the repository is.
        environment: its plan must own a repository (see `wanted`).
        source: the root of the sources.
        tell: takes what is going on, in words.
    """
    pipeline = environment.plan.pipeline
    if pipeline is None:
        return
    (repository,), branch = pipeline.source.repository, pipeline.source.branch
    if aws.call("codecommit", "list_branches", repositoryName=repository)["branches"]:
        return
    files = gathered(environment, source, repository)
    try:
        aws.call(
            "codecommit",
            "create_commit",
            repositoryName=repository,
            branchName=branch,
            authorName="bgspec",
            email="bgspec@localhost",
            commitMessage="First version\n",
            putFiles=[
                {"filePath": path, "fileContent": content, "fileMode": "EXECUTABLE" if executable else "NORMAL"}
                for path, (content, executable) in files.items()
            ],
        )
    except RefusedError as error:
        # Somebody's commit, or our own whose answer was lost: there is history now, and it stays.
        if error.code not in {"ParentCommitIdRequiredException", "ParentCommitIdOutdatedException", "NoChangeException"}:
            raise
    tell(f"first commit on {branch}: {len(files)} files", loud=True)


def gathered(environment: Environment, source: Path, repository: str) -> dict[str, tuple[bytes, bool]]:
    """Content and executable bit by path in the repository; what is rendered wins over what lies there.

    AwsError where a directory is missing, or all of it is too much for one commit.
    """
    plan = environment.plan
    files: dict[str, tuple[bytes, bool]] = {}
    builds = [build for service in plan.services for _, build in service.built]
    builds += [build for project in (plan.pipeline.projects if plan.pipeline else ()) for _, build in project.builds]
    for context in dict.fromkeys(build.context for build in builds):
        root = source / context
        if not root.is_dir():
            raise AwsError(f"No directory {root} for the first commit of {repository}. Say where the sources are: --source DIR")
        for path in _listed(root):
            files[path.relative_to(source).as_posix()] = path.read_bytes(), bool(path.stat().st_mode & 0o100)
    scripts = {path for path in environment.files if posixpath.basename(path) == "deploy.sh"}
    files |= {plan.layout.in_source(path): (text.encode(), path in scripts) for path, text in environment.files.items()}
    sizes = [len(content) for content, _ in files.values()]
    if len(files) > _MOST_FILES or sum(sizes) > _MOST_BYTES or max(sizes) > _LARGEST_FILE:
        raise AwsError(
            f"The sources are too large for one commit through the API ({len(files)} files, {sum(sizes)} bytes): push the first commit to"
            f" {repository} with git, and run the same command again."
        )
    return files


def _listed(root: Path) -> Iterator[Path]:
    """The files below a directory, as git would commit them where it is a work tree; all of them where it is none, or git is not there."""
    found: Iterable[Path] = (path for path in root.rglob("*") if ".git" not in path.relative_to(root).parts)
    if shutil.which("git"):
        known = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607  the user's own git
            cwd=root,
            capture_output=True,
            check=False,
        )
        if known.returncode == 0:
            found = (root / name for name in known.stdout.decode(errors="surrogateescape").split("\0") if name)
    return (path for path in sorted(found) if path.is_file())
