"""Elastic Load Balancing: load balancers and target groups. Listeners and rules have a module of their own."""

import re

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ec2_records import GATEWAY, GROUP, SUBNET, VPC, interface, release_interfaces
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table, Work

elbv2 = Service("elbv2")

# Defaults of the attributes (Elastic Load Balancing API reference, LoadBalancerAttribute and TargetGroupAttribute).
LOAD_BALANCER_ATTRIBUTES = {
    "deletion_protection.enabled": "false", "load_balancing.cross_zone.enabled": "true", "access_logs.s3.enabled": "false",
    "access_logs.s3.bucket": "", "access_logs.s3.prefix": "", "idle_timeout.timeout_seconds": "60",
    "client_keep_alive.seconds": "3600", "connection_logs.s3.enabled": "false", "connection_logs.s3.bucket": "",
    "connection_logs.s3.prefix": "", "health_check_logs.s3.enabled": "false", "health_check_logs.s3.bucket": "",
    "health_check_logs.s3.prefix": "", "routing.http.desync_mitigation_mode": "defensive",
    "routing.http.drop_invalid_header_fields.enabled": "false", "routing.http.preserve_host_header.enabled": "false",
    "routing.http.x_amzn_tls_version_and_cipher_suite.enabled": "false", "routing.http.xff_client_port.enabled": "false",
    "routing.http.xff_header_processing.mode": "append", "routing.http2.enabled": "true", "waf.fail_open.enabled": "false",
    "zonal_shift.config.enabled": "false",
}  # fmt: skip
TARGET_GROUP_ATTRIBUTES = {
    "deregistration_delay.timeout_seconds": "300", "stickiness.enabled": "false", "stickiness.type": "lb_cookie",
    "stickiness.lb_cookie.duration_seconds": "86400", "stickiness.app_cookie.cookie_name": "",
    "stickiness.app_cookie.duration_seconds": "86400", "load_balancing.algorithm.type": "round_robin",
    "load_balancing.algorithm.anomaly_mitigation": "off", "load_balancing.cross_zone.enabled": "use_load_balancer_configuration",
    "slow_start.duration_seconds": "0", "target_group_health.dns_failover.minimum_healthy_targets.count": "1",
    "target_group_health.dns_failover.minimum_healthy_targets.percentage": "off",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count": "1",
    "target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage": "off",
}  # fmt: skip


def balancers(ctx: Context) -> Table:
    return ctx.table("elbv2.balancers")


def groups(ctx: Context) -> Table:
    return ctx.table("elbv2.groups")


def balancer(ctx: Context, arn: str) -> Record:
    if arn not in balancers(ctx):
        raise AwsError("LoadBalancerNotFound", f"Load balancers '[{arn}]' not found")
    return balancers(ctx)[arn]


def target_group(ctx: Context, arn: str) -> Record:
    if arn not in groups(ctx):
        raise AwsError("TargetGroupNotFound", f"Target groups '[{arn}]' not found")
    return groups(ctx)[arn]


