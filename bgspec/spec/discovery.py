"""What a user may write about how the services of an environment find each other."""

from typing import Annotated, Literal

from pydantic import StringConstraints, Tag

from bgspec.spec.types import Duration, Section, kind_of, says

_LABEL = r"[a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?"
ZoneName = Annotated[
    str,
    StringConstraints(
        pattern=says(rf"^({_LABEL}\.)+{_LABEL}$", "Write a domain in lower case, such as `shop.internal`."),
        max_length=189,
    ),
]
"""bc:servicediscovery.NamespaceNamePrivate; with a service's name and the dots it must stay a domain name, at most 253 characters."""

NamespaceName = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[a-z0-9][a-z0-9.\-]*$", "Use lower-case letters, digits, dots and hyphens; begin with a letter or a digit."),
        max_length=255,
    ),
]
"""bc:servicediscovery.NamespaceNameHttp"""


class DnsDiscovery(Section):
    """Service discovery: a name in a private zone leads to the addresses of a service's tasks, old and new alike."""

    provider: Literal["dns"] = "dns"
    """How services find each other: by names that everything in the VPC can ask for (cfn:AWS::ECS::Service.ServiceRegistries)."""
    namespace: ZoneName | None = None
    """The zone in which each service has its name; without it `ENVIRONMENT.SYSTEM.internal`, so that `api` is `api.dev.shop.internal`.
    The VPC must have no other zone of that name (cfn:AWS::ServiceDiscovery::PrivateDnsNamespace.Name)."""
    ttl: Annotated[int, Duration("1s", "1h")] = 10
    """How long a caller may keep an address, and so call a task that has ended
    (cfn:AWS::ServiceDiscovery::Service.DnsConfig.DnsRecords.TTL)."""


class ServiceConnect(Section):
    """Service Connect: a proxy in every task leads calls to tasks that are well, and follows a deployment's traffic."""

    provider: Literal["service-connect"]
    """How services find each other: by a proxy that ECS puts into every task (cfn:AWS::ECS::Service.ServiceConnectConfiguration)."""
    namespace: NamespaceName | None = None
    """The name of their namespace in Cloud Map, the only one so called in the account and Region; without it one that begins with the
    system's name (cfn:AWS::ServiceDiscovery::HttpNamespace.Name)."""


Discovery = Annotated[
    Annotated[DnsDiscovery, Tag("<dns>")] | Annotated[ServiceConnect, Tag("<service-connect>")],
    kind_of("provider", "dns", "service-connect", default="dns"),
]
