"""What a user may write about the load balancer: its listeners, certificates, logs and names."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, StringConstraints, Tag

from bgspec.spec.types import (
    BucketName,
    CertificateArn,
    Cidr,
    DomainName,
    Duration,
    EachOnce,
    HostedZoneId,
    LogPrefix,
    Port,
    Section,
    TlsPolicy,
    kind_by_key,
)
from bgspec.spec.values import text

# The ALB guide's recommendation; without it CloudFormation still means ELBSecurityPolicy-2016-08 (ALB describe-ssl-policies).
RECOMMENDED_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"


class IssuedCertificate(Section):
    """A certificate that ACM issues for the environment and renews by itself, because its zone proves that the domain is yours."""

    domain: DomainName
    """The domain it is for: `shop.example.com`, or `*.example.com` for all names directly below."""
    names: Annotated[list[DomainName], EachOnce] = Field(default=[], max_length=9)
    """Further names in the same certificate."""
    zone: HostedZoneId
    """The Route 53 hosted zone of the domain, `Z0123456789ABCDEFGHIJ`: ACM's proof is written there."""


Certificate = Annotated[
    Annotated[CertificateArn, Tag("<word>")] | Annotated[IssuedCertificate, Tag("<domain>")],
    kind_by_key("domain", default="domain"),
]


class ProductionListener(Section):
    """The listener that carries the users' traffic."""

    port: Port | None = None
    """The port on which users reach the site; without it 80, or 443 with a certificate."""
    certificate: Certificate | None = None
    """The certificate's ARN, or `domain:` and `zone:` of one to be issued: with it the listener speaks HTTPS, without it HTTP."""
    tls_policy: TlsPolicy = RECOMMENDED_TLS_POLICY
    """The TLS versions and ciphers of HTTPS; the default is the one that AWS recommends: TLS 1.3 and 1.2, post-quantum key exchange."""
    redirect_http: bool = False
    """Whether a listener on port 80 sends callers of plain HTTP to this one."""


class TestListener(Section):
    """The listener on which a new version is tried before the users' traffic moves to it."""

    __test__ = False  # not a test, whatever pytest thinks of the name

    port: Port | None = None
    """The port on which green is tried before users reach it; without it 8080, or 8443 with a certificate."""
    certificate: Certificate | None = None
    """The certificate's ARN, or `domain:` and `zone:` of one to be issued: with it the listener speaks HTTPS, without it HTTP."""
    tls_policy: TlsPolicy = RECOMMENDED_TLS_POLICY
    """The TLS versions and ciphers of HTTPS; the default is the one that AWS recommends: TLS 1.3 and 1.2, post-quantum key exchange."""
    allow: Annotated[list[Cidr], Field(min_length=1), EachOnce] | None = None
    """Who may call the test port. Without it: whoever may call the production port."""


class ExistingLogBucket(Section):
    """A bucket that exists, in the same Region, with a policy that lets the load balancer write to it."""

    bucket: BucketName
    """The bucket's name."""
    prefix: LogPrefix | None = None
    """What stands in front of `AWSLogs/` in the names of the logs; without it nothing does."""


AccessLogs = Annotated[
    Annotated[bool, Tag("<word>")] | Annotated[ExistingLogBucket, Tag("<bucket>")],
    kind_by_key("bucket", default="bucket"),
]


class DnsRecord(Section):
    """A name that leads to the load balancer (cfn:AWS::Route53::RecordSet, an alias: it costs nothing and follows its addresses)."""

    name: DomainName
    """The name, `shop.example.com`."""
    zone: HostedZoneId
    """The Route 53 hosted zone in which it is written, `Z0123456789ABCDEFGHIJ`."""


class FixedResponse(Section):
    """An answer that the load balancer gives by itself (cfn:AWS::ElasticLoadBalancingV2::Listener.FixedResponseConfig)."""

    status: int = Field(default=404, ge=200, le=599)
    """The HTTP status code; none of the 300s, which send a caller elsewhere."""
    type: Literal["text/plain", "text/css", "text/html", "application/javascript", "application/json"] = "text/plain"
    """What the body is."""
    body: Annotated[str, StringConstraints(max_length=1024), BeforeValidator(text)] = ""
    """The body of the answer."""


class LoadBalancer(Section):
    """The application load balancer in front of the services."""

    scheme: Literal["internet-facing", "internal"] = "internet-facing"
    """Whether the load balancer has public addresses, or only addresses inside the VPC."""
    allow: Annotated[list[Cidr], Field(min_length=1), EachOnce] | None = None
    """Who may call the production port. Without it: everybody, or the VPC's own addresses where the scheme is internal."""
    idle_timeout: Annotated[int, Duration("1s", "4000s")] = 60
    """How long a silent connection stays open."""
    deletion_protection: bool = False
    """Whether AWS refuses to delete the load balancer. It must be turned off before the environment can be destroyed."""
    access_logs: AccessLogs = False
    """Whether every request is written to S3: `true` for a bucket of the environment's own, or `bucket:` of one that exists."""
    dns: list[DnsRecord] = []
    """Names that lead to the load balancer, each with its Route 53 hosted zone."""
    default: FixedResponse = FixedResponse()
    """The answer to requests that no service's `routes` name, where every service has routes."""
    production: ProductionListener = ProductionListener()
    """The listener that carries the users' traffic."""
    test: TestListener = TestListener()
    """The listener on which a new version is tried before the users' traffic moves to it."""
