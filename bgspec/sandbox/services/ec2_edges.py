"""What a network ends in: addresses, NAT gateways, VPC endpoints, flow logs."""

from collections.abc import Iterable

from bgspec.regions import region
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ec2_records import (
    ADDRESS,
    ENDPOINT,
    FLOW_LOG,
    GROUP,
    INTERFACE,
    NAT,
    ROUTE_TABLE,
    SUBNET,
    VPC,
    ec2,
    interface,
    release_interfaces,
)  # fmt: skip
from bgspec.sandbox.services.registry import given
from bgspec.sandbox.world import Context, Record, Work


@ec2
def allocate_address(ctx: Context, p: Record) -> Record:
    number = ctx.world.number("public-address")
    address = f"198.51.{100 + number // 250}.{number % 250 + 1}"  # TEST-NET-2 and on: no address of anybody
    return ADDRESS.add(ctx, p, PublicIp=address, Domain="vpc", PublicIpv4Pool="amazon", NetworkBorderGroup=ctx.region)


@ec2
def describe_addresses(ctx: Context, p: Record) -> Record:
    return ADDRESS.describe(ctx, p)


@ec2
def release_address(ctx: Context, p: Record) -> None:
    if "AssociationId" in ADDRESS.get(ctx, p["AllocationId"]):
        raise AwsError("InvalidIPAddress.InUse", f"Address with allocation id '{p['AllocationId']}' is in use.")
    ADDRESS.drop(ctx, p["AllocationId"])


@ec2
def create_nat_gateway(ctx: Context, p: Record) -> Record:
    subnet, kind = SUBNET.get(ctx, p["SubnetId"]), p.get("ConnectivityType", "public")
    if kind == "public" and "AllocationId" not in p:
        raise AwsError("MissingParameter", "The request must include the AllocationId parameter.")
    nat = NAT.add(
        ctx, p, SubnetId=p["SubnetId"], VpcId=subnet["VpcId"], ConnectivityType=kind, State="pending",
        CreateTime=ctx.now(), NatGatewayAddresses=[],
    )  # fmt: skip
    eni = interface(ctx, p["SubnetId"], [], f"Interface for NAT Gateway {nat['NatGatewayId']}", nat["NatGatewayId"])
    link = {"NetworkInterfaceId": eni["NetworkInterfaceId"], "PrivateIp": eni["PrivateIpAddress"], "IsPrimary": True}
    if kind == "public":
        address = ADDRESS.get(ctx, p["AllocationId"])
        if "AssociationId" in address:
            raise AwsError("Resource.AlreadyAssociated", f"Elastic IP address [{p['AllocationId']}] is already associated")
        address["AssociationId"] = f"eipassoc-{ctx.unique('eipassoc')}"
        address["NetworkInterfaceId"] = eni["NetworkInterfaceId"]
        link |= {"AllocationId": p["AllocationId"], "PublicIp": address["PublicIp"], "Status": "succeeded"}
    nat["NatGatewayAddresses"].append(link)
    ctx.world.start(_becomes(nat, "available", 20))
    return {"NatGateway": nat}


def _becomes(record: Record, state: str, seconds: float) -> Work:
    yield seconds
    if record["State"] in {"pending", "deleting"}:
        record["State"] = state


@ec2
def describe_nat_gateways(ctx: Context, p: Record) -> Record:
    return NAT.describe(ctx, p)


@ec2
def delete_nat_gateway(ctx: Context, p: Record) -> Record:
    nat = NAT.get(ctx, p["NatGatewayId"])
    nat["State"] = "deleting"
    ctx.world.start(_nat_goes(ctx, nat))
    return {"NatGatewayId": p["NatGatewayId"]}


def _nat_goes(ctx: Context, nat: Record) -> Work:
    yield 20
    nat["State"] = "deleted"
    release_interfaces(ctx, nat["NatGatewayId"])
    for link in nat["NatGatewayAddresses"]:
        if address := ADDRESS.table(ctx).get(link.get("AllocationId", "")):
            address.pop("AssociationId", None)
            address.pop("NetworkInterfaceId", None)


def _service_names(ctx: Context) -> list[str]:
    """Endpoint services bgspec may name (Amazon ECS, ECR, CodeBuild and VPC guides); others are refused."""
    interfaces = (
        "ecr.api", "ecr.dkr", "logs", "secretsmanager", "ssm", "ssmmessages", "kms", "sts", "ecs", "ecs-agent",
        "ecs-telemetry", "codebuild", "codecommit", "git-codecommit", "codedeploy", "codepipeline", "events",
        "monitoring", "s3", "elasticfilesystem", "sns", "sqs", "lambda", "ec2", "xray", "elasticloadbalancing",
        "servicediscovery", "application-autoscaling", "cloudformation", "codeconnections.api",
        "guardduty-data", "bedrock-runtime", "athena", "kinesis-streams", "kinesis-firehose", "execute-api",
        "rds-data", "email-smtp", "aps-workspaces", "dynamodb",
    )  # fmt: skip
    return [region(ctx.region).endpoint(name) for name in interfaces]


