"""BG45x: which requests go to which service, and what the load balancer answers by itself."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route


@rule("BG450")
def two_services_for_the_rest(env: Environment) -> Iterator[Found]:
    """Two services want all requests.

    What: Two services have no `routes`, so both would get whatever no other service's routes name.
    Why: A listener has one default action; the second service's target groups would belong to no load balancer, and ECS refuses a service
        whose target group has none.
    Mend: Give all services but one `routes`.
    Source: cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions; ECS Developer Guide, alb-resources-for-blue-green.

    Fails:
        services:
          web:
            image: {build: web}
            port: 8080
          api:
            image: {build: api}
            port: 8080
    Passes:
        services:
          web:
            image: {build: web}
            port: 8080
          api:
            image: {build: api}
            port: 8080
            routes:
              - path: /api/*
    """
    for service in env.defaults[1:]:
        first = env.defaults[0]
        yield Found(
            ("services", service),
            f"`{service}` and `{first}` have no routes: only one service can get what the others do not.",
            "Add `routes:` with the paths or hosts that it is there for, or `load_balancer: false`.",
            "key",
            ((f"`{first}` has none either", ("services", first)),),
        )


@rule("BG451")
def two_rules_with_one_priority(env: Environment) -> Iterator[Found]:
    """Two routes have the same priority.

    What: Two `routes` carry the same `priority`.
    Why: Priorities are unique on a listener. The second rule fails with PriorityInUse, and the traffic stack is rolled back.
    Mend: Give one of them another number, or none: then it follows from the route, the more precise the earlier.
    Source: bc:elbv2.CreateRule, PriorityInUseException.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /api/*
                priority: 10
              - path: /admin/*
                priority: 10
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /api/*
                priority: 10
              - path: /admin/*
                priority: 20
    """
    seen: dict[int, Route] = {}
    for route, wanted in env.routes:
        if wanted.priority is None:
            continue
        if wanted.priority in seen:
            yield Found(
                (*route, "priority"),
                f"Two routes have priority {wanted.priority}.",
                "Give one of them another number, or none.",
                related=(("the other", seen[wanted.priority]),),
            )
        seen.setdefault(wanted.priority, (*route, "priority"))


@rule("BG452")
def route_without_condition(env: Environment) -> Iterator[Found]:
    """A route says nothing.

    What: A route has neither `path` nor `host`, `method` or `header`.
    Why: A rule of a listener needs a condition; without one the load balancer refuses it.
    Mend: Say which requests are meant. All of them are `path: /*`; for a service that gets all requests, leave `routes` out.
    Source: bc:elbv2.CreateRuleInput.Conditions is required.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - priority: 10
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /*
                priority: 10
    """
    for route, wanted in env.routes:
        if not any((wanted.path, wanted.host, wanted.method, wanted.header)):
            yield Found(route, "This route names no requests.", "Add `path:`, `host:`, `method:` or `header:`.")


@rule("BG453")
def route_twice(env: Environment) -> Iterator[Found]:
    """Two routes name the same requests.

    What: Two routes have the same conditions.
    Why: Only the first one is ever asked. If they belong to two services, the second one never gets a request.
    Mend: Remove one, or say what distinguishes them.
    Source: ALB User Guide, listener-rules: rules are evaluated from the lowest priority to the highest.

    Fails:
        services:
          web:
            image: {build: web}
            port: 8080
            routes:
              - path: /api/*
          api:
            image: {build: api}
            port: 8080
            routes:
              - path: /api/*
    Passes:
        services:
          web:
            image: {build: web}
            port: 8080
            routes:
              - path: /web/*
          api:
            image: {build: api}
            port: 8080
            routes:
              - path: /api/*
    """
    seen: dict[object, Route] = {}
    for route, wanted in env.routes:
        conditions = (wanted.path, (wanted.host or "").lower(), wanted.method, tuple(sorted(wanted.header.items())))
        if any(conditions) and conditions in seen:
            yield Found(
                route,
                "Another route names the same requests; only one of them can get them.",
                "Remove one, or say what distinguishes them.",
                related=(("the other", seen[conditions]),),
            )
        seen.setdefault(conditions, route)


@rule("BG454")
def route_too_complicated(env: Environment) -> Iterator[Found]:
    """A route has more conditions or wildcards than a rule can hold.

    What: A route has more than five conditions (each header is one), or more than six wildcards (`*` and `?`).
    Why: The load balancer refuses the rule: these quotas cannot be raised.
    Mend: Ask for less in one route.
    Source: ALB User Guide, load-balancer-limits (5 condition values, 6 condition wildcards for each rule).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /*/*/*/*/*/*/*
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /*/items/*
    """
    for route, wanted in env.routes:
        values = [value for value in (wanted.path, wanted.host, wanted.method, *wanted.header.values()) if value]
        wildcards = sum(value.count("*") + value.count("?") for value in values)
        if len(values) > 5:
            yield Found(route, f"This route has {len(values)} conditions; a rule holds 5.", "Ask for less in one route.")
        if wildcards > 6:
            yield Found(route, f"This route has {wildcards} wildcards; a rule holds 6.", "Use fewer `*` and `?`.")


@rule("BG455", "warning")
def default_never_answered(env: Environment) -> Iterator[Found]:
    """The load balancer's own answer is never given.

    What: `load_balancer.default` is written, but a service without `routes` gets every request that no route names.
    Why: The answer looks as if it worked, and nobody ever sees it.
    Mend: Give that service `routes`, or remove `default`.
    Source: cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions: the default is one or the other.

    Fails:
        load_balancer:
          default:
            status: 503
    Passes:
        load_balancer:
          default:
            status: 503
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /shop/*
    """
    for service in env.defaults[:1] if env.wrote("load_balancer", "default") else ():
        yield Found(
            ("load_balancer", "default"),
            f"This answer is never given: `{service}` has no routes, so it gets all other requests.",
            f"Give `{service}` routes, or remove `default`.",
            "key",
        )


@rule("BG456")
def fixed_redirect(env: Environment) -> Iterator[Found]:
    """An answer of the load balancer's own cannot be a redirect.

    What: `load_balancer.default.status` is one of the 300s.
    Why: A fixed response is 2xx, 4xx or 5xx; another status is refused.
    Mend: Use 404 or 503, for example.
    Source: cfn:AWS::ElasticLoadBalancingV2::Listener.FixedResponseConfig.StatusCode.

    Fails:
        load_balancer:
          default:
            status: 301
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /shop/*
    Passes:
        load_balancer:
          default:
            status: 410
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /shop/*
    """
    status = env.plan.traffic.otherwise.status
    if 300 <= status <= 399:
        yield Found(("load_balancer", "default", "status"), f"The load balancer cannot answer {status} by itself.", "Use 404 or 503.")


@rule("BG457")
def algorithm_with_more(env: Environment) -> Iterator[Found]:
    """An algorithm does not go with slow start, or with clients that stay.

    What: `target_group.slow_start` stands beside an `algorithm` other than `round-robin`, or `stickiness` beside `weighted-random`.
    Why: The load balancer refuses the target group.
    Mend: Remove one of the two.
    Source: bc:elbv2.TargetGroupAttribute; ALB User Guide, edit-target-group-attributes ("You can't enable slow start mode"; "The weighted
        random routing algorithm can not be used with sticky sessions").

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            target_group:
              algorithm: least-outstanding-requests
              slow_start: 30s
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            target_group:
              algorithm: least-outstanding-requests
              stickiness: 1h
    """
    for key, service in env.spec.services.items():
        group, route = service.target_group, ("services", key, "target_group")
        slow = group.slow_start and group.algorithm != "round-robin"
        stays = group.stickiness and group.algorithm == "weighted-random"
        for wrong, word, name, other in (
            (slow, "slow_start", "Slow start", "round-robin"),
            (stays, "stickiness", "Stickiness", "least-outstanding-requests"),
        ):
            if wrong:
                yield Found(
                    (*route, word),
                    f"{name} does not go with {group.algorithm}.",
                    f"Remove `{word}`, or use `algorithm: {other}`.",
                    related=(("the algorithm", (*route, "algorithm")),),
                )


@rule("BG458")
def worker_with_traffic(env: Environment) -> Iterator[Found]:
    """A service without a port gets no requests.

    What: A service has no `port`, or `load_balancer: false`, but also `routes`, a `health_check` or a `target_group`.
    Why: Without either it has no target groups, and the load balancer knows nothing of it.
    Mend: Add `port:`, or take `load_balancer: false` away; or remove what only services behind the load balancer have.
    Source: The language itself.

    Fails:
        services:
          web:
            image: {build: .}
            routes:
              - path: /api/*
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            routes:
              - path: /api/*
    """
    for key, service in env.spec.services.items():
        why, mend = ("has no port", "Add `port:` to") if service.port is None else ("has `load_balancer: false`", "Take that away from")
        for field in ("routes", "health_check", "target_group"):
            if not (service.port and service.load_balancer) and env.wrote("services", key, field):
                yield Found(
                    ("services", key, field),
                    f"`{key}` {why}, so no request ever reaches it.",
                    f"{mend} `{key}`, or remove `{field}`.",
                    "key",
                )


@rule("BG459")
def schedule_with_service(env: Environment) -> Iterator[Found]:
    """A task with a schedule is no service.

    What: A service has a `schedule` and also a `port` or a `count`.
    Why: With a schedule one task runs at each time and ends; nothing keeps it running, so nothing can call it.
    Mend: Remove `schedule`, or the other one.
    Source: EventBridge Scheduler User Guide, managing-targets-templated (RunTask).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            schedule: rate(1 hour)
    Passes:
        services:
          web:
            image: {build: .}
            schedule: rate(1 hour)
    """
    for key, service in env.spec.services.items():
        for field in ("port", "count"):
            if service.schedule is not None and env.wrote("services", key, field):
                yield Found(
                    ("services", key, field),
                    f"`{key}` runs at its times only, so it has no {field}.",
                    f"Remove `{field}`, or `schedule`.",
                    "key",
                    (("the schedule", ("services", key, "schedule")),),
                )
