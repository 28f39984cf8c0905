"""A network that a spec only names, and the load balancer in it: made as any, and then given the names that the spec has for them."""

import ipaddress
from typing import Any

from bgspec.sandbox.world import Context

_WITH_DOMAIN = 4
"""Slashes in what follows a load balancer's account, if its name in DNS stands there, too."""


def vpc(ctx: Context, _arn: str, rest: str) -> bool:
    """`vpc/ID/CIDR`, with a way to the internet."""
    _, ident, cidr = rest.split("/", 2)
    return _made(ctx, "Vpc", ident, lambda: _vpc(ctx, cidr))


def _vpc(ctx: Context, cidr: str) -> str:
    made = str(ctx.call("ec2", "create_vpc", CidrBlock=cidr)["Vpc"]["VpcId"])
    gateway = ctx.call("ec2", "create_internet_gateway")["InternetGateway"]["InternetGatewayId"]
    ctx.call("ec2", "attach_internet_gateway", InternetGatewayId=gateway, VpcId=made)
    (main,) = ctx.call("ec2", "describe_route_tables", Filters=[{"Name": "vpc-id", "Values": [made]}])["RouteTables"]
    ctx.call("ec2", "create_route", RouteTableId=main["RouteTableId"], DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    return made


def subnet(ctx: Context, _arn: str, rest: str) -> bool:
    """`subnet/ID/VPC/NUMBER`: the number says which part of the VPC it is, and in which zone."""
    _, ident, owner, number = rest.split("/")
    return _made(ctx, "Subnet", ident, lambda: _subnet(ctx, owner, int(number)))


def _subnet(ctx: Context, owner: str, number: int) -> str:
    whole = ipaddress.ip_network(ctx.table("ec2.Vpc")[owner]["CidrBlock"])
    parts = list(whole.subnets(prefixlen_diff=min(6, 28 - whole.prefixlen)))
    zones = [one["ZoneName"] for one in ctx.call("ec2", "describe_availability_zones")["AvailabilityZones"]]
    where = {"CidrBlock": str(parts[-1 - number]), "AvailabilityZone": zones[number % len(zones)]}
    return str(ctx.call("ec2", "create_subnet", VpcId=owner, **where)["Subnet"]["SubnetId"])


def route_table(ctx: Context, _arn: str, rest: str) -> bool:
    """`route-table/ID/VPC`."""
    _, ident, owner = rest.split("/")
    return _made(ctx, "RouteTable", ident, lambda: ctx.call("ec2", "create_route_table", VpcId=owner)["RouteTable"]["RouteTableId"])


def security_group(ctx: Context, _arn: str, rest: str) -> bool:
    """`security-group/ID/VPC`."""
    _, ident, owner = rest.split("/")
    wanted = {"GroupName": ident, "Description": "existing", "VpcId": owner}
    return _made(ctx, "Group", ident, lambda: ctx.call("ec2", "create_security_group", **wanted)["GroupId"])


def balancer(ctx: Context, arn: str, rest: str) -> bool:
    """`loadbalancer/app/NAME/NUMBER/DNS_NAME`, internet-facing, in all zones of the network that was made last; its name in DNS may fail."""
    arn, _, domain = arn.rpartition("/") if rest.count("/") == _WITH_DOMAIN else (arn, "", "")
    rest = "/".join(rest.split("/")[:_WITH_DOMAIN])
    if arn in ctx.table("elbv2.balancers"):
        return False
    *_, last = ctx.table("ec2.Vpc")
    inside = {one["AvailabilityZone"]: one["SubnetId"] for one in ctx.table("ec2.Subnet").values() if one["VpcId"] == last}
    groups = [one["GroupId"] for one in ctx.table("ec2.Group").values() if one["VpcId"] == last][-1:]
    made = ctx.call("elbv2", "create_load_balancer", Name=rest.split("/")[2], Subnets=list(inside.values()), SecurityGroups=groups)
    _rename(ctx, made["LoadBalancers"][0]["LoadBalancerArn"].partition(":loadbalancer/")[2], rest.removeprefix("loadbalancer/"))
    if domain:
        ctx.table("elbv2.balancers")[arn]["DNSName"] = domain
    return True


def _made(ctx: Context, noun: str, ident: str, make: Any) -> bool:
    if ident in ctx.table(f"ec2.{noun}"):
        return False
    _rename(ctx, make(), ident)
    return True


def _rename(ctx: Context, old: str, new: str) -> None:
    """Another id for a thing, wherever it is spoken of."""
    for name, table in ctx.world.region(ctx.account, ctx.region).items():
        if name.startswith(("ec2.", "elbv2.")):
            for key in list(table):
                table[key.replace(old, new)] = _renamed(table.pop(key), old, new)


def _renamed(tree: Any, old: str, new: str) -> Any:
    if isinstance(tree, dict):
        return {_renamed(name, old, new): _renamed(item, old, new) for name, item in tree.items()}
    if isinstance(tree, list):
        return [_renamed(item, old, new) for item in tree]
    return tree.replace(old, new) if isinstance(tree, str) else tree
