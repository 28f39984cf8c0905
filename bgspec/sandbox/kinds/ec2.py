"""AWS::EC2::*: the network's types."""

from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.services.ec2_records import ADDRESS, GATEWAY, GROUP, NAT, VPC
from bgspec.sandbox.services.ec2_security import replace_rules
from bgspec.sandbox.world import Context, Record


def only(kind: Kind, props: Props, *names: str) -> None:
    """Refuse a property the handler below would not use."""
    for name in props.keys() - set(names):
        raise NotEmulated(f"the property {kind.type}.{name}")


class Ec2(Kind):
    service = "ec2"


class Vpc(Ec2):
    type = "AWS::EC2::VPC"
    table = "ec2.Vpc"
    delete_op, key = "delete_vpc", "VpcId"
    attributes: ClassVar[Mapping[str, str]] = {
        "VpcId": "VpcId", "CidrBlock": "CidrBlock", "DefaultSecurityGroup": "_default_group",
    }  # fmt: skip

    def create(self, ctx: Context, props: Props) -> str:
        only(self, props, "CidrBlock", "InstanceTenancy", "EnableDnsSupport", "EnableDnsHostnames")
        wanted = {name: props[name] for name in ("CidrBlock", "InstanceTenancy") if name in props}
        physical: str = ctx.call("ec2", "create_vpc", **wanted)["Vpc"]["VpcId"]
        self.update(ctx, physical, props, {})
        return physical

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        VPC.get(ctx, physical)["InstanceTenancy"] = props.get("InstanceTenancy", "default")
        for name, default in (("EnableDnsSupport", True), ("EnableDnsHostnames", False)):
            value = str(props.get(name, default)).lower() == "true"
            ctx.call("ec2", "modify_vpc_attribute", VpcId=physical, **{name: {"Value": value}})


class Subnet(Ec2):
    type = "AWS::EC2::Subnet"
    table = "ec2.Subnet"
    delete_op, key = "delete_subnet", "SubnetId"
    attributes: ClassVar[Mapping[str, str]] = {
        "SubnetId": "SubnetId", "AvailabilityZone": "AvailabilityZone", "VpcId": "VpcId", "CidrBlock": "CidrBlock",
        "AvailabilityZoneId": "AvailabilityZoneId",
    }  # fmt: skip

    def create(self, ctx: Context, props: Props) -> str:
        only(self, props, "VpcId", "CidrBlock", "AvailabilityZone", "MapPublicIpOnLaunch")
        wanted = {name: value for name, value in props.items() if name != "MapPublicIpOnLaunch"}
        physical: str = ctx.call("ec2", "create_subnet", **wanted)["Subnet"]["SubnetId"]
        self.update(ctx, physical, props, {})
        return physical

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        value = str(props.get("MapPublicIpOnLaunch", False)).lower() == "true"
        ctx.call("ec2", "modify_subnet_attribute", SubnetId=physical, MapPublicIpOnLaunch={"Value": value})


class InternetGateway(Ec2):
    type = "AWS::EC2::InternetGateway"
    table = "ec2.InternetGateway"
    create_op, result = "create_internet_gateway", "InternetGateway.InternetGatewayId"
    delete_op, key = "delete_internet_gateway", "InternetGatewayId"
    attributes: ClassVar[Mapping[str, str]] = {"InternetGatewayId": "InternetGatewayId"}


