"""The engine `ecs`: ECS moves the traffic itself, and the service says how."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Ref, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.alarms import Alarms
from bgspec.plan.hooks import Asked, Event
from bgspec.plan.iam import ANY, ExistingRole, Role, Statement, or_existing
from bgspec.plan.load_balancer import LoadBalancer
from bgspec.plan.service import Service
from bgspec.plan.traffic import rule_id
from bgspec.spec import Canary, EcsDeployment, Linear

# Where ECS asks what CodeDeploy asks too, and where only it asks (ECS Developer Guide, deployment-lifecycle-hooks).
STAGES: dict[Event, Word] = {
    "reconcile": Word("RECONCILE_SERVICE"),
    "before_install": Word("PRE_SCALE_UP"),
    "after_install": Word("POST_SCALE_UP"),
    "during_test_traffic": Word("TEST_TRAFFIC_SHIFT"),
    "after_test_traffic": Word("POST_TEST_TRAFFIC_SHIFT"),
    "before_traffic": Word("PRE_PRODUCTION_TRAFFIC_SHIFT"),
    "during_traffic": Word("PRODUCTION_TRAFFIC_SHIFT"),
    "after_traffic": Word("POST_PRODUCTION_TRAFFIC_SHIFT"),
}


class Steps(NamedTuple):
    """How the traffic moves when it does not move at once."""

    kind: Word
    """`Canary` or `Linear`: the beginning of the property's name."""
    percent: Word
    minutes: Word
    """The names of the two properties below it."""
    share: int
    wait: int
    """Minutes."""


class Hook(NamedTuple):
    """A Lambda function that is asked at a stage."""

    event: Event
    stage: Word
    arn: Value


class Pause(NamedTuple):
    """A stage at which the deployment waits for a person."""

    stage: Word
    timeout: int
    """Minutes, after which it is rolled back."""


class NativeService(NamedTuple):
    """What the service of one key says of its deployments."""

    service: str
    production_rule: Word
    """The output that holds the rule's ARN; `test_rule` likewise."""
    test_rule: Word
    alarms: tuple[str, ...]
    infrastructure_role: Role | ExistingRole
    hook_roles: tuple[Role | ExistingRole, ...]
    """The role with which ECS asks the functions, or none."""


class Native(NamedTuple):
    """What all services say of their deployments by ECS."""

    strategy: Word
    steps: tuple[Steps, ...]
    """None where all traffic moves at once."""
    hooks: tuple[Hook, ...]
    pauses: tuple[Pause, ...]
    services: tuple[NativeService, ...]
    deploy: Literal["cloudformation", "ecs-action"]
    """How a pipeline brings a new image."""
    stack_role: tuple[ExistingRole, ...]
    """The role that exists with which CloudFormation updates services' stacks, or none."""

    def of(self, key: str) -> NativeService:
        """What the service `key` says; StopIteration for a worker."""
        return next(one for one in self.services if one.service == key)


def resolve(
    wanted: EcsDeployment, names: Names, services: tuple[Service, ...], balancer: LoadBalancer, guards: tuple[Alarms, Asked]
) -> Native:
    """What ECS has to know of each of `services`. `guards` stop or ask on the way."""
    watched, asked = guards
    strategy, steps = _strategy(wanted.shift)
    return Native(
        strategy=strategy,
        steps=steps,
        hooks=tuple(Hook(hook.event, STAGES[hook.event], hook.arn) for hook in asked.hooks),
        pauses=tuple(_pauses(wanted, gradual=bool(steps))),
        services=tuple(
            _service(wanted, names, service, watch.names, (balancer, asked))
            for service, watch in zip(services, watched.watches, strict=True)
        ),
        deploy=wanted.deploy,
        stack_role=(ExistingRole(wanted.stack_role),) if wanted.stack_role else (),
    )


