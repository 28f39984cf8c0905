"""BG6xx: how a new version replaces the old one."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule

_LONGEST_SHIFT = 2880


@rule("BG601", "warning")
def no_way_back(env: Environment) -> Iterator[Found]:
    """Blue ends in the moment when green takes over.

    What: `deployment.terminate_after` is nothing.
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
    if env.plan.deployment.terminate_after == 0:
        yield Found(
            ("deployment", "terminate_after"),
            "Blue ends at once, so nothing is left to roll back to.",
            "Keep it for a while: `terminate_after: 15m`.",
        )


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
    for config in env.plan.deployment.own_config:
        if config.routing == "TimeBasedLinear":
            minutes = (-(-100 // config.percentage) - 1) * config.interval
            if minutes > _LONGEST_SHIFT:
                yield Found(
                    ("deployment", "shift", "every"),
                    f"Steps of {config.percentage}% every {config.interval} minutes take {minutes // 60} hours; the limit is 48.",
                    f"Use at most {_LONGEST_SHIFT // (-(-100 // config.percentage) - 1)}m, or larger steps.",
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
    if "DEPLOYMENT_FAILURE" not in env.plan.deployment.rollback_events:
        yield Found(
            ("deployment", "rollback", "on"),
            "A failed deployment is left where it fails.",
            "Add `failure`, so that the traffic goes back to blue.",
        )
