"""BG47x: what ports speak, and who understands it."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule

_NAMES = {"HTTP2": "HTTP/2", "GRPC": "The protocol gRPC"}


@rule("BG470")
def unknown_to_the_load_balancer(env: Environment) -> Iterator[Found]:
    """The load balancer does not understand what a port speaks.

    What: A service behind the load balancer has `protocol: tcp`.
    Why: An application load balancer reads requests: it speaks HTTP and gRPC and nothing else.
    Mend: Say what the port speaks, or `load_balancer: false`, and let other services call it (`connect`).
    Source: bc:elbv2.CreateTargetGroupInput.Protocol and ProtocolVersion.

    Fails:
        services:
          cache: {image: {build: .}, port: 6379, protocol: tcp}
    Passes:
        services:
          cache: {image: {build: .}, port: 6379, cpu: 512, protocol: tcp, load_balancer: false}
          api: {image: {build: api}, port: 8080, cpu: 512, connect: [cache]}
        discovery: {provider: service-connect}
        deployment: {engine: ecs}
    """
    for service in env.served:
        if env.spec.services[service.key].protocol == "tcp":
            yield Found(
                ("services", service.key, "protocol"),
                "An application load balancer speaks HTTP and gRPC only.",
                "Say what the port speaks, or `load_balancer: false`.",
            )


@rule("BG471")
def without_tls(env: Environment) -> Iterator[Found]:
    """A listener cannot carry what a port speaks.

    What: A service behind the load balancer speaks gRPC or HTTP/2, and a listener has no certificate.
    Why: The load balancer hands such requests on from HTTPS listeners only: on plain HTTP nobody can call the service.
    Mend: Add `certificate:` to both listeners. A port that speaks HTTP/1.1 too needs no `protocol`.
    Source: ALB User Guide, load-balancer-target-groups (protocol version, considerations).

    Fails:
        services:
          api: {image: {build: .}, port: 50051, protocol: grpc}
    Passes:
        load_balancer:
          production: {certificate: "arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11"}
          test: {certificate: "arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11"}
        services:
          api: {image: {build: .}, port: 50051, protocol: grpc}
    """
    plain = [listener.kind for listener in env.plan.load_balancer.listeners if not listener.tls]
    for service in env.served:
        if service.target.version != "HTTP1" and plain:
            yield Found(
                ("services", service.key, "protocol"),
                f"{_NAMES[service.target.version]} needs HTTPS, and the {plain[0]} listener has no certificate.",
                f"Add `certificate:` to `load_balancer.{plain[0]}`.",
                related=((f"the {plain[0]} listener", ("load_balancer", plain[0])),) if env.wrote("load_balancer") else (),
            )


@rule("BG472")
def codes_of_another_protocol(env: Environment) -> Iterator[Found]:
    """A health check waits for codes that its protocol does not have.

    What: `health_check.codes` holds HTTP status codes where the port speaks gRPC, or gRPC's where it speaks HTTP.
    Why: The load balancer refuses the target group: HTTP's codes are 200 to 499, gRPC's 0 to 99.
    Mend: Use codes of the protocol: `200-299`, or `0` for a method of gRPC's that exists.
    Source: bc:elbv2.Matcher.HttpCode and GrpcCode.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check: {codes: 0-99}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            health_check: {codes: 200-299}
    """
    for service in env.served:
        health = service.target.health_check
        least, most, name = (0, 99, "gRPC") if health.matcher == "GrpcCode" else (200, 499, "HTTP")
        codes = [int(code) for code in health.codes.replace("-", ",").split(",")]
        wrong = [code for code in codes if not least <= code <= most]
        protocol = ("services", service.key, "protocol")
        if wrong:
            yield Found(
                ("services", service.key, "health_check", "codes"),
                f"{name} has no code {wrong[0]}.",
                f"Use codes from {least} to {most}" + (", or say `protocol: grpc`." if name == "HTTP" and max(codes) < 100 else "."),
                related=(("what the port speaks", protocol),) if env.wrote(*protocol) else (),
            )


@rule("BG473")
def tests_in_another_protocol(env: Environment) -> Iterator[Found]:
    """A smoke test speaks another protocol than the services.

    What: A hook has a `test`, and no service behind the load balancer speaks HTTP/1.1.
    Why: The test's requests are HTTP/1.1. The load balancer answers each of them with an error, and every deployment fails.
    Mend: Name a Lambda function of your own that speaks the services' protocol.
    Source: ALB User Guide, load-balancer-target-groups (protocol version: HTTP/1.1 requests to HTTP/2 and gRPC groups are errors).

    Fails:
        load_balancer:
          production: {certificate: "arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11"}
          test: {certificate: "arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11"}
        services:
          api: {image: {build: .}, port: 50051, protocol: grpc}
        deployment:
          hooks: {after_test_traffic: {test: [{path: /}]}}
    Passes:
        services:
          web: {image: {build: .}, port: 8080}
        deployment:
          hooks: {after_test_traffic: {test: [{path: /}]}}
    """
    for function in env.plan.deployment.hooks.functions:
        if all(service.target.version != "HTTP1" for service in env.served):
            yield Found(
                ("deployment", "hooks", function.event, "test"),
                "The test speaks HTTP/1.1, which none of the services does.",
                "Name a Lambda function of your own that speaks their protocol.",
                "key",
                tuple((f"what `{service.key}` speaks", ("services", service.key, "protocol")) for service in env.served[:1]),
            )
