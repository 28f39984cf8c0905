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
    for service in env.plan.served:
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
