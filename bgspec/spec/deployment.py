"""What a user may write about how a new version replaces the old one."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag

from bgspec.spec.types import Duration, EachOnce, LambdaArn, RoleArn, Section, Share, UrlPath, kind_by_key, kind_of, says
from bgspec.spec.values import text


class Canary(Section):
    """A share of the traffic first, the rest after a while."""

    canary: Annotated[int, Share(1, 99)]
    """How much of the traffic moves first (cfn:AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedCanary.CanaryPercentage)."""
    after: Annotated[int, Duration("1m", "2d", step="1m")]
    """When the rest follows (cfn:AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedCanary.CanaryInterval)."""


class Linear(Section):
    """The traffic in equal steps."""

    linear: Annotated[int, Share(1, 99)]
    """How much of the traffic each step moves
    (cfn:AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedLinear.LinearPercentage)."""
    every: Annotated[int, Duration("1m", "2d", step="1m")]
    """The time from one step to the next (cfn:AWS::CodeDeploy::DeploymentConfig.TrafficRoutingConfig.TimeBasedLinear.LinearInterval)."""


Shift = Annotated[
    Annotated[Literal["all-at-once"], Tag("<word>")] | Annotated[Canary, Tag("<canary>")] | Annotated[Linear, Tag("<linear>")],
    kind_by_key("canary", "linear", default="canary"),
]


class MetricAlarm(Section):
    """An alarm that bgspec makes, one for each service; it looks at blue and green together, so a swap does not blind it."""

    metric: Literal["target-5xx", "target-4xx", "unhealthy-targets", "response-time"]
    """What is watched (cfn:AWS::CloudWatch::Alarm.MetricName).

    - target-5xx: the tasks' answers that confess an error of their own
    - target-4xx: the tasks' answers that blame the request
    - unhealthy-targets: tasks that fail the load balancer's health check
    - response-time: how long the slowest twentieth of the responses takes (p95), in seconds
    """
    above: Annotated[float, Field(ge=0, allow_inf_nan=False)]
    """The number above which it goes off: responses or tasks; for `response-time` seconds (cfn:AWS::CloudWatch::Alarm.Threshold)."""
    within: Annotated[int, Duration("1m", "1d", step="1m")] = 60
    """How long: responses are counted over this time, tasks and times must stay above for all of it (cfn:AWS::CloudWatch::Alarm.Period)."""


AlarmName = Annotated[str, StringConstraints(pattern=says(r"^[^\x00-\x1f\x7f]+$", "Write it without control characters."), max_length=255)]
"""The name of a CloudWatch alarm that exists (bc:codedeploy.AlarmName)."""

Alarm = Annotated[
    Annotated[AlarmName, Tag("<word>")] | Annotated[MetricAlarm, Tag("<metric>")],
    kind_by_key("metric", default="metric"),
]


class Rollback(Section):
    """What takes the traffic back to the old version by itself."""

    on: Annotated[list[Literal["failure", "alarm", "stop"]], Field(min_length=1), EachOnce] | None = None
    """What takes the traffic back. Without it: all that there is, `alarm` where there are `alarms`
    (cfn:AWS::CodeDeploy::DeploymentGroup.AutoRollbackConfiguration.Events).

    - failure: a deployment that fails
    - alarm: one of the `alarms`
    - stop: a deployment that somebody stops
    """
    alarms: Annotated[list[Alarm], Field(max_length=10)] = []
    """What is watched during a deployment: a metric, or the name of a CloudWatch alarm that exists
    (cfn:AWS::CodeDeploy::DeploymentGroup.AlarmConfiguration)."""


class TrafficApproval(Section):
    """A person's word before users reach the new version; until then it can be tried on the test listener."""

    before: Literal["traffic"]
    """What waits for it: the users' traffic. (An approval before the deployment begins is the pipeline's.)
    (cfn:AWS::CodeDeploy::DeploymentGroup.BlueGreenDeploymentConfiguration.DeploymentReadyOption.ActionOnTimeout)

    - traffic: green runs and can be tried; users are still with blue
    """
    timeout: Annotated[int, Duration("1m", "14d", step="1m")] = 3600
    """How long the deployment waits before it is stopped, or, with ECS, goes back; CodeDeploy waits two days at most
    (cfn:AWS::CodeDeploy::DeploymentGroup.BlueGreenDeploymentConfiguration.DeploymentReadyOption.WaitTimeInMinutes)."""