def check_name(name: str, what: str) -> None:
    if not re.fullmatch(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?", name) or name.startswith("internal-"):
        raise AwsError(
            "ValidationError",
            f"The {what} name '{name}' cannot be longer than '32' characters and may hold letters, digits and inner hyphens only",
        )


@elbv2
def create_load_balancer(ctx: Context, p: Record) -> Record:
    name = p["Name"]
    check_name(name, "load balancer")
    if any(record["LoadBalancerName"] == name for record in balancers(ctx).values()):
        raise AwsError("DuplicateLoadBalancerName", f"A load balancer with the same name '{name}' exists, but with different settings")
    subnets = p.get("Subnets") or [mapping["SubnetId"] for mapping in p.get("SubnetMappings", ())]
    networks = [_subnet(ctx, subnet) for subnet in subnets]
    if len({network["AvailabilityZone"] for network in networks}) < 2:
        raise AwsError("ValidationError", "At least two subnets in two different Availability Zones must be specified")
    if len({network["AvailabilityZone"] for network in networks}) < len(networks):
        raise AwsError(
            "InvalidConfigurationRequest", "A load balancer cannot be attached to multiple subnets in the same Availability Zone"
        )
    vpc, scheme = networks[0]["VpcId"], p.get("Scheme", "internet-facing")
    if scheme == "internet-facing" and not any(a["VpcId"] == vpc for g in GATEWAY.table(ctx).values() for a in g["Attachments"]):
        raise AwsError("InvalidSubnet", f"VPC {vpc} has no internet gateway")
    kind = p.get("Type", "application")
    path = f"{'app' if kind == 'application' else 'net'}/{name}/{ctx.unique('alb', 16)}"
    made = {
        "LoadBalancerArn": ctx.arn("elasticloadbalancing", f"loadbalancer/{path}"),
        "DNSName": f"{'internal-' if scheme == 'internal' else ''}{name}-{int(ctx.unique('dns', 8), 16)}.{ctx.region}.elb.{ctx.suffix}",
        "CanonicalHostedZoneId": "Z14GRHDCWA56QT", "CreatedTime": ctx.now(), "LoadBalancerName": name, "Scheme": scheme,
        "VpcId": vpc, "State": {"Code": "provisioning"}, "Type": kind, "IpAddressType": p.get("IpAddressType", "ipv4"),
        "SecurityGroups": [], "AvailabilityZones": [], "_full": path, "_tags": tags_of(p.get("Tags")),
        "_attributes": dict(LOAD_BALANCER_ATTRIBUTES),
    }  # fmt: skip
    _place(ctx, made, subnets, p.get("SecurityGroups") or [VPC.get(ctx, vpc)["_default_group"]])
    balancers(ctx)[made["LoadBalancerArn"]] = made
    ctx.world.start(_provision(made))
    return {"LoadBalancers": [made]}


def _subnet(ctx: Context, name: str) -> Record:
    if name not in SUBNET.table(ctx):
        raise AwsError("SubnetNotFound", f"The subnet ID '{name}' does not exist")
    return SUBNET.get(ctx, name)


def _place(ctx: Context, made: Record, subnets: list[str], security: list[str]) -> None:
    for name in security:
        if name not in GROUP.table(ctx):
            raise AwsError("InvalidSecurityGroup", f"The security group '{name}' does not exist")
    made["AvailabilityZones"] = [
        {"ZoneName": _subnet(ctx, name)["AvailabilityZone"], "SubnetId": name, "LoadBalancerAddresses": []} for name in subnets
    ]
    made["SecurityGroups"] = list(security)
    release_interfaces(ctx, made["LoadBalancerArn"])
    for name in subnets:
        interface(ctx, name, security, f"ELB {made['_full']}", made["LoadBalancerArn"])


def _provision(made: Record) -> Work:
    yield 30
    made["State"] = {"Code": "active"}


@elbv2
def describe_load_balancers(ctx: Context, p: Record) -> Record:
    if p.get("LoadBalancerArns"):
        return {"LoadBalancers": [balancer(ctx, arn) for arn in p["LoadBalancerArns"]]}
    names = p.get("Names")
    found = [record for record in balancers(ctx).values() if not names or record["LoadBalancerName"] in names]
    if names and (missing := set(names) - {record["LoadBalancerName"] for record in found}):
        raise AwsError("LoadBalancerNotFound", f"Load balancers '[{min(missing)}]' not found")
    return {"LoadBalancers": found}


def _attributes(record: Record, given_attributes: list[Record]) -> None:
    known = record["_attributes"]
    for attribute in given_attributes:
        if attribute["Key"] not in known:
            raise AwsError("ValidationError", f"Attribute key '{attribute['Key']}' is not recognized")
        known[attribute["Key"]] = attribute.get("Value", "")


def _listed(record: Record) -> list[Record]:
    return [{"Key": key, "Value": value} for key, value in sorted(record["_attributes"].items())]


@elbv2
def modify_load_balancer_attributes(ctx: Context, p: Record) -> Record:
    found = balancer(ctx, p["LoadBalancerArn"])
    _attributes(found, p["Attributes"])
    return {"Attributes": _listed(found)}


@elbv2
def describe_load_balancer_attributes(ctx: Context, p: Record) -> Record:
    return {"Attributes": _listed(balancer(ctx, p["LoadBalancerArn"]))}


@elbv2
def set_security_groups(ctx: Context, p: Record) -> Record:
    found = balancer(ctx, p["LoadBalancerArn"])
    _place(ctx, found, [zone["SubnetId"] for zone in found["AvailabilityZones"]], p["SecurityGroups"])
    return {"SecurityGroupIds": found["SecurityGroups"]}


@elbv2
def set_subnets(ctx: Context, p: Record) -> Record:
    found = balancer(ctx, p["LoadBalancerArn"])
    _place(ctx, found, p["Subnets"], found["SecurityGroups"])
    return {"AvailabilityZones": found["AvailabilityZones"], "IpAddressType": found["IpAddressType"]}


@elbv2
def set_ip_address_type(ctx: Context, p: Record) -> Record:
    balancer(ctx, p["LoadBalancerArn"])["IpAddressType"] = p["IpAddressType"]
    return {"IpAddressType": p["IpAddressType"]}


@elbv2
def delete_load_balancer(ctx: Context, p: Record) -> None:
    arn = p["LoadBalancerArn"]
    if arn not in balancers(ctx):
        return  # deleting what is not there succeeds (API reference)
    if balancers(ctx)[arn]["_attributes"]["deletion_protection.enabled"] == "true":
        raise AwsError("OperationNotPermitted", f"Load balancer '{arn}' cannot be deleted because deletion protection is enabled")
    from bgspec.sandbox.services.elbv2_listeners import drop_listeners  # noqa: PLC0415 -- listeners name their load balancer

    drop_listeners(ctx, arn)
    release_interfaces(ctx, arn)
    del balancers(ctx)[arn]


# --- target groups ---

_HEALTH = (
    "HealthCheckProtocol", "HealthCheckPort", "HealthCheckPath", "HealthCheckEnabled", "HealthCheckIntervalSeconds",
    "HealthCheckTimeoutSeconds", "HealthyThresholdCount", "UnhealthyThresholdCount", "Matcher",
)  # fmt: skip


@elbv2
def create_target_group(ctx: Context, p: Record) -> Record:
    name = p["Name"]
    check_name(name, "target group")
    if any(record["TargetGroupName"] == name for record in groups(ctx).values()):
        raise AwsError("DuplicateTargetGroupName", f"A target group with the same name '{name}' exists, but with different settings")
    path = f"targetgroup/{name}/{ctx.unique('tg', 16)}"
    health = {
        "HealthCheckProtocol": "HTTP", "HealthCheckPort": "traffic-port", "HealthCheckPath": "/", "HealthCheckEnabled": True,
        "HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5, "HealthyThresholdCount": 5,
        "UnhealthyThresholdCount": 2, "Matcher": {"HttpCode": "200"},
    } | given(p, *_HEALTH)  # fmt: skip
    _check_health(health)
    made = {
        "TargetGroupArn": ctx.arn("elasticloadbalancing", path), "TargetGroupName": name, "_full": path,
        "TargetType": p.get("TargetType", "instance"), "Protocol": p.get("Protocol"), "Port": p.get("Port"), "VpcId": p.get("VpcId"),
        "ProtocolVersion": p.get("ProtocolVersion", "HTTP1"), "IpAddressType": p.get("IpAddressType", "ipv4"), **health,
        "_tags": tags_of(p.get("Tags")), "_attributes": dict(TARGET_GROUP_ATTRIBUTES), "_targets": {},
    }  # fmt: skip
    groups(ctx)[made["TargetGroupArn"]] = made
    return {"TargetGroups": [made]}


def _check_health(health: Record) -> None:
    if health["HealthCheckTimeoutSeconds"] >= health["HealthCheckIntervalSeconds"]:
        raise AwsError("ValidationError", "Health check timeout must be smaller than the interval")


@elbv2
def modify_target_group(ctx: Context, p: Record) -> Record:
    found = target_group(ctx, p["TargetGroupArn"])
    _check_health(found | given(p, *_HEALTH))
    found.update(given(p, *_HEALTH))
    return {"TargetGroups": [found]}


@elbv2
def describe_target_groups(ctx: Context, p: Record) -> Record:
    from bgspec.sandbox.services.elbv2_listeners import uses  # noqa: PLC0415 -- see above

    for arn, record in groups(ctx).items():
        record["LoadBalancerArns"] = sorted({listener["LoadBalancerArn"] for listener in uses(ctx, arn)})
    if p.get("TargetGroupArns"):
        return {"TargetGroups": [target_group(ctx, arn) for arn in p["TargetGroupArns"]]}
    names, load_balancer = p.get("Names"), p.get("LoadBalancerArn")
    found = [record for record in groups(ctx).values() if not names or record["TargetGroupName"] in names]
    if names and (missing := set(names) - {record["TargetGroupName"] for record in found}):
        raise AwsError("TargetGroupNotFound", f"Target groups '[{min(missing)}]' not found")
    return {"TargetGroups": [record for record in found if not load_balancer or load_balancer in record["LoadBalancerArns"]]}


@elbv2
def modify_target_group_attributes(ctx: Context, p: Record) -> Record:
    found = target_group(ctx, p["TargetGroupArn"])
    wanted = found["_attributes"] | {a["Key"]: a.get("Value", "") for a in p["Attributes"]}
    algorithm = wanted["load_balancing.algorithm.type"]
    # ALB User Guide, edit-target-group-attributes; the words of the refusals are not documented.
    if algorithm != "round_robin" and wanted["slow_start.duration_seconds"] != "0":
        raise AwsError("InvalidConfigurationRequest", f"Slow start mode cannot be used with the algorithm {algorithm}")
    if algorithm == "weighted_random" and wanted["stickiness.enabled"] == "true":
        raise AwsError("InvalidConfigurationRequest", "Sticky sessions cannot be used with the algorithm weighted_random")
    _attributes(found, p["Attributes"])
    return {"Attributes": _listed(found)}


@elbv2
def describe_target_group_attributes(ctx: Context, p: Record) -> Record:
    return {"Attributes": _listed(target_group(ctx, p["TargetGroupArn"]))}


@elbv2
def delete_target_group(ctx: Context, p: Record) -> None:
    from bgspec.sandbox.services.elbv2_listeners import uses  # noqa: PLC0415 -- see above

    arn = p["TargetGroupArn"]
    if uses(ctx, arn):
        raise AwsError("ResourceInUse", f"Target group '{arn}' is currently in use by a listener or a rule")
    groups(ctx).pop(arn, None)


# --- targets ---


@elbv2
def register_targets(ctx: Context, p: Record) -> None:
    found = target_group(ctx, p["TargetGroupArn"])
    for target in p["Targets"]:
        port = target.get("Port", found["Port"])
        record = {"Target": {"Id": target["Id"], "Port": port}, "HealthCheckPort": str(port), "_state": "initial", "_healthy": True}
        found["_targets"][f"{target['Id']}:{port}"] = record
        ctx.world.start(_becomes_healthy(found, record))


def _becomes_healthy(group: Record, record: Record) -> Work:
    """As many good answers as the threshold asks for, one an interval; the first comes at once."""
    good = record["_healthy"]
    count = group["HealthyThresholdCount"] if good else group["UnhealthyThresholdCount"]
    yield group["HealthCheckIntervalSeconds"] * max(1, count - 1)
    if record["_state"] == "initial":
        record["_state"] = "healthy" if record["_healthy"] else "unhealthy"


@elbv2
def deregister_targets(ctx: Context, p: Record) -> None:
    found = target_group(ctx, p["TargetGroupArn"])
    for target in p["Targets"]:
        record = found["_targets"].get(f"{target['Id']}:{target.get('Port', found['Port'])}")
        if record:
            record["_state"] = "draining"
            ctx.world.start(_drains(found, record))


def _drains(group: Record, record: Record) -> Work:
    yield float(group["_attributes"]["deregistration_delay.timeout_seconds"])
    group["_targets"] = {key: other for key, other in group["_targets"].items() if other is not record}


_REASONS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": ("Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"),
}


