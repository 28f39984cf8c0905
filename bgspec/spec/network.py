"""What a user may write about the network."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints, Tag

from bgspec.spec.types import Cidr, EachOnce, LogDays, RoleArn, RouteTableId, Section, SubnetId, VpcCidr, VpcId, kind_by_key, says

EndpointService = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[a-z0-9]+([.\-][a-z0-9]+)*$", "Write the service as AWS's endpoints do: `sqs`, `ecr.api`, `execute-api`."),
        max_length=64,
    ),
]


class FlowLogs(Section):
    """A line for every connection in the VPC, in CloudWatch Logs, which bills what it takes in (cfn:AWS::EC2::FlowLog)."""

    days: LogDays = 30
    """How many days the lines are kept (cfn:AWS::Logs::LogGroup.RetentionInDays)."""
    traffic: Literal["all", "accepted", "rejected"] = "all"
    """Which connections are written down (cfn:AWS::EC2::FlowLog.TrafficType).

    - all: every connection
    - accepted: those that security groups and network ACLs let pass
    - rejected: those that they do not
    """
    role: RoleArn | None = None
    """A role that exists, with which the VPC writes; without it one is made that may do exactly that
    (cfn:AWS::EC2::FlowLog.DeliverLogsPermissionArn)."""


class NewNetwork(Section):
    """A VPC of the environment's own."""

    cidr: VpcCidr = "10.0.0.0/16"
    """The VPC's IPv4 network, /16 to /24. Public and private subnets of equal size are cut from it (cfn:AWS::EC2::VPC.CidrBlock)."""
    zones: int = Field(default=2, ge=2, le=3)
    """How many Availability Zones hold a public and a private subnet. A load balancer needs at least two; each further zone adds a set of
    endpoints or a NAT gateway to the bill (cfn:AWS::EC2::Subnet.AvailabilityZone)."""
    egress: Literal["endpoints", "nat", "public"] = "endpoints"
    """How tasks reach AWS and the rest of the world.

    - endpoints: through VPC endpoints, and the internet not at all; each is billed by the hour in each zone (cfn:AWS::EC2::VPCEndpoint)
    - nat: through NAT gateways, which are billed by the hour and by the gigabyte (cfn:AWS::EC2::NatGateway)
    - public: directly, with public addresses of their own, which are billed by the hour; security groups still admit only the load balancer
    """
    nat: Literal["single", "per-zone"] = "single"
    """How many NAT gateways there are with `egress: nat` (cfn:AWS::EC2::NatGateway).

    - single: one for all zones; when its zone fails, no task reaches the internet
    - per-zone: one in each, so that a zone's failure stays its own; each is billed
    """
    endpoints: Annotated[list[EndpointService], EachOnce] = []
    """VPC endpoints for what the application itself calls, beside those that follow from the rest of the spec: `sqs`, `dynamodb`
    (cfn:AWS::EC2::VPCEndpoint.ServiceName)."""
    flow_logs: Annotated[Annotated[bool, Tag("<word>")] | Annotated[FlowLogs, Tag("<days>")], kind_by_key("days", default="days")] = False
    """Whether every connection is written to CloudWatch Logs: `true`, or `days:` and `traffic:` (cfn:AWS::EC2::FlowLog)."""


class ExistingNetwork(Section):
    """A VPC that exists already, with its subnets; nothing in it is changed, and only what the environment needs is added."""

    vpc: VpcId
    """The VPC, `vpc-0123456789abcdef0` (cfn:AWS::EC2::SecurityGroup.VpcId)."""
    cidr: Cidr
    """The VPC's IPv4 network: security groups speak of it (cfn:AWS::EC2::SecurityGroup.SecurityGroupIngress.CidrIp)."""
    public_subnets: Annotated[list[SubnetId], EachOnce] = Field(default=[], min_length=2, max_length=16)
    """Subnets with a route to the internet, one for each zone: an internet-facing load balancer stands there
    (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer.Subnets)."""
    private_subnets: Annotated[list[SubnetId], EachOnce] = Field(default=[], min_length=2, max_length=16)
    """Subnets without one, one for each zone: the tasks run here, unless `egress` is `public` (cfn:AWS::ECS::Service.NetworkConfiguration).
    """
    egress: Literal["endpoints", "nat", "public"] = "nat"
    """How tasks reach AWS and the rest of the world.

    - endpoints: through VPC endpoints, which the environment adds as far as it needs them
    - nat: whatever way the VPC has; nothing is added
    - public: directly, with public addresses of their own
    """
    endpoints: Annotated[list[EndpointService], EachOnce] = []
    """VPC endpoints for what the application itself calls, beside those that follow from the rest of the spec: `sqs`, `dynamodb`
    (cfn:AWS::EC2::VPCEndpoint.ServiceName)."""
    existing_endpoints: Annotated[list[EndpointService], EachOnce] = []
    """Endpoints that the VPC has already, with private DNS names: `ecr.api`, `ecr.dkr`, `logs`, `s3`. They are not made again."""
    route_tables: Annotated[list[RouteTableId], EachOnce] = []
    """The route tables of the subnets in which tasks run: a gateway endpoint (`s3`, `dynamodb`) writes its route into them
    (cfn:AWS::EC2::VPCEndpoint.RouteTableIds)."""


Network = Annotated[
    Annotated[NewNetwork, Tag("<cidr>")] | Annotated[ExistingNetwork, Tag("<vpc>")],
    kind_by_key("vpc", "cidr", default="cidr"),
]
