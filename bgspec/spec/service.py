"""What a user may write about a service and the task it runs."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag

from bgspec.spec.cluster import CapacityShare
from bgspec.spec.container import Container, ContainerShare, ImageBuild, Sidecar, Volume, VolumeName
from bgspec.spec.logs import Logs
from bgspec.spec.routing import Route, TargetGroup
from bgspec.spec.scaling import Scaling
from bgspec.spec.types import (
    Architecture,
    ArnPattern,
    Cidr,
    ContainerName,
    Duration,
    EachOnce,
    ImageUri,
    Port,
    RoleArn,
    Section,
    SecurityGroupId,
    ServiceName,
    Share,
    UrlPath,
    kind_by_key,
    says,
)
from bgspec.spec.values import text


class BuiltImage(ImageBuild):
    """An image that is built from the repository and pushed to the environment's own registry."""

    architecture: Architecture = "x86_64"
    """The processor that the image is built for and the task runs on (cfn:AWS::ECS::TaskDefinition.RuntimePlatform.CpuArchitecture).

    - x86_64: Intel and AMD
    - arm64: AWS's Graviton, which costs less for the same CPU and memory; the image must be built for it
    """


class ExistingImage(Section):
    """An image that exists already."""

    uri: ImageUri
    """The image with its registry and its tag or digest (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Image)."""
    architecture: Architecture = "x86_64"
    """The processor that the image was built for (cfn:AWS::ECS::TaskDefinition.RuntimePlatform.CpuArchitecture).

    - x86_64: Intel and AMD
    - arm64: AWS's Graviton
    """


Image = Annotated[
    Annotated[BuiltImage, Tag("<build>")] | Annotated[ExistingImage, Tag("<uri>")],
    kind_by_key("uri", "build", default="build"),
]


Codes = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^([0-9]{1,2}|[2-4][0-9]{2})([,\-]([0-9]{1,2}|[2-4][0-9]{2}))*$",
            "Write status codes from 200 to 499: `200`, `200,204` or `200-299`; of gRPC from 0 to 99.",
        ),
        max_length=64,
    ),
    BeforeValidator(text),
]
"""bc:elbv2.Matcher"""


class HealthCheck(Section):
    """How the load balancer finds out whether a task works."""

    path: UrlPath | None = None
    """The path that answers when the task is well; without it `/`, or, where the port speaks gRPC, a method that nobody has
    (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.HealthCheckPath)."""
    interval: Annotated[int, Duration("5s", "300s")] = 30
    """The time from one check to the next (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.HealthCheckIntervalSeconds)."""
    timeout: Annotated[int, Duration("2s", "120s")] = 5
    """How long an answer may take; shorter than `interval` (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.HealthCheckTimeoutSeconds)."""
    healthy: int = Field(default=3, ge=2, le=10)
    """Good answers in a row before a task that was unwell gets traffic again; a new one needs a single good answer
    (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.HealthyThresholdCount)."""
    unhealthy: int = Field(default=3, ge=2, le=10)
    """Bad answers in a row before a task is replaced (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.UnhealthyThresholdCount)."""
    codes: Codes | None = None
    """The HTTP status codes that count as good: `200`, `200,204`, `200-299`; without it 200. Where the port speaks gRPC, its codes, 0 to
    99; without it 12, the answer of a server that is well to a method that it has not
    (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.Matcher)."""
    grace: Annotated[int, Duration("0s", "7d")] = 60
    """How long a fresh task may fail its checks before ECS replaces it. Give it more than the application needs to start
    (cfn:AWS::ECS::Service.HealthCheckGracePeriodSeconds)."""
    port: Port | None = None
    """The port that is asked; without it the service's own (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.HealthCheckPort)."""
    protocol: Literal["http", "https"] = "http"
    """The protocol in which it is asked (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.HealthCheckProtocol).

    - http: in the open
    - https: with TLS; any certificate will do, the load balancer does not look at it
    """


ScheduleExpression = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(rate\([1-9][0-9]{0,4} (minutes?|hours?|days?)\)|cron\([0-9A-Z*?,/#\-]+( [0-9A-Z*?,/#\-]+){5}\))$",
            "Write `rate(1 hour)`, or `cron(…)` with six fields: minute, hour, day, month, weekday and year, as in `cron(0 3 * * ? *)`.",
        ),
        max_length=256,
    ),
]
"""bc:scheduler.ScheduleExpression; EventBridge Scheduler User Guide, schedule-types."""


