"""A VPC that exists and a load balancer in it: are they there, do they fit each other, and do they have room?"""

from collections.abc import Iterator
from functools import partial
from typing import Any

from bgspec import account as words
from bgspec.checks import Environment
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.decide import MADE_NOW, Seen
from bgspec.deploy.preflight.look import Look, missing, there
from bgspec.diagnostics import Diagnostic, Route
from bgspec.regions import FARGATE_ZONES
from bgspec.spec import DnsRecord, ExistingLoadBalancer, ExistingNetwork

_TWO = 2


def looks(env: Environment, seen: dict[str, Seen]) -> Iterator[Look]:
    """A network and a load balancer that exist."""
    network, existing = env.spec.network, env.spec.load_balancer.existing
    if isinstance(network, ExistingNetwork):
        yield Look(("network", "vpc"), "the VPC", partial(_network, network, env.plan.region.name))
        if existing and env.plan.served:
            yield Look(_EXISTING, "the load balancer", partial(_balancer, env, existing, network))
    if existing and "traffic" in seen and seen["traffic"].status in MADE_NOW:
        yield Look(_EXISTING, "the listeners of the load balancer", partial(_ports, env, existing))
    made = seen["load-balancer"].outputs.get("LoadBalancerDnsName", "") if "load-balancer" in seen else ""
    for position, record in enumerate(env.spec.load_balancer.dns):
        route: Route = ("load_balancer", "dns", position, "name")
        yield Look(route, "where the name leads", partial(_name, route, record, existing.dns_name if existing else made))


def arns(env: Environment, account: str) -> Iterator[str]:
    """The same as the sandbox's seeds have it: each with where it belongs."""
    network, existing = env.spec.network, env.spec.load_balancer.existing
    if not isinstance(network, ExistingNetwork):
        return
    here = f"arn:{env.plan.region.partition}:ec2:{env.plan.region.name}:{account}"
    yield f"{here}:vpc/{network.vpc}/{network.cidr}"
    for number, name in enumerate((*network.public_subnets, *network.private_subnets)):
        yield f"{here}:subnet/{name}/{network.vpc}/{number}"
    yield from (f"{here}:route-table/{name}/{network.vpc}" for name in network.route_tables)
    for group in dict.fromkeys(group for service in env.spec.services.values() for group in service.security_groups):
        yield f"{here}:security-group/{group}/{network.vpc}"
    if existing:
        yield f"{here}:security-group/{existing.security_group}/{network.vpc}"
        yield f"{existing.arn}/{existing.dns_name}"


def _network(network: ExistingNetwork, region: str, aws: Aws) -> Iterator[Diagnostic]:
    """The VPC; whether the subnets are its own, lie in two zones and have a way out; and the route tables."""
    if not there(lambda: aws.call("ec2", "describe_vpcs", VpcIds=[network.vpc]), "InvalidVpcID.NotFound"):
        yield missing(("network", "vpc"), "VPC", "aws ec2 describe-vpcs")
        return
    lists = {"public_subnets": network.public_subnets, "private_subnets": network.private_subnets}
    known = _subnets(aws, [name for given in lists.values() for name in given])
    tables = list(aws.pages("ec2", "describe_route_tables", "RouteTables", Filters=[{"Name": "vpc-id", "Values": [network.vpc]}]))
    for key, given in lists.items():
        needs = key == "public_subnets" or (network.egress == "nat" and not network.existing_endpoints)
        for position, name in enumerate(given):
            route: Route = ("network", key, position)
            if name not in known:
                yield missing(route, "subnet", "aws ec2 describe-subnets")
            elif known[name]["VpcId"] != network.vpc:
                yield words.subnets_misplaced(route, f"belong to {known[name]['VpcId']}, not to {network.vpc}")
            elif needs and not _leads_out(tables, name):
                yield words.subnet_without_way(route, name)
        zones = {known[name]["AvailabilityZone"] for name in given if name in known}
        if len(given) >= _TWO and len(zones) == 1:
            yield words.subnets_misplaced(("network", key), f"lie all in {zones.pop()}")
    yield from _without_fargate(network, FARGATE_ZONES.get(region), known)
    for position, name in enumerate(network.route_tables):
        if not any(table["RouteTableId"] == name for table in tables):
            yield missing(("network", "route_tables", position), f"route table in {network.vpc}", "aws ec2 describe-route-tables")


def _without_fargate(network: ExistingNetwork, zones: frozenset[str] | None, known: dict[str, dict[str, Any]]) -> Iterator[Diagnostic]:
    """The subnets for tasks in zones where none would start."""
    key = "public_subnets" if network.egress == "public" else "private_subnets"
    for position, name in enumerate(getattr(network, key)):
        if zones and name in known and known[name]["AvailabilityZoneId"] not in zones:
            zone = f"{known[name]['AvailabilityZone']} ({known[name]['AvailabilityZoneId']})"
            yield words.zone_without_fargate(("network", key, position), zone)


