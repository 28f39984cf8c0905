"""What a user may write about the pipeline: where the source is and how it is built."""

from typing import Literal

from pydantic import Field

from bgspec.spec.types import BranchName, EnvironmentVariable, RelativePath, Section, Text


class CodeCommitSource(Section):
    """A CodeCommit repository of the environment's own."""

    provider: Literal["codecommit"]
    """Where the source lies."""
    branch: BranchName = "main"
    """The branch whose every new commit is built and deployed."""


Source = CodeCommitSource


class Build(Section):
    """The CodeBuild project that makes the image."""

    compute: Literal["small", "medium", "large", "xlarge"] = "small"
    """The machine: 2, 4, 8 or 36 vCPUs (bc:codebuild.ProjectEnvironment.computeType)."""
    environment: dict[EnvironmentVariable, Text] = {}
    """Environment variables of the build, in the open."""


class Pipeline(Section):
    """The pipeline that builds and deploys every commit."""

    source: Source
    """Where the source lies and which branch is watched."""
    build: Build = Build()
    """How the image is built."""
    files: RelativePath = Field(default=".", validate_default=False)
    """Where the rendered files lie in the source repository."""
