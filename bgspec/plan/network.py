"""The VPC, its subnets and the ways out of it."""

from ipaddress import IPv4Network
from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.naming import Names, logical_id
from bgspec.plan.container import secrets_of
from bgspec.regions import Region
from bgspec.spec import Smoke, Spec

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
    """`tcp`, or `-1` for all."""
    ports: tuple[int, ...]
    cidr: str
    reason: str


class Network(NamedTuple):
    """What the network and the endpoints stack build."""

    cidr: str
    vpc_name: str
    gateway_name: str
    public_table_name: str
    egress: Literal["endpoints", "nat", "public"]
    public: tuple[Subnet, ...]
    private: tuple[Subnet, ...]
    """Empty where tasks run in the public subnets."""
    route_tables: tuple[RouteTable, ...]
    nats: tuple[Nat, ...]
    endpoint_group_name: str
    interface_endpoints: tuple[Endpoint, ...]
    gateway_endpoints: tuple[Endpoint, ...]
    task_egress: tuple[Egress, ...]

    @property
    def task_subnets(self) -> Word:
        """The output that holds the subnets in which tasks run."""
        return Word("PrivateSubnetIds" if self.private else "PublicSubnetIds")


def resolve(spec: Spec, names: Names, region: Region) -> Network:
    network = spec.network
    parts = [str(part) for part in IPv4Network(network.cidr).subnets(new_prefix=int(network.cidr.split("/")[1]) + 3)]
    zones = range(network.zones)
    public = tuple(_subnet(names, "public", zone, parts[zone]) for zone in zones)
    private = () if network.egress == "public" else tuple(_subnet(names, "private", zone, parts[_FIRST_PRIVATE + zone]) for zone in zones)
    nat_zones = {"single": range(1), "per-zone": zones}[network.nat] if network.egress == "nat" else range(0)
    nats = tuple(Nat(Word(f"Nat{zone + 1}"), names.of("nat", number=zone + 1), public[zone].id) for zone in nat_zones)
    return Network(
        cidr=network.cidr,
        vpc_name=names.of("vpc"),
        gateway_name=names.of("igw"),
        public_table_name=names.of("rtb", "public"),
        egress=network.egress,
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
        endpoint_group_name=names.security_group("vpce"),
        interface_endpoints=tuple(
            Endpoint(logical_id(service.replace(".", "-"), "Endpoint"), _endpoint_name(names, service), region.endpoint(service), reason)
            for service, reason in (_needed(spec) if network.egress == "endpoints" else {}).items()
        ),
        gateway_endpoints=tuple(
            Endpoint(logical_id(service, "Endpoint"), _endpoint_name(names, service), region.endpoint(service), reason)
            for service, reason in (_GATEWAYS if private else {}).items()
        ),
        task_egress=_egress(spec),
    )


_GATEWAYS = {"s3": "ECR keeps image layers in S3: without this route a pull stops half-way, and through a NAT gateway it costs money"}


def _subnet(names: Names, tier: str, zone: int, cidr: str) -> Subnet:
    return Subnet(Word(f"{tier.capitalize()}Subnet{zone + 1}"), names.of("subnet", tier, number=zone + 1), cidr, zone)


def _endpoint_name(names: Names, service: str) -> str:
    return names.of("vpce", service.replace(".", "-"))


def _needed(spec: Spec) -> dict[str, str]:
    """The interface endpoints that tasks without a way to the internet need, each with its reason.

    Sources: ECR User Guide, vpc-endpoints; ECS Developer Guide, vpc-endpoints (platform version 1.4.0 and later) and ecs-exec; CodeDeploy
    User Guide, vpc-endpoints.
    """
    needed = {
        "ecr.dkr": "image layers and manifests are pulled through the Docker Registry API",
        "ecr.api": "Fargate asks the ECR API for the token of that pull",
        "logs": "the awslogs driver sends the container's output to CloudWatch Logs",
    }
    for name, service in spec.services.items():
        for value in secrets_of(service):
            if ":secretsmanager:" in value:
                needed.setdefault("secretsmanager", f"service {name} takes secrets from Secrets Manager")
            else:
                needed.setdefault("ssm", f"service {name} takes secrets from SSM Parameter Store")
        if service.exec:
            needed.setdefault("ssmmessages", f"a shell in the containers of {name} comes through Session Manager")
    if spec.load_balancer.scheme == "internal" and any(isinstance(hook, Smoke) for hook in vars(spec.deployment.hooks).values()):
        needed["codedeploy"] = "the smoke test asks from inside, and tells CodeDeploy from there what it has found"
    return needed


def _egress(spec: Spec) -> tuple[Egress, ...]:
    """Without a way out, only what is inside, and S3's gateway endpoint, which answers under public addresses."""
    if spec.network.egress == "endpoints":
        return (
            Egress("-1", (), spec.network.cidr, "endpoints and neighbours inside the VPC"),
            Egress("tcp", (443,), "0.0.0.0/0", "S3 through its gateway endpoint"),
        )
    return (Egress("-1", (), "0.0.0.0/0", "whatever the application calls"),)
