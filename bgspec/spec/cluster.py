"""What a user may write about the ECS cluster, what its tasks run on, and the registry of its images."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from bgspec.spec.types import Section, kind_by_key, says


class CapacityShare(Section):
    """A share of the tasks (cfn:AWS::ECS::Service.CapacityProviderStrategy)."""

    provider: Literal["fargate", "fargate-spot"]
    """What they run on (cfn:AWS::ECS::Service.CapacityProviderStrategy.CapacityProvider).

    - fargate: ordinary Fargate
    - fargate-spot: spare capacity for less money, which AWS takes back with two minutes' warning
    """
    base: int = Field(default=0, ge=0, le=100000)
    """So many tasks run on it before weights count; one provider only may have a base
    (cfn:AWS::ECS::Service.CapacityProviderStrategy.Base)."""
    weight: int = Field(default=1, ge=0, le=1000)
    """Its share of all further tasks, in proportion to the other weights (cfn:AWS::ECS::Service.CapacityProviderStrategy.Weight)."""


class Cluster(Section):
    """The environment's own cluster (cfn:AWS::ECS::Cluster)."""

    insights: Literal["enabled", "enhanced", "disabled"] = "enabled"
    """Which metrics of its own ECS keeps in CloudWatch, beside those that cost nothing (cfn:AWS::ECS::Cluster.ClusterSettings).

    - enabled: those of every service and task
    - enhanced: those of every container too
    - disabled: none
    """
    capacity: list[CapacityShare] = Field(default=[], max_length=2)
    """What tasks run on, for services that say nothing of their own; without it ordinary Fargate
    (cfn:AWS::ECS::Service.CapacityProviderStrategy)."""
    exec_logs: bool = False
    """Whether what is typed and shown in a shell (a service's `exec`) is kept in a log group
    (cfn:AWS::ECS::Cluster.Configuration.ExecuteCommandConfiguration)."""


ClusterName = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9][A-Za-z0-9_\-]*$", "Write the name of a cluster that exists, or a section about one of its own."),
        max_length=255,
    ),
]

ClusterChoice = Annotated[
    Annotated[ClusterName, Tag("<word>")] | Annotated[Cluster, Tag("<insights>")],
    kind_by_key("insights", default="insights"),
]


Encryption = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(aes256|kms|arn:aws[a-z\-]*:kms:[a-z0-9\-]+:[0-9]{12}:key/[A-Za-z0-9\-]+)$",
            "Write `aes256`, `kms` or the ARN of a key in KMS.",
        ),
        max_length=2048,
    ),
]


class Registry(Section):
    """The ECR repositories of the images that are built (cfn:AWS::ECR::Repository)."""

    tags: Literal["immutable", "mutable"] = "immutable"
    """Whether a tag can be moved to another image (cfn:AWS::ECR::Repository.ImageTagMutability).

    - immutable: never: the image of a commit is the image of that commit for ever
    - mutable: by every push
    """
    scan_on_push: bool = True
    """Whether known vulnerabilities are looked for at every push
    (cfn:AWS::ECR::Repository.ImageScanningConfiguration.ScanOnPush)."""
    keep: int = Field(default=100, ge=5, le=10000)
    """How many images stay; older ones leave. A rollback can go back no further
    (cfn:AWS::ECR::Repository.LifecyclePolicy)."""
    encryption: Encryption | None = None
    """How images are encrypted at rest: `aes256` with S3's keys, `kms` with AWS's own key for ECR, or the ARN of a key in KMS. Without it
    with the key of `encryption.key`, or `aes256` where there is none. It cannot be changed for a repository that stands
    (cfn:AWS::ECR::Repository.EncryptionConfiguration)."""