def _subnets(aws: Aws, wanted: list[str]) -> dict[str, dict[str, Any]]:
    filters = [{"Name": "subnet-id", "Values": wanted}]
    return {one["SubnetId"]: one for one in aws.pages("ec2", "describe_subnets", "Subnets", Filters=filters)} if wanted else {}


def _leads_out(tables: list[dict[str, Any]], subnet: str) -> bool:
    """Whether the subnet's route table, its own or the VPC's main one, leads anywhere else (VPC User Guide, VPC_Route_Tables)."""
    own = [table for table in tables if any(one.get("SubnetId") == subnet for one in table["Associations"])]
    main = [table for table in tables if any(one.get("Main") for one in table["Associations"])]
    return any(
        route.get("DestinationCidrBlock") == "0.0.0.0/0" and route.get("State") == "active"
        for table in own or main
        for route in table["Routes"]
    )


_EXISTING: Route = ("load_balancer", "existing")


def _described(aws: Aws, existing: ExistingLoadBalancer) -> dict[str, Any]:
    """The load balancer, empty where there is none: whether it is there at all is asked elsewhere."""
    try:
        found: list[dict[str, Any]] = aws.call("elbv2", "describe_load_balancers", LoadBalancerArns=[existing.arn])["LoadBalancers"]
    except RefusedError as error:
        if error.code != "LoadBalancerNotFound":
            raise
        return {}
    return found[0]


def _balancer(env: Environment, existing: ExistingLoadBalancer, network: ExistingNetwork, aws: Aws) -> Iterator[Diagnostic]:
    found = _described(aws, existing)
    if not found:
        return
    if found["VpcId"] != network.vpc:
        yield words.load_balancer_misplaced((*_EXISTING, "arn"), f"stands in {found['VpcId']}, the tasks run in {network.vpc}")
    if existing.security_group not in found.get("SecurityGroups", ()):
        groups = " and ".join(found.get("SecurityGroups", ())) or "none"
        yield words.load_balancer_misplaced((*_EXISTING, "security_group"), f"has {groups} for its security groups, not this one")
    if existing.dns_name.lower() != found["DNSName"].lower():
        yield words.load_balancer_misplaced((*_EXISTING, "dns_name"), f"answers at {found['DNSName']}")
    key = "public_subnets" if env.plan.network.egress == "public" else "private_subnets"
    subnets = _subnets(aws, network.public_subnets if key == "public_subnets" else network.private_subnets)
    admitted = {zone["ZoneName"] for zone in found["AvailabilityZones"]}
    shut = sorted({one["AvailabilityZone"] for one in subnets.values()} - admitted)
    if shut:
        yield words.load_balancer_misplaced(("network", key), f"sends nothing to {' and '.join(shut)}, where tasks would run")


def _ports(env: Environment, existing: ExistingLoadBalancer, aws: Aws) -> Iterator[Diagnostic]:
    """The ports of its listeners, while the environment has none of its own there."""
    if not _described(aws, existing):
        return
    taken = {one["Port"] for one in aws.pages("elbv2", "describe_listeners", "Listeners", LoadBalancerArn=existing.arn)}
    for listener in env.plan.load_balancer.listeners:
        if listener.port in taken:
            route: Route = ("load_balancer", listener.kind, "port")
            yield words.port_taken(env.written(route, ("load_balancer", listener.kind), _EXISTING), listener.port)


def _name(route: Route, record: DnsRecord, here: str, aws: Aws) -> Iterator[Diagnostic]:
    """Whether the name has a record that leads elsewhere than to the load balancer; whether there is such a zone is looked at elsewhere."""
    name = record.name.lower().replace("*", "\\052")  # as Route 53 lists it
    try:
        found = aws.call("route53", "list_resource_record_sets", HostedZoneId=record.zone, StartRecordName=name, MaxItems="10")
    except RefusedError as error:
        if error.code == "NoSuchHostedZone":
            return
        raise
    for one in found["ResourceRecordSets"]:
        if one["Name"].rstrip(".").lower() == name and one["Type"] in {"A", "CNAME"}:
            leads = one.get("AliasTarget", {}).get("DNSName", "") or ", ".join(each["Value"] for each in one.get("ResourceRecords", ()))
            if _plain(leads) != _plain(here):
                yield words.name_elsewhere(route, leads)


def _plain(name: str) -> str:
    """A load balancer's name in DNS without what the console adds to it."""
    return name.lower().rstrip(".").removeprefix("dualstack.")
