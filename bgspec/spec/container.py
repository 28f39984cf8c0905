"""What a user may write about a container: what it runs, with whom, and how it is watched."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag

from bgspec.spec.types import (
    ContainerName,
    ContainerVariable,
    Duration,
    ImageUri,
    Port,
    RelativePath,
    S3ObjectArn,
    SecretReference,
    Section,
    Text,
    kind_by_key,
    says,
)
from bgspec.spec.values import text

Argument = Annotated[str, StringConstraints(max_length=4096), BeforeValidator(text)]
Path = Annotated[
    str, StringConstraints(pattern=says(r"^/[!-~]*$", "Write an absolute path: `/` and characters without spaces."), max_length=512)
]
VolumeName = Annotated[
    str,
    StringConstraints(pattern=says(r"^[A-Za-z0-9_\-]+$", "Use letters, digits, `_` and `-`."), max_length=255),
]


User = Annotated[
    str,
    StringConstraints(pattern=says(r"^[A-Za-z0-9_.\-]+(:[A-Za-z0-9_.\-]+)?$", "Write a user, or `user:group`."), max_length=255),
    BeforeValidator(text),
]


class HealthCommand(Section):
    """A command that ECS runs inside the container to see whether it works (bc:ecs.HealthCheck)."""

    command: list[Argument] = Field(min_length=2)
    """What runs, as ECS writes it: `[CMD-SHELL, "curl -f http://localhost/ || exit 1"]` for the container's shell, `[CMD, /app, check]`
    without one. It succeeds by ending with 0 (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Command)."""
    interval: Annotated[int, Duration("5s", "300s")] = 30
    """The time from one run to the next (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Interval)."""
    timeout: Annotated[int, Duration("2s", "60s")] = 5
    """How long a run may take before it has failed (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Timeout)."""
    retries: int = Field(default=3, ge=1, le=10)
    """Failures in a row before the container counts as unhealthy (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.Retries).
    """
    start_period: Annotated[int, Duration("0s", "300s")] = 0
    """How long failures do not count after the start; by default they count at once
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck.StartPeriod)."""


class Mount(Section):
    """Where a volume stands in a container."""

    path: Path
    """The directory in the container (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.MountPoints.ContainerPath)."""
    read_only: bool = False
    """Whether the container may only read it (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.MountPoints.ReadOnly)."""


Mounted = Annotated[
    Annotated[Path, Tag("<word>")] | Annotated[Mount, Tag("<path>")],
    kind_by_key("path", default="path"),
]


class Ulimit(Section):
    """A limit of the kernel on the container's processes."""

    soft: int = Field(ge=0, le=2147483647)
    """What holds at first; a process may raise it to the hard limit (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Ulimits.SoftLimit).
    """
    hard: int = Field(ge=0, le=2147483647)
    """What no process may raise (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Ulimits.HardLimit)."""


Limit = Annotated[
    Annotated[int, Field(ge=0, le=2147483647), Tag("<word>")] | Annotated[Ulimit, Tag("<soft>")],
    kind_by_key("soft", default="soft"),
]

LimitName = Literal[
    "core",
    "cpu",
    "data",
    "fsize",
    "locks",
    "memlock",
    "msgqueue",
    "nice",
    "nofile",
    "nproc",
    "rss",
    "rtprio",
    "rttime",
    "sigpending",
    "stack",
]
"""bc:ecs.UlimitName"""


class Container(Section):
    """What every container may have, the service's own and those beside it."""

    command: Annotated[list[Argument], Field(min_length=1)] | None = None
    """What runs, instead of the image's CMD (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Command)."""
    entrypoint: Annotated[list[Argument], Field(min_length=1)] | None = None
    """What the command is given to, instead of the image's ENTRYPOINT (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.EntryPoint)."""
    user: User | None = None
    """Who runs it, by name or number, with a group where one is needed: `1000:1000`. Without it: the image's USER
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.User)."""
    working_directory: Path | None = None
    """Where it runs, instead of the image's WORKDIR (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.WorkingDirectory)."""
    environment: dict[ContainerVariable, Text] = {}
    """Environment variables of the container, in the open: whoever may look at the task sees them
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Environment)."""
    environment_files: Annotated[list[S3ObjectArn], Field(max_length=10)] = []
    """Files in S3 with further variables, by ARN; their names end in `.env`. What `environment` says counts more
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.EnvironmentFiles)."""
    secrets: dict[ContainerVariable, SecretReference] = {}
    """Environment variables whose values come from Secrets Manager or from SSM parameters; they are read when a task starts
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Secrets)."""
    health: HealthCommand | None = None
    """A command that ECS runs inside the container to see whether it works; a HEALTHCHECK in the image means nothing to ECS
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.HealthCheck)."""
    depends_on: dict[ContainerName, Literal["start", "complete", "success", "healthy"]] = {}
    """Which other containers of the task come first, and how far each must be before this one starts
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.DependsOn).

    - start: it has started
    - complete: it has ended
    - success: it has ended with 0
    - healthy: its health command has succeeded
    """
    mounts: dict[VolumeName, Mounted] = {}
    """Where the task's `volumes` stand in this container: `data: /var/data`, or with `path:` and `read_only:`
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.MountPoints)."""
    ulimits: dict[LimitName, Limit] = {}
    """Limits of the kernel, as one number or as `soft:` and `hard:`. On Fargate `nofile` is 65535 where nothing is said
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Ulimits)."""
    read_only: bool = False
    """Whether its root file system can only be read; what it must write goes to a volume
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.ReadonlyRootFilesystem)."""
    init: bool = False
    """Whether an init process is put in front, which ends zombies and passes signals on
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LinuxParameters.InitProcessEnabled)."""
    start_timeout: Annotated[int, Duration("2s", "120s")] | None = None
    """How long other containers wait for its condition in `depends_on` before they give up
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.StartTimeout)."""
    stop_timeout: Annotated[int, Duration("2s", "120s")] | None = None
    """How long it may take to end before it is killed; ECS's own default is 30 s
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.StopTimeout)."""


