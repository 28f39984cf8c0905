"""VPCs, subnets, gateways and routes."""

import ipaddress
import re

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ec2_records import (
    COLLECTIONS,
    GATEWAY,
    GROUP,
    INTERFACE,
    NAT,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    dependency,
    ec2,
)  # fmt: skip
from bgspec.sandbox.services.registry import given
from bgspec.sandbox.world import Context, Record

# Letters of the zones a Region offers to a new account. AWS differs by account; three are enough for any spec.
ZONES = "abc"

# Where a new account is not offered all of them: the letters, and the zones that they are (ECS Developer Guide, AWS_Fargate-Regions, has
# the ids of those with Fargate).
FEWER = {"ap-northeast-1": {"a": 4, "c": 1, "d": 2}, "us-west-1": {"a": 1, "c": 3}}


def _lettered(region: str) -> dict[str, int]:
    return FEWER.get(region) or {letter: number for number, letter in enumerate(ZONES, 1)}


def zones(region: str) -> list[str]:
    return [region + letter for letter in _lettered(region)]


def zone_id(zone: str) -> str:
    """`apne1-az4` is an account's `ap-northeast-1a` (RAM User Guide, working-with-az-ids)."""
    region, letter = zone[:-1], zone[-1]
    area, *sides, number = region.split("-")
    short = "".join("".join(way[0] for way in re.findall("north|south|east|west|central|gov", side)) for side in sides)
    return f"{area}{short}{number}-az{_lettered(region)[letter]}"


def zones_for_templates(ctx: Context) -> list[str]:
    """Those with a default subnet, if there is any such zone (CloudFormation Template Reference, Fn::GetAZs)."""
    own = {one["AvailabilityZone"] for one in SUBNET.table(ctx).values() if one["DefaultForAz"]}
    return [zone for zone in zones(ctx.region) if zone in own or not own]


@ec2
def describe_availability_zones(ctx: Context, p: Record) -> Record:
    found = [
        {"ZoneName": name, "ZoneId": zone_id(name), "State": "available",
         "RegionName": ctx.region, "OptInStatus": "opt-in-not-required", "ZoneType": "availability-zone",
         "GroupName": ctx.region, "NetworkBorderGroup": ctx.region}
        for name in zones(ctx.region)
    ]  # fmt: skip
    wanted = p.get("ZoneNames")
    if wanted and (unknown := set(wanted) - {zone["ZoneName"] for zone in found}):
        raise AwsError("InvalidParameterValue", f"Invalid availability zone: [{min(unknown)}]")
    return {"AvailabilityZones": [zone for zone in found if not wanted or zone["ZoneName"] in wanted]}


@ec2
def describe_account_attributes(_ctx: Context, p: Record) -> Record:
    known = {"supported-platforms": "VPC", "default-vpc": "none", "max-instances": "20"}
    names = p.get("AttributeNames") or list(known)
    values = {name: [{"AttributeValue": known[name]}] for name in names if name in known}
    return {"AccountAttributes": [{"AttributeName": n, "AttributeValues": v} for n, v in values.items()]}


@ec2
def create_vpc(ctx: Context, p: Record) -> Record:
    cidr = ipaddress.ip_network(p["CidrBlock"], strict=False)
    if not 16 <= cidr.prefixlen <= 28:
        raise AwsError("InvalidVpc.Range", f"The CIDR '{p['CidrBlock']}' is invalid.")
    vpc = VPC.add(
        ctx, p, CidrBlock=str(cidr), State="available", InstanceTenancy=p.get("InstanceTenancy", "default"),
        IsDefault=False, DhcpOptionsId="default", EnableDnsSupport={"Value": True}, EnableDnsHostnames={"Value": False},
        EnableNetworkAddressUsageMetrics={"Value": False},
        CidrBlockAssociationSet=[{"AssociationId": f"vpc-cidr-assoc-{ctx.unique('assoc')}", "CidrBlock": str(cidr),
                                  "CidrBlockState": {"State": "associated"}}],
    )  # fmt: skip
    from bgspec.sandbox.services.ec2_security import add_group  # noqa: PLC0415 -- groups name their VPC

    name = vpc["VpcId"]
    vpc["_default_group"] = add_group(ctx, {}, "default", "default VPC security group", name)["GroupId"]
    _add_route_table(ctx, {}, name, main=True)
    return {"Vpc": vpc}


@ec2
def describe_vpcs(ctx: Context, p: Record) -> Record:
    return VPC.describe(ctx, p)


@ec2
def modify_vpc_attribute(ctx: Context, p: Record) -> None:
    VPC.get(ctx, p["VpcId"]).update(given(p, "EnableDnsSupport", "EnableDnsHostnames", "EnableNetworkAddressUsageMetrics"))


