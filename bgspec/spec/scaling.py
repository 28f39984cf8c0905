"""What a user may write about how many tasks run."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from bgspec.spec.types import Duration, Section, kind_by_key, says

Tasks = Annotated[int, Field(ge=0, le=5000)]

ScalingTime = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(rate\([1-9][0-9]{0,4} (minutes?|hours?|days?)\)|cron\([0-9A-Z*?,/#\-]+( [0-9A-Z*?,/#\-]+){5}\)"
            r"|at\([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\))$",
            "Write `cron(…)` with six fields (minute, hour, day, month, weekday and year, as in `cron(0 8 ? * MON-FRI *)`), "
            "`rate(1 hour)` or `at(2030-12-24T18:00:00)`.",
        ),
        max_length=1600,
    ),
]
"""bc:application-autoscaling.PutScheduledActionRequest.Schedule"""


class Step(Section):
    """A number of tasks that comes or goes when a metric crosses a line; the larger change counts where several do."""

    metric: Literal["cpu", "memory", "requests"]
    """What is watched (cfn:AWS::CloudWatch::Alarm.MetricName).

    - cpu: the tasks' average CPU, in percent
    - memory: the tasks' average memory, in percent
    - requests: requests for each task and minute
    """
    above: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """The line above which tasks come or go (cfn:AWS::CloudWatch::Alarm.Threshold)."""
    below: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    """The line below which tasks come or go (cfn:AWS::CloudWatch::Alarm.Threshold)."""
    within: Annotated[int, Duration("1m", "1h", step="1m")] = 60
    """For how long the metric must be there (cfn:AWS::CloudWatch::Alarm.EvaluationPeriods)."""
    add: Annotated[int, Field(ge=1, le=5000)] | None = None
    """How many tasks come (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.StepScalingPolicyConfiguration.StepAdjustments)."""
    remove: Annotated[int, Field(ge=1, le=5000)] | None = None
    """How many tasks go (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.StepScalingPolicyConfiguration.StepAdjustments)."""


class TimedScaling(Section):
    """Other limits from a time on."""

    at: ScalingTime
    """When: `cron(…)`, `rate(…)` or `at(…)` (cfn:AWS::ApplicationAutoScaling::ScalableTarget.ScheduledActions.Schedule)."""
    timezone: Annotated[
        str, StringConstraints(pattern=says(r"^[A-Za-z0-9_+/\-]+$", "Write the name of a time zone: `Europe/Berlin`."), max_length=50)
    ] = "UTC"
    """The clock that counts, with its summer time (cfn:AWS::ApplicationAutoScaling::ScalableTarget.ScheduledActions.Timezone)."""
    min: Tasks
    """The least number of tasks from then on (cfn:AWS::ApplicationAutoScaling::ScalableTarget.ScheduledActions.ScalableTargetAction)."""
    max: Tasks
    """The largest number of tasks from then on (cfn:AWS::ApplicationAutoScaling::ScalableTarget.ScheduledActions.ScalableTargetAction)."""


class Cooldown(Section):
    """How long the next change waits for the effect of the last one."""

    scale_out: Annotated[int, Duration("0s", "1h")] = 60
    """After tasks have come (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration.ScaleOutCooldown)."""
    scale_in: Annotated[int, Duration("0s", "1h")] = 300
    """After tasks have gone (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration.ScaleInCooldown)."""


class Scaling(Section):
    """How many tasks run, by load and by time (cfn:AWS::ApplicationAutoScaling::ScalableTarget)."""

    min: Tasks
    """The least number of tasks (cfn:AWS::ApplicationAutoScaling::ScalableTarget.MinCapacity)."""
    max: Annotated[int, Field(ge=1, le=5000)]
    """The largest number of tasks, and so of the bill (cfn:AWS::ApplicationAutoScaling::ScalableTarget.MaxCapacity)."""
    cpu: Annotated[int, Field(ge=1, le=100)] | None = None
    """The average CPU, in percent of what the tasks have, that is kept by adding and removing tasks
    (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration.TargetValue)."""
    memory: Annotated[int, Field(ge=1, le=100)] | None = None
    """The average memory, in percent, that is kept by adding and removing tasks
    (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration.TargetValue)."""
    requests: Annotated[int, Field(ge=1, le=1_000_000_000)] | None = None
    """How many requests each task gets in a minute, kept by adding and removing tasks. Blue's and green's are counted together, so a swap
    makes no difference (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration.TargetValue)."""
    cooldown: (
        Annotated[
            Annotated[int, Duration("0s", "1h"), Tag("<word>")] | Annotated[Cooldown, Tag("<scale_out>")],
            kind_by_key("scale_out", default="scale_out"),
        ]
        | None
    ) = None
    """How long the next change waits for the effect of the last one, or `scale_out:` and `scale_in:`. Without it 1 minute after tasks have
    come and 5 after some have gone (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.TargetTrackingScalingPolicyConfiguration)."""
    steps: list[Step] = []
    """Numbers of tasks that come or go when a metric crosses a line, instead of keeping a value or beside it
    (cfn:AWS::ApplicationAutoScaling::ScalingPolicy.StepScalingPolicyConfiguration)."""
    schedule: list[TimedScaling] = []
    """Other limits at certain times (cfn:AWS::ApplicationAutoScaling::ScalableTarget.ScheduledActions)."""
