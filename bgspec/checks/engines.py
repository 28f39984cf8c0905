"""BG63x: what the chosen engine cannot, and which one can (see `plan.engines`)."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.plan.engines import ACTION_TOTAL, LIMITS, that_can
from bgspec.plan.traffic import LAST_PRIORITY, one_rule
from bgspec.spec import Linear


def _or_engine(wish: str, amount: int) -> str:
    """`, or `engine: codedeploy`` where that engine can."""
    able = that_can(wish, amount)
    return f", or `engine: {able[0]}`" if able else ""


@rule("BG630")
def steps_of_another_engine(env: Environment) -> Iterator[Found]:
    """This engine has no such steps.

    What: A step of `deployment.shift` is smaller, or the time between two longer, than the engine allows.
    Why: ECS takes linear steps of 3 % and more, and waits at most a day between two of any kind; CodeDeploy's limits are wider.
    Mend: Use a value within the limit, or the other engine.
    Source: bc:ecs.LinearConfiguration, bc:ecs.CanaryConfiguration; cfn:AWS::ECS::Service.LinearConfiguration.

    Fails:
        deployment:
          engine: ecs
          shift: {linear: 2%, every: 5m}
    Passes:
        deployment:
          engine: codedeploy
          shift: {linear: 2%, every: 5m}
    """
    engine, shift = env.spec.deployment.engine, env.spec.deployment.shift
    limits = LIMITS[engine]
    if isinstance(shift, str):
        return
    if isinstance(shift, Linear) and shift.linear < limits.linear:
        yield Found(
            ("deployment", "shift", "linear"),
            f"Linear steps of {shift.linear}% are too small for `engine: {engine}`.",
            f"Use at least {limits.linear}%{_or_engine('linear', shift.linear)}.",
            related=(("the engine", ("deployment", "engine")),),
        )
    word, wait = ("every", shift.every // 60) if isinstance(shift, Linear) else ("after", shift.after // 60)
    if wait > limits.wait:
        yield Found(
            ("deployment", "shift", word),
            f"`engine: {engine}` waits at most {limits.wait // 60} hours between two steps.",
            f"Use at most {limits.wait // 60}h{_or_engine('wait', wait)}.",
            related=(("the engine", ("deployment", "engine")),),
        )


@rule("BG631")
def more_than_one_rule(env: Environment) -> Iterator[Found]:
    """The routes of a service do not fit into one rule.

    What: With `engine: ecs` a service has routes that differ in more than the values of one condition, or more values than a rule holds.
    Why: ECS moves the weights in exactly one rule of each listener, and a rule means all of its conditions together: five values in all,
        any of one condition's.
    Mend: Write routes of one kind, such as several paths, or make two services of it; or use `engine: codedeploy`, which moves all rules.
    Source: cfn:AWS::ECS::Service.AdvancedConfiguration.ProductionListenerRule; ALB User Guide, load-balancer-limits (condition values).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /api/*
              - host: api.example.com
        deployment:
          engine: ecs
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /api/*
              - path: /v1/*
        deployment:
          engine: ecs
    """
    if LIMITS[env.spec.deployment.engine].rules != 1:
        return
    values = {rule.target.service: sum(len(one.values) for one in rule.conditions) for rule in env.plan.traffic.rules}
    for service in env.served:
        routes = env.spec.services[service.key].routes
        fits = one_rule(routes)
        if len(routes) > 1 and not (fits and values[service.key] <= _VALUES):
            yield Found(
                ("services", service.key, "routes"),
                f"ECS moves one rule of each listener, which holds {_VALUES} values; these routes need more."
                if fits
                else "ECS moves one rule of each listener; these routes differ in more than one condition.",
                "Write routes of one kind, or use `engine: codedeploy`.",
                "key",
                (("the engine", ("deployment", "engine")),),
            )


_VALUES = 5


@rule("BG632")
def last_rule_taken(env: Environment) -> Iterator[Found]:
    """The last priority is the default service's.

    What: With `engine: ecs` a route has the priority 50000, and a service without routes gets all other requests.
    Why: ECS needs a rule for that service, too, and it must be the last; two rules of a listener cannot have one priority.
    Mend: Use a smaller number.
    Source: cfn:AWS::ElasticLoadBalancingV2::ListenerRule.Priority.

    Fails:
        services:
          web: {image: {build: .}, port: 8080}
          api: {image: {build: api}, port: 8080, routes: [{path: /api, priority: 50000}]}
        deployment:
          engine: ecs
    Passes:
        services:
          web: {image: {build: .}, port: 8080}
          api: {image: {build: api}, port: 8080, routes: [{path: /api, priority: 49999}]}
        deployment:
          engine: ecs
    """
    if LIMITS[env.spec.deployment.engine].rules == 1 and env.defaults:
        for service in env.served:
            for number, route in enumerate(env.spec.services[service.key].routes):
                if route.priority == LAST_PRIORITY:
                    yield Found(
                        ("services", service.key, "routes", number, "priority"),
                        f"The last priority belongs to `{env.defaults[0]}`, which gets all other requests.",
                        f"Use {LAST_PRIORITY - 1} or less.",
                    )


@rule("BG633")
def longer_than_anybody_waits(env: Environment) -> Iterator[Found]:
    """A deployment takes longer than whoever carries it out waits.

    What: With `engine: ecs` the wait for a person, the shift and the bake time are more than 36 hours together, or, with
        `deploy: ecs-action`, more than an hour.
    Why: CloudFormation gives the update of a service 36 hours, then it fails and goes back. CodePipeline's action for ECS fails after an
        hour, while ECS carries on.
    Mend: Shorten one of the three. For an hour and more use `deploy: cloudformation`, for days `engine: codedeploy`.
    Source: ECS Developer Guide, blue-green-deployment-how-it-works; cfn:AWS::ECS::Service handlers (2,160 minutes); CodePipeline User
        Guide, limits.

    Fails:
        deployment:
          engine: ecs
          deploy: ecs-action
          bake: 2h
        pipeline:
          source: {provider: codecommit}
    Passes:
        deployment:
          engine: ecs
          bake: 2h
        pipeline:
          source: {provider: codecommit}
    """
    deployment = env.plan.deployment
    minutes = sum(deployment.approval) + deployment.shift_minutes + deployment.stays
    for native in deployment.native:
        if native.deploy == "ecs-action" and env.plan.pipeline and minutes > ACTION_TOTAL:
            yield Found(
                ("deployment", "deploy"),
                f"A deployment can take {minutes} minutes; this action gives up after {ACTION_TOTAL}.",
                "Use `deploy: cloudformation`, or shorten `approval.timeout`, `shift` or `bake`.",
            )
        elif minutes > LIMITS["ecs"].total:
            yield Found(
                ("deployment",),
                f"A deployment can take {minutes // 60} hours; CloudFormation gives it {LIMITS['ecs'].total // 60}.",
                "Shorten `approval.timeout`, `shift` or `bake`, or use `engine: codedeploy`.",
                "key",
            )


@rule("BG634", "info")
def only_the_image(env: Environment) -> Iterator[Found]:
    """Through this action comes the image only.

    What: `deploy: ecs-action`, and a pipeline.
    Why: The action copies the task definition that runs and puts the new image in. Whatever else changes in the spec waits for the next
        update of the service's stack, and that must be given the image that runs.
    Mend: Nothing, or `deploy: cloudformation`, where every commit brings both.
    Source: CodePipeline User Guide, action-reference-ECS.

    Fails:
        deployment:
          engine: ecs
          deploy: ecs-action
        pipeline:
          source: {provider: codecommit}
    Passes:
        deployment:
          engine: ecs
        pipeline:
          source: {provider: codecommit}
    """
    for native in env.plan.deployment.native:
        if native.deploy == "ecs-action" and env.plan.pipeline and not env.plan.tools:
            yield Found(
                ("deployment", "deploy"),
                "The pipeline brings the image; other changes of the task come with the next update of the stack.",
                "Use `deploy: cloudformation`, and every commit brings both.",
            )


@rule("BG635")
def more_patience(env: Environment) -> Iterator[Found]:
    """This engine does not wait so long.

    What: `deployment.approval.timeout`, or how long the old version stays (`bake`), is more than the engine allows.
    Why: CodeDeploy waits two days at most for a person's word, ECS fourteen. ECS keeps the old version for a day at most, CodeDeploy for
        2,800 minutes.
    Mend: Use a time within the limit, or the other engine.
    Source: CodeDeploy User Guide, limits; ECS Developer Guide, pause-lifecycle-hooks; cfn:AWS::ECS::Service.BakeTimeInMinutes (1,440).

    Fails:
        deployment:
          engine: codedeploy
          approval: {before: traffic, timeout: 5d}
    Passes:
        deployment:
          engine: codedeploy
          approval: {before: traffic, timeout: 2d}
    """
    engine, limits = env.spec.deployment.engine, LIMITS[env.spec.deployment.engine]
    for minutes in env.plan.deployment.approval:
        if minutes > limits.approval:
            yield Found(
                ("deployment", "approval", "timeout"),
                f"`engine: {engine}` waits at most {limits.approval // 1440} days for a person's word.",
                f"Use at most {limits.approval // 1440}d{_or_engine('approval', minutes)}.",
                related=_engine(env),
            )
    stays = env.plan.deployment.stays
    if stays > limits.stays:
        yield Found(
            ("deployment", "bake"),
            f"`engine: {engine}` keeps the old version for {limits.stays // 60} hours at most.",
            f"Use at most {limits.stays // 60}h{_or_engine('stays', stays)} with `terminate_after`.",
            related=_engine(env),
        )


def _engine(env: Environment) -> tuple[tuple[str, Route], ...]:
    """Where the engine was chosen, if it was."""
    return (("the engine", ("deployment", "engine")),) if env.wrote("deployment", "engine") else ()
