"""The source of a pipeline: what it deploys from, compared with what the spec renders, and committed on demand."""

from typing import NamedTuple

from bgspec.deploy import seed
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.show import Tell
from bgspec.deploy.units import Environment
from bgspec.errors import AwsError
from bgspec.plan import delivery

# Nothing to compare with yet.
_EMPTY = frozenset({"RepositoryDoesNotExistException", "BranchDoesNotExistException"})


class Source(NamedTuple):
    """A branch in CodeCommit, as it was looked at."""

    repository: str
    branch: str
    head: str
    """The commit that was looked at; empty where these credentials may not look."""
    differs: tuple[str, ...]
    """The files, by their path in the repository, that are missing there or not as the spec renders them."""
    there: bool = True
    """Whether there is such a branch; the user makes it in a repository that exists, `seed` in the environment's own."""


def look(aws: Aws, environment: Environment) -> Source | None:
    """Compare the branch that a pipeline deploys from with what the spec renders; None where there is none that can be asked."""
    place = _place(environment)
    if place is None:
        return None
    repository, branch = place
    try:
        head = str(aws.call("codecommit", "get_branch", repositoryName=repository, branchName=branch)["branch"]["commitId"])
        files = wanted(environment).items()
        return Source(repository, branch, head, tuple(path for path, text in files if _file(aws, repository, head, path) != text.encode()))
    except RefusedError as error:
        if error.denied:
            return Source(repository, branch, "", ())
        if error.code not in _EMPTY:
            raise
        theirs = error.code == "BranchDoesNotExistException" and not seed.wanted(environment.plan)
        return Source(repository, branch, "", (), there=False) if theirs else None


def wanted(environment: Environment) -> dict[str, str]:
    """What a pipeline reads of the rendered files, by path in the repository: all but the templates and the script for deploying by hand.

    Of the templates it reads those of the services that it deploys by their stacks.
    """
    plan, layout = environment.plan, environment.plan.layout
    if plan.pipeline is None:
        return {}
    stacked = {layout.stack(f"service-{service.key}") for service in delivery.by_stack(plan.pipeline.projects, plan.deployment)}
    return {
        layout.in_source(path): text
        for path, text in environment.files.items()
        if path in stacked or not (path.endswith("deploy.sh") or "/stacks/" in f"/{path}")
    }


def commit(aws: Aws, environment: Environment, seen: Source, tell: Tell) -> None:
    """Commit the files that differ onto the commit that was looked at, and onto no other.

    Raises:
        AwsError: the branch has moved on since, so somebody else's files could be overwritten.
    """
    files = wanted(environment)
    try:
        made = aws.call(
            "codecommit",
            "create_commit",
            repositoryName=seen.repository,
            branchName=seen.branch,
            parentCommitId=seen.head,
            authorName="bgspec",
            email="bgspec@localhost",
            commitMessage=f"Render {environment.compilation.document.name} for {environment.name}\n",
            putFiles=[{"filePath": path, "fileContent": files[path].encode(), "fileMode": "NORMAL"} for path in seen.differs],
        )["commitId"]
    except RefusedError as error:
        if error.code not in {"ParentCommitIdOutdatedException", "NoChangeException"}:
            raise
        now = look(aws, environment)  # an answer of our own may have been lost
        if now is None or now.differs:
            raise AwsError(
                f"{seen.branch} of {seen.repository} has moved on meanwhile: look at it, and run the same command again"
            ) from error
        made = now.head
    tell(f"commit {made[:12]} on {seen.branch}: {', '.join(seen.differs)}", loud=True)


def _place(environment: Environment) -> tuple[str, str] | None:
    """The CodeCommit repository and the branch that the files come from; None where they lie elsewhere."""
    pipeline = environment.plan.pipeline
    for action in pipeline.source.actions if pipeline else ():
        if action.provider == "CodeCommit":
            settings = {str(name): str(value) for name, value in action.configuration}
            return settings["RepositoryName"], settings["BranchName"]
    return None


def _file(aws: Aws, repository: str, commit_id: str, path: str) -> bytes | None:
    try:
        found = aws.call("codecommit", "get_file", repositoryName=repository, commitSpecifier=commit_id, filePath=path)
    except RefusedError as error:
        if error.code not in {"FileDoesNotExistException", "FolderDoesNotExistException"}:
            raise
        return None
    content: bytes = found["fileContent"]
    return content
