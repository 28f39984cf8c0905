"""What a user may write about the network and the load balancer."""

from typing import Annotated, Literal

from pydantic import Field

from bgspec.spec.types import Cidr, Duration, Port, Section


class Network(Section):
    cidr: Cidr = "10.0.0.0/16"
    """The VPC's IPv4 network, /16 to /24. Public and private subnets of equal size are cut from it."""
    zones: int = Field(default=2, ge=2, le=3)
    """How many Availability Zones hold a public and a private subnet. An ALB needs at least two."""
    egress: Literal["endpoints", "nat", "public"] = "endpoints"
    """How tasks reach AWS and the rest: `endpoints` (no internet at all), `nat`, or `public` (tasks with public addresses)."""
    nat: Literal["single", "per-zone"] = "single"
    """With `egress: nat`: one NAT gateway for all zones, or one in each, so that a zone's failure stays its own."""


class ProductionListener(Section):
    port: Port = 80
    """The port on which users reach the site."""


class TestListener(Section):
    __test__ = False  # not a test, whatever pytest thinks of the name

    port: Port = 8080
    """The port on which green is tried before users reach it."""
    allow: list[Cidr] | None = Field(default=None, min_length=1)
    """Who may call the test port. Without it: whoever may call the production port."""


class LoadBalancer(Section):
    scheme: Literal["internet-facing", "internal"] = "internet-facing"
    """Whether the load balancer has public addresses, or only addresses inside the VPC."""
    allow: list[Cidr] | None = Field(default=None, min_length=1)
    """Who may call the production port. Without it: everybody, or the VPC's own addresses where the scheme is internal."""
    idle_timeout: Annotated[int, Duration("1s", "4000s")] = 60
    """How long a silent connection stays open."""
    production: ProductionListener = ProductionListener()
    """The listener that carries the users' traffic."""
    test: TestListener = TestListener()
    """The listener on which a new version is tried before the users' traffic moves to it."""