class Check(Section):
    """A request, and what its answer must be."""

    path: UrlPath
    """The path, with its query: `/healthz?deep=1`."""
    status: int = Field(default=200, ge=100, le=599)
    """The HTTP status code of the answer."""
    contains: Annotated[str, StringConstraints(min_length=1, max_length=256), BeforeValidator(text)] | None = None
    """A text that must be in the answer's body."""
    host: str | None = Field(
        default=None,
        pattern=says(r"^[A-Za-z0-9]([A-Za-z0-9.\-]*[A-Za-z0-9])?$", "Write a host name, such as `shop.example.com`."),
        max_length=253,
    )
    """The host name that is asked for, where rules or a certificate depend on it; without it the load balancer's own."""


class Smoke(Section):
    """A smoke test: bgspec makes a Lambda function of it, with its role (cfn:AWS::Lambda::Function)."""

    test: list[Check] = Field(min_length=1, max_length=20)
    """The requests, one after another; each must be answered as it says."""
    within: Annotated[int, Duration("1s", "14m")] = 60
    """How long requests are tried again, all together, before the test has failed and the deployment with it."""
    role: RoleArn | None = None
    """A role that exists, with which the function runs; without it one is made that may do exactly what the test does
    (cfn:AWS::Lambda::Function.Role)."""


Hook = Annotated[
    Annotated[LambdaArn, Tag("<word>")] | Annotated[Smoke, Tag("<test>")],
    kind_by_key("test", default="test"),
]


