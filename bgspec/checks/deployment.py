"""BG6xx: how a new version replaces the old one."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.spec import CodeDeployDeployment

_LONGEST_SHIFT = 2880
_ACTION = 5 * 1440


def _stays(env: Environment) -> str:
    """The word for how long the old version stays."""
    return "terminate_after" if env.plan.deployment.codedeploy else "bake"


@rule("BG601", "warning")
def no_way_back(env: Environment) -> Iterator[Found]:
    """Blue ends in the moment when green takes over.

    What: `deployment.terminate_after` is nothing, or `bake` where ECS is the engine.
    Why: A rollback sends the traffic back to blue's tasks. Without them it is a new deployment of the old version, which takes minutes
        during which the broken one serves the users.
    Mend: Keep blue for as long as it takes you to notice a mistake: `terminate_after: 15m`.
    Source: bc:codedeploy.BlueInstanceTerminationOption; CodeDeploy User Guide, deployments-rollback-and-redeploy.

    Fails:
        deployment:
          terminate_after: 0m
    Passes:
        deployment:
          terminate_after: 15m
    """
    if env.plan.deployment.stays == 0:
        word = _stays(env)
        yield Found(("deployment", word), "Blue ends at once, so nothing is left to roll back to.", f"Keep it for a while: `{word}: 15m`.")


@rule("BG602", "warning")
def shift_too_long(env: Environment) -> Iterator[Found]:
    """A linear shift takes longer than two days.

    What: The steps of `deployment.shift`, one after another, take more than 2,880 minutes.
    Why: CodeDeploy limits the time between the first and the last step of a canary or linear shift.
    Mend: Use larger steps or a shorter time between them.
    Source: CodeDeploy User Guide, limits. The page states the limit for Lambda; that it holds for ECS is not verified.

    Fails:
        deployment:
          shift:
            linear: 2%
            every: 1h
    Passes:
        deployment:
          shift:
            linear: 10%
            every: 1h
    """
    minutes = env.plan.deployment.shift_minutes
    if minutes > _LONGEST_SHIFT:
        for config in [config for codedeploy in env.plan.deployment.codedeploy for config in codedeploy.own_config]:
            yield Found(
                ("deployment", "shift", "every"),
                f"Steps of {config.percentage}% every {config.interval} minutes take {minutes // 60} hours; the limit is 48.",
                f"Use at most {_LONGEST_SHIFT * config.interval // minutes}m, or larger steps.",
                related=(("the step", ("deployment", "shift", "linear")),),
            )


@rule("BG603", "warning")
def failure_stays(env: Environment) -> Iterator[Found]:
    """A failed deployment is not rolled back.

    What: `deployment.rollback.on` has no `failure`.
    Why: When green never becomes healthy, or a hook says no, CodeDeploy stops where it is: with a canary, a share of the users stays on
        the broken version until somebody comes.
    Mend: Add `failure` to the list.
    Source: cfn:AWS::CodeDeploy::DeploymentGroup.AutoRollbackConfiguration; bc:codedeploy.AutoRollbackEvent.

    Fails:
        deployment:
          rollback:
            on: [stop]
    Passes:
        deployment:
          rollback:
            on: [failure, stop]
    """
    if any("DEPLOYMENT_FAILURE" not in codedeploy.rollback_events for codedeploy in env.plan.deployment.codedeploy):
        yield Found(
            ("deployment", "rollback", "on"),
            "A failed deployment is left where it fails.",
            "Add `failure`, so that the traffic goes back to blue.",
        )


@rule("BG604", "warning")
def alarm_without_rollback(env: Environment) -> Iterator[Found]:
    """An alarm stops a deployment but does not take the traffic back.

    What: There are `deployment.rollback.alarms`, but `on` does not name `alarm`.
    Why: CodeDeploy stops the deployment when the alarm goes off and leaves the traffic where it is at that moment.
    Mend: Add `alarm` to the list, or leave the list out: then everything that there is takes the traffic back.
    Source: bc:codedeploy.AutoRollbackEvent; CodeDeploy User Guide, deployments-rollback-and-redeploy.

    Fails:
        deployment:
          rollback:
            on: [failure, stop]
            alarms: [checkout-errors]
    Passes:
        deployment:
          rollback:
            alarms: [checkout-errors]
    """
    deployment = env.spec.deployment
    if not isinstance(deployment, CodeDeployDeployment):
        return
    rollback = deployment.rollback
    if rollback.alarms and rollback.on is not None and "alarm" not in rollback.on:
        yield Found(
            ("deployment", "rollback", "on"),
            "An alarm stops a deployment, but leaves the users where they are.",
            "Add `alarm`, so that the traffic goes back to blue.",
            related=(("the alarms", ("deployment", "rollback", "alarms")),),
        )


@rule("BG605", "warning")
def rollback_without_alarm(env: Environment) -> Iterator[Found]:
    """There is no alarm that could go off.

    What: `deployment.rollback.on` names `alarm`, but there are no `alarms`.
    Why: CodeDeploy looks only at the alarms of its deployment group; without any the word has no effect.
    Mend: Add an alarm, `{metric: target-5xx, above: 10}` or the name of one that exists, or take the word away.
    Source: bc:codedeploy.AlarmConfiguration.

    Fails:
        deployment:
          rollback:
            on: [failure, alarm]
    Passes:
        deployment:
          rollback:
            on: [failure, alarm]
            alarms:
              - metric: target-5xx
                above: 10
    """
    deployment = env.spec.deployment
    if not isinstance(deployment, CodeDeployDeployment):
        return
    rollback = deployment.rollback
    if not rollback.alarms and "alarm" in (rollback.on or ()):
        yield Found(
            ("deployment", "rollback", "on", (rollback.on or []).index("alarm")),
            "No alarm is there to go off.",
            "Add `alarms:` with `{metric: target-5xx, above: 10}`, or take `alarm` away.",
        )


@rule("BG606")
def alarm_twice(env: Environment) -> Iterator[Found]:
    """One alarm is named twice.

    What: `deployment.rollback.alarms` holds the same name more than once.
    Why: CodeDeploy refuses the deployment group: the names of its alarms must be unique.
    Mend: Take one of them away.
    Source: bc:codedeploy.AlarmConfiguration.alarms; CodeDeploy User Guide, monitoring-create-alarms.

    Fails:
        deployment:
          rollback:
            alarms: [checkout-errors, checkout-errors]
    Passes:
        deployment:
          rollback:
            alarms: [checkout-errors, payment-errors]
    """
    alarms = env.spec.deployment.rollback.alarms
    for number, alarm in enumerate(alarms):
        if isinstance(alarm, str) and alarm in alarms[:number]:
            yield Found(
                ("deployment", "rollback", "alarms", number),
                f"`{alarm}` is named twice.",
                "Take one of them away.",
                related=(("the first", ("deployment", "rollback", "alarms", alarms.index(alarm))),),
            )


@rule("BG607")
def smoke_out_of_reach(env: Environment) -> Iterator[Found]:
    """The smoke test cannot reach the listener that it asks.

    What: A listener admits only some addresses, and the function that asks it has no address that could be among them.
    Why: A function outside of the VPC comes from any address; one inside it reaches an internet-facing load balancer only through a NAT
        gateway, whose address bgspec admits. An internal load balancer is reached from inside, but a function in public subnets has
        no way from there to CodeDeploy, which waits for its answer.
    Mend: Let everybody call that listener, or use `network.egress: nat`, or name a Lambda function of your own.
    Source: Lambda Developer Guide, configuration-vpc-internet; Elastic Load Balancing User Guide, how-elastic-load-balancing-works.

    Fails:
        load_balancer:
          test:
            allow: [203.0.113.0/24]
        deployment:
          hooks:
            after_test_traffic:
              test:
                - path: /
    Passes:
        network:
          egress: nat
        load_balancer:
          test:
            allow: [203.0.113.0/24]
        deployment:
          hooks:
            after_test_traffic:
              test:
                - path: /
    """
    answer = " and answer CodeDeploy" if env.plan.deployment.codedeploy else ""
    for function in env.plan.deployment.hooks.functions:
        if function.place == "nowhere":
            kind = function.listener.kind
            listener: tuple[str, ...] = ("load_balancer", "scheme")
            if env.plan.load_balancer.scheme == "internet-facing":
                own: tuple[str, ...] = ("load_balancer", "allow")
                listener = ("load_balancer", "test", "allow") if kind == "test" and env.wrote("load_balancer", "test", "allow") else own
            yield Found(
                ("deployment", "hooks", function.event, "test"),
                f"From nowhere could this test reach the {kind} listener{answer}.",
                "Use `network.egress: nat`, `scheme: internal`, or a Lambda function of your own.",
                "key",
                (("who may call", listener),) if env.wrote(*listener) else (),
            )


@rule("BG608", "warning")
def nothing_to_deploy(env: Environment) -> Iterator[Found]:
    """Nothing is deployed blue/green.

    What: `deployment:` says how new versions take the traffic over, but no service is behind the load balancer.
    Why: ECS replaces the tasks of workers itself, without CodeDeploy: nothing of this section has an effect.
    Mend: Take the section away, or add `port:` to the service that is called.
    Source: The language itself.

    Fails:
        services:
          mailer:
            image: {build: .}
        deployment:
          terminate_after: 30m
    Passes:
        services:
          mailer:
            image: {build: .}
    """
    if not env.served and env.wrote("deployment"):
        yield Found(
            ("deployment",),
            "No service is behind the load balancer, so nothing is deployed blue/green.",
            "Take `deployment:` away, or add `port:` to the service that is called.",
            "key",
        )


@rule("BG620", "warning")
def longer_than_its_action(env: Environment) -> Iterator[Found]:
    """A deployment may take longer than the pipeline waits for it.

    What: The wait for a person, the shift and the time that blue stays are more than five days together.
    Why: CodePipeline gives a CodeDeploy action five days. Then it calls the action failed, whatever the deployment does.
    Mend: Shorten one of the three, or deploy without a pipeline.
    Source: CodePipeline User Guide, limits (action timeouts). That the action waits for the end of blue, too, is not verified.

    Fails:
        deployment:
          shift: {linear: 50%, every: 2d}
          approval: {before: traffic, timeout: 2d}
          terminate_after: 46h
        pipeline:
          source: {provider: codecommit}
    Passes:
        deployment:
          shift: {linear: 50%, every: 2d}
          approval: {before: traffic, timeout: 1d}
          terminate_after: 1h
        pipeline:
          source: {provider: codecommit}
    """
    deployment = env.plan.deployment
    minutes = sum(deployment.approval) + deployment.shift_minutes + deployment.stays
    if env.plan.pipeline and deployment.codedeploy and minutes > _ACTION:
        yield Found(
            ("deployment",),
            f"Waiting, shifting and keeping blue take up to {minutes / 1440:.1f} days; the pipeline waits five.",
            "Shorten `approval.timeout`, `shift` or `terminate_after`.",
            "key",
        )


@rule("BG621", "warning")
def alarm_after_the_end(env: Environment) -> Iterator[Found]:
    """Blue is gone before an alarm can go off.

    What: An alarm looks at a longer time (`within`) than blue stays after the shift (`terminate_after`).
    Why: An alarm judges whole periods. When the first one after the shift is over, blue's tasks have ended, and there is nothing to go
        back to.
    Mend: Let blue stay at least twice as long as the alarm looks back.
    Source: CloudWatch User Guide, alarm-evaluation (whole periods); bc:codedeploy.BlueInstanceTerminationOption.

    Fails:
        deployment:
          terminate_after: 5m
          rollback:
            alarms:
              - {metric: target-5xx, above: 10, within: 15m}
    Passes:
        deployment:
          terminate_after: 30m
          rollback:
            alarms:
              - {metric: target-5xx, above: 10, within: 15m}
    """
    stays, word = 60 * env.plan.deployment.stays, _stays(env)
    for number, alarm in enumerate(env.spec.deployment.rollback.alarms):
        within = getattr(alarm, "within", 0)  # an alarm that exists is only a name
        if within > stays:
            yield Found(
                env.written(("deployment", "rollback", "alarms", number, "within"), ("deployment", "rollback", "alarms", number)),
                f"The alarm looks at {within // 60} minutes, but blue stays for {stays // 60}.",
                f"Use `{word}: {2 * within // 60}m`, or a shorter `within`.",
                related=(("how long blue stays", ("deployment", word)),) if env.wrote("deployment", word) else (),
            )


@rule("BG622", "info")
def clients_that_stay(env: Environment) -> Iterator[Found]:
    """Clients that stay with their task do not follow a gradual shift.

    What: A service has `stickiness`, and the traffic shifts in steps.
    Why: A client with a cookie stays with blue until the cookie ends or blue does: the share that reaches green is smaller than the step
        says, and the last step moves all the others at once.
    Mend: Keep it in mind when you judge a step, or use a short `stickiness`.
    Source: Elastic Load Balancing User Guide, sticky-sessions (weighted target groups).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            target_group: {stickiness: 1h}
        deployment:
          shift: {canary: 10%, after: 5m}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            target_group: {stickiness: 1h}
        deployment:
          shift: all-at-once
    """
    if env.plan.deployment.gradual:
        for service in env.served:
            if service.target.stickiness:
                yield Found(
                    ("services", service.key, "target_group", "stickiness"),
                    "Clients with a cookie stay with blue: fewer than the step says reach green.",
                    "Keep it in mind when you judge a step.",
                    related=(("the steps", ("deployment", "shift")),),
                )
