"""Where a service's requests go: its two target groups, which differ in nothing but their names."""

from typing import Literal, NamedTuple

from bgspec.cfn import Value, Word
from bgspec.naming import Names, logical_id
from bgspec.spec import HealthCheck as HealthCheckSpec
from bgspec.spec import Service as ServiceSpec
from bgspec.spec import TargetGroup as TargetGroupSpec


class TargetGroup(NamedTuple):
    """One of the two: blue takes the first tasks; from then on each takes its turn."""

    id: Word
    name: str
    colour: Literal["blue", "green"]

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")


class HealthCheck(NamedTuple):
    """How the load balancer finds out whether a task works; times in seconds."""

    path: str
    interval: int
    timeout: int
    healthy: int
    unhealthy: int
    matcher: Word
    """Whose codes they are: `HttpCode` or `GrpcCode`."""
    codes: str
    grace: int
    port: str
    """A number, or `traffic-port` for the service's own."""
    protocol: Literal["HTTP", "HTTPS"]


class Attribute(NamedTuple):
    """An attribute of a load balancer or of a target group, with the reason for its value."""

    key: Word
    value: Value
    reason: str


class Target(NamedTuple):
    """What the load balancer knows of a service."""

    service: str
    """The service's name in the spec."""
    port: int
    version: Word
    """What the load balancer speaks with the tasks (bc:elbv2.CreateTargetGroupInput.ProtocolVersion)."""
    health_check: HealthCheck
    attributes: tuple[Attribute, ...]
    stickiness: tuple[int, ...]
    """How many seconds a client stays with its task; empty where it does not."""
    blue: TargetGroup
    green: TargetGroup

    @property
    def ports(self) -> tuple[int, ...]:
        """The ports that the load balancer calls: for requests, and for health checks where that is another one."""
        return tuple(dict.fromkeys((self.port, int(self.health_check.port) if self.health_check.port.isdigit() else self.port)))

    @property
    def groups(self) -> tuple[TargetGroup, TargetGroup]:
        return self.blue, self.green


# What a port speaks, as target groups call it. There is no word for `tcp`: a check says so, and HTTP/1.1 stands for it until then.
_VERSIONS = {"http": Word("HTTP1"), "http2": Word("HTTP2"), "grpc": Word("GRPC"), "tcp": Word("HTTP1")}


def resolve(key: str, service: ServiceSpec, port: int, names: Names) -> Target:
    """The target groups of the service `key`, which listens on `port`."""
    return Target(
        service=key,
        port=port,
        version=_VERSIONS[service.protocol],
        health_check=_health_check(service.health_check, grpc=service.protocol == "grpc"),
        attributes=_attributes(key, service.target_group),
        stickiness=(service.target_group.stickiness,) if service.target_group.stickiness else (),
        blue=TargetGroup(logical_id(key, "BlueTargetGroup"), names.target_group(key, 1), "blue"),
        green=TargetGroup(logical_id(key, "GreenTargetGroup"), names.target_group(key, 2), "green"),
    )


def _health_check(wanted: HealthCheckSpec, *, grpc: bool) -> HealthCheck:
    """The path and the code where the spec names none: bc:elbv2.CreateTargetGroupInput.HealthCheckPath and Matcher.GrpcCode for gRPC."""
    path, codes = ("/AWS.ALB/healthcheck", "12") if grpc else ("/", "200")
    return HealthCheck(
        wanted.path or path,
        wanted.interval,
        wanted.timeout,
        wanted.healthy,
        wanted.unhealthy,
        Word("GrpcCode" if grpc else "HttpCode"),
        wanted.codes or codes,
        wanted.grace,
        str(wanted.port or "traffic-port"),
        "HTTPS" if wanted.protocol == "https" else "HTTP",
    )


def _attributes(key: str, wanted: TargetGroupSpec) -> tuple[Attribute, ...]:
    """The attributes of both groups (bc:elbv2.TargetGroupAttribute); what is off stands here too, so that an update switches it off."""
    spec = f"spec: services.{key}.target_group"
    cookie = (
        Attribute(Word("stickiness.type"), "lb_cookie", "A cookie of the application's own does not work with weighted groups."),
        Attribute(Word("stickiness.lb_cookie.duration_seconds"), str(wanted.stickiness), "For how long."),
    )
    return (
        Attribute(
            Word("deregistration_delay.timeout_seconds"),
            str(wanted.deregistration_delay),
            "How long a leaving task may finish its requests. AWS's default of 300 s delays every deployment by as much.",
        ),
        Attribute(
            Word("load_balancing.algorithm.type"),
            wanted.algorithm.replace("-", "_"),
            f"Which task gets the next request. ({spec}.algorithm, default round-robin)",
        ),
        Attribute(
            Word("slow_start.duration_seconds"),
            str(wanted.slow_start or 0),
            f"For how long a new task gets only a growing share. ({spec}.slow_start, default not at all)",
        ),
        Attribute(
            Word("stickiness.enabled"),
            "true" if wanted.stickiness else "false",
            f"Whether a client stays with the task that answered it first. ({spec}.stickiness, default no)",
        ),
        *(cookie if wanted.stickiness else ()),
    )
