"""What a user may write about the network."""

from typing import Literal

from pydantic import Field

from bgspec.spec.types import Section, VpcCidr


class Network(Section):
    cidr: VpcCidr = "10.0.0.0/16"
    """The VPC's IPv4 network, /16 to /24. Public and private subnets of equal size are cut from it."""
    zones: int = Field(default=2, ge=2, le=3)
    """How many Availability Zones hold a public and a private subnet. An ALB needs at least two."""
    egress: Literal["endpoints", "nat", "public"] = "endpoints"
    """How tasks reach AWS and the rest: `endpoints` (no internet at all), `nat`, or `public` (tasks with public addresses)."""
    nat: Literal["single", "per-zone"] = "single"
    """With `egress: nat`: one NAT gateway for all zones, or one in each, so that a zone's failure stays its own."""