class Hooks(Section):
    """What is asked on the way: each is a Lambda function that can stop the deployment."""

    before_install: LambdaArn | None = None
    """Before the first new task starts. `BeforeInstall` among CodeDeploy's [AppSpec
    hooks](https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html), `PRE_SCALE_UP` among ECS's
    stages (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""
    after_install: LambdaArn | None = None
    """When the new tasks run and are well, before any request reaches them. `AfterInstall` among CodeDeploy's [AppSpec
    hooks](https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html), `POST_SCALE_UP` among ECS's
    stages (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""
    after_test_traffic: Hook | None = None
    """When the test listener points at the new tasks: here they are tried. A Lambda's ARN, or a `test`. `AfterAllowTestTraffic` among
    CodeDeploy's [AppSpec hooks](https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html),
    `POST_TEST_TRAFFIC_SHIFT` among ECS's stages (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""
    before_traffic: Hook | None = None
    """Before the first user reaches the new tasks. A Lambda's ARN, or a `test` on the test listener. `BeforeAllowTraffic` among
    CodeDeploy's [AppSpec hooks](https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html),
    `PRE_PRODUCTION_TRAFFIC_SHIFT` among ECS's stages (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""
    after_traffic: Hook | None = None
    """When all users reach the new tasks. A Lambda's ARN, or a `test` on the production listener. `AfterAllowTraffic` among CodeDeploy's
    [AppSpec hooks](https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html),
    `POST_PRODUCTION_TRAFFIC_SHIFT` among ECS's stages (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""


class CodeDeployDeployment(Section):
    """Blue/green by CodeDeploy, as in the article (cfn:AWS::CodeDeploy::DeploymentGroup)."""

    engine: Literal["codedeploy"] = "codedeploy"
    """What carries deployments out (cfn:AWS::ECS::Service.DeploymentController)."""
    shift: Shift = "all-at-once"
    """How production traffic moves to the new version: at once, a share of it first (`canary:` and `after:`), or in steps (`linear:` and
    `every:`) (cfn:AWS::CodeDeploy::DeploymentGroup.DeploymentConfigName).

    - all-at-once: everything in one moment, when the new tasks are well and the hooks have agreed
    """
    terminate_after: Annotated[int, Duration("0m", "2800m", step="1m")] = 300
    """How long the old version stays, ready to take the traffic back within seconds, before its tasks end. Until then both versions are
    billed (cfn:AWS::CodeDeploy::DeploymentGroup.BlueGreenDeploymentConfiguration.TerminateBlueInstancesOnDeploymentSuccess)."""
    approval: TrafficApproval | None = None
    """A person's word before users reach the new version. Without it the traffic moves as soon as the new tasks are well
    (cfn:AWS::CodeDeploy::DeploymentGroup.BlueGreenDeploymentConfiguration.DeploymentReadyOption)."""
    rollback: Rollback = Rollback()
    """When the traffic goes back by itself (cfn:AWS::CodeDeploy::DeploymentGroup.AutoRollbackConfiguration)."""
    hooks: Hooks = Hooks()
    """Lambda functions that are asked on the way; each can stop the deployment (cfn:AWS::Lambda::Function)."""
    role: RoleArn | None = None
    """A role that exists, with which CodeDeploy replaces tasks and moves traffic; without it one is made that may do exactly that here
    (cfn:AWS::CodeDeploy::DeploymentGroup.ServiceRoleArn)."""


class Watch(Section):
    """What takes the traffic back to the old version by itself. A deployment that fails goes back in any case."""

    alarms: Annotated[list[Alarm], Field(max_length=10)] = []
    """What is watched during a deployment: a metric, or the name of a CloudWatch alarm that exists
    (cfn:AWS::ECS::Service.DeploymentConfiguration.Alarms)."""


class EcsHooks(Hooks):
    """What is asked on the way: each is a Lambda function that can stop the deployment by what it returns."""

    reconcile: LambdaArn | None = None
    """When the deployment begins, before anything else: `RECONCILE_SERVICE`
    (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""
    during_test_traffic: LambdaArn | None = None
    """While the test traffic moves, there and, in a rollback, back: `TEST_TRAFFIC_SHIFT`
    (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""
    during_traffic: LambdaArn | None = None
    """While the users' traffic moves, there and, in a rollback, back: `PRODUCTION_TRAFFIC_SHIFT`
    (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.LifecycleStages)."""


class EcsDeployment(Section):
    """Blue/green by ECS itself, which AWS recommends for new services (cfn:AWS::ECS::Service.DeploymentConfiguration)."""

    engine: Literal["ecs"]
    """What carries deployments out: `ecs`, the service itself (cfn:AWS::ECS::Service.DeploymentController)."""
    shift: Shift = "all-at-once"
    """How production traffic moves to the new version: at once, a share of it first (`canary:` and `after:`), or in steps (`linear:` and
    `every:`) (cfn:AWS::ECS::Service.DeploymentConfiguration.Strategy).

    - all-at-once: everything in one moment, when the new tasks are well and the hooks have agreed
    """
    bake: Annotated[int, Duration("0m", "2800m", step="1m")] = 900
    """How long the old version stays, ready to take the traffic back, before its tasks end; a day at most. Until then both versions are
    billed (cfn:AWS::ECS::Service.DeploymentConfiguration.BakeTimeInMinutes)."""
    approval: TrafficApproval | None = None
    """A person's word before users reach the new version. Without it the traffic moves as soon as the new tasks are well
    (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks)."""
    rollback: Watch = Watch()
    """When the traffic goes back by itself (cfn:AWS::ECS::Service.DeploymentConfiguration.Alarms)."""
    hooks: EcsHooks = EcsHooks()
    """Lambda functions that are asked on the way; each can stop the deployment
    (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks)."""
    deploy: Literal["cloudformation", "ecs-action"] = "cloudformation"
    """How a pipeline brings a new image (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.ActionTypeId).

    - cloudformation: by an update of the service's stack, which also brings every other change of the task; for up to three days
    - ecs-action: by CodePipeline's own action for ECS, which changes the image only, and waits at most an hour
    """
    infrastructure_role: RoleArn | None = None
    """A role that exists, with which ECS moves the traffic of every service; without it each has one that may do exactly that
    (cfn:AWS::ECS::Service.LoadBalancers.AdvancedConfiguration.RoleArn)."""
    hook_role: RoleArn | None = None
    """A role that exists, with which ECS asks the functions of `hooks`; without it each service has one that may do exactly that
    (cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.RoleArn)."""
    stack_role: RoleArn | None = None
    """A role that exists, with which CloudFormation updates the services' stacks when a pipeline or a workflow brings a new image; without
    it one is made that may do exactly that: a [service
    role](https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html)."""


Deployment = Annotated[
    Annotated[CodeDeployDeployment, Tag("<codedeploy>")] | Annotated[EcsDeployment, Tag("<ecs>")],
    kind_of("engine", "codedeploy", "ecs", default="codedeploy"),
]
