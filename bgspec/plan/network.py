"""The VPC, its subnets and the ways out of it."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Sub, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.endpoints import GATEWAYS, needed
from bgspec.plan.iam import ANY, Condition, ExistingRole, Role, Statement, arn, or_existing
from bgspec.regions import Region
from bgspec.spec import EfsVolume, ExistingNetwork, NewNetwork, Service, Spec

# The VPC is cut into eight equal parts: the first four for public subnets, the last four for private ones, one zone each.
# So a third zone, or another way out, never moves a subnet that exists.
_PARTS = 8
_FIRST_PRIVATE = 4


class Subnet(NamedTuple):
    """A subnet in one Availability Zone."""

    id: Word
    name: str
    cidr: str
    zone: int
    """The zone's index in the Region's list, from 0."""


class Nat(NamedTuple):
    """A NAT gateway with its address; it stands in the public subnet of its zone."""

    id: Word
    name: str
    subnet: Word

    @property
    def address(self) -> Word:
        """The resource that is its public address."""
        return Word(f"{self.id}Address")

    @property
    def address_output(self) -> Word:
        return Word(f"{self.id}PublicIp")


class RouteTable(NamedTuple):
    """The routes of one private subnet."""

    id: Word
    name: str
    subnet: Word
    nats: tuple[Word, ...]
    """The NAT gateway that leads out, or none."""


class Endpoint(NamedTuple):
    """A VPC endpoint, and why it is there."""

    id: Word
    name: str
    service: str
    """AWS's name of the service behind it: `com.amazonaws.<region>.<service>`."""
    reason: str


class Egress(NamedTuple):
    """Where tasks may open connections to."""

    protocol: str
    """`tcp`, `udp`, or `-1` for all."""
    ports: tuple[tuple[int, int], ...]
    """The first and the last one; empty where the protocol is all of them."""
    cidr: str
    reason: str


class FlowLogs(NamedTuple):
    """Where a line for every connection in the VPC goes."""

    log_group: str
    days: int
    traffic: str
    role: Role | ExistingRole


class Network(NamedTuple):
    """What the network and the endpoints stack build, or what stands already."""

    own: bool
    """Whether the environment makes the VPC."""
    given: tuple[tuple[Word, str], ...]
    """What stands already, by the name of the parameter that takes it."""
    cidr: str
    vpc_name: str
    gateway_name: str
    public_table_name: str
    egress: Literal["endpoints", "nat", "public"]
    public: tuple[Subnet, ...]
    private: tuple[Subnet, ...]
    """Empty where tasks run in the public subnets; both are empty where the VPC stands already."""
    route_tables: tuple[RouteTable, ...]
    nats: tuple[Nat, ...]
    endpoint_group_name: str
    interface_endpoints: tuple[Endpoint, ...]
    gateway_endpoints: tuple[Endpoint, ...]
    flow_logs: tuple[FlowLogs, ...]
    task_egress: tuple[tuple[Egress, ...], ...]
    """For each service, in the order of the services."""

    @property
    def task_subnets(self) -> Word:
        """The parameter that takes the subnets in which tasks run."""
        return Word("PublicSubnetIds" if self.egress == "public" else "PrivateSubnetIds")

    @property
    def task_route_tables(self) -> Word:
        """The parameter that takes the route tables of those subnets."""
        return Word("PublicRouteTableIds" if self.egress == "public" else "PrivateRouteTableIds")

    @property
    def task_cidrs(self) -> tuple[str, ...]:
        """The networks in which tasks have their addresses."""
        return tuple(subnet.cidr for subnet in self.private or self.public) or (self.cidr,)

    @property
    def endpoints(self) -> tuple[Endpoint, ...]:
        return (*self.interface_endpoints, *self.gateway_endpoints)


def resolve(spec: Spec, names: Names, region: Region) -> Network:
    """The network with what the services need in it: endpoints, and whom their tasks may call."""
    wanted = spec.network
    standing = wanted.existing_endpoints if isinstance(wanted, ExistingNetwork) else []
    endpoints = {service: _endpoint(names, region, service, why) for service, why in needed(spec).items() if service not in standing}
    laid = _existing(wanted) if isinstance(wanted, ExistingNetwork) else _new(wanted, names)
    return Network(
        cidr=wanted.cidr,
        vpc_name=names.of("vpc"),
        gateway_name=names.of("igw"),
        public_table_name=names.of("rtb", "public"),
        egress=wanted.egress,
        endpoint_group_name=names.security_group("vpce"),
        interface_endpoints=tuple(endpoint for service, endpoint in endpoints.items() if service not in GATEWAYS),
        gateway_endpoints=tuple(endpoint for service, endpoint in endpoints.items() if service in GATEWAYS),
        task_egress=tuple(_egress(spec, service) for service in spec.services.values()),
        **laid._asdict(),
    )


class _Laid(NamedTuple):
    """What differs between a VPC that is made and one that stands."""

    own: bool
    given: tuple[tuple[Word, str], ...] = ()
    public: tuple[Subnet, ...] = ()
    private: tuple[Subnet, ...] = ()
    route_tables: tuple[RouteTable, ...] = ()
    nats: tuple[Nat, ...] = ()
    flow_logs: tuple[FlowLogs, ...] = ()


def _existing(network: ExistingNetwork) -> _Laid:
    private = network.egress != "public"
    given = (
        (Word("VpcId"), (network.vpc,)),
        (Word("PublicSubnetIds"), network.public_subnets),
        (Word("PrivateSubnetIds"), network.private_subnets),
        (Word("PrivateRouteTableIds" if private else "PublicRouteTableIds"), network.route_tables),
    )
    return _Laid(own=False, given=tuple((parameter, ",".join(ids)) for parameter, ids in given if ids))


