"""The load balancer, its listeners and what they need: certificates, names, a bucket for the logs."""

from typing import Literal, NamedTuple

from bgspec.cfn import Ref, Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan.network import Network
from bgspec.plan.target import Attribute
from bgspec.spec import ExistingLoadBalancer, ExistingLogBucket, IssuedCertificate, ProductionListener, Spec, TestListener
from bgspec.spec import LoadBalancer as LoadBalancerSpec

ANYWHERE = "0.0.0.0/0"

# The ports of HTTP and HTTPS where the spec names none.
_PORTS = {"production": (80, 443), "test": (8080, 8443)}


class Certificate(NamedTuple):
    """A certificate that ACM issues."""

    id: Word
    domains: tuple[str, ...]
    """The main domain and further ones; ACM asks for a proof of each."""
    zone: str

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")


class Tls(NamedTuple):
    """What makes a listener speak HTTPS."""

    certificate: Value
    policy: str


class Listener(NamedTuple):
    """A port of the load balancer and who may call it."""

    id: Word
    kind: Literal["production", "test", "redirect"]
    port: int
    tls: tuple[Tls, ...]
    """One for HTTPS, none for HTTP."""
    allow: tuple[Value, ...]
    """IPv4 networks."""

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")

    @property
    def protocol(self) -> Literal["HTTP", "HTTPS"]:
        return "HTTPS" if self.tls else "HTTP"

    @property
    def scheme(self) -> Word:
        """The beginning of its addresses."""
        return Word(self.protocol.lower())


class AccessLogs(NamedTuple):
    """Where the load balancer writes a line for every request."""

    bucket: Value
    prefix: str
    own: tuple[Sub, ...]
    """The name of the bucket that the environment makes for it, or none."""


class DnsRecord(NamedTuple):
    """A name that leads to the load balancer."""

    id: Word
    name: str
    zone: str


class LoadBalancer(NamedTuple):
    """The load balancer and everything in front of the target groups."""

    own: bool
    """Whether the environment makes one; without a service that is called it needs none."""
    given: tuple[tuple[Word, str], ...]
    """What stands already, by the name of the parameter that takes it."""
    group: Ref
    """Its security group, as the template that holds the tasks' security groups names it."""
    name: str
    scheme: str
    subnets: Word
    """The output that holds the subnets it stands in."""
    attributes: tuple[Attribute, ...]
    security_group_name: str
    production: Listener
    test: Listener
    redirects: tuple[Listener, ...]
    """The listener that sends callers of plain HTTP to production, or none."""
    certificates: tuple[Certificate, ...]
    access_logs: tuple[AccessLogs, ...]
    records: tuple[DnsRecord, ...]

    @property
    def listeners(self) -> tuple[Listener, Listener]:
        """The two that deployments move."""
        return self.production, self.test

    @property
    def ports(self) -> tuple[Listener, ...]:
        """All that somebody may call."""
        return (*self.listeners, *self.redirects)


def resolve(spec: Spec, names: Names, network: Network, *, needed: bool) -> LoadBalancer:
    """The load balancer with its listeners; with `needed` false nothing of it is made."""
    wanted = spec.load_balancer
    internal = wanted.scheme == "internal"
    everybody = network.cidr if internal else ANYWHERE
    allow = _allowed(wanted.allow, network, internal=internal) or (everybody,)
    production = _listener("production", wanted.production, allow)
    own = needed and wanted.existing is None
    logs = _access_logs(spec, names) if own else ()
    return LoadBalancer(
        own=own,
        given=_given(wanted.existing) if needed and wanted.existing else (),
        group=Ref("LoadBalancerSecurityGroup" if own else "LoadBalancerSecurityGroupId"),
        name=wanted.existing.arn.split("/")[2] if wanted.existing else names.load_balancer(),
        scheme=wanted.scheme,
        subnets=Word("PrivateSubnetIds" if internal and network.egress != "public" else "PublicSubnetIds"),
        attributes=_attributes(wanted, logs),
        security_group_name=names.security_group("alb"),
        production=production,
        test=_listener("test", wanted.test, _allowed(wanted.test.allow, network, internal=internal) or allow),
        redirects=(Listener(Word("RedirectListener"), "redirect", 80, (), allow),) if wanted.production.redirect_http else (),
        certificates=_certificates(wanted) if needed else (),
        access_logs=logs,
        records=tuple(DnsRecord(Word(f"DnsRecord{number}"), record.name, record.zone) for number, record in enumerate(wanted.dns, 1)),
    )


