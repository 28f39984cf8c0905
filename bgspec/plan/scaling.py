"""How many tasks run: limits, values that are kept, steps and times."""

from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.naming import Names, logical_id
from bgspec.plan.target import TargetGroup
from bgspec.spec import Cooldown
from bgspec.spec import Scaling as ScalingSpec
from bgspec.spec import Service as ServiceSpec

# What ECS knows of a service itself (Application Auto Scaling API, PredefinedMetricSpecification). Its third, ALBRequestCountPerTarget,
# belongs to one target group and so "is not supported for the blue/green deployment type" (ECS service-autoscaling-targettracking).
_PREDEFINED = {"cpu": "ECSServiceAverageCPUUtilization", "memory": "ECSServiceAverageMemoryUtilization"}
# ECS Developer Guide, service_utilization.
_UTILIZATION = {"cpu": "CPUUtilization", "memory": "MemoryUtilization"}


class Tracking(NamedTuple):
    """A value that is kept by adding and removing tasks."""

    id: Word
    name: str
    kind: Literal["cpu", "memory", "requests"]
    target: int
    predefined: tuple[str, ...]
    """ECS's own metric, or none."""
    groups: tuple[TargetGroup, ...]
    """The two target groups whose requests are counted together, or none."""


class Change(NamedTuple):
    """A number of tasks that comes or goes when an alarm goes off."""

    id: Word
    name: str
    alarm: Word
    alarm_name: str
    comparison: Literal["GreaterThanThreshold", "LessThanThreshold"]
    threshold: int | float
    periods: int
    """Minutes in a row."""
    adjustment: int
    bound: Word
    """Which side of the threshold the step is on: the interval's property."""
    utilization: tuple[str, ...]
    """The metric of the service, or none."""
    groups: tuple[TargetGroup, ...]
    cooldown: int


class Timed(NamedTuple):
    """Other limits from a time on."""

    name: str
    schedule: str
    timezone: str
    min: int
    max: int


class Scaling(NamedTuple):
    """How many tasks of a service run, and what decides it."""

    min: int
    max: int
    scale_out: int
    """Seconds."""
    scale_in: int
    tracking: tuple[Tracking, ...]
    changes: tuple[Change, ...]
    timed: tuple[Timed, ...]

    @property
    def groups(self) -> tuple[TargetGroup, ...]:
        """The target groups that any of it counts, each once."""
        counted = [*(policy.groups for policy in self.tracking), *(change.groups for change in self.changes)]
        return tuple(dict.fromkeys(group for groups in counted for group in groups))


def resolve(key: str, service: ServiceSpec, names: Names, groups: tuple[TargetGroup, ...]) -> tuple[Scaling, ...]:
    """The scaling of the service `key`, or none."""
    wanted = service.scaling
    if wanted is None:
        return ()
    out, back = _cooldown(wanted)
    kept: tuple[tuple[Literal["cpu", "memory", "requests"], int | None], ...] = (
        ("cpu", wanted.cpu),
        ("memory", wanted.memory),
        ("requests", wanted.requests),
    )
    return (
        Scaling(
            min=wanted.min,
            max=wanted.max,
            scale_out=out,
            scale_in=back,
            tracking=tuple(_tracking(key, names, kind, value, groups) for kind, value in kept if value is not None),
            changes=tuple(_change(key, names, wanted, number, groups) for number in range(1, len(wanted.steps) + 1)),
            timed=tuple(
                Timed(names.scaling(key, "time", number), timed.at, timed.timezone, timed.min, timed.max)
                for number, timed in enumerate(wanted.schedule, 1)
            ),
        ),
    )


def _cooldown(wanted: ScalingSpec) -> tuple[int, int]:
    """After tasks have come, and after some have gone; without a word a minute and ECS's own five."""
    if isinstance(wanted.cooldown, int):
        return wanted.cooldown, wanted.cooldown
    cooldown: Cooldown | None = wanted.cooldown
    return (cooldown.scale_out, cooldown.scale_in) if cooldown else (60, 300)


def _tracking(key: str, names: Names, kind: Literal["cpu", "memory", "requests"], target: int, groups: tuple[TargetGroup, ...]) -> Tracking:
    predefined = (_PREDEFINED[kind],) if kind in _PREDEFINED else ()
    return Tracking(logical_id(kind, "Scaling"), names.scaling(key, kind), kind, target, predefined, () if predefined else groups)


def _change(key: str, names: Names, wanted: ScalingSpec, number: int, groups: tuple[TargetGroup, ...]) -> Change:
    step = wanted.steps[number - 1]
    out, back = _cooldown(wanted)
    above = step.above is not None
    line = step.above if step.above is not None else step.below or 0
    utilization = (_UTILIZATION[step.metric],) if step.metric in _UTILIZATION else ()
    return Change(
        id=Word(f"Step{number}"),
        name=names.scaling(key, "step", number),
        alarm=Word(f"Step{number}Alarm"),
        alarm_name=names.alarm(key, "step", number),
        comparison="GreaterThanThreshold" if above else "LessThanThreshold",
        threshold=int(line) if line == int(line) else line,
        periods=step.within // 60,
        adjustment=step.add if step.add is not None else -(step.remove or 0),
        bound=Word("MetricIntervalLowerBound" if above else "MetricIntervalUpperBound"),
        utilization=utilization,
        groups=() if utilization else groups,
        cooldown=out if step.add is not None else back,
    )