def _strategy(shift: str | Canary | Linear) -> tuple[Word, tuple[Steps, ...]]:
    """bc:ecs.DeploymentConfiguration.strategy and the two kinds of steps."""
    if isinstance(shift, Canary):
        return Word("CANARY"), (
            Steps(Word("Canary"), Word("CanaryPercent"), Word("CanaryBakeTimeInMinutes"), shift.canary, shift.after // 60),
        )
    if isinstance(shift, Linear):
        return Word("LINEAR"), (Steps(Word("Linear"), Word("StepPercent"), Word("StepBakeTimeInMinutes"), shift.linear, shift.every // 60),)
    return Word("BLUE_GREEN"), ()


def _pauses(wanted: EcsDeployment, *, gradual: bool) -> Iterator[Pause]:
    """Before production traffic moves, ECS asks at every step of a gradual shift (ECS pause-lifecycle-hooks); a person is asked once.

    So where the traffic moves in steps, the deployment waits after the test traffic has moved; otherwise right before production's.
    """
    if wanted.approval:
        event: Event = "after_test_traffic" if gradual else "before_traffic"
        yield Pause(STAGES[event], wanted.approval.timeout // 60)


def _service(
    wanted: EcsDeployment, names: Names, service: Service, alarms: tuple[str, ...], around: tuple[LoadBalancer, Asked]
) -> NativeService:
    key, (balancer, asked) = service.key, around
    return NativeService(
        service=key,
        production_rule=_rule_output(key, "production"),
        test_rule=_rule_output(key, "test"),
        alarms=alarms,
        infrastructure_role=or_existing(wanted.infrastructure_role, _infrastructure_role(names, service, balancer)),
        hook_roles=(or_existing(wanted.hook_role, _hook_role(names, key, asked)),) if asked.hooks else (),
    )


def _rule_output(key: str, listener: str) -> Word:
    return Word(f"{rule_id(key, listener)}Arn")


def _infrastructure_role(names: Names, service: Service, balancer: LoadBalancer) -> Role:
    """The statements of AWS's managed policy AmazonECSInfrastructureRolePolicyForLoadBalancers, on this service's own resources."""
    key = service.key
    return Role(
        logical_id(key, "InfrastructureRole"),
        names.role("infra", key),
        "ecs.amazonaws.com",
        f"ECS moves the traffic of {key} with it",
        (
            Statement(
                Word("DescribeTraffic"),
                "reads listeners, rules, groups and the health of targets: AWS knows no resource for these actions",
                (
                    "elasticloadbalancing:DescribeListeners",
                    "elasticloadbalancing:DescribeRules",
                    "elasticloadbalancing:DescribeTargetGroups",
                    "elasticloadbalancing:DescribeTargetHealth",
                ),
                ANY,
            ),
            Statement(
                Word("Targets"),
                "tasks come into their group and leave it",
                ("elasticloadbalancing:DeregisterTargets", "elasticloadbalancing:RegisterTargets"),
                tuple(Ref(group.output) for group in service.target.groups),
            ),
            Statement(
                Word("MoveTraffic"),
                "moves the weights in this service's two rules",
                ("elasticloadbalancing:ModifyListener", "elasticloadbalancing:ModifyRule"),
                (
                    Ref(_rule_output(key, "production")),
                    Ref(_rule_output(key, "test")),
                    *(Ref(listener.output) for listener in balancer.listeners),
                ),
            ),
        ),
    )


def _hook_role(names: Names, key: str, asked: Asked) -> Role:
    """ECS Developer Guide, blue-green-permissions."""
    return Role(
        logical_id(key, "HookRole"),
        names.role("ask", key),
        "ecs.amazonaws.com",
        f"ECS asks functions on the way of a deployment of {key} with it",
        (
            Statement(
                Word("InvokeHooks"),
                "asks these functions, and no others",
                ("lambda:InvokeFunction",),
                tuple(dict.fromkeys(hook.arn for hook in asked.hooks)),
            ),
        ),
    )
