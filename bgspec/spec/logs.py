"""What a user may write about where a container's output goes."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from bgspec.spec.types import ContainerVariable, ImageUri, LogDays, SecretReference, Section, Text, kind_by_key, says

LogGroupName = Annotated[
    str, StringConstraints(pattern=says(r"^[A-Za-z0-9._/#\-]+$", "Use letters, digits and `. _ / # -`."), max_length=512)
]
"""bc:logs.LogGroupName"""

OptionName = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^@?[A-Za-z0-9._\-]+$", "Use letters, digits, `.`, `_` and `-`; Fluentd's own begin with `@`."), max_length=255
    ),
]


class CloudWatchLogs(Section):
    """Output to CloudWatch Logs, by the awslogs driver (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration)."""

    days: LogDays = 30
    """How many days it is kept (cfn:AWS::Logs::LogGroup.RetentionInDays)."""
    group: LogGroupName | None = None
    """A log group that exists, instead of one of the service's own; how long it keeps what it gets is its own affair
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options)."""
    mode: Literal["non-blocking", "blocking"] = "non-blocking"
    """What happens when CloudWatch is slow (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options).

    - non-blocking: lines wait in a buffer, and the oldest are lost if it overflows
    - blocking: the container waits
    """
    datetime_format: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    """With what a message of several lines begins, as strftime writes it: `%Y-%m-%d %H:%M:%S`
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options)."""
    multiline_pattern: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    """With what a message of several lines begins, as a regular expression
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options)."""


class FireLens(Section):
    """A log router: Fluent Bit or Fluentd (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.FirelensConfiguration)."""

    type: Literal["fluentbit", "fluentd"] = "fluentbit"
    """Which router (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.FirelensConfiguration.Type).

    - fluentbit: Fluent Bit, the smaller of the two
    - fluentd: Fluentd
    """
    image: ImageUri = Field(default="public.ecr.aws/aws-observability/aws-for-fluent-bit:stable", validate_default=False)
    """The router's image (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Image)."""
    options: dict[OptionName, Text] = {}
    """Where the output goes: the options of the router's output plugin, `Name: firehose`, with Fluentd `"@type": s3`
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.Options)."""
    secret_options: dict[OptionName, SecretReference] = {}
    """Options whose values come from Secrets Manager or from SSM parameters
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration.SecretOptions)."""
    config: Annotated[str, StringConstraints(pattern=says(r"^/[!-~]+$", "Write an absolute path."), max_length=512)] | None = None
    """A configuration file of your own inside the router's image; Fargate knows no other place for it
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.FirelensConfiguration.Options)."""
    environment: dict[ContainerVariable, Text] = {}
    """Environment variables of the router, which its `config` may name: `${LOG_BUCKET}`
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Environment)."""
    secrets: dict[ContainerVariable, SecretReference] = {}
    """Further variables of the router, whose values come from Secrets Manager or from SSM parameters
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Secrets)."""
    memory_reservation: int = Field(default=50, ge=6, le=249856)
    """MiB of memory that are kept for the router (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.MemoryReservation)."""


class RoutedLogs(Section):
    """Output to wherever a log router sends it."""

    firelens: FireLens
    """The router (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.FirelensConfiguration)."""
    days: LogDays = 30
    """How many days the router's own output is kept (cfn:AWS::Logs::LogGroup.RetentionInDays)."""


Logs = Annotated[
    Annotated[LogDays, Tag("<word>")] | Annotated[CloudWatchLogs, Tag("<days>")] | Annotated[RoutedLogs, Tag("<firelens>")],
    kind_by_key("firelens", default="days"),
]
