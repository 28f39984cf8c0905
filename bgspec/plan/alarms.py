"""What is watched while a deployment runs: alarms over both target groups, because a swap changes which of them the users reach."""

from typing import NamedTuple

from bgspec.cfn import Word
from bgspec.naming import Names, logical_id
from bgspec.plan.service import Service
from bgspec.plan.target import TargetGroup
from bgspec.spec import MetricAlarm, Spec


class Metric(NamedTuple):
    """A metric of one target group, and how blue's and green's become one number.

    Names: ALB User Guide, load-balancer-cloudwatch-metrics; a count that is zero is not reported at all. CloudWatch User Guide,
    using-metric-math: to `+` and `>` a missing value is 0, so a colour without requests hides nothing of the other; MAX and its like
    are not for alarms.
    """

    name: str
    statistic: str
    expression: str
    counted: bool
    """Whether it is counted over the time (`within` is the period), or must hold all the time (every minute of it)."""
    words: str


METRICS: dict[str, Metric] = {
    "target-5xx": Metric("HTTPCode_Target_5XX_Count", "Sum", "blue + green", counted=True, words="5xx responses"),
    "target-4xx": Metric("HTTPCode_Target_4XX_Count", "Sum", "blue + green", counted=True, words="4xx responses"),
    "unhealthy-targets": Metric("UnHealthyHostCount", "Maximum", "blue + green", counted=False, words="unhealthy tasks"),
    "response-time": Metric(
        "TargetResponseTime", "p95", "IF(blue > green, blue, green)", counted=False, words="seconds at the 95th percentile"
    ),
}


class Alarm(NamedTuple):
    """One CloudWatch alarm."""

    id: Word
    name: str
    service: str
    description: str
    metric: Metric
    threshold: int | float
    period: int
    """Seconds."""
    periods: int
    """How many periods in a row must be above."""
    groups: tuple[TargetGroup, TargetGroup]


class Watch(NamedTuple):
    """What CodeDeploy or ECS looks at while it deploys one service."""

    service: str
    names: tuple[str, ...]
    """The alarms' names: those made here and those that exist already."""


class Alarms(NamedTuple):
    """What takes a deployment back when it goes off."""

    made: tuple[Alarm, ...]
    watches: tuple[Watch, ...]
    """One for each service, in the order of the services."""


def resolve(spec: Spec, names: Names, services: tuple[Service, ...]) -> Alarms:
    """The alarms that the spec describes, for each service, and those that it only names."""
    wanted = spec.deployment.rollback.alarms
    existing = tuple(alarm for alarm in wanted if isinstance(alarm, str))
    metrics = tuple(alarm for alarm in wanted if not isinstance(alarm, str))
    made = {service.key: _alarms(names, service, metrics) for service in services}
    return Alarms(
        made=tuple(alarm for alarms in made.values() for alarm in alarms),
        watches=tuple(Watch(service.key, (*(alarm.name for alarm in made[service.key]), *existing)) for service in services),
    )


def _alarms(names: Names, service: Service, wanted: tuple[MetricAlarm, ...]) -> tuple[Alarm, ...]:
    """Alarms on the same metric are numbered in the order of the spec."""
    return tuple(
        _alarm(names, service, alarm, 1 + sum(other.metric == alarm.metric for other in wanted[:position]))
        for position, alarm in enumerate(wanted)
    )


def _alarm(names: Names, service: Service, wanted: MetricAlarm, number: int) -> Alarm:
    metric = METRICS[wanted.metric]
    threshold = int(wanted.above) if wanted.above == int(wanted.above) else wanted.above
    return Alarm(
        id=logical_id(service.key, wanted.metric, f"Alarm{number}"),
        name=names.alarm(service.key, wanted.metric, number),
        service=service.key,
        description=f"{service.key}: more than {threshold} {metric.words} within {wanted.within // 60} min",
        metric=metric,
        threshold=threshold,
        period=wanted.within if metric.counted else 60,
        periods=1 if metric.counted else wanted.within // 60,
        groups=service.target.groups,
    )
