"""BG4xx: listeners, target groups and health checks."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule

# The ports that browsers refuse to open (WHATWG Fetch, "bad port"), above zero.
_BLOCKED = frozenset(
    int(port)
    for port in (
        "1 7 9 11 13 15 17 19 20 21 22 23 25 37 42 43 53 69 77 79 87 95 101 102 103 104 109 110 111 113 115 117 119 123 135 137 139 143 161"
        " 179 389 427 465 512 513 514 515 526 530 531 532 540 548 554 556 563 587 601 636 989 990 993 995 1719 1720 1723 2049 3659 4045"
        " 4190 5060 5061 6000 6566 6665 6666 6667 6668 6669 6679 6697 10080"
    ).split()
)

_PORTS = {"HTTP": (80, 8080), "HTTPS": (443, 8443)}
"""Where browsers expect a protocol."""


@rule("BG401")
def one_port_for_two(env: Environment) -> Iterator[Found]:
    """Production and test have the same port.

    What: `load_balancer.production.port` and `load_balancer.test.port` are equal.
    Why: A load balancer has one listener on a port. The second one fails with DuplicateListener, and the traffic stack is rolled back.
    Mend: Give the test listener a port of its own, such as 8080.
    Source: bc:elbv2.CreateListener, DuplicateListenerException ("A listener with the specified port already exists").

    Fails:
        load_balancer:
          production:
            port: 8080
    Passes:
        load_balancer:
          production:
            port: 8080
          test:
            port: 9090
    """
    balancer = env.plan.load_balancer
    if balancer.production.port == balancer.test.port:
        production, test = ("load_balancer", "production", "port"), ("load_balancer", "test", "port")
        route = env.written(test, production)
        yield Found(
            route,
            f"Production and test have the same port, {balancer.test.port}; a port has one listener.",
            f"Give the {'test' if route == test else 'production'} listener a port of its own.",
            related=(("production", production),) if route == test and env.wrote(*production) else (),
        )


@rule("BG402", "warning")
def blocked_port(env: Environment) -> Iterator[Found]:
    """Browsers refuse this port.

    What: A listener has a port that Chrome, Firefox and Safari never open (ERR_UNSAFE_PORT), for it belongs to another protocol.
    Why: Everything works with curl, and nobody sees the site in a browser.
    Mend: Use another port: 80, 443, 8080, 8443, 9090 …
    Source: WHATWG Fetch, "bad port", https://fetch.spec.whatwg.org/#port-blocking. 10080 is a common test port on ECS.

    Fails:
        load_balancer:
          test:
            port: 10080
    Passes:
        load_balancer:
          test:
            port: 9090
    """
    for listener in env.plan.load_balancer.listeners:
        if listener.port in _BLOCKED:
            yield Found(
                ("load_balancer", listener.kind, "port"),
                f"Browsers refuse to open port {listener.port}.",
                "Use a port that belongs to no other protocol, such as 8080 or 9090.",
            )


@rule("BG403")
def timeout_as_long_as_interval(env: Environment) -> Iterator[Found]:
    """A health check may take longer than the time to the next one.

    What: `health_check.timeout` is not shorter than `health_check.interval`. Without a word the timeout is 5s and the interval 30s.
    Why: The load balancer refuses the target group: "Health check interval must be greater than the timeout".
    Mend: Make the interval longer or the timeout shorter.
    Source: https://github.com/terraform-linters/tflint-ruleset-aws/issues/404, https://github.com/aws/aws-cdk/issues/22200 (the reply of
        the API).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check:
              interval: 5s
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check:
              interval: 5s
              timeout: 3s
    """
    for service in env.served:
        health = service.target.health_check
        if health.timeout >= health.interval:
            timeout = ("services", service.key, "health_check", "timeout")
            interval = ("services", service.key, "health_check", "interval")
            route = env.written(timeout, interval)
            yield Found(
                route,
                f"A check may take {health.timeout} s, but the next one comes after {health.interval} s.",
                f"Make `timeout` shorter than `interval`: at most {health.interval - 1}s here.",
                related=(("the interval", interval),) if route == timeout and env.wrote(*interval) else (),
            )


@rule("BG404", "warning")
def little_time_to_start(env: Environment) -> Iterator[Found]:
    """A task has hardly any time to start.

    What: `grace`, and the time in which `unhealthy` checks fail one after another, are less than 30 seconds together.
    Why: Whatever needs longer to start is taken for ill and replaced, again and again; a deployment waits for it an hour and fails.
    Mend: Give `health_check.grace` the time that a start may take, with room to spare.
    Source: bc:ecs.CreateServiceRequest.healthCheckGracePeriodSeconds. The thirty seconds are bgspec's own judgement.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check: {interval: 6s, unhealthy: 2, grace: 0s}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check: {interval: 6s, unhealthy: 2, grace: 60s}
    """
    for service in env.served:
        health = service.target.health_check
        time = health.grace + health.interval * health.unhealthy
        if time < 30:
            here = ("services", service.key, "health_check")
            yield Found(
                env.written((*here, "grace"), (*here, "unhealthy"), (*here, "interval")),
                f"A task that needs longer than {time} s to start is replaced, again and again.",
                "Give `health_check.grace` the time that a start may take.",
            )


@rule("BG405")
def codes_backwards(env: Environment) -> Iterator[Found]:
    """A range of status codes runs backwards.

    What: The first code of a range in `health_check.codes` is larger than the second.
    Why: No code lies in it: no task is ever healthy, or the load balancer refuses the target group.
    Mend: Write the smaller code first.
    Source: bc:elbv2.Matcher.HttpCode.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check: {codes: 299-200}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check: {codes: 200-299}
    """
    for service in env.served:
        for part in service.target.health_check.codes.split(","):
            first, *last = part.split("-")
            if last and any(int(code) < int(first) for code in last):
                yield Found(
                    ("services", service.key, "health_check", "codes"),
                    f"No code lies in the range {part}.",
                    f"Write the smaller code first: `{'-'.join(sorted((first, *last), key=int))}`.",
                )


@rule("BG406", "warning")
def port_of_another_protocol(env: Environment) -> Iterator[Found]:
    """A listener speaks another protocol than its port promises.

    What: A listener has port 443 or 8443 without a certificate, or port 80 or 8080 with one.
    Why: Browsers speak TLS on 443 and HTTP on 80 where the address does not say otherwise: the first visitor sees an error.
    Mend: Add `certificate:`, or use the port of the protocol.
    Source: RFC 9110, 4.2.1 and 4.2.2, https://www.rfc-editor.org/rfc/rfc9110 (the default ports of http and https).

    Fails:
        load_balancer:
          production:
            port: 443
    Passes:
        load_balancer:
          production:
            port: 443
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    """
    redirected = [listener.port for listener in env.plan.load_balancer.redirects]  # another rule says that it is taken
    for listener in env.plan.load_balancer.listeners:
        other = "HTTPS" if listener.protocol == "HTTP" else "HTTP"
        if listener.port in _PORTS[other] and listener.port not in redirected:
            yield Found(
                ("load_balancer", listener.kind, "port"),
                f"Port {listener.port} promises {other}, but this listener speaks {listener.protocol}.",
                "Add `certificate:`, or use another port." if other == "HTTPS" else "Use the port of HTTPS: 443, or 8443 for tests.",
            )
