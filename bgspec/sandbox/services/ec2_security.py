"""Security groups and their rules."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ec2_records import GROUP, INTERFACE, VPC, ec2
from bgspec.sandbox.services.registry import given, tags_of
from bgspec.sandbox.world import Context, Record

_ALL_OUT = {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
# The ranges of a permission and the members of the rule each of their entries makes.
_RANGES = {
    "IpRanges": {"CidrIp": "CidrIpv4"},
    "Ipv6Ranges": {"CidrIpv6": "CidrIpv6"},
    "PrefixListIds": {"PrefixListId": "PrefixListId"},
    "UserIdGroupPairs": {"GroupId": "ReferencedGroupInfo"},
}


def add_group(ctx: Context, p: Record, name: str, description: str, vpc: str) -> Record:
    VPC.get(ctx, vpc)
    if any(g["GroupName"] == name and g["VpcId"] == vpc for g in GROUP.table(ctx).values()):
        raise AwsError("InvalidGroup.Duplicate", f"The security group '{name}' already exists for VPC '{vpc}'")
    group = GROUP.add(ctx, p, GroupName=name, Description=description, VpcId=vpc, _rules=[])
    group["SecurityGroupArn"] = ctx.arn("ec2", f"security-group/{group['GroupId']}")
    _authorize(ctx, group, [_ALL_OUT], egress=True)
    return group


@ec2
def create_security_group(ctx: Context, p: Record) -> Record:
    group = add_group(ctx, p, p["GroupName"], p["Description"], p["VpcId"])
    return {"GroupId": group["GroupId"], "SecurityGroupArn": group["SecurityGroupArn"]}


@ec2
def describe_security_groups(ctx: Context, p: Record) -> Record:
    for group in GROUP.table(ctx).values():
        group["IpPermissions"] = _permissions(group, egress=False)
        group["IpPermissionsEgress"] = _permissions(group, egress=True)
    found = GROUP.describe(ctx, p)["SecurityGroups"]
    names = p.get("GroupNames")
    return {"SecurityGroups": [group for group in found if not names or group["GroupName"] in names]}


@ec2
def delete_security_group(ctx: Context, p: Record) -> Record:
    name = p["GroupId"]
    used = any(name in {g["GroupId"] for g in eni["Groups"]} for eni in INTERFACE.table(ctx).values())
    named = any(
        rule.get("ReferencedGroupInfo", {}).get("GroupId") == name
        for key, group in GROUP.table(ctx).items() if key != name for rule in group["_rules"]
    )  # fmt: skip
    if used or named:
        raise AwsError("DependencyViolation", f"resource {name} has a dependent object")
    GROUP.drop(ctx, name)
    return {"Return": True, "GroupId": name}


def _single_rules(permission: Record) -> list[Record]:
    """A permission is a bundle; a rule is one protocol, one port range, one peer."""
    common = given(permission, "IpProtocol", "FromPort", "ToPort")
    if common["IpProtocol"] == "-1":
        common |= {"FromPort": -1, "ToPort": -1}
    found = []
    for kind, spelled in _RANGES.items():
        for peer in permission.get(kind, ()):
            ((theirs, ours),) = spelled.items()
            value = {"GroupId": peer[theirs]} | given(peer, "UserId") if kind == "UserIdGroupPairs" else peer[theirs]
            found.append(common | {ours: value} | given(peer, "Description"))
    return found


def _authorize(ctx: Context, group: Record, permissions: list[Record], *, egress: bool, tags: list[Record] | None = None) -> list[Record]:
    made = []
    for rule in (rule for permission in permissions for rule in _single_rules(permission)):
        peer = rule.get("ReferencedGroupInfo")
        if peer and peer["GroupId"] not in GROUP.table(ctx):
            raise AwsError("InvalidGroup.NotFound", f"The security group '{peer['GroupId']}' does not exist")
        if any(_same(rule, old) and old["IsEgress"] == egress for old in group["_rules"]):
            raise AwsError("InvalidPermission.Duplicate", f"the specified rule {rule} already exists")
        name = f"sgr-{ctx.unique('sgr')}"
        made.append(
            {"SecurityGroupRuleId": name, "GroupId": group["GroupId"], "GroupOwnerId": ctx.account, "IsEgress": egress,
             "SecurityGroupRuleArn": ctx.arn("ec2", f"security-group-rule/{name}"), "_tags": tags_of(tags), **rule}
        )  # fmt: skip
        group["_rules"].append(made[-1])
    return made


def _same(rule: Record, other: Record) -> bool:
    members = ("IpProtocol", "FromPort", "ToPort", "CidrIpv4", "CidrIpv6", "PrefixListId")
    ours, theirs = rule.get("ReferencedGroupInfo", {}), other.get("ReferencedGroupInfo", {})
    return all(rule.get(m) == other.get(m) for m in members) and ours.get("GroupId") == theirs.get("GroupId")


def _permissions(group: Record, *, egress: bool) -> list[Record]:
    """The rules as DescribeSecurityGroups bundles them: by protocol and ports."""
    bundles: dict[tuple[object, ...], Record] = {}
    for rule in group["_rules"]:
        if rule["IsEgress"] != egress:
            continue
        key = rule["IpProtocol"], rule.get("FromPort"), rule.get("ToPort")
        ports = {} if key[0] == "-1" else given(rule, "FromPort", "ToPort")
        bundle = bundles.setdefault(key, {"IpProtocol": key[0], **ports, **{kind: [] for kind in _RANGES}})
        for kind, spelled in _RANGES.items():
            ((theirs, ours),) = spelled.items()
            if ours in rule:
                peer = rule[ours] if kind == "UserIdGroupPairs" else {theirs: rule[ours]}
                bundle[kind].append(peer | given(rule, "Description"))
    return list(bundles.values())


def _asked(p: Record) -> list[Record]:
    if p.get("IpPermissions"):
        found: list[Record] = p["IpPermissions"]
        return found
    return [given(p, "IpProtocol", "FromPort", "ToPort") | {"IpRanges": [{"CidrIp": p["CidrIp"]}]}]


@ec2
def authorize_security_group_ingress(ctx: Context, p: Record) -> Record:
    tags = [tag for spec in p.get("TagSpecifications", ()) for tag in spec.get("Tags", ())]
    made = _authorize(ctx, GROUP.get(ctx, p["GroupId"]), _asked(p), egress=False, tags=tags)
    return {"Return": True, "SecurityGroupRules": made}


@ec2
def authorize_security_group_egress(ctx: Context, p: Record) -> Record:
    made = _authorize(ctx, GROUP.get(ctx, p["GroupId"]), _asked(p), egress=True)
    return {"Return": True, "SecurityGroupRules": made}


def _revoke(ctx: Context, p: Record, *, egress: bool) -> Record:
    group = GROUP.get(ctx, p["GroupId"])
    names = set(p.get("SecurityGroupRuleIds", ()))
    rules = [] if names else [rule for permission in _asked(p) for rule in _single_rules(permission)]
    gone = [
        old for old in group["_rules"]
        if old["IsEgress"] == egress and (old["SecurityGroupRuleId"] in names or any(_same(rule, old) for rule in rules))
    ]  # fmt: skip
    if not gone:
        raise AwsError("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
    group["_rules"] = [rule for rule in group["_rules"] if rule not in gone]
    return {"Return": True}


@ec2
def revoke_security_group_ingress(ctx: Context, p: Record) -> Record:
    return _revoke(ctx, p, egress=False)


@ec2
def revoke_security_group_egress(ctx: Context, p: Record) -> Record:
    return _revoke(ctx, p, egress=True)


@ec2
def describe_security_group_rules(ctx: Context, p: Record) -> Record:
    wanted = {value for f in p.get("Filters", ()) if f["Name"] == "group-id" for value in f["Values"]}
    names = p.get("SecurityGroupRuleIds")
    rules = [rule for group in GROUP.table(ctx).values() for rule in group["_rules"]]
    return {
        "SecurityGroupRules": [
            rule for rule in rules
            if (not wanted or rule["GroupId"] in wanted) and (not names or rule["SecurityGroupRuleId"] in names)
        ]
    }  # fmt: skip


def replace_rules(ctx: Context, name: str, permissions: list[Record], *, egress: bool) -> None:
    """What CloudFormation's handler does on an update: exactly these rules of the group's own, none besides.

    Rules that stand in resources of their own keep their place: they are marked by who made them.
    """
    group = GROUP.get(ctx, name)
    group["_rules"] = [r for r in group["_rules"] if r["IsEgress"] != egress or r.get("_apart")]
    _authorize(ctx, group, permissions, egress=egress)
