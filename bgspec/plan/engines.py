"""What each engine can: one table, from which rules say what is legal and which engine would do instead."""

from typing import Literal, NamedTuple

Name = Literal["codedeploy", "ecs"]


class Limits(NamedTuple):
    """The numbers in which the engines differ."""

    linear: int
    """The smallest step of a linear shift, in percent."""
    wait: int
    """The longest time between two steps, in minutes."""
    approval: int
    """The longest wait for a person, in minutes."""
    stays: int
    """How long the old version can stay after the traffic has moved, in minutes."""
    rules: int
    """How many rules of a listener a deployment of one service moves; 0 for as many as there are."""
    total: int
    """How long a deployment may take that CloudFormation or CodePipeline waits for, in minutes."""


LIMITS: dict[Name, Limits] = {
    # CD limits; CD deployment-configurations; bc:codedeploy.BlueInstanceTerminationOption; CP limits (a CodeDeploy action). For ECS the
    # first three are not verified: the page speaks of Lambda, and of deployment groups in general.
    "codedeploy": Limits(linear=1, wait=2880, approval=2880, stays=2800, rules=0, total=5 * 1440),
    # bc:ecs.LinearConfiguration; ECS pause-lifecycle-hooks; bc:ecs.DeploymentConfiguration.bakeTimeInMinutes;
    # cfn:AWS::ECS::Service.AdvancedConfiguration (one rule); ECS blue-green-deployment-how-it-works (CloudFormation waits 36 hours).
    "ecs": Limits(linear=3, wait=1440, approval=20160, stays=1440, rules=1, total=36 * 60),
}

ACTION_TOTAL = 60
"""Minutes that CodePipeline's own action for ECS waits (CP limits)."""


class Feature(NamedTuple):
    """A key of `deployment:`, or, with a colon, a word elsewhere, and the engines that have it."""

    name: str
    engines: tuple[Name, ...]
    source: str


BOTH: tuple[Name, ...] = ("codedeploy", "ecs")

FEATURES: tuple[Feature, ...] = (
    Feature("engine", BOTH, "bc:ecs.DeploymentController.type"),
    Feature("shift", BOTH, "CD deployment-configurations; bc:ecs.DeploymentConfiguration.strategy"),
    Feature("approval", BOTH, "bc:codedeploy.DeploymentReadyOption; ECS pause-lifecycle-hooks"),
    Feature("terminate_after", ("codedeploy",), "bc:codedeploy.BlueInstanceTerminationOption"),
    Feature("bake", ("ecs",), "bc:ecs.DeploymentConfiguration.bakeTimeInMinutes: not under CODE_DEPLOY"),
    Feature("rollback.on", ("codedeploy",), "bc:codedeploy.AutoRollbackEvent; ECS always goes back when a deployment fails"),
    Feature("rollback.alarms", BOTH, "bc:codedeploy.AlarmConfiguration; bc:ecs.DeploymentAlarms"),
    Feature("hooks.reconcile", ("ecs",), "ECS deployment-lifecycle-hooks"),
    Feature("hooks.before_install", BOTH, "CD reference-appspec-file-structure-hooks; ECS deployment-lifecycle-hooks"),
    Feature("hooks.after_install", BOTH, "CD reference-appspec-file-structure-hooks; ECS deployment-lifecycle-hooks"),
    Feature("hooks.during_test_traffic", ("ecs",), "ECS deployment-lifecycle-hooks"),
    Feature("hooks.after_test_traffic", BOTH, "CD reference-appspec-file-structure-hooks; ECS deployment-lifecycle-hooks"),
    Feature("hooks.before_traffic", BOTH, "CD reference-appspec-file-structure-hooks; ECS deployment-lifecycle-hooks"),
    Feature("hooks.during_traffic", ("ecs",), "ECS deployment-lifecycle-hooks"),
    Feature("hooks.after_traffic", BOTH, "CD reference-appspec-file-structure-hooks; ECS deployment-lifecycle-hooks"),
    Feature("role", ("codedeploy",), "bc:codedeploy.CreateDeploymentGroupInput.serviceRoleArn"),
    Feature("infrastructure_role", ("ecs",), "bc:ecs.AdvancedConfiguration.roleArn"),
    Feature("hook_role", ("ecs",), "bc:ecs.DeploymentLifecycleHook.roleArn"),
    Feature("stack_role", ("ecs",), "CP action-reference-CloudFormation: under CODE_DEPLOY nobody updates a service's stack"),
    Feature("deploy", ("ecs",), "CP action-reference-CloudFormation; CP action-reference-ECS"),
    Feature("discovery.provider: dns", BOTH, "ECS service-discovery; https://github.com/aws/containers-roadmap/issues/648"),
    Feature(
        "discovery.provider: service-connect",
        ("ecs",),
        "ECS service-connect-blue-green; CODE_DEPLOY: https://github.com/aws/containers-roadmap/issues/1993",
    ),
)
"""Every key of the two sections, and what else depends on the engine. What a key may hold is in `LIMITS`, or the same for both."""


def that_have(name: str) -> tuple[Name, ...]:
    """The engines that have a feature; StopIteration for one that is not in the table."""
    return next(feature.engines for feature in FEATURES if feature.name == name)


def that_can(wish: str, amount: int) -> tuple[Name, ...]:
    """The engines whose limit `wish` allows `amount`: at least it for `linear`, at most it for the others; 0 is no limit."""
    found = []
    for name, limits in LIMITS.items():
        limit = getattr(limits, wish)
        if limit == 0 or (amount >= limit if wish == "linear" else amount <= limit):
            found.append(name)
    return tuple(found)