class ZonedSchedule(Section):
    """When a task runs, by the clock of a place."""

    expression: ScheduleExpression
    """`rate(1 hour)`, or `cron(…)` with six fields: minute, hour, day, month, weekday and year
    (cfn:AWS::Scheduler::Schedule.ScheduleExpression)."""
    timezone: str = Field(
        default="UTC", pattern=says(r"^[A-Za-z0-9_+/\-]+$", "Write the name of a time zone: `Europe/Berlin`."), max_length=50
    )
    """The clock that counts, with its summer time: `Europe/Berlin` (cfn:AWS::Scheduler::Schedule.ScheduleExpressionTimezone)."""
    role: RoleArn | None = None
    """A role that exists, with which EventBridge Scheduler runs the task; without it one is made that may do exactly that
    (cfn:AWS::Scheduler::Schedule.Target.RoleArn)."""


Schedule = Annotated[
    Annotated[ScheduleExpression, Tag("<word>")] | Annotated[ZonedSchedule, Tag("<expression>")],
    kind_by_key("expression", default="expression"),
]


class Rolling(Section):
    """How many tasks run while ECS replaces them (cfn:AWS::ECS::Service.DeploymentConfiguration)."""

    minimum: Annotated[int, Share(0, 100)] = 100
    """The fewest, of those that are wanted, rounded up. With `0%` the old ones may end before new ones begin
    (cfn:AWS::ECS::Service.DeploymentConfiguration.MinimumHealthyPercent)."""
    maximum: Annotated[int, Share(100, 200)] = 200
    """The most, rounded down. With `100%` none begins before another has ended: for work that must not be done twice at a time
    (cfn:AWS::ECS::Service.DeploymentConfiguration.MaximumPercent)."""


class EgressRule(Section):
    """Whom the tasks may open connections to (cfn:AWS::EC2::SecurityGroup.SecurityGroupEgress)."""

    cidr: Cidr
    """The network: `10.1.0.0/16`, or `203.0.113.7/32` for one address (cfn:AWS::EC2::SecurityGroup.SecurityGroupEgress.CidrIp)."""
    port: Port | None = None
    """The port; without it all of them (cfn:AWS::EC2::SecurityGroup.SecurityGroupEgress.ToPort)."""
    protocol: Literal["tcp", "udp"] = "tcp"
    """The protocol (cfn:AWS::EC2::SecurityGroup.SecurityGroupEgress.IpProtocol).

    - tcp: TCP
    - udp: UDP
    """


class Permission(Section):
    """Something that the application itself may do on AWS."""

    actions: list[Annotated[str, Field(pattern=says(r"^[a-z0-9\-]+:[A-Za-z0-9*]+$", "Write an IAM action: `s3:GetObject`."))]] = Field(
        min_length=1
    )
    """IAM actions, `s3:GetObject` (cfn:AWS::IAM::Role.Policies)."""
    resources: list[ArnPattern] = Field(min_length=1)
    """The ARNs they apply to, or `*` for all (cfn:AWS::IAM::Role.Policies)."""