@ec2
def describe_vpc_attribute(ctx: Context, p: Record) -> Record:
    member = p["Attribute"][0].upper() + p["Attribute"][1:]
    return {"VpcId": p["VpcId"], member: VPC.get(ctx, p["VpcId"])[member]}


@ec2
def delete_vpc(ctx: Context, p: Record) -> None:
    name = p["VpcId"]
    vpc = VPC.get(ctx, name)
    main = next(key for key, table in ROUTE_TABLE.table(ctx).items() if table["VpcId"] == name and _is_main(table))
    own = {name, vpc["_default_group"], main}
    for collection in COLLECTIONS:
        for key, record in collection.table(ctx).items():
            attached = record.get("VpcId") == name or any(a["VpcId"] == name for a in record.get("Attachments", ()))
            if key not in own and attached and record.get("State") != "deleted":
                raise dependency("vpc", name)
    del GROUP.table(ctx)[vpc["_default_group"]], ROUTE_TABLE.table(ctx)[main], VPC.table(ctx)[name]


@ec2
def create_subnet(ctx: Context, p: Record) -> Record:
    vpc = VPC.get(ctx, p["VpcId"])
    cidr, whole = ipaddress.ip_network(p["CidrBlock"], strict=False), ipaddress.ip_network(vpc["CidrBlock"])
    if cidr.prefixlen < whole.prefixlen or cidr.network_address not in whole:
        raise AwsError("InvalidSubnet.Range", f"The CIDR '{p['CidrBlock']}' is invalid.")
    for other in SUBNET.table(ctx).values():
        if other["VpcId"] == p["VpcId"] and cidr.overlaps(ipaddress.ip_network(other["CidrBlock"])):
            raise AwsError("InvalidSubnet.Conflict", f"The CIDR '{p['CidrBlock']}' conflicts with another subnet")
    zone = p.get("AvailabilityZone") or zones(ctx.region)[0]
    if zone not in zones(ctx.region):
        offered = ", ".join(zones(ctx.region))
        raise AwsError(
            "InvalidParameterValue",
            f"Value ({zone}) for parameter availabilityZone is invalid. Subnets can currently only be created in "
            f"the following availability zones: {offered}.",
        )
    subnet = SUBNET.add(
        ctx, p, VpcId=p["VpcId"], CidrBlock=str(cidr), AvailabilityZone=zone, State="available",
        AvailabilityZoneId=zone_id(zone),
        MapPublicIpOnLaunch=False, AssignIpv6AddressOnCreation=False, DefaultForAz=False,
        AvailableIpAddressCount=cidr.num_addresses - 5, EnableDns64=False,
    )  # fmt: skip
    subnet["SubnetArn"] = ctx.arn("ec2", f"subnet/{subnet['SubnetId']}")
    return {"Subnet": subnet}


@ec2
def describe_subnets(ctx: Context, p: Record) -> Record:
    return SUBNET.describe(ctx, p)


@ec2
def modify_subnet_attribute(ctx: Context, p: Record) -> None:
    flags = {name: value["Value"] for name, value in p.items() if isinstance(value, dict)}
    SUBNET.get(ctx, p["SubnetId"]).update(flags)


@ec2
def delete_subnet(ctx: Context, p: Record) -> None:
    if any(record["SubnetId"] == p["SubnetId"] for record in INTERFACE.table(ctx).values()):
        raise dependency("subnet", p["SubnetId"])
    SUBNET.drop(ctx, p["SubnetId"])


@ec2
def create_internet_gateway(ctx: Context, p: Record) -> Record:
    return {"InternetGateway": GATEWAY.add(ctx, p, Attachments=[])}


@ec2
def describe_internet_gateways(ctx: Context, p: Record) -> Record:
    return GATEWAY.describe(ctx, p)


@ec2
def attach_internet_gateway(ctx: Context, p: Record) -> None:
    VPC.get(ctx, p["VpcId"])
    gateway = GATEWAY.get(ctx, p["InternetGatewayId"])
    if gateway["Attachments"]:
        raise AwsError("Resource.AlreadyAssociated", f"resource {p['InternetGatewayId']} is already attached to network")
    gateway["Attachments"].append({"VpcId": p["VpcId"], "State": "available"})


@ec2
def detach_internet_gateway(ctx: Context, p: Record) -> None:
    public = [one for one in ctx.table("elbv2.balancers").values() if one["Scheme"] == "internet-facing"]
    mapped = [one for one in NAT.table(ctx).values() if one["State"] != "deleted"] + public
    if any(one.get("VpcId") == p["VpcId"] for one in mapped):
        raise AwsError("DependencyViolation", f"Network {p['VpcId']} has some mapped public address(es).")
    GATEWAY.get(ctx, p["InternetGatewayId"])["Attachments"].clear()


@ec2
def delete_internet_gateway(ctx: Context, p: Record) -> None:
    if GATEWAY.get(ctx, p["InternetGatewayId"])["Attachments"]:
        raise dependency("internetGateway", p["InternetGatewayId"])
    GATEWAY.drop(ctx, p["InternetGatewayId"])