class GatewayAttachment(Ec2):
    type = "AWS::EC2::VPCGatewayAttachment"

    def create(self, ctx: Context, props: Props) -> str:
        only(self, props, "VpcId", "InternetGatewayId")
        self._check(props)
        ctx.call("ec2", "attach_internet_gateway", **props)
        return f"IGW|{props['VpcId']}"

    def _check(self, props: Props) -> None:
        if "InternetGatewayId" not in props:
            raise AwsError(
                "ValidationError", "Either InternetGatewayId or VpnGatewayId must be specified; the sandbox has no VPN gateways."
            )

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        self._check(props)
        if any(a["VpcId"] == props["VpcId"] for a in GATEWAY.get(ctx, props["InternetGatewayId"])["Attachments"]):
            return
        self.delete(ctx, physical, old)
        self.create(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del physical
        for name, gateway in GATEWAY.table(ctx).items():
            if any(a["VpcId"] == props["VpcId"] for a in gateway["Attachments"]):
                ctx.call("ec2", "detach_internet_gateway", InternetGatewayId=name, VpcId=props["VpcId"])


class RouteTable(Ec2):
    type = "AWS::EC2::RouteTable"
    table = "ec2.RouteTable"
    create_op, result = "create_route_table", "RouteTable.RouteTableId"
    delete_op, key = "delete_route_table", "RouteTableId"
    attributes: ClassVar[Mapping[str, str]] = {"RouteTableId": "RouteTableId"}


class Route(Ec2):
    type = "AWS::EC2::Route"

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("ec2", "create_route", **self.input("create_route", props))
        return f"{props['RouteTableId']}|{_destination(props)}"

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        ctx.call("ec2", "replace_route", **self.input("replace_route", props))

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del physical
        wanted = {name: value for name, value in props.items() if name == "RouteTableId" or name.startswith("Destination")}
        ctx.call("ec2", "delete_route", **wanted)


def _destination(props: Props) -> Any:
    return next(value for name, value in sorted(props.items()) if name.startswith("Destination"))


class RouteTableAssociation(Ec2):
    type = "AWS::EC2::SubnetRouteTableAssociation"
    create_op, result = "associate_route_table", "AssociationId"
    delete_op, key = "disassociate_route_table", "AssociationId"

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        return physical if name == "Id" else super().attribute(ctx, physical, name)


class Eip(Ec2):
    type = "AWS::EC2::EIP"
    table = "ec2.Allocation"
    create_op, result = "allocate_address", "AllocationId"
    delete_op, key = "release_address", "AllocationId"
    attributes: ClassVar[Mapping[str, str]] = {"AllocationId": "AllocationId", "PublicIp": "PublicIp"}

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        """Nothing but its tags can change: an address has one domain, `vpc`."""

    # Ref of an EIP is its address, not its allocation (CloudFormation template reference, AWS::EC2::EIP).
    def ref(self, ctx: Context, physical: str) -> str:
        return str(ADDRESS.get(ctx, physical)["PublicIp"])


class NatGateway(Ec2):
    type = "AWS::EC2::NatGateway"
    table = "ec2.NatGateway"
    create_op, result = "create_nat_gateway", "NatGateway.NatGatewayId"
    delete_op, key = "delete_nat_gateway", "NatGatewayId"
    attributes: ClassVar[Mapping[str, str]] = {"NatGatewayId": "NatGatewayId"}

    def busy(self, ctx: Context, physical: str) -> bool:
        return bool(NAT.get(ctx, physical)["State"] == "pending")

    def leaving(self, ctx: Context, physical: str) -> bool:
        return bool(NAT.get(ctx, physical)["State"] == "deleting")


class VpcEndpoint(Ec2):
    type = "AWS::EC2::VPCEndpoint"
    table = "ec2.VpcEndpoint"
    create_op, result = "create_vpc_endpoint", "VpcEndpoint.VpcEndpointId"
    attributes: ClassVar[Mapping[str, str]] = {
        "Id": "VpcEndpointId", "NetworkInterfaceIds": "NetworkInterfaceIds", "CreationTimestamp": "CreationTimestamp",
    }  # fmt: skip

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        wanted: Props = {name: props[name] for name in ("PrivateDnsEnabled", "PolicyDocument", "IpAddressType") if name in props}
        for name in ("RouteTableIds", "SubnetIds", "SecurityGroupIds"):
            new, had = props.get(name, []), old.get(name, [])
            wanted["Add" + name] = [item for item in new if item not in had]
            wanted["Remove" + name] = [item for item in had if item not in new]
        wanted["ResetPolicy"] = "PolicyDocument" not in props
        ctx.call("ec2", "modify_vpc_endpoint", VpcEndpointId=physical, **self.input("modify_vpc_endpoint", wanted))

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("ec2", "delete_vpc_endpoints", VpcEndpointIds=[physical])

    def busy(self, ctx: Context, physical: str) -> bool:
        return bool(self.record(ctx, physical)["State"] == "pending")


class FlowLog(Ec2):
    type = "AWS::EC2::FlowLog"
    table = "ec2.FlowLog"
    attributes: ClassVar[Mapping[str, str]] = {"Id": "FlowLogId"}

    def create(self, ctx: Context, props: Props) -> str:
        wanted = {**props, "ResourceIds": [props["ResourceId"]]}
        del wanted["ResourceId"]
        physical: str = ctx.call("ec2", "create_flow_logs", **self.input("create_flow_logs", wanted))["FlowLogIds"][0]
        return physical

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("ec2", "delete_flow_logs", FlowLogIds=[physical])


_PEERS = {
    "CidrIp": ("IpRanges", "CidrIp"), "CidrIpv6": ("Ipv6Ranges", "CidrIpv6"),
    "SourcePrefixListId": ("PrefixListIds", "PrefixListId"), "DestinationPrefixListId": ("PrefixListIds", "PrefixListId"),
    "SourceSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "DestinationSecurityGroupId": ("UserIdGroupPairs", "GroupId"),
    "SourceSecurityGroupOwnerId": ("", ""),
}  # fmt: skip


def permission(kind: Kind, props: Props) -> Record:
    """A template's rule as EC2's IpPermission."""
    only(kind, props, "IpProtocol", "FromPort", "ToPort", "Description", "GroupId", *_PEERS)
    found: Record = {"IpProtocol": str(props["IpProtocol"])}
    found |= {name: int(props[name]) for name in ("FromPort", "ToPort") if name in props}
    for name, (kept, member) in _PEERS.items():
        if kept and name in props:
            peer = {member: props[name]} | ({"Description": props["Description"]} if "Description" in props else {})
            if "SourceSecurityGroupOwnerId" in props:
                peer["UserId"] = props["SourceSecurityGroupOwnerId"]
            found[kept] = [peer]
            return found
    raise AwsError("ValidationError", "A security group rule names exactly one source or destination")


class SecurityGroup(Ec2):
    type = "AWS::EC2::SecurityGroup"
    table = "ec2.Group"
    delete_op, key = "delete_security_group", "GroupId"
    named = ("GroupName", 255)
    attributes: ClassVar[Mapping[str, str]] = {"GroupId": "GroupId", "Id": "GroupId", "VpcId": "VpcId"}

    def create(self, ctx: Context, props: Props) -> str:
        only(self, props, "GroupName", "GroupDescription", "VpcId", "SecurityGroupIngress", "SecurityGroupEgress")
        physical: str = ctx.call(
            "ec2", "create_security_group", GroupName=props["GroupName"], Description=props["GroupDescription"],
            VpcId=props["VpcId"],
        )["GroupId"]  # fmt: skip
        self.update(ctx, physical, props, {})
        return physical

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "SecurityGroupIngress"):
            rules = [permission(self, rule) for rule in props.get("SecurityGroupIngress", ())]
            replace_rules(ctx, physical, rules, egress=False)
        if changed(props, old, "SecurityGroupEgress"):
            everywhere = [{"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}]
            rules = [permission(self, rule) for rule in props.get("SecurityGroupEgress", everywhere)]
            replace_rules(ctx, physical, rules, egress=True)


class SecurityGroupRule(Ec2):
    """A rule that stands in a resource of its own."""

    direction: ClassVar[str]

    def create(self, ctx: Context, props: Props) -> str:
        made = ctx.call(
            "ec2", f"authorize_security_group_{self.direction}", GroupId=props["GroupId"],
            IpPermissions=[permission(self, props)],
        )["SecurityGroupRules"]  # fmt: skip
        made[0]["_apart"] = True
        return str(made[0]["SecurityGroupRuleId"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        for rule in GROUP.get(ctx, props["GroupId"])["_rules"]:
            if rule["SecurityGroupRuleId"] == physical:
                rule.pop("Description", None)
                rule.update({"Description": props["Description"]} if "Description" in props else {})

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        action = f"revoke_security_group_{self.direction}"
        ctx.call("ec2", action, GroupId=props["GroupId"], SecurityGroupRuleIds=[physical])


class SecurityGroupIngress(SecurityGroupRule):
    type = "AWS::EC2::SecurityGroupIngress"
    direction = "ingress"


class SecurityGroupEgress(SecurityGroupRule):
    type = "AWS::EC2::SecurityGroupEgress"
    direction = "egress"


EC2 = (
    Vpc(), Subnet(), InternetGateway(), GatewayAttachment(), RouteTable(), Route(), RouteTableAssociation(), Eip(),
    NatGateway(), VpcEndpoint(), FlowLog(), SecurityGroup(), SecurityGroupIngress(), SecurityGroupEgress(),
)  # fmt: skip