class Service(Container):
    """A container that runs as an ECS service on Fargate (cfn:AWS::ECS::Service)."""

    image: Image
    """What runs: `build: DIR`, or `uri: …` of an image that exists (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Image)."""
    port: Port | None = None
    """The port on which the container listens. A service without one is a worker: nothing calls it, and ECS replaces its tasks one by one,
    whatever the engine (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.PortMappings.ContainerPort)."""
    load_balancer: bool = True
    """Whether the load balancer sends requests to the port. With `false` only other services call it (`connect`), and ECS replaces its
    tasks one by one, whatever the engine (cfn:AWS::ECS::Service.LoadBalancers)."""
    connect: Annotated[list[ServiceName], EachOnce] = []
    """The services of this environment that its tasks call: `[api]`. They find them by the names that `discovery` gives, and are let in by
    their security groups (cfn:AWS::EC2::SecurityGroupIngress)."""
    protocol: Literal["http", "http2", "grpc", "tcp"] = "http"
    """What its port speaks. The load balancer calls it so (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.ProtocolVersion), and the proxy of
    Service Connect, which counts and repeats requests only where it understands them
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.PortMappings.AppProtocol).

    - http: HTTP/1.1
    - http2: HTTP/2, and its callers speak nothing older
    - grpc: gRPC
    - tcp: anything else; no load balancer understands it
    """
    schedule: Schedule | None = None
    """When its task runs, instead of always: `rate(1 hour)`, `cron(0 3 * * ? *)`, or `expression:` and `timezone:`. It has no port
    (cfn:AWS::Scheduler::Schedule.ScheduleExpression)."""
    cpu: Literal[256, 512, 1024, 2048, 4096, 8192, 16384, 32768] = 256
    """The task's processor share: 1024 is one vCPU. CPU and memory are what a task is billed by (cfn:AWS::ECS::TaskDefinition.Cpu)."""
    memory: int | None = Field(default=None, ge=512, le=249856)
    """The task's memory in MiB; without it the least that Fargate allows for the CPU (cfn:AWS::ECS::TaskDefinition.Memory)."""
    capacity: list[CapacityShare] = Field(default=[], max_length=2)
    """What the tasks run on; without it what `cluster.capacity` says, and that is ordinary Fargate
    (cfn:AWS::ECS::Service.CapacityProviderStrategy)."""
    count: int = Field(default=2, ge=1, le=5000)
    """How many tasks run; with `scaling` only at first. Two outlive the failure of one of their zones
    (cfn:AWS::ECS::Service.DesiredCount)."""
    rolling: Rolling = Rolling()
    """How many tasks run while ECS replaces them, where the load balancer does not call the service: by default the new ones come first
    (cfn:AWS::ECS::Service.DeploymentConfiguration)."""
    scaling: Scaling | None = None
    """How many tasks run, by load and by time; without it always `count` (cfn:AWS::ApplicationAutoScaling::ScalableTarget)."""
    health_check: HealthCheck = HealthCheck()
    """How the load balancer finds out whether a task works (cfn:AWS::ElasticLoadBalancingV2::TargetGroup)."""
    routes: list[Route] = []
    """The requests that the service gets; without it, all that no other service's routes name. One service may have none
    (cfn:AWS::ElasticLoadBalancingV2::ListenerRule)."""
    target_group: TargetGroup = TargetGroup()
    """How requests are spread over the service's tasks (cfn:AWS::ElasticLoadBalancingV2::TargetGroup.TargetGroupAttributes)."""
    permissions: list[Permission] = []
    """What the application itself may do on AWS: the task role. Without it nothing (cfn:AWS::ECS::TaskDefinition.TaskRoleArn)."""
    egress: list[EgressRule] | None = None
    """Whom the tasks may open connections to: nobody but these, and what no task does without: HTTPS, by which it gets its image, the
    services that it calls (`connect`) and the file systems that it mounts. Without it, whatever the network lets them reach
    (cfn:AWS::EC2::SecurityGroup.SecurityGroupEgress)."""
    security_groups: Annotated[list[SecurityGroupId], Field(max_length=4), EachOnce] = []
    """Security groups that exist, which the tasks have beside their own: a database that admits one of them admits the tasks
    (cfn:AWS::ECS::Service.NetworkConfiguration.AwsvpcConfiguration.SecurityGroups)."""
    logs: Logs = 30
    """Where the containers' output goes: to CloudWatch Logs for so many days; or more about it in a section
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.LogConfiguration)."""
    sidecars: Annotated[dict[ContainerName, Sidecar], Field(max_length=8)] = {}
    """Further containers of the same task, by name: a proxy, a collector, something that runs first
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions)."""
    container: ContainerShare = ContainerShare()
    """What the service's own container gets of the task; without it, what the sidecars leave
    (cfn:AWS::ECS::TaskDefinition.ContainerDefinitions.Cpu)."""
    volumes: dict[VolumeName, Volume] = {}
    """Directories that containers mount: one on the task's own disk, or a file system of EFS (cfn:AWS::ECS::TaskDefinition.Volumes).

    - ephemeral: a directory that the containers of a task share and that ends with it
    """
    ephemeral_storage: int | None = Field(default=None, ge=21, le=200)
    """GiB of disk that a task has; without it Fargate's 20, which are free (cfn:AWS::ECS::TaskDefinition.EphemeralStorage.SizeInGiB)."""
    execution_role: RoleArn | None = None
    """A role that exists, with which ECS starts the task; without it one is made that may do exactly what this task needs
    (cfn:AWS::ECS::TaskDefinition.ExecutionRoleArn)."""
    task_role: RoleArn | None = None
    """A role that exists, which the application has; without it one is made with the `permissions`
    (cfn:AWS::ECS::TaskDefinition.TaskRoleArn)."""
    exec: bool = False
    """Whether a shell can be opened in a running container (`aws ecs execute-command`) (cfn:AWS::ECS::Service.EnableExecuteCommand)."""
    platform_version: Literal["LATEST", "1.4.0"] = "LATEST"
    """The version of Fargate's platform (cfn:AWS::ECS::Service.PlatformVersion).

    - LATEST: whichever is the newest
    - 1.4.0: this one, also when there is a newer one
    """
