"""What a user may write about the load balancer: its listeners, certificates, logs and names."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, JsonValue, StringConstraints, Tag

from bgspec.spec.types import (
    BucketName,
    CertificateArn,
    Cidr,
    DomainName,
    Duration,
    EachOnce,
    HostedZoneId,
    LoadBalancerArn,
    LogPrefix,
    Port,
    Section,
    SecurityGroupId,
    TlsPolicy,
    kind_by_key,
)
from bgspec.spec.values import text

# The ALB guide's recommendation; without it CloudFormation still means ELBSecurityPolicy-2016-08 (ALB describe-ssl-policies).
RECOMMENDED_TLS_POLICY = "ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09"

Callers = Annotated[list[Cidr], Field(min_length=1, max_length=1000), EachOnce]
"""Whom a listener admits. A network interface has at most 1,000 rules, whatever the quotas (VPC User Guide, amazon-vpc-limits)."""


class IssuedCertificate(Section):
    """A certificate that ACM issues for the environment and renews by itself, because its zone proves that the domain is yours."""

    domain: DomainName
    """The domain it is for: `shop.example.com`, or `*.example.com` for all names directly below
    (cfn:AWS::CertificateManager::Certificate.DomainName)."""
    names: Annotated[list[DomainName], EachOnce] = Field(default=[], max_length=9)
    """Further names in the same certificate (cfn:AWS::CertificateManager::Certificate.SubjectAlternativeNames)."""
    zone: HostedZoneId
    """The Route 53 hosted zone of the domain, `Z0123456789ABCDEFGHIJ`: ACM's proof is written there
    (cfn:AWS::CertificateManager::Certificate.DomainValidationOptions.HostedZoneId)."""


Certificate = Annotated[
    Annotated[CertificateArn, Tag("<word>")] | Annotated[IssuedCertificate, Tag("<domain>")],
    kind_by_key("domain", default="domain"),
]


class ProductionListener(Section):
    """The listener that carries the users' traffic."""

    port: Port | None = None
    """The port on which users reach the site; without it 80, or 443 with a certificate (cfn:AWS::ElasticLoadBalancingV2::Listener.Port)."""
    certificate: Certificate | None = None
    """The certificate's ARN, or `domain:` and `zone:` of one to be issued: with it the listener speaks HTTPS, without it HTTP
    (cfn:AWS::ElasticLoadBalancingV2::Listener.Certificates)."""
    tls_policy: TlsPolicy = RECOMMENDED_TLS_POLICY
    """The TLS versions and ciphers of HTTPS; the default is the one that AWS recommends: TLS 1.3 and 1.2, post-quantum key exchange
    (cfn:AWS::ElasticLoadBalancingV2::Listener.SslPolicy)."""
    redirect_http: bool = False
    """Whether a listener on port 80 sends callers of plain HTTP to this one. Without it they get no answer
    (cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions.RedirectConfig)."""


class TestListener(Section):
    """The listener on which a new version is tried before the users' traffic moves to it."""

    __test__ = False  # not a test, whatever pytest thinks of the name

    port: Port | None = None
    """The port on which green is tried before users reach it; without it 8080, or 8443 with a certificate
    (cfn:AWS::ElasticLoadBalancingV2::Listener.Port)."""
    certificate: Certificate | None = None
    """The certificate's ARN, or `domain:` and `zone:` of one to be issued: with it the listener speaks HTTPS, without it HTTP
    (cfn:AWS::ElasticLoadBalancingV2::Listener.Certificates)."""
    tls_policy: TlsPolicy = RECOMMENDED_TLS_POLICY
    """The TLS versions and ciphers of HTTPS; the default is the one that AWS recommends: TLS 1.3 and 1.2, post-quantum key exchange
    (cfn:AWS::ElasticLoadBalancingV2::Listener.SslPolicy)."""
    allow: Callers | None = None
    """Who may call the test port, as IPv4 networks. Without it: whoever may call the production port, so a new version can be seen by
    everybody before it is released (cfn:AWS::EC2::SecurityGroup.SecurityGroupIngress)."""


class ExistingLogBucket(Section):
    """A bucket that exists, in the same Region, with a policy that lets the load balancer write to it."""

    bucket: BucketName
    """The bucket's name (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerAttributes)."""
    prefix: LogPrefix | None = None
    """What stands in front of `AWSLogs/` in the names of the logs; without it nothing does
    (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerAttributes)."""


AccessLogs = Annotated[
    Annotated[bool, Tag("<word>")] | Annotated[ExistingLogBucket, Tag("<bucket>")],
    kind_by_key("bucket", default="bucket"),
]


