"""What all of EC2's collections share: ids, filters, tags, network interfaces."""

import fnmatch
from typing import Any, NamedTuple

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

ec2 = Service("ec2")


class Collection(NamedTuple):
    """One kind of thing in EC2: `Collection("Vpc", "vpc")` has VpcId, VpcIds, Vpcs and InvalidVpcID.NotFound."""

    noun: str
    prefix: str
    listed: str = ""
    code: str = ""

    @property
    def id(self) -> str:
        return self.noun + "Id"

    def table(self, ctx: Context) -> Table:
        return ctx.table(f"ec2.{self.noun}")

    def add(self, ctx: Context, params: Record, **members: Any) -> Record:
        """A new record with a new id, tagged as `TagSpecifications` says."""
        name = f"{self.prefix}-{ctx.unique(self.prefix)}"
        tags = [tag for spec in params.get("TagSpecifications", ()) for tag in spec.get("Tags", ())]
        record = {self.id: name, "OwnerId": ctx.account, "_tags": tags_of(tags), **members}
        self.table(ctx)[name] = record
        return record

    def get(self, ctx: Context, name: str) -> Record:
        found = self.table(ctx).get(name)
        if found is None:
            code = self.code or f"Invalid{self.noun}ID.NotFound"
            raise AwsError(code, f"The {self.noun.lower()} ID '{name}' does not exist")
        return found

    def drop(self, ctx: Context, name: str) -> None:
        self.get(ctx, name)
        del self.table(ctx)[name]

    def describe(self, ctx: Context, params: Record, ids: str = "") -> Record:
        wanted = params.get(ids or self.id + "s")
        found = [self.get(ctx, name) for name in wanted] if wanted else list(self.table(ctx).values())
        filters = params.get("Filters") or params.get("Filter") or ()
        shown = [record | {"Tags": tag_list(record)} for record in found if all(_passes(record, f) for f in filters)]
        return {self.listed or self.noun + "s": shown}


VPC = Collection("Vpc", "vpc")
SUBNET = Collection("Subnet", "subnet")
GATEWAY = Collection("InternetGateway", "igw")
ROUTE_TABLE = Collection("RouteTable", "rtb")
GROUP = Collection("Group", "sg", "SecurityGroups", "InvalidGroup.NotFound")
INTERFACE = Collection("NetworkInterface", "eni", code="InvalidNetworkInterfaceID.NotFound")
ADDRESS = Collection("Allocation", "eipalloc", "Addresses", "InvalidAllocationID.NotFound")
NAT = Collection("NatGateway", "nat", code="NatGatewayNotFound")
ENDPOINT = Collection("VpcEndpoint", "vpce", code="InvalidVpcEndpointId.NotFound")
FLOW_LOG = Collection("FlowLog", "fl", code="InvalidFlowLogId.NotFound")
COLLECTIONS = (VPC, SUBNET, GATEWAY, ROUTE_TABLE, GROUP, INTERFACE, ADDRESS, NAT, ENDPOINT, FLOW_LOG)

_SPELLED = {"cidr": "CidrBlock", "group-name": "GroupName", "state": "State", "owner-id": "OwnerId"}


def _passes(record: Record, wanted: Record) -> bool:
    """A filter by tag, or by any member at any depth: `vpc-id`, `attachment.vpc-id`, `association.subnet-id`."""
    name, values = wanted["Name"], wanted.get("Values", [])
    if name.startswith("tag:"):
        found = [record["_tags"][name[4:]]] if name[4:] in record["_tags"] else []
    elif name == "tag-key":
        found = list(record["_tags"])
    else:
        path = name.split(".")
        found = _members(record, [_SPELLED.get(part) or _camel(part) for part in path])
    return any(fnmatch.fnmatchcase(text, value) for text in found for value in values)


def _camel(name: str) -> str:
    return "".join(part.capitalize() for part in name.split("-"))


def _members(value: Any, path: list[str]) -> list[str]:
    if isinstance(value, list):
        return [found for item in value for found in _members(item, path)]
    if not path:
        return [] if value is None else [str(value).lower() if isinstance(value, bool) else str(value)]
    if not isinstance(value, dict):
        return []
    keys = (path[0], path[0] + "s", path[0] + "Set", path[0] + "es")
    return [found for key in keys if key in value for found in _members(value[key], path[1:])]


def dependency(what: str, name: str) -> AwsError:
    return AwsError("DependencyViolation", f"The {what} '{name}' has dependencies and cannot be deleted.")


def interface(ctx: Context, subnet: str, groups: list[str], description: str, owner: str) -> Record:
    """A network interface that some service keeps in a subnet; `owner` is the thing that goes with it."""
    network = SUBNET.get(ctx, subnet)
    for group in groups:
        GROUP.get(ctx, group)
    return INTERFACE.add(
        ctx, {}, SubnetId=subnet, VpcId=network["VpcId"], AvailabilityZone=network["AvailabilityZone"],
        Groups=[{"GroupId": group, "GroupName": GROUP.get(ctx, group)["GroupName"]} for group in groups],
        Description=description, Status="in-use", InterfaceType="interface", RequesterManaged=True,
        PrivateIpAddress=_free_address(ctx, network), _owner=owner,
    )  # fmt: skip


def release_interfaces(ctx: Context, owner: str) -> None:
    table = INTERFACE.table(ctx)
    for name in [name for name, record in table.items() if record["_owner"] == owner]:
        del table[name]


def _free_address(ctx: Context, network: Record) -> str:
    import ipaddress  # noqa: PLC0415 -- used here only

    cidr = ipaddress.ip_network(network["CidrBlock"])
    number = ctx.world.number("address/" + network["SubnetId"])
    return str(cidr[4 + (number - 1) % max(1, cidr.num_addresses - 5)])


def everything(ctx: Context) -> dict[str, tuple[str, Record]]:
    """Every record of EC2 by id, with the word EC2 uses for its kind."""
    words = {"Group": "security-group", "Allocation": "elastic-ip", "NatGateway": "natgateway", "Vpc": "vpc"}
    return {name: (words.get(c.noun) or _kebab(c.noun), record) for c in COLLECTIONS for name, record in c.table(ctx).items()}


def _kebab(noun: str) -> str:
    return "".join("-" + letter.lower() if letter.isupper() else letter for letter in noun).lstrip("-")


@ec2
def create_tags(ctx: Context, p: Record) -> None:
    known = everything(ctx)
    for name in p["Resources"]:
        if name not in known:
            raise AwsError("InvalidID", f"The ID '{name}' is not valid")
        known[name][1]["_tags"].update(tags_of(p["Tags"]))


@ec2
def delete_tags(ctx: Context, p: Record) -> None:
    known = everything(ctx)
    for name in p["Resources"]:
        tags = known[name][1]["_tags"]
        for key in [tag["Key"] for tag in p.get("Tags", ())] or list(tags):
            tags.pop(key, None)


@ec2
def describe_tags(ctx: Context, p: Record) -> Record:
    found = [
        {"ResourceId": name, "ResourceType": kind, "Key": key, "Value": value, "_tags": {}}
        for name, (kind, record) in everything(ctx).items()
        for key, value in record["_tags"].items()
    ]
    return {"Tags": [tag for tag in found if all(_passes(tag, f) for f in p.get("Filters", ()))]}