@ec2
def describe_vpc_endpoint_services(ctx: Context, p: Record) -> Record:
    known = _service_names(ctx)
    wanted = p.get("ServiceNames") or known
    if unknown := set(wanted) - set(known):
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{min(unknown)}' does not exist")
    kinds = {name: "Gateway" if name.rpartition(".")[2] in {"s3", "dynamodb"} else "Interface" for name in wanted}
    details = [{"ServiceName": name, "ServiceType": [{"ServiceType": kind}]} for name, kind in kinds.items()]
    return {"ServiceNames": wanted, "ServiceDetails": details}


@ec2
def create_vpc_endpoint(ctx: Context, p: Record) -> Record:
    VPC.get(ctx, p["VpcId"])
    kind = p.get("VpcEndpointType", "Gateway")
    if p["ServiceName"] not in _service_names(ctx):
        raise AwsError("InvalidServiceName", f"The Vpc Endpoint Service '{p['ServiceName']}' does not exist")
    endpoint = ENDPOINT.add(
        ctx, p, VpcId=p["VpcId"], VpcEndpointType=kind, ServiceName=p["ServiceName"], CreationTimestamp=ctx.now(),
        State="available" if kind == "Gateway" else "pending", PolicyDocument=p.get("PolicyDocument", _ALL),
        RouteTableIds=[], SubnetIds=[], Groups=[], NetworkInterfaceIds=[], DnsEntries=[], RequesterManaged=False,
        PrivateDnsEnabled=p.get("PrivateDnsEnabled", kind == "Interface"), **given(p, "DnsOptions"),
        IpAddressType=p.get("IpAddressType", "ipv4"),
    )  # fmt: skip
    try:
        _refuse_second_private_name(ctx, endpoint)
        _attach(
            ctx,
            endpoint,
            tables=p.get("RouteTableIds", ()),
            subnets=p.get("SubnetIds", ()),
            groups=_groups(ctx, p, kind),
        )
    except AwsError:
        _remove(ctx, endpoint)
        raise
    endpoint["DnsEntries"] = [
        {"DnsName": f"{endpoint['VpcEndpointId']}-x.{p['ServiceName'].split('.')[-1]}.{ctx.region}.vpce.{ctx.suffix}"}
    ]
    ctx.world.start(_becomes(endpoint, "available", 15))
    return {"VpcEndpoint": endpoint}


_ALL = '{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}'


def _groups(ctx: Context, p: Record, kind: str) -> list[str]:
    if kind == "Gateway":
        return []
    found: list[str] = p.get("SecurityGroupIds") or [VPC.get(ctx, p["VpcId"])["_default_group"]]
    return found


def _refuse_second_private_name(ctx: Context, endpoint: Record) -> None:
    for other in ENDPOINT.table(ctx).values():
        same = all(other[name] == endpoint[name] for name in ("VpcId", "ServiceName"))
        if same and other is not endpoint and other["PrivateDnsEnabled"] and endpoint["PrivateDnsEnabled"]:
            raise AwsError(
                "InvalidParameter",
                f"private-dns-enabled cannot be set because there is already a conflicting DNS domain for "
                f"{endpoint['ServiceName']} in the VPC {endpoint['VpcId']}",
            )


def _attach(ctx: Context, endpoint: Record, *, tables: Iterable[str], subnets: Iterable[str], groups: Iterable[str]) -> None:
    name, service = endpoint["VpcEndpointId"], endpoint["ServiceName"].rpartition(".")[2]
    for table in tables:
        route = {
            "DestinationPrefixListId": prefix_list(ctx, service),
            "GatewayId": name,
            "State": "active",
            "Origin": "CreateRoute",
        }
        ROUTE_TABLE.get(ctx, table)["Routes"].append(route)
        endpoint["RouteTableIds"].append(table)
    for group in groups:
        endpoint["Groups"].append({"GroupId": group, "GroupName": GROUP.get(ctx, group)["GroupName"]})
    for subnet in subnets:
        zone = SUBNET.get(ctx, subnet)["AvailabilityZone"]
        if any(SUBNET.get(ctx, other)["AvailabilityZone"] == zone for other in endpoint["SubnetIds"]):
            raise AwsError("DuplicateSubnetsInSameZone", f"Found another VPC endpoint subnet in the availability zone of {subnet}.")
        eni = interface(ctx, subnet, [group["GroupId"] for group in endpoint["Groups"]], f"VPC Endpoint Interface {name}", name)
        endpoint["SubnetIds"].append(subnet)
        endpoint["NetworkInterfaceIds"].append(eni["NetworkInterfaceId"])