def _new(network: NewNetwork, names: Names) -> _Laid:
    parts = parts_of(network.cidr)
    zones = range(network.zones)
    public = tuple(_subnet(names, "public", zone, parts[zone]) for zone in zones)
    private = () if network.egress == "public" else tuple(_subnet(names, "private", zone, parts[_FIRST_PRIVATE + zone]) for zone in zones)
    nat_zones = {"single": range(1), "per-zone": zones}[network.nat] if network.egress == "nat" else range(0)
    nats = tuple(Nat(Word(f"Nat{zone + 1}"), names.of("nat", number=zone + 1), public[zone].id) for zone in nat_zones)
    return _Laid(
        own=True,
        public=public,
        private=private,
        route_tables=tuple(
            RouteTable(
                Word(f"PrivateRouteTable{subnet.zone + 1}"),
                names.of("rtb", "private", number=subnet.zone + 1),
                subnet.id,
                (nats[subnet.zone % len(nats)].id,) if nats else (),
            )
            for subnet in private
        ),
        nats=nats,
        flow_logs=_flow_logs(network, names),
    )


def bounds(cidr: str) -> tuple[int, int]:
    """The first and the last address of a network, as numbers. Loading `ipaddress` takes longer than deciding a network."""
    address, _, bits = cidr.partition("/")
    a, b, c, d = map(int, address.split("."))
    first = a << 24 | b << 16 | c << 8 | d
    return first, first + (1 << (32 - int(bits))) - 1


def parts_of(cidr: str) -> list[str]:
    """Equal parts of a network, as many as it is cut into."""
    first, last = bounds(cidr)
    size = (last - first + 1) // _PARTS
    bits = 33 - size.bit_length()
    return [f"{part >> 24}.{part >> 16 & 255}.{part >> 8 & 255}.{part & 255}/{bits}" for part in range(first, last + 1, size)]


def _subnet(names: Names, tier: str, zone: int, cidr: str) -> Subnet:
    return Subnet(Word(f"{tier.capitalize()}Subnet{zone + 1}"), names.of("subnet", tier, number=zone + 1), cidr, zone)


def _endpoint(names: Names, region: Region, service: str, reason: str) -> Endpoint:
    kebab = service.replace(".", "-")
    return Endpoint(logical_id(kebab, "Endpoint"), names.of("vpce", kebab), region.endpoint(service), reason)


_TRAFFIC = {"all": "ALL", "accepted": "ACCEPT", "rejected": "REJECT"}


def _flow_logs(network: NewNetwork, names: Names) -> tuple[FlowLogs, ...]:
    """VPC User Guide, flow-logs-iam-role."""
    wanted = network.flow_logs
    if not wanted:
        return ()
    group = names.flow_log_group()
    own = Role(
        Word("FlowLogRole"),
        names.role("flowlog"),
        "vpc-flow-logs.amazonaws.com",
        "The VPC writes its flow logs with it",
        (
            Statement(
                Word("WriteFlowLogs"),
                "a stream for each network interface",
                ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                (arn("logs", f"log-group:{group}:*"),),
            ),
            Statement(
                Word("FindLogGroup"), "looks for its log group: AWS knows no resource for this action", ("logs:DescribeLogGroups",), ANY
            ),
        ),
        (
            Condition("StringEquals", "aws:SourceAccount", (Sub("${AWS::AccountId}"),)),
            Condition("ArnLike", "aws:SourceArn", (arn("ec2", "vpc-flow-log/*"),)),
        ),
    )
    if isinstance(wanted, bool):
        return (FlowLogs(group, 30, _TRAFFIC["all"], own),)
    return (FlowLogs(group, wanted.days, _TRAFFIC[wanted.traffic], or_existing(wanted.role, own)),)


_HTTPS = ((443, 443),)


def _egress(spec: Spec, service: Service) -> tuple[Egress, ...]:
    """Whom the tasks of a service may call: what the spec names, or whatever the network lets them reach.

    Without a way out, that is what is inside, and S3's gateway endpoint, which answers under public addresses.
    """
    shut = spec.network.egress == "endpoints"
    inside = Egress("-1", (), spec.network.cidr, "endpoints and neighbours inside the VPC")
    layers = Egress("tcp", _HTTPS, "0.0.0.0/0", "S3 through its gateway endpoint")
    if service.egress is None:
        return (inside, layers) if shut else (Egress("-1", (), "0.0.0.0/0", "whatever the application calls"),)
    services = Egress("tcp", _HTTPS, "0.0.0.0/0", "the registry, logs and other services of AWS: without them no task starts")
    asked = tuple(
        Egress(rule.protocol, ((rule.port, rule.port),) if rule.port else ((0, 65535),), rule.cidr, "asked for in the spec")
        for rule in service.egress
    )
    return tuple(
        {
            rule[:3]: rule
            for rule in (layers if shut else services, *_endpoint_ports(spec), *asked, *_called(spec, service), *_mounted(spec, service))
        }.values()
    )


def _called(spec: Spec, service: Service) -> Iterator[Egress]:
    for key in service.connect:
        port = spec.services[key].port if key in spec.services else None
        if port:
            yield Egress("tcp", ((port, port),), spec.network.cidr, f"{key}, which it calls")


def _mounted(spec: Spec, service: Service) -> Iterator[Egress]:
    """EFS User Guide, network-access: mount targets answer on NFS's port."""
    if any(isinstance(volume, EfsVolume) for volume in service.volumes.values()):
        yield Egress("tcp", ((2049, 2049),), spec.network.cidr, "the file systems that it mounts")


def _endpoint_ports(spec: Spec) -> tuple[Egress, ...]:
    return (Egress("tcp", _HTTPS, spec.network.cidr, "the VPC endpoints"),) if spec.network.egress == "endpoints" else ()