def _is_main(table: Record) -> bool:
    return any(a["Main"] for a in table["Associations"])


def _add_route_table(ctx: Context, p: Record, vpc: str, *, main: bool = False) -> Record:
    local = {"DestinationCidrBlock": VPC.get(ctx, vpc)["CidrBlock"], "GatewayId": "local", "State": "active",
             "Origin": "CreateRouteTable"}  # fmt: skip
    table = ROUTE_TABLE.add(ctx, p, VpcId=vpc, Routes=[local], Associations=[], PropagatingVgws=[])
    if main:
        table["Associations"].append(_association(ctx, table["RouteTableId"], main=True))
    return table


def _association(ctx: Context, table: str, *, main: bool = False) -> Record:
    return {"RouteTableAssociationId": f"rtbassoc-{ctx.unique('rtbassoc')}", "RouteTableId": table, "Main": main,
            "AssociationState": {"State": "associated"}}  # fmt: skip


@ec2
def create_route_table(ctx: Context, p: Record) -> Record:
    return {"RouteTable": _add_route_table(ctx, p, p["VpcId"])}


@ec2
def describe_route_tables(ctx: Context, p: Record) -> Record:
    return ROUTE_TABLE.describe(ctx, p)


@ec2
def delete_route_table(ctx: Context, p: Record) -> None:
    if ROUTE_TABLE.get(ctx, p["RouteTableId"])["Associations"]:
        raise dependency("routeTable", p["RouteTableId"])
    ROUTE_TABLE.drop(ctx, p["RouteTableId"])


@ec2
def associate_route_table(ctx: Context, p: Record) -> Record:
    SUBNET.get(ctx, p["SubnetId"])
    for table in ROUTE_TABLE.table(ctx).values():
        if any(a.get("SubnetId") == p["SubnetId"] for a in table["Associations"]):
            raise AwsError(
                "Resource.AlreadyAssociated",
                f"the specified association for route table {table['RouteTableId']} conflicts with an existing association",
            )
    made = _association(ctx, p["RouteTableId"]) | {"SubnetId": p["SubnetId"]}
    ROUTE_TABLE.get(ctx, p["RouteTableId"])["Associations"].append(made)
    return {"AssociationId": made["RouteTableAssociationId"], "AssociationState": {"State": "associated"}}


@ec2
def disassociate_route_table(ctx: Context, p: Record) -> None:
    for table in ROUTE_TABLE.table(ctx).values():
        kept = [a for a in table["Associations"] if a["RouteTableAssociationId"] != p["AssociationId"]]
        if len(kept) < len(table["Associations"]):
            table["Associations"] = kept
            return
    raise AwsError("InvalidAssociationID.NotFound", f"The association ID '{p['AssociationId']}' does not exist")


_DESTINATIONS = ("DestinationCidrBlock", "DestinationIpv6CidrBlock", "DestinationPrefixListId")
_TARGETS = ("GatewayId", "NatGatewayId", "NetworkInterfaceId", "TransitGatewayId", "VpcPeeringConnectionId",
            "EgressOnlyInternetGatewayId", "InstanceId")  # fmt: skip


def _same_destination(route: Record, p: Record) -> bool:
    return any(p.get(name) and route.get(name) == p[name] for name in _DESTINATIONS)


@ec2
def create_route(ctx: Context, p: Record) -> Record:
    table = ROUTE_TABLE.get(ctx, p["RouteTableId"])
    if any(_same_destination(route, p) for route in table["Routes"]):
        raise AwsError("RouteAlreadyExists", f"The route identified by {p.get('DestinationCidrBlock')} already exists.")
    if (gateway := p.get("GatewayId")) and not any(a["VpcId"] == table["VpcId"] for a in GATEWAY.get(ctx, gateway)["Attachments"]):
        raise AwsError(
            "InvalidParameterValue",
            f"route table {p['RouteTableId']} and network gateway {gateway} belong to different networks",
        )
    if nat := p.get("NatGatewayId"):
        NAT.get(ctx, nat)
    table["Routes"].append(given(p, *_DESTINATIONS, *_TARGETS) | {"State": "active", "Origin": "CreateRoute"})
    return {"Return": True}


@ec2
def replace_route(ctx: Context, p: Record) -> None:
    delete_route(ctx, p)
    create_route(ctx, p)


@ec2
def delete_route(ctx: Context, p: Record) -> None:
    table = ROUTE_TABLE.get(ctx, p["RouteTableId"])
    kept = [route for route in table["Routes"] if not _same_destination(route, p)]
    if len(kept) == len(table["Routes"]):
        raise AwsError("InvalidRoute.NotFound", f"no route with destination {p.get('DestinationCidrBlock')}")
    table["Routes"] = kept
