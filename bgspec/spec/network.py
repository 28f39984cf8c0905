"""What a user may write about the network."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from bgspec.spec.types import Cidr, LogDays, RouteTableId, Section, SubnetId, VpcCidr, VpcId, kind_by_key, says

EndpointService = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[a-z0-9]+([.\-][a-z0-9]+)*$", "Write the service as AWS's endpoints do: `sqs`, `ecr.api`, `execute-api`."),
        max_length=64,
    ),
]


class FlowLogs(Section):
    """A line for every connection in the VPC, in CloudWatch Logs (cfn:AWS::EC2::FlowLog)."""

    days: LogDays = 30
    """How many days the lines are kept."""
    traffic: Literal["all", "accepted", "rejected"] = "all"
    """Which connections are written down."""


class NewNetwork(Section):
    """A VPC of the environment's own."""

    cidr: VpcCidr = "10.0.0.0/16"
    """The VPC's IPv4 network, /16 to /24. Public and private subnets of equal size are cut from it."""
    zones: int = Field(default=2, ge=2, le=3)
    """How many Availability Zones hold a public and a private subnet. An ALB needs at least two."""
    egress: Literal["endpoints", "nat", "public"] = "endpoints"
    """How tasks reach AWS and the rest: `endpoints` (no internet at all), `nat`, or `public` (tasks with public addresses)."""
    nat: Literal["single", "per-zone"] = "single"
    """With `egress: nat`: one NAT gateway for all zones, or one in each, so that a zone's failure stays its own."""
    endpoints: list[EndpointService] = []
    """VPC endpoints for what the application itself calls, beside those that follow from the rest of the spec: `sqs`, `dynamodb`."""
    flow_logs: Annotated[
        Annotated[bool, Tag("<word>")] | Annotated[FlowLogs, Tag("<days>")], kind_by_key("days", "traffic", default="days")
    ] = False
    """Whether every connection is written to CloudWatch Logs: `true`, or `days:` and `traffic:`."""


class ExistingNetwork(Section):
    """A VPC that exists already, with its subnets; nothing in it is changed, and only what the environment needs is added."""

    vpc: VpcId
    """The VPC, `vpc-0123456789abcdef0`."""
    cidr: Cidr
    """The VPC's IPv4 network: security groups speak of it."""
    public_subnets: list[SubnetId] = Field(default=[], min_length=2, max_length=16)
    """Subnets with a route to the internet, one for each zone: an internet-facing load balancer stands there."""
    private_subnets: list[SubnetId] = Field(default=[], min_length=2, max_length=16)
    """Subnets without one, one for each zone: the tasks run here, unless `egress` is `public`."""
    egress: Literal["endpoints", "nat", "public"] = "nat"
    """How tasks reach AWS and the rest: `nat` is whatever way the VPC has; with `endpoints` the environment adds the VPC endpoints
    that it needs; with `public` tasks have public addresses."""
    endpoints: list[EndpointService] = []
    """VPC endpoints for what the application itself calls, beside those that follow from the rest of the spec: `sqs`, `dynamodb`."""
    existing_endpoints: list[EndpointService] = []
    """Endpoints that the VPC has already, with private DNS names: `ecr.api`, `ecr.dkr`, `logs`, `s3`. They are not made again."""
    route_tables: list[RouteTableId] = []
    """The route tables of the subnets in which tasks run: a gateway endpoint (`s3`, `dynamodb`) writes its route into them."""


Network = Annotated[
    Annotated[NewNetwork, Tag("<cidr>")] | Annotated[ExistingNetwork, Tag("<vpc>")],
    kind_by_key("vpc", "cidr", default="cidr"),
]