def prefix_list(ctx: Context, service: str) -> str:
    return "pl-" + ("6" if service == "s3" else "0") + ctx.region.encode().hex()[:7]


@ec2
def describe_managed_prefix_lists(ctx: Context, _: Record) -> Record:
    names = {prefix_list(ctx, s): f"com.amazonaws.{ctx.region}.{s}" for s in ("s3", "dynamodb")}
    return {"PrefixLists": [{"PrefixListId": key, "PrefixListName": name} for key, name in names.items()]}


@ec2
def modify_vpc_endpoint(ctx: Context, p: Record) -> Record:
    endpoint = ENDPOINT.get(ctx, p["VpcEndpointId"])
    endpoint.update(given(p, "PolicyDocument", "PrivateDnsEnabled", "DnsOptions", "IpAddressType"))
    if p.get("ResetPolicy"):
        endpoint["PolicyDocument"] = _ALL
    gone = set(p.get("RemoveRouteTableIds", ()))
    for table in gone:
        routes = ROUTE_TABLE.get(ctx, table)["Routes"]
        routes[:] = [route for route in routes if route.get("GatewayId") != endpoint["VpcEndpointId"]]
    endpoint["RouteTableIds"] = [table for table in endpoint["RouteTableIds"] if table not in gone]
    out = set(p.get("RemoveSecurityGroupIds", ()))
    endpoint["Groups"] = [group for group in endpoint["Groups"] if group["GroupId"] not in out]
    for subnet in p.get("RemoveSubnetIds", ()):
        _detach_subnet(ctx, endpoint, subnet)
    _attach(
        ctx,
        endpoint,
        tables=p.get("AddRouteTableIds", ()),
        subnets=p.get("AddSubnetIds", ()),
        groups=p.get("AddSecurityGroupIds", ()),
    )
    return {"Return": True}


def _detach_subnet(ctx: Context, endpoint: Record, subnet: str) -> None:
    enis = INTERFACE.table(ctx)
    for name in [name for name in endpoint["NetworkInterfaceIds"] if enis[name]["SubnetId"] == subnet]:
        endpoint["NetworkInterfaceIds"].remove(name)
        del enis[name]
    endpoint["SubnetIds"].remove(subnet)


@ec2
def describe_vpc_endpoints(ctx: Context, p: Record) -> Record:
    return ENDPOINT.describe(ctx, p)


@ec2
def delete_vpc_endpoints(ctx: Context, p: Record) -> Record:
    for name in p["VpcEndpointIds"]:
        _remove(ctx, ENDPOINT.get(ctx, name))
    return {"Unsuccessful": []}


def _remove(ctx: Context, endpoint: Record) -> None:
    name = endpoint["VpcEndpointId"]
    for table in ROUTE_TABLE.table(ctx).values():
        table["Routes"] = [route for route in table["Routes"] if route.get("GatewayId") != name]
    release_interfaces(ctx, name)
    ENDPOINT.drop(ctx, name)


@ec2
def describe_network_interfaces(ctx: Context, p: Record) -> Record:
    found = INTERFACE.describe(ctx, p)["NetworkInterfaces"]
    return {"NetworkInterfaces": [eni | {"TagSet": eni["Tags"]} for eni in found]}


@ec2
def create_flow_logs(ctx: Context, p: Record) -> Record:
    made = []
    for resource in p["ResourceIds"]:
        log = FLOW_LOG.add(
            ctx, p, ResourceId=resource, FlowLogStatus="ACTIVE", DeliverLogsStatus="SUCCESS", CreationTime=ctx.now(),
            LogDestinationType=p.get("LogDestinationType", "cloud-watch-logs"),
            **given(p, "TrafficType", "LogGroupName", "LogDestination", "DeliverLogsPermissionArn", "LogFormat",
                    "MaxAggregationInterval", "DestinationOptions"),
        )  # fmt: skip
        made.append(log["FlowLogId"])
    return {"FlowLogIds": made, "Unsuccessful": []}


@ec2
def describe_flow_logs(ctx: Context, p: Record) -> Record:
    return FLOW_LOG.describe(ctx, p)


@ec2
def delete_flow_logs(ctx: Context, p: Record) -> Record:
    for name in p["FlowLogIds"]:
        FLOW_LOG.drop(ctx, name)
    return {"Unsuccessful": []}