def health(ctx: Context, arn: str) -> list[Record]:
    from bgspec.sandbox.services.elbv2_listeners import uses  # noqa: PLC0415 -- see above

    used = bool(uses(ctx, arn))
    found = []
    for record in target_group(ctx, arn)["_targets"].values():
        state = record["_state"] if used or record["_state"] == "draining" else "unused"
        reason = {"Reason": _REASONS[state][0], "Description": _REASONS[state][1]} if state in _REASONS else {}
        found.append(record | {"TargetHealth": {"State": state} | reason})
    return found


@elbv2
def describe_target_health(ctx: Context, p: Record) -> Record:
    found = health(ctx, p["TargetGroupArn"])
    wanted = {(t["Id"], t.get("Port")) for t in p.get("Targets", ())}
    ids = {(r["Target"]["Id"], r["Target"]["Port"]) for r in found}
    missing = [
        {"Target": {"Id": name, "Port": port}, "TargetHealth": {"State": "unused", "Reason": "Target.NotRegistered",
         "Description": "Target is not registered to the target group"}}
        for name, port in wanted - ids if port is not None
    ]  # fmt: skip
    return {"TargetHealthDescriptions": [r for r in found if not wanted or (r["Target"]["Id"], r["Target"]["Port"]) in wanted] + missing}


# --- tags ---


def _tagged(ctx: Context, arn: str) -> Record:
    for table in ("balancers", "groups", "listeners", "rules"):
        if arn in ctx.table(f"elbv2.{table}"):
            return ctx.table(f"elbv2.{table}")[arn]
    noun = arn.split(":")[5].partition("/")[0]
    code = {"loadbalancer": "LoadBalancerNotFound", "targetgroup": "TargetGroupNotFound", "listener": "ListenerNotFound"}.get(
        noun, "RuleNotFound"
    )
    raise AwsError(code, f"'{arn}' not found")


@elbv2
def add_tags(ctx: Context, p: Record) -> None:
    for arn in p["ResourceArns"]:
        _tagged(ctx, arn)["_tags"].update(tags_of(p["Tags"]))


@elbv2
def remove_tags(ctx: Context, p: Record) -> None:
    for arn in p["ResourceArns"]:
        for key in p["TagKeys"]:
            _tagged(ctx, arn)["_tags"].pop(key, None)


@elbv2
def describe_tags(ctx: Context, p: Record) -> Record:
    return {"TagDescriptions": [{"ResourceArn": arn, "Tags": tag_list(_tagged(ctx, arn))} for arn in p["ResourceArns"]]}
