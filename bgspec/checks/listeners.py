"""BG46x: the load balancer's listeners, their certificates, and its logs."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.spec import IssuedCertificate

_COMMON_NAME = 64


@rule("BG460")
def redirect_to_plain_http(env: Environment) -> Iterator[Found]:
    """A redirect to HTTPS needs HTTPS.

    What: `load_balancer.production.redirect_http` is true, but production has no certificate and speaks plain HTTP itself.
    Why: Callers would be sent from plain HTTP to plain HTTP.
    Mend: Add `certificate:` to the production listener, or remove `redirect_http`.
    Source: ALB User Guide, create-https-listener: an HTTPS listener needs a certificate.

    Fails:
        load_balancer:
          production:
            port: 8000
            redirect_http: true
    Passes:
        load_balancer:
          production:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
            redirect_http: true
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    """
    balancer = env.plan.load_balancer
    if balancer.redirects and not balancer.production.tls:
        yield Found(
            ("load_balancer", "production", "redirect_http"),
            "Production speaks plain HTTP itself, so there is nothing to redirect to.",
            "Add `certificate:` to the production listener, or remove `redirect_http`.",
        )


@rule("BG461")
def redirect_port_taken(env: Environment) -> Iterator[Found]:
    """The redirect's port is taken.

    What: `redirect_http` puts a listener on port 80, but production or test already has that port.
    Why: A load balancer has one listener on a port. The second one fails with DuplicateListener.
    Mend: Give that listener another port: 443 for production, 8443 for tests.
    Source: bc:elbv2.CreateListener, DuplicateListenerException.

    Fails:
        load_balancer:
          production:
            port: 80
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
            redirect_http: true
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    Passes:
        load_balancer:
          production:
            port: 443
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
            redirect_http: true
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    """
    balancer = env.plan.load_balancer
    for redirect in balancer.redirects:
        for listener in balancer.listeners:
            if listener.port == redirect.port:
                yield Found(
                    ("load_balancer", listener.kind, "port"),
                    f"Port {redirect.port} is taken by the redirect to HTTPS.",
                    f"Give the {listener.kind} listener another port.",
                    related=(("the redirect", ("load_balancer", "production", "redirect_http")),),
                )


@rule("BG462", "warning")
def plain_tests_beside_https(env: Environment) -> Iterator[Found]:
    """Tests go in the open while production is encrypted.

    What: The production listener speaks HTTPS, the test listener plain HTTP.
    Why: What is tried on the test listener is what users will see: cookies, redirects and logins often differ without HTTPS, and so does
        the test. On the way everybody can read it.
    Mend: Give the test listener a certificate too; it can be the same one.
    Source: ALB User Guide, create-https-listener.

    Fails:
        load_balancer:
          production:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    Passes:
        load_balancer:
          production:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    """
    balancer = env.plan.load_balancer
    if balancer.production.tls and not balancer.test.tls:
        yield Found(
            ("load_balancer", "production", "certificate"),
            "Production speaks HTTPS, but the test listener plain HTTP.",
            "Give the test listener a `certificate:` too; it can be the same one.",
        )


@rule("BG463")
def certificate_of_another_region(env: Environment) -> Iterator[Found]:
    """The certificate lies in another Region.

    What: A listener's `certificate` is an ACM ARN of a Region other than the environment's.
    Why: A load balancer finds only certificates of its own Region; the listener fails with CertificateNotFound.
    Mend: Request or import the certificate in the environment's Region and name that one.
    Source: ACM User Guide, acm-regions: a certificate is a regional resource; bc:elbv2.CreateListener, CertificateNotFoundException.

    Fails:
        load_balancer:
          test:
            certificate: arn:aws:acm:eu-central-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    Passes:
        load_balancer:
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
    """
    for listener in env.plan.load_balancer.listeners:
        for tls in listener.tls:
            place = tls.certificate.split(":")[3] if isinstance(tls.certificate, str) and tls.certificate.count(":") > 3 else ""
            if place and place != env.plan.region.name:
                yield Found(
                    ("load_balancer", listener.kind, "certificate"),
                    f"This certificate lies in {place}, the environment in {env.plan.region.name}.",
                    f"Name a certificate in {env.plan.region.name}.",
                )


@rule("BG464")
def log_prefix_of_its_own(env: Environment) -> Iterator[Found]:
    """The prefix of access logs must not hold "AWSLogs".

    What: `load_balancer.access_logs.prefix` contains `AWSLogs`.
    Why: The load balancer adds that part itself and refuses a prefix that has it.
    Mend: Leave it out: logs are written to `<prefix>/AWSLogs/<account>/…`.
    Source: ALB User Guide, enable-access-logging.

    Fails:
        load_balancer:
          access_logs:
            bucket: logs-of-the-house
            prefix: shop/AWSLogs
    Passes:
        load_balancer:
          access_logs:
            bucket: logs-of-the-house
            prefix: shop
    """
    for logs in env.plan.load_balancer.access_logs:
        if "AWSLogs" in logs.prefix:
            yield Found(
                ("load_balancer", "access_logs", "prefix"), "The load balancer adds `AWSLogs` itself.", "Leave it out of the prefix."
            )


@rule("BG465", "warning")
def tls_policy_without_tls(env: Environment) -> Iterator[Found]:
    """A TLS policy without a certificate does nothing.

    What: A listener has a `tls_policy` but no `certificate`, so it speaks plain HTTP.
    Why: Whoever reads the spec believes that connections are encrypted.
    Mend: Add `certificate:`, or remove `tls_policy`.
    Source: cfn:AWS::ElasticLoadBalancingV2::Listener.SslPolicy is for HTTPS and TLS listeners only.

    Fails:
        load_balancer:
          production:
            tls_policy: ELBSecurityPolicy-TLS13-1-3-PQ-2025-09
    Passes:
        load_balancer:
          test:
            certificate: arn:aws:acm:us-east-1:111122223333:certificate/0b8c0e0c-52f0-4f2c-8a43-7d7b2f1d7a11
            tls_policy: ELBSecurityPolicy-TLS13-1-3-PQ-2025-09
    """
    for listener in env.plan.load_balancer.listeners:
        if not listener.tls and env.wrote("load_balancer", listener.kind, "tls_policy"):
            yield Found(
                ("load_balancer", listener.kind, "tls_policy"),
                "Without a certificate this listener speaks plain HTTP.",
                "Add `certificate:`, or remove `tls_policy`.",
                "key",
            )


@rule("BG466", "info")
def nothing_is_called(env: Environment) -> Iterator[Found]:
    """No service is called from outside.

    What: No service has a `port`, or all that have one say `load_balancer: false`.
    Why: The environment then has neither load balancer nor blue/green deployments: ECS replaces a worker's tasks itself. If that is a
        surprise, a `port` is missing.
    Mend: Add `port:` to the service that is called.
    Source: The language itself.

    Fails:
        services:
          web:
            image: {build: .}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
    """
    if not env.served:
        yield Found(
            ("services",),
            "No service is called from outside, so there is no load balancer.",
            "Add `port:` to the service that is called, if there is one.",
            "key",
        )


@rule("BG467")
def settings_of_another(env: Environment) -> Iterator[Found]:
    """A load balancer that exists keeps its own settings.

    What: `load_balancer.existing` names a load balancer, and beside it stand settings that only one of the environment's own can have.
    Why: bgspec adds listeners to it and changes nothing else, so who may call it, its logs and its names stay as they are.
    Mend: Remove them here, and set them where the load balancer is made.
    Source: The language itself.

    Fails:
        load_balancer:
          existing:
            arn: arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/house/0123456789abcdef
            security_group: sg-0123456789abcdef0
            dns_name: house-1234567890.us-east-1.elb.amazonaws.com
          idle_timeout: 120s
    Passes:
        load_balancer:
          existing:
            arn: arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/house/0123456789abcdef
            security_group: sg-0123456789abcdef0
            dns_name: house-1234567890.us-east-1.elb.amazonaws.com
    """
    if env.spec.load_balancer.existing is None:
        return
    routes = [("load_balancer", key) for key in ("allow", "idle_timeout", "deletion_protection", "access_logs", "dns")]
    for route in (*routes, ("load_balancer", "test", "allow")):
        if env.wrote(*route):
            yield Found(
                route,
                f"The load balancer exists already and keeps its own `{route[-1]}`.",
                "Remove it here, and set it where the load balancer is made.",
                "key",
                (("the load balancer", ("load_balancer", "existing")),),
            )


@rule("BG468")
def long_main_domain(env: Environment) -> Iterator[Found]:
    """A certificate's main domain is too long.

    What: The `domain` of a certificate that ACM issues has more than 64 characters.
    Why: It becomes the certificate's common name, which has 64 at most (RFC 5280); ACM refuses the request.
    Mend: Let a shorter domain of the zone come first, and put this one into `names`, where 253 characters are allowed.
    Source: bc:acm.RequestCertificateRequest.DomainName.

    Fails:
        load_balancer:
          test:
            certificate:
              domain: the-shop-of-the-people-in-the-large-house.at-the-end-of-the-road.example.com
              zone: Z0123456789ABCDEFGHIJ
    Passes:
        load_balancer:
          test:
            certificate:
              domain: example.com
              names: [the-shop-of-the-people-in-the-large-house.at-the-end-of-the-road.example.com]
              zone: Z0123456789ABCDEFGHIJ
    """
    listeners = (("production", env.spec.load_balancer.production), ("test", env.spec.load_balancer.test))
    for kind, listener in listeners:
        if isinstance(listener.certificate, IssuedCertificate) and len(listener.certificate.domain) > _COMMON_NAME:
            yield Found(
                ("load_balancer", kind, "certificate", "domain"),
                f"A certificate's main domain has {_COMMON_NAME} characters at most, this one {len(listener.certificate.domain)}.",
                "Name a shorter one here, and put this one into `names`.",
            )