def _given(existing: ExistingLoadBalancer) -> tuple[tuple[Word, str], ...]:
    return (
        (Word("LoadBalancerArn"), existing.arn),
        (Word("LoadBalancerSecurityGroupId"), existing.security_group),
        (Word("LoadBalancerDnsName"), existing.dns_name),
    )


def _allowed(allow: list[str] | None, network: Network, *, internal: bool) -> tuple[Value, ...]:
    """The networks that the spec names, and the environment itself.

    What runs inside and calls an internet-facing load balancer by its name leaves through a NAT gateway and comes back from its address.
    """
    if allow is None:
        return ()
    own = () if internal else tuple(Sub(f"${{{nat.address_output}}}/32") for nat in network.nats)
    return (*allow, *own)


def _listener(kind: Literal["production", "test"], wanted: ProductionListener | TestListener, allow: tuple[Value, ...]) -> Listener:
    certificate = wanted.certificate
    arn = Ref(_certificate(kind, certificate).output) if isinstance(certificate, IssuedCertificate) else certificate
    tls = (Tls(arn, wanted.tls_policy),) if arn else ()
    return Listener(Word(f"{kind.capitalize()}Listener"), kind, wanted.port or _PORTS[kind][bool(tls)], tls, allow)


def _certificates(wanted: LoadBalancerSpec) -> tuple[Certificate, ...]:
    listeners: tuple[tuple[str, ProductionListener | TestListener], ...] = (("production", wanted.production), ("test", wanted.test))
    return tuple(
        _certificate(kind, listener.certificate) for kind, listener in listeners if isinstance(listener.certificate, IssuedCertificate)
    )


def _certificate(kind: str, wanted: IssuedCertificate) -> Certificate:
    return Certificate(Word(f"{kind.capitalize()}Certificate"), (wanted.domain, *wanted.names), wanted.zone)


def _access_logs(spec: Spec, names: Names) -> tuple[AccessLogs, ...]:
    wanted = spec.load_balancer.access_logs
    if isinstance(wanted, ExistingLogBucket):
        return (AccessLogs(wanted.bucket, wanted.prefix or "", ()),)
    if not wanted:
        return ()
    bucket = Sub(names.access_log_bucket(spec.region))
    return (AccessLogs(Ref("AccessLogBucketName"), "", (bucket,)),)


def _attributes(wanted: LoadBalancerSpec, logs: tuple[AccessLogs, ...]) -> tuple[Attribute, ...]:
    """The attributes of the load balancer (bc:elbv2.LoadBalancerAttribute).

    What can be switched on stands here when it is off, too, so that an update switches it off. (That an attribute which leaves a template
    keeps its last value is unverified; said aloud, it need not be known.)
    """
    return (
        Attribute(
            Word("idle_timeout.timeout_seconds"),
            str(wanted.idle_timeout),
            "spec: load_balancer.idle_timeout (default 60s): how long a silent connection stays open.",
        ),
        Attribute(
            Word("deletion_protection.enabled"),
            str(wanted.deletion_protection).lower(),
            "spec: load_balancer.deletion_protection (default false): AWS then refuses to delete the load balancer.",
        ),
        Attribute(
            Word("access_logs.s3.enabled"),
            "true" if logs else "false",
            "spec: load_balancer.access_logs (default false): a line in S3 for every request.",
        ),
        *(Attribute(Word("access_logs.s3.bucket"), log.bucket, "The bucket's policy lets the load balancer write to it.") for log in logs),
        *(
            Attribute(Word("access_logs.s3.prefix"), log.prefix, "Stands in front of AWSLogs/ in their names.")
            for log in logs
            if log.prefix
        ),
        Attribute(
            Word("routing.http.drop_invalid_header_fields.enabled"),
            "true",
            "Headers that are no valid HTTP end here and not in the application.",
        ),
    )
