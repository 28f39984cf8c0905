"""What a user may write about the pipeline: where the source is and how it is built."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag

from bgspec.spec.service import Permission
from bgspec.spec.types import (
    BranchName,
    BucketName,
    Duration,
    EachOnce,
    EnvironmentVariable,
    LogDays,
    RelativePath,
    RoleArn,
    SecretReference,
    Section,
    Text,
    kind_by_key,
    kind_of,
    says,
)
from bgspec.spec.values import text

ConnectionArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:(codeconnections|codestar-connections):[a-z0-9\-]+:[0-9]{12}:connection/[A-Za-z0-9\-]+$",
            "Write a connection's ARN: `arn:aws:codeconnections:REGION:ACCOUNT:connection/ID`.",
        ),
        max_length=256,
    ),
]
"""bc:codeconnections.ConnectionArn."""

RepositoryId = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)+$", "Write the repository with its owner: `acme/shop`; not its address on the web."
        ),
        max_length=255,
    ),
]
RepositoryName = Annotated[
    str,
    StringConstraints(pattern=says(r"^[A-Za-z0-9_.\-]+$", "Use letters, digits, `_`, `.` and `-`."), max_length=100),
    BeforeValidator(text),
]
"""bc:codecommit.RepositoryName."""

ImageTag = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9_][A-Za-z0-9_.\-]*$", "Use letters, digits, `_`, `.` and `-`; begin with a letter, a digit or `_`."),
        max_length=128,
    ),
    BeforeValidator(text),
]
"""OCI Distribution Specification, "Pulling manifests": a tag is at most 128 characters."""

ObjectKey = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*$", "Use letters, digits, `_`, `.` and `-`, in parts joined by single slashes."
        ),
        max_length=1000,
    ),
    BeforeValidator(text),
]
"""bc:codepipeline.ActionConfigurationValue is at most 1000 characters."""


_ADDRESS = r"[A-Za-z0-9_.%+\-]+@[A-Za-z0-9\-]+(\.[A-Za-z0-9\-]+)+"
Email = Annotated[str, StringConstraints(pattern=says(f"^{_ADDRESS}$", "Write a mail address: `ops@example.com`."), max_length=254)]
Recipient = Annotated[
    str,
    StringConstraints(
        pattern=says(
            rf"^({_ADDRESS}|arn:aws[a-z\-]*:sns:[a-z0-9\-]+:[0-9]{{12}}:[A-Za-z0-9_\-]+"
            r"|arn:aws[a-z\-]*:chatbot::[0-9]{12}:chat-configuration/(slack|microsoft-teams)-channel/[A-Za-z0-9_\-]+)$",
            "Write a mail address, the ARN of an SNS topic, or the ARN of a chat channel's configuration.",
        ),
        max_length=320,
    ),
]
"""bc:codestar-notifications.TargetAddress is at most 320 characters."""

Message = Annotated[str, StringConstraints(min_length=1, max_length=1000), BeforeValidator(text)]
"""bc:codepipeline.ActionConfigurationValue is at most 1000 characters."""


BuildImage = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[a-z0-9][A-Za-z0-9._:/\-]*(@sha256:[0-9a-f]{64})?$",
            "Write an image as a registry names it: `aws/codebuild/standard:8.0`, `public.ecr.aws/docker/library/node:24`.",
        ),
        max_length=255,
    ),
]
Command = Annotated[
    str,
    StringConstraints(pattern=says(r"^[^\x00-\x08\x0b-\x1f\x7f]+$", "Write a command without control characters."), max_length=4096),
    BeforeValidator(text),
]
CachePath = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9_./*\-]+$", "Write a path; `*` stands for any file, `**` for any directories."), max_length=1024
    ),
]


class CodeCommitSource(Section):
    """A CodeCommit repository, the environment's own or one that exists (cfn:AWS::CodeCommit::Repository)."""

    provider: Literal["codecommit"]
    """Where the source lies (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId)."""
    repository: RepositoryName | None = None
    """The name of a repository that exists; without it the environment has one of its own (cfn:AWS::CodeCommit::Repository.RepositoryName).
    """
    branch: BranchName = "main"
    """The branch whose every new commit is built and deployed (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""


class GitHubSource(Section):
    """A repository on GitHub, GitHub Enterprise too, through a connection that exists."""

    provider: Literal["github"]
    """Where the source lies (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId)."""
    connection: ConnectionArn
    """The connection's ARN. A connection is made in the console: a person must agree to it on GitHub
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    repository: RepositoryId
    """The repository, `owner/name`, in upper and lower case as it is (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    branch: BranchName = "main"
    """The branch whose every new commit is built and deployed (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""


class GitLabSource(Section):
    """A project on GitLab, a GitLab of your own too, through a connection that exists."""

    provider: Literal["gitlab"]
    """Where the source lies (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId)."""
    connection: ConnectionArn
    """The connection's ARN. A connection is made in the console: a person must agree to it on GitLab
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    repository: RepositoryId
    """The project with its groups, `group/name`, in upper and lower case as it is
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    branch: BranchName = "main"
    """The branch whose every new commit is built and deployed (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""


class BitbucketSource(Section):
    """A repository on Bitbucket, through a connection that exists."""

    provider: Literal["bitbucket"]
    """Where the source lies (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId)."""
    connection: ConnectionArn
    """The connection's ARN. A connection is made in the console: a person must agree to it on Bitbucket
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    repository: RepositoryId
    """The repository, `workspace/name`, in upper and lower case as it is (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    branch: BranchName = "main"
    """The branch whose every new commit is built and deployed (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""


class S3Source(Section):
    """A ZIP file in an S3 bucket: every new version of it is built and deployed."""

    provider: Literal["s3"]
    """Where the source lies (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId)."""
    bucket: BucketName | None = None
    """A bucket that exists, with versioning and with its events sent to EventBridge; without it the environment has one of its own
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    key: ObjectKey = "source.zip"
    """The file's key in the bucket (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""


_FILES = (
    Annotated[CodeCommitSource, Tag("<codecommit>")]
    | Annotated[GitHubSource, Tag("<github>")]
    | Annotated[GitLabSource, Tag("<gitlab>")]
    | Annotated[BitbucketSource, Tag("<bitbucket>")]
    | Annotated[S3Source, Tag("<s3>")]
)
_FILE_KINDS = ("codecommit", "github", "gitlab", "bitbucket", "s3")


class EcrSource(Section):
    """Images that somebody else builds and pushes to ECR: every push under one tag is deployed."""

    provider: Literal["ecr"]
    """Where the source lies: in the repositories of the services' images (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId)."""
    tag: ImageTag = "latest"
    """The tag whose every new push is deployed (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    config: Annotated[_FILES, kind_of("provider", *_FILE_KINDS)]
    """Where the rendered files lie: the task definitions and the appspecs (cfn:AWS::CodePipeline::Pipeline.Stages.Actions)."""


Source = Annotated[_FILES | Annotated[EcrSource, Tag("<ecr>")], kind_of("provider", *_FILE_KINDS, "ecr")]


class S3Cache(Section):
    """Files that are kept in S3 from build to build (cfn:AWS::CodeBuild::Project.Cache)."""

    s3: Annotated[list[CachePath], Field(min_length=1)]
    """The paths of the files, `/root/.m2/**/*`: `cache.paths` of a
    [buildspec](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)."""


Cache = Annotated[
    Annotated[Literal["docker", "none"], Tag("<word>")] | Annotated[S3Cache, Tag("<s3>")],
    kind_by_key("s3", default="s3"),
]


Runtime = Literal["android", "dotnet", "golang", "java", "nodejs", "php", "python", "ruby"]
RuntimeVersion = Annotated[
    str,
    StringConstraints(pattern=says(r"^[A-Za-z0-9.]+$", "Write a version: `22`, `corretto21`, `3.x` or `latest`."), max_length=32),
    BeforeValidator(text),
]
"""CodeBuild User Guide, runtime-versions."""


class Machine(Section):
    """A machine of CodeBuild (cfn:AWS::CodeBuild::Project)."""

    compute: Literal["small", "medium", "large", "xlarge"] = "small"
    """The machine, billed by the minute (cfn:AWS::CodeBuild::Project.Environment.ComputeType).

    - small: 2 vCPUs
    - medium: 4 vCPUs
    - large: 8 vCPUs
    - xlarge: 36 vCPUs, or 32 for arm64
    """
    image: BuildImage | None = None
    """The image that it runs in: one of CodeBuild's own, `aws/codebuild/standard:8.0`, or any other; without it the newest Amazon Linux
    (cfn:AWS::CodeBuild::Project.Environment.Image)."""
    runtimes: dict[Runtime, RuntimeVersion] = {}
    """Languages that CodeBuild's own images bring along, in a version: `java: corretto21`, `nodejs: 22`, `python: 3.x`. It is
    `phases.install.runtime-versions` of the [buildspec](https://docs.aws.amazon.com/codebuild/latest/userguide/runtime-versions.html);
    without it, the image's own choice."""
    environment: dict[EnvironmentVariable, Text] = {}
    """Environment variables of the build, in the open (cfn:AWS::CodeBuild::Project.Environment.EnvironmentVariables)."""
    secrets: dict[EnvironmentVariable, SecretReference] = {}
    """Environment variables whose values come from Secrets Manager or from SSM parameters
    (cfn:AWS::CodeBuild::Project.Environment.EnvironmentVariables.Type)."""
    permissions: list[Permission] = []
    """What the build may do on AWS beyond what it must (cfn:AWS::CodeBuild::Project.ServiceRole)."""
    role: RoleArn | None = None
    """A role that exists, which builds have; without it one is made that may do exactly what they need
    (cfn:AWS::CodeBuild::Project.ServiceRole)."""
    timeout: Annotated[int, Duration("5m", "8h", step="1m")] = 3600
    """How long it may take (cfn:AWS::CodeBuild::Project.TimeoutInMinutes)."""
    vpc: bool = False
    """Whether it runs in the private subnets, where it reaches what tasks reach (cfn:AWS::CodeBuild::Project.VpcConfig)."""
    logs: LogDays = 30
    """How many days its output is kept (cfn:AWS::Logs::LogGroup.RetentionInDays)."""


class Build(Machine):
    """The CodeBuild project that makes the image (cfn:AWS::CodeBuild::Project)."""

    cache: Cache | None = None
    """What the next build finds of this one; without it layers, unless the build runs in the VPC, where machines keep nothing
    (cfn:AWS::CodeBuild::Project.Cache). With `s3:` it is files.

    - docker: layers of images, as long as the machine lives
    - none: nothing
    """
    test: list[Command] = []
    """Commands that must succeed before the image is built, in the root of the source: `phases.build` of the
    [buildspec](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)."""
    buildspec: RelativePath | None = None
    """A buildspec of your own in the source repository, instead of the rendered one (cfn:AWS::CodeBuild::Project.Source.BuildSpec). It gets
    AWS_ACCOUNT_ID, REPOSITORY_URI, REPOSITORY_NAME, SERVICE, TASKDEF and APPSPEC; its artifact holds what the rendered one's holds."""


class Testing(Machine):
    """A stage of its own before the image is built: unit tests, linters, scanners (cfn:AWS::CodeBuild::Project)."""

    commands: list[Command] = Field(min_length=1)
    """What is run, in the root of the source; the first that fails ends the run: `phases.build` of its
    [buildspec](https://docs.aws.amazon.com/codebuild/latest/userguide/build-spec-ref.html)."""


class PipelineApproval(Section):
    """A person's word before the pipeline goes on; `deployment.approval` is for one while green waits for its traffic."""

    before: Literal["build", "deploy"]
    """What waits for it (cfn:AWS::CodePipeline::Pipeline.Stages).

    - build: everything from the build on
    - deploy: the deployment; the image is built already
    """
    notify: Annotated[list[Email], EachOnce] = []
    """Who is asked by mail. Each must confirm the address once (cfn:AWS::SNS::Topic.Subscription)."""
    message: Message | None = None
    """What the person reads who is asked (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.Configuration)."""
    timeout: Annotated[int, Duration("5m", "60d", step="1m")] = 604800
    """How long the pipeline waits before the run has failed (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.TimeoutInMinutes)."""


class Notifications(Section):
    """Who is told how the pipeline fares (cfn:AWS::CodeStarNotifications::NotificationRule)."""

    on: Annotated[list[Literal["started", "succeeded", "failed", "canceled", "superseded", "approval"]], EachOnce] = Field(
        default=["failed"], min_length=1
    )
    """What is told (cfn:AWS::CodeStarNotifications::NotificationRule.EventTypeIds).

    - started: a run begins
    - succeeded: a run has ended well
    - failed: a run has failed
    - canceled: a run was stopped by somebody
    - superseded: a newer run has overtaken it
    - approval: somebody must approve, or has answered
    """
    to: Annotated[list[Recipient], EachOnce] = Field(min_length=1, max_length=10)
    """Who is told: a mail address, an SNS topic's ARN, or the ARN of a chat channel of Amazon Q (AWS Chatbot)
    (cfn:AWS::CodeStarNotifications::NotificationRule.Targets)."""


class Pipeline(Section):
    """The pipeline that builds and deploys every commit (cfn:AWS::CodePipeline::Pipeline)."""

    source: Source
    """Where the source lies and what starts the pipeline (cfn:AWS::CodePipeline::Pipeline.Stages)."""
    build: Build = Build()
    """How the image is built (cfn:AWS::CodeBuild::Project)."""
    test: Testing | None = None
    """A stage that tests every commit before anything is built; without it there is none (cfn:AWS::CodePipeline::Pipeline.Stages)."""
    approval: PipelineApproval | None = None
    """A person's word before the pipeline goes on; without it nobody is asked (cfn:AWS::CodePipeline::Pipeline.Stages)."""
    notifications: Notifications | None = None
    """Who is told how the pipeline fares; without it nobody (cfn:AWS::CodeStarNotifications::NotificationRule)."""
    bucket: BucketName | None = None
    """A bucket that exists, through which stages hand on what they made; it has versioning. Without it the environment has one of its own
    (cfn:AWS::CodePipeline::Pipeline.ArtifactStore.Location)."""
    role: RoleArn | None = None
    """A role that exists, with which CodePipeline runs the stages; without it one is made that may do exactly what they need
    (cfn:AWS::CodePipeline::Pipeline.RoleArn)."""
    trigger_role: RoleArn | None = None
    """A role that exists, with which EventBridge starts the pipeline; without it one is made that may start this one and no other
    (cfn:AWS::Events::Rule.Targets.RoleArn)."""
    files: RelativePath = Field(default=".", validate_default=False)
    """Where the rendered files lie in the source repository, so that the pipeline finds `taskdef.json` and `appspec.yaml`."""
