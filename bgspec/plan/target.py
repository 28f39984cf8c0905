"""Where a service's requests go: its two target groups, which differ in nothing but their names."""

from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.naming import Names, logical_id
from bgspec.spec.service import Service as ServiceSpec


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
    codes: str
    grace: int


class Target(NamedTuple):
    """What the load balancer knows of a service."""

    service: str
    """The service's name in the spec."""
    port: int
    health_check: HealthCheck
    blue: TargetGroup
    green: TargetGroup

    @property
    def groups(self) -> tuple[TargetGroup, TargetGroup]:
        return self.blue, self.green


def resolve(key: str, service: ServiceSpec, names: Names) -> Target:
    """The target groups of the service `key`."""
    health = service.health_check
    return Target(
        service=key,
        port=service.port,
        health_check=HealthCheck(
            health.path, health.interval, health.timeout, health.healthy, health.unhealthy, health.codes, health.grace
        ),
        blue=TargetGroup(logical_id(key, "BlueTargetGroup"), names.target_group(key, 1), "blue"),
        green=TargetGroup(logical_id(key, "GreenTargetGroup"), names.target_group(key, 2), "green"),
    )
