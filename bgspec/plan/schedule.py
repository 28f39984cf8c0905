"""When a task runs that does not run always: the schedule and the role that starts it."""

from typing import NamedTuple

from bgspec.cfn import Sub, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.iam import Condition, ExistingRole, Role, Statement, arn, or_existing, pass_roles
from bgspec.spec import ZonedSchedule


class Schedule(NamedTuple):
    """A schedule of EventBridge Scheduler that runs a task."""

    name: str
    expression: str
    timezone: str
    cluster: Sub
    """The cluster's ARN."""
    task_definition: Sub
    """Without a revision: the newest one runs (seen in practice, GH hashicorp/terraform-provider-aws#6840; ECS says so for RunTask)."""
    platform: tuple[Word, ...]
    """The version of Fargate's platform; none for the newest, which Scheduler has no word for (bc:scheduler.EcsParameters)."""
    role: Role | ExistingRole


def resolve(
    key: str, wanted: str | ZonedSchedule, names: Names, platform: str, task_roles: tuple[Role | ExistingRole, Role | ExistingRole]
) -> Schedule:
    """When the task `key` runs: an expression in UTC, or with a zone of its own."""
    expression, timezone = (wanted, "UTC") if isinstance(wanted, str) else (wanted.expression, wanted.timezone)
    family = arn("ecs", f"task-definition/{names.task_family(key)}")
    cluster = arn("ecs", f"cluster/{names.cluster()}")
    existing = None if isinstance(wanted, str) else wanted.role
    role = or_existing(existing, _role(key, names, family, cluster, task_roles))
    version = () if platform == "LATEST" else (Word(platform),)
    return Schedule(names.schedule(key), expression, timezone, cluster, family, version, role)


def _role(key: str, names: Names, family: Sub, cluster: Sub, task_roles: tuple[Role | ExistingRole, Role | ExistingRole]) -> Role:
    """EventBridge Scheduler User Guide, managing-targets-templated and setting-up."""
    return Role(
        logical_id(key, "SchedulerRole"),
        names.role("schedule", key),
        "scheduler.amazonaws.com",
        f"EventBridge Scheduler runs the task of {key} with it",
        (
            Statement(
                Word("RunTask"),
                "the newest revision of this task, in this cluster",
                ("ecs:RunTask",),
                (family, Sub(f"{family}:*")),
                (Condition("ArnEquals", "ecs:cluster", (cluster,)),),
            ),
            Statement(
                Word("TagTask"),
                "the task gets the tags of its definition when it starts",
                ("ecs:TagResource",),
                (arn("ecs", f"task/{names.cluster()}/*"),),
                (Condition("StringEquals", "ecs:CreateAction", ("RunTask",)),),
            ),
            pass_roles("PassTaskRoles", "the task runs with its roles", task_roles, "ecs-tasks.amazonaws.com"),
        ),
        (Condition("StringEquals", "aws:SourceAccount", (Sub("${AWS::AccountId}"),)),),
    )
