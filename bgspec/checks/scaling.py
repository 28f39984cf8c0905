"""BG53x: how many tasks run."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route


@rule("BG530")
def limits_crossed(env: Environment) -> Iterator[Found]:
    """The least number of tasks is above the largest.

    What: `min` is larger than `max`, in `scaling` or at one of its times.
    Why: Application Auto Scaling refuses such a target.
    Mend: Raise `max`, or lower `min`.
    Source: bc:application-autoscaling.RegisterScalableTargetRequest.MinCapacity.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 4, max: 2, cpu: 60}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 2, max: 4, cpu: 60}
    """
    for key, service in env.spec.services.items():
        if service.scaling is None:
            continue
        route: Route = ("services", key, "scaling")
        always = (route, service.scaling.min, service.scaling.max)
        times = [((*route, "schedule", number), timed.min, timed.max) for number, timed in enumerate(service.scaling.schedule)]
        for where, least, most in (always, *times):
            if least > most:
                yield Found(
                    (*where, "min"),
                    f"The least number of tasks, {least}, is above the largest, {most}.",
                    "Raise `max`, or lower `min`.",
                    related=(("the largest", (*where, "max")),),
                )


@rule("BG531")
def requests_of_nobody(env: Environment) -> Iterator[Found]:
    """A service that nobody calls cannot scale by requests.

    What: `scaling` counts requests, but the load balancer does not know the service: it has no `port`, or `load_balancer: false`.
    Why: The load balancer counts the requests; without it there is no such metric.
    Mend: Scale by `cpu` or `memory`.
    Source: ALB User Guide, load-balancer-cloudwatch-metrics.

    Fails:
        services:
          worker:
            image: {build: .}
            scaling: {min: 1, max: 4, requests: 100}
    Passes:
        services:
          worker:
            image: {build: .}
            scaling: {min: 1, max: 4, cpu: 60}
    """
    for key, service in env.spec.services.items():
        if service.scaling is None or any(served.key == key for served in env.served):
            continue
        route = ("services", key, "scaling")
        if service.scaling.requests is not None:
            yield Found(
                (*route, "requests"),
                f"The load balancer counts no requests of `{key}`.",
                "Scale by `cpu` or `memory`.",
                "key",
            )
        for number, step in enumerate(service.scaling.steps):
            if step.metric == "requests":
                yield Found(
                    (*route, "steps", number, "metric"),
                    f"The load balancer counts no requests of `{key}`.",
                    "Use `cpu` or `memory`.",
                )


@rule("BG532")
def half_a_step(env: Environment) -> Iterator[Found]:
    """A step does not say when, or what.

    What: A step has not exactly one of `above` and `below`, or not exactly one of `add` and `remove`.
    Why: An alarm watches one line from one side, and a step changes the number of tasks in one direction.
    Mend: Write one of each: `above: 80` and `add: 2`.
    Source: bc:cloudwatch.PutMetricAlarmInput.ComparisonOperator; bc:application-autoscaling.StepAdjustment.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling:
              min: 1
              max: 4
              steps: [{metric: cpu, above: 80, below: 90, add: 1}]
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling:
              min: 1
              max: 4
              steps: [{metric: cpu, above: 80, add: 1}]
    """
    for key, service in env.spec.services.items():
        for number, step in enumerate(service.scaling.steps if service.scaling else ()):
            for one, other in (("above", "below"), ("add", "remove")):
                given = [word for word in (one, other) if getattr(step, word) is not None]
                if len(given) != 1:
                    route = ("services", key, "scaling", "steps", number)
                    yield Found(
                        (*route, given[1]) if given else route,
                        f"A step has one of `{one}` and `{other}`.",
                        f"Remove one: `{one}` or `{other}`." if given else f"Add `{one}` or `{other}`.",
                        "key" if given else "value",
                    )


@rule("BG533", "warning")
def nothing_scales(env: Environment) -> Iterator[Found]:
    """Nothing changes the number of tasks.

    What: `scaling` has limits, but no value to keep, no steps and no times.
    Why: The service stays at the number of tasks that it has.
    Mend: Add `cpu: 60`, or take `scaling` away.
    Source: ECS Developer Guide, service-auto-scaling.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 1, max: 4}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 1, max: 4, cpu: 60}
    """
    for service in env.plan.services:
        for scaling in service.scaling:
            if not (scaling.tracking or scaling.changes or scaling.timed):
                yield Found(
                    ("services", service.key, "scaling"),
                    "Nothing changes the number of tasks.",
                    "Add `cpu: 60`, or take `scaling` away.",
                    "key",
                )


@rule("BG534")
def task_that_scales(env: Environment) -> Iterator[Found]:
    """A scheduled task does not scale.

    What: A service has both `schedule` and `scaling`.
    Why: At its time one task runs, and ends; there is no service whose number of tasks could change.
    Mend: Take one of the two away.
    Source: EventBridge Scheduler User Guide, managing-targets-templated (ECS RunTask).

    Fails:
        services:
          report:
            image: {build: .}
            schedule: rate(1 hour)
            scaling: {min: 1, max: 2, cpu: 60}
    Passes:
        services:
          report:
            image: {build: .}
            schedule: rate(1 hour)
    """
    for service in env.plan.services:
        if service.scaling and service.schedules:
            yield Found(
                ("services", service.key, "scaling"),
                f"`{service.key}` runs at its times only.",
                "Take `scaling` or `schedule` away.",
                "key",
                (("its times", ("services", service.key, "schedule")),),
            )


@rule("BG535", "warning")
def begins_outside(env: Environment) -> Iterator[Found]:
    """The service begins outside of its own limits.

    What: `count` is below `min` or above `max` of `scaling`.
    Why: Application Auto Scaling corrects the number of tasks as soon as it may, so the first tasks come and go for nothing.
    Mend: Choose a number between the two, or leave `count` away.
    Source: ECS Developer Guide, service-auto-scaling, "Considerations".

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            count: 1
            scaling: {min: 2, max: 4, cpu: 60}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 2, max: 4, cpu: 60}
    """
    for key, service in env.spec.services.items():
        limits = service.scaling
        if limits and env.wrote("services", key, "count") and not limits.min <= service.count <= limits.max:
            yield Found(
                ("services", key, "count"),
                f"{service.count} is not between {limits.min} and {limits.max}.",
                "Choose a number between the two, or leave `count` away.",
                related=(("the limits", ("services", key, "scaling")),),
            )


@rule("BG536")
def rolling_where_nothing_rolls(env: Environment) -> Iterator[Found]:
    """The tasks of this service are not replaced one by one.

    What: A service behind the load balancer, or a scheduled task, has `rolling`.
    Why: Behind the load balancer blue keeps all its tasks while green comes with as many; a scheduled task begins anew each time.
    Mend: Remove `rolling`.
    Source: bc:ecs.DeploymentConfiguration.minimumHealthyPercent (of the rolling update only).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            rolling: {minimum: 50%}
    Passes:
        services:
          worker:
            image: {build: .}
            rolling: {minimum: 50%}
    """
    for service in env.plan.services:
        if service.kind != "worker" and env.wrote("services", service.key, "rolling"):
            why = "is replaced blue/green, so all its tasks stay" if service.targets else "runs at its times only, so nothing is replaced"
            yield Found(("services", service.key, "rolling"), f"`{service.key}` {why}.", "Remove `rolling`.", "key")


@rule("BG537")
def no_room_to_roll(env: Environment) -> Iterator[Found]:
    """No task may end and none may begin.

    What: As many tasks must run during a deployment (`rolling.minimum` of those wanted, rounded up) as may run at most (`rolling.maximum`,
        rounded down).
    Why: The deployment waits for ever, until CloudFormation gives up after three hours.
    Mend: Lower `minimum`, raise `maximum`, or have more tasks.
    Source: bc:ecs.DeploymentConfiguration (how both are rounded).

    Fails:
        services:
          worker:
            image: {build: .}
            count: 1
            rolling: {minimum: 50%, maximum: 150%}
    Passes:
        services:
          worker:
            image: {build: .}
            count: 1
            rolling: {minimum: 0%, maximum: 100%}
    """
    for service in env.plan.services:
        scaling = env.spec.services[service.key].scaling
        wanted = max(scaling.min, 1) if scaling else service.tasks
        least, most = -(-wanted * service.rolling.minimum // 100), wanted * service.rolling.maximum // 100
        if service.kind == "worker" and most <= least:
            route = ("services", service.key, "rolling")
            yield Found(
                env.written((*route, "minimum"), (*route, "maximum")),
                f"With {wanted} task{'s' * (wanted != 1)}, {least} must run and no more than {most} may: none can be replaced.",
                "Lower `minimum`, or raise `maximum`.",
            )
