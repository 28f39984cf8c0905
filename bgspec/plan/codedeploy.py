"""The engine `codedeploy`: its application, its configuration and its deployment groups."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Ref, Sub, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.alarms import Alarms
from bgspec.plan.hooks import Asked
from bgspec.plan.iam import ANY, Condition, ExistingRole, Role, Statement, arn, or_existing, pass_roles
from bgspec.plan.load_balancer import LoadBalancer
from bgspec.plan.service import Service
from bgspec.spec import Canary, CodeDeployDeployment, Linear, Rollback

# The five configurations that CodeDeploy offers for ECS (CodeDeploy User Guide, deployment-configurations); any other is our own.
_PREDEFINED = {
    ("TimeBasedCanary", 10, 5): "CodeDeployDefault.ECSCanary10Percent5Minutes",
    ("TimeBasedCanary", 10, 15): "CodeDeployDefault.ECSCanary10Percent15Minutes",
    ("TimeBasedLinear", 10, 1): "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    ("TimeBasedLinear", 10, 3): "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
}


class OwnConfig(NamedTuple):
    """A deployment configuration that is not among the predefined ones."""

    name: str
    routing: Literal["TimeBasedCanary", "TimeBasedLinear"]
    percentage: int
    interval: int
    """Minutes."""

    @property
    def prefix(self) -> Word:
        """The beginning of the property names: `CanaryPercentage`, `LinearInterval`."""
        return Word(self.routing.removeprefix("TimeBased"))


class DeploymentGroup(NamedTuple):
    """What CodeDeploy knows of one service."""

    id: Word
    application: str
    name: str
    service: Service
    alarms: tuple[str, ...]
    """The names of the alarms that stop its deployments."""


class CodeDeploy(NamedTuple):
    """What CodeDeploy has to know."""

    application_name: str
    config: str
    """The configuration's name, predefined or own."""
    own_config: tuple[OwnConfig, ...]
    """The one that the stack makes, or none."""
    rollback_events: tuple[str, ...]
    groups: tuple[DeploymentGroup, ...]
    role: Role | ExistingRole


_EVENTS = {"failure": "DEPLOYMENT_FAILURE", "alarm": "DEPLOYMENT_STOP_ON_ALARM", "stop": "DEPLOYMENT_STOP_ON_REQUEST"}


def resolve(
    wanted: CodeDeployDeployment, names: Names, services: tuple[Service, ...], balancer: LoadBalancer, guards: tuple[Alarms, Asked]
) -> CodeDeploy:
    """One application, one configuration, a deployment group for each of `services`. `guards` stop or ask on the way."""
    watched, _ = guards
    config, own = _config(wanted.shift, names)
    return CodeDeploy(
        application_name=names.deploy_application(),
        config=config,
        own_config=own,
        rollback_events=tuple(_EVENTS[event] for event in _rollback_events(wanted.rollback)),
        groups=tuple(
            DeploymentGroup(
                logical_id(service.key, "DeploymentGroup"),
                names.deploy_application(),
                names.deployment_group(service.key),
                service,
                watch.names,
            )
            for service, watch in zip(services, watched.watches, strict=True)
        ),
        role=or_existing(wanted.role, _role(names, services, balancer, guards).fitting(names)),
    )


def _rollback_events(rollback: Rollback) -> tuple[str, ...]:
    """What takes the traffic back: what the spec says, otherwise all that there is."""
    if rollback.on is not None:
        return tuple(rollback.on)
    return ("failure", "alarm", "stop") if rollback.alarms else ("failure", "stop")


def _config(shift: str | Canary | Linear, names: Names) -> tuple[str, tuple[OwnConfig, ...]]:
    routing: Literal["TimeBasedCanary", "TimeBasedLinear"]
    if isinstance(shift, Canary):
        routing, percentage, interval = "TimeBasedCanary", shift.canary, shift.after // 60
    elif isinstance(shift, Linear):
        routing, percentage, interval = "TimeBasedLinear", shift.linear, shift.every // 60
    else:
        return "CodeDeployDefault.ECSAllAtOnce", ()
    predefined = _PREDEFINED.get((routing, percentage, interval))
    if predefined:
        return predefined, ()
    name = names.deployment_config(routing.removeprefix("TimeBased").lower(), f"{percentage}pct", f"{interval}min")
    return name, (OwnConfig(name, routing, percentage, interval),)


def _role(names: Names, services: tuple[Service, ...], load_balancer: LoadBalancer, guards: tuple[Alarms, Asked]) -> Role:
    """The verbs of AWS's managed policy AWSCodeDeployRoleForECS, on this environment's own resources.

    The managed policy reads every object and invokes every function of the account, so it is not used.
    """
    task_sets = tuple(arn("ecs", f"task-set/{names.cluster()}/{service.name}/*") for service in services)
    return Role(
        Word("DeploymentRole"),
        names.role("codedeploy"),
        "codedeploy.amazonaws.com",
        "CodeDeploy replaces tasks and moves traffic with it",
        (
            Statement(
                Word("Services"),
                "which task set takes traffic",
                ("ecs:DescribeServices", "ecs:UpdateServicePrimaryTaskSet"),
                tuple(service.arn for service in services),
            ),
            Statement(
                Word("CreateTaskSets"),
                "green comes as a task set of its own; it has no ARN before it exists, so the cluster is named instead",
                ("ecs:CreateTaskSet",),
                ANY,
                (Condition("ArnEquals", "ecs:cluster", (arn("ecs", f"cluster/{names.cluster()}"),)),),
            ),
            Statement(Word("DeleteTaskSets"), "blue leaves", ("ecs:DeleteTaskSet",), task_sets),
            Statement(
                Word("DescribeTraffic"),
                "reads listeners, rules and groups: AWS knows no resource for these actions",
                (
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeRules",
                    "elasticloadbalancing:DescribeTargetGroups",
                ),
                ANY,
            ),
            Statement(
                Word("MoveTraffic"),
                "points the two listeners, and the rules on them, at the other group",
                ("elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"),
                (
                    *(Ref(listener.output) for listener in load_balancer.listeners),
                    Sub(
                        "arn:${AWS::Partition}:elasticloadbalancing:${AWS::Region}:${AWS::AccountId}"
                        f":listener-rule/app/{load_balancer.name}/*"
                    ),
                ),
            ),
            pass_roles(
                "PassTaskRoles",
                "new tasks run with the roles of the task definition",
                tuple(role for service in services for role in (service.execution_role, service.task_role)),
                "ecs-tasks.amazonaws.com",
            ),
            *_extras(*guards),
        ),
    )


def _extras(watched: Alarms, asked: Asked) -> Iterator[Statement]:
    if any(watch.names for watch in watched.watches):
        yield Statement(
            Word("ReadAlarms"),
            "looks at the alarms while it deploys; AWS asks for this permission on all alarms at once",
            ("cloudwatch:DescribeAlarms",),
            (arn("cloudwatch", "alarm:*"),),
        )
    if asked.hooks:
        yield Statement(
            Word("InvokeHooks"),
            "asks these functions, and no others",
            ("lambda:InvokeFunction",),
            tuple(dict.fromkeys(hook.arn for hook in asked.hooks)),
        )