class DnsRecord(Section):
    """A name that leads to the load balancer: an alias, which costs nothing and follows its addresses (cfn:AWS::Route53::RecordSet)."""

    name: DomainName
    """The name, `shop.example.com` (cfn:AWS::Route53::RecordSet.Name)."""
    zone: HostedZoneId
    """The Route 53 hosted zone in which it is written, `Z0123456789ABCDEFGHIJ` (cfn:AWS::Route53::RecordSet.HostedZoneId)."""


class FixedResponse(Section):
    """An answer that the load balancer gives by itself (cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions.FixedResponseConfig)."""

    status: int = Field(default=404, ge=200, le=599)
    """The HTTP status code; none of the 300s, which send a caller elsewhere
    (cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions.FixedResponseConfig.StatusCode)."""
    type: Literal["text/plain", "text/css", "text/html", "application/javascript", "application/json"] = "text/plain"
    """What the body is (cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions.FixedResponseConfig.ContentType).

    - text/plain: plain text
    - text/css: a style sheet
    - text/html: a web page
    - application/javascript: a script
    - application/json: JSON
    """
    body: Annotated[str, StringConstraints(max_length=1024), BeforeValidator(text)] = ""
    """The body of the answer, up to 1024 characters; without it there is none
    (cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions.FixedResponseConfig.MessageBody)."""


_HTTPS: dict[str, JsonValue] = {  # offered by editors
    "defaultSnippets": [
        {
            "label": "HTTPS",
            "markdownDescription": "HTTPS with a certificate of ACM; callers of plain HTTP are sent on.",
            "body": {"certificate": "${1:arn:aws:acm:REGION:ACCOUNT:certificate/ID}", "redirect_http": True},
        }
    ]
}


class ExistingLoadBalancer(Section):
    """An application load balancer that exists, with free ports for the two listeners (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer)."""

    arn: LoadBalancerArn
    """Its ARN (cfn:AWS::ElasticLoadBalancingV2::Listener.LoadBalancerArn)."""
    security_group: SecurityGroupId
    """Its security group, which must admit callers to the listeners' ports and let it call the tasks; the tasks admit it
    (cfn:AWS::EC2::SecurityGroup.SecurityGroupIngress.SourceSecurityGroupId)."""
    dns_name: DomainName
    """Where it answers, `house-1234567890.eu-west-1.elb.amazonaws.com`: there a new version is tried
    (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.DNSName)."""


class LoadBalancer(Section):
    """The application load balancer in front of the services (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer)."""

    existing: ExistingLoadBalancer | None = None
    """A load balancer that exists; without it the environment has one of its own
    (cfn:AWS::ElasticLoadBalancingV2::Listener.LoadBalancerArn)."""
    scheme: Literal["internet-facing", "internal"] = "internet-facing"
    """Who can reach the load balancer at all (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.Scheme).

    - internet-facing: it has public addresses, in the public subnets
    - internal: it has only addresses inside the VPC, in the private subnets
    """
    allow: Callers | None = None
    """Who may call the production port, as IPv4 networks. Without it: everybody, or the VPC's own addresses where the scheme is internal
    (cfn:AWS::EC2::SecurityGroup.SecurityGroupIngress)."""
    idle_timeout: Annotated[int, Duration("1s", "4000s")] = 60
    """How long a silent connection stays open before the load balancer closes it
    (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerAttributes)."""
    deletion_protection: bool = False
    """Whether AWS refuses to delete the load balancer. It must be turned off before the environment can be destroyed
    (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerAttributes)."""
    access_logs: AccessLogs = False
    """Whether every request is written to S3: `true` for a bucket of the environment's own, or `bucket:` of one that exists. Storage is
    billed (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.LoadBalancerAttributes)."""
    dns: list[DnsRecord] = []
    """Names that lead to the load balancer, each with its Route 53 hosted zone. Without them it has only the name that AWS gives it
    (cfn:AWS::Route53::RecordSet)."""
    default: FixedResponse = FixedResponse()
    """The answer to requests that no service's `routes` name, where every service has routes
    (cfn:AWS::ElasticLoadBalancingV2::Listener.DefaultActions)."""
    production: ProductionListener = Field(default=ProductionListener(), json_schema_extra=_HTTPS)
    """The listener that carries the users' traffic; without a certificate it speaks HTTP on port 80
    (cfn:AWS::ElasticLoadBalancingV2::Listener)."""
    test: TestListener = TestListener()
    """The listener on which a new version is tried before the users' traffic moves to it; without a certificate it speaks HTTP on port 8080
    (cfn:AWS::ElasticLoadBalancingV2::Listener)."""
