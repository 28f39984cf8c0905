"""What a user may write about a workflow of GitHub Actions that builds and deploys, instead of a pipeline on AWS."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from bgspec.spec.types import BranchName, RelativePath, RoleArn, Section, says
from bgspec.spec.values import text

GitHubRepository = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[A-Za-z0-9](-?[A-Za-z0-9])*(@[0-9]+)?/[A-Za-z0-9_.\-]+(@[0-9]+)?$",
            "Write the repository with its owner, `acme/shop`, or with the ids that its tokens carry, `acme@123/shop@456`.",
        ),
        max_length=200,
    ),
]
"""With `@` and an id behind each name where the repository's tokens have an immutable subject: every repository made since July 2026
(README of aws-actions/configure-aws-credentials, "Immutable subject claims")."""

GitHubEnvironment = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9_.\-]+$", "Use letters, digits, `_`, `.` and `-`."),
        max_length=255,
    ),
    BeforeValidator(text),
]


class GitHubActions(Section):
    """A workflow of GitHub Actions that builds and deploys every commit, and the role that it takes on AWS without any stored key."""

    repository: GitHubRepository
    """The repository, `owner/name`. One that was made since July 2026 says who it is with ids, `owner@123/name@456`: the repository's
    settings show it under Actions, OIDC (cfn:AWS::IAM::Role.AssumeRolePolicyDocument)."""
    branch: BranchName = "main"
    """The branch whose every new commit is built and deployed; without `environment` no other branch can take the role
    (cfn:AWS::IAM::Role.AssumeRolePolicyDocument)."""
    environment: GitHubEnvironment | None = None
    """An environment of GitHub's, with its reviewers and its branches; with it only jobs in that environment can take the role
    (cfn:AWS::IAM::Role.AssumeRolePolicyDocument)."""
    oidc_provider: Literal["own", "existing"] = "own"
    """Whether the environment makes the provider by which AWS knows GitHub's tokens (cfn:AWS::IAM::OIDCProvider).

    - own: yes; an account can have one only
    - existing: no: it is there already, from another environment of this account
    """
    role: RoleArn | None = None
    """A role that exists, which the workflow takes; it trusts GitHub's tokens, and its longest session is as long as a deployment. Without
    it one is made that may do exactly what the workflow does (cfn:AWS::IAM::Role.MaxSessionDuration)."""
    files: RelativePath = Field(default=".", validate_default=False)
    """Where the rendered files lie in the repository, so that the workflow finds `taskdef.json` and `appspec.yaml`:
    [workflow syntax](https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax)."""