class ContainerShare(Section):
    """A container's share of its task."""

    cpu: int | None = Field(default=None, ge=2, le=32768)
    """CPU units that are its own when the others are busy; 1024 is one vCPU (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Cpu)."""
    memory: int | None = Field(default=None, ge=6, le=249856)
    """MiB of memory; with more it is killed (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Memory)."""
    memory_reservation: int | None = Field(default=None, ge=6, le=249856)
    """MiB of memory that are kept for it (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.MemoryReservation)."""


EcrRepositoryName = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$",
            "Write the name of an ECR repository: lower-case letters and digits, with `. _ - /` between them.",
        ),
        min_length=2,
        max_length=256,
    ),
]
"""bc:ecr.RepositoryName"""


class ImageBuild(Section):
    """An image that is built from the repository and pushed to the environment's own registry."""

    build: RelativePath
    """The directory with the Dockerfile: the build's context, relative to the repository. It stands in the build's commands
    (cfn:AWS::CodeBuild::Project.Source.BuildSpec)."""
    dockerfile: RelativePath = "Dockerfile"
    """The Dockerfile's path inside that directory (cfn:AWS::CodeBuild::Project.Source.BuildSpec)."""
    repository: EcrRepositoryName | None = None
    """An ECR repository of this account and Region that exists; without it one is made for the container
    (cfn:AWS::ECR::Repository)."""
    target: str | None = Field(default=None, pattern=says(r"^[A-Za-z0-9_.\-]+$", "Use letters, digits, `_`, `.` and `-`."), max_length=128)
    """The stage of the Dockerfile to build; without it the last one (cfn:AWS::CodeBuild::Project.Source.BuildSpec)."""


SidecarImage = Annotated[
    Annotated[ImageUri, Tag("<word>")] | Annotated[ImageBuild, Tag("<build>")],
    kind_by_key("build", default="build"),
]


class Sidecar(Container, ContainerShare):
    """A further container of the same task."""

    image: SidecarImage
    """The image, with its registry and its tag or digest; or `{build: DIR}`, which is built and deployed together with the service's own,
    for the same processor (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Image)."""
    port: Port | None = None
    """The port on which it listens; the containers of a task reach each other at `localhost`
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.PortMappings.ContainerPort)."""
    essential: bool = True
    """Whether the whole task ends when it ends (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Essential)."""


class EfsVolume(Section):
    """A file system of EFS that exists."""

    efs: str = Field(pattern=says(r"^fs-[0-9a-f]{8,40}$", "Write the id of a file system: `fs-0123456789abcdef0`."))
    """The file system's id. Its mount targets must admit the tasks' security group
    (cfn:AWS::ECS::TaskDefinition.Volumes.EFSVolumeConfiguration.FilesystemId)."""
    path: Path | None = None
    """The directory in the file system that is mounted; without it its root
    (cfn:AWS::ECS::TaskDefinition.Volumes.EFSVolumeConfiguration.RootDirectory)."""
    access_point: str | None = Field(
        default=None, pattern=says(r"^fsap-[0-9a-f]{8,40}$", "Write the id of an access point: `fsap-0123456789abcdef0`.")
    )
    """The access point through which it is mounted; it brings a directory of its own
    (cfn:AWS::ECS::TaskDefinition.Volumes.EFSVolumeConfiguration.AuthorizationConfig.AccessPointId)."""
    read_only: bool = False
    """Whether the task may only read it."""


Volume = Annotated[
    Annotated[Literal["ephemeral"], Tag("<word>")] | Annotated[EfsVolume, Tag("<efs>")],
    kind_by_key("efs", default="efs"),
]
