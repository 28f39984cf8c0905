"""Listeners and their rules: what decides where a request goes."""

import copy
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.elbv2 import balancer, elbv2, target_group
from bgspec.sandbox.services.registry import given, tags_of
from bgspec.sandbox.world import Context, Record, Table


def listeners(ctx: Context) -> Table:
    return ctx.table("elbv2.listeners")


def rules(ctx: Context) -> Table:
    return ctx.table("elbv2.rules")


def listener(ctx: Context, arn: str) -> Record:
    if arn not in listeners(ctx):
        raise AwsError("ListenerNotFound", f"One or more listeners not found: '{arn}'")
    return listeners(ctx)[arn]


def rule(ctx: Context, arn: str) -> Record:
    if arn not in rules(ctx):
        raise AwsError("RuleNotFound", f"One or more rules not found: '{arn}'")
    return rules(ctx)[arn]


def target_groups(actions: list[Record]) -> set[str]:
    found = {action["TargetGroupArn"] for action in actions if "TargetGroupArn" in action}
    return found | {g["TargetGroupArn"] for a in actions for g in a.get("ForwardConfig", {}).get("TargetGroups", ())}


def weights(actions: list[Record]) -> dict[str, int]:
    """Target group -> weight of a forward action; empty when the action does not forward."""
    return {g["TargetGroupArn"]: g.get("Weight", 1) for a in actions for g in a.get("ForwardConfig", {}).get("TargetGroups", ())}


def uses(ctx: Context, group: str) -> list[Record]:
    """The listeners that name a target group, in their default action or in a rule."""
    own = [rule["_listener"] for rule in rules(ctx).values() if group in target_groups(rule["Actions"])]
    return [listeners(ctx)[arn] for arn in dict.fromkeys(own)]


def _normal(ctx: Context, load_balancer: str, actions: list[Record]) -> list[Record]:
    """Actions as the service shows them: a forward always has its ForwardConfig, a single group both forms."""
    found = []
    for order, asked in enumerate(copy.deepcopy(actions), 1):
        action: Record = {"Order": order} if len(actions) > 1 else {}
        action |= asked
        if action["Type"] == "forward":
            groups = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
            stickiness = action.get("ForwardConfig", {}).get("TargetGroupStickinessConfig", {"Enabled": False})
            action["ForwardConfig"] = {
                "TargetGroups": [{"TargetGroupArn": g["TargetGroupArn"], "Weight": g.get("Weight", 1)} for g in groups],
                "TargetGroupStickinessConfig": stickiness,
            }
            action.pop("TargetGroupArn", None)
            if len(groups) == 1:
                action["TargetGroupArn"] = groups[0]["TargetGroupArn"]
            _check_groups(ctx, load_balancer, groups)
        elif action["Type"] == "redirect":
            defaults = {"Protocol": "#{protocol}", "Port": "#{port}", "Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
            action["RedirectConfig"] = defaults | action["RedirectConfig"]
        found.append(action)
    return found


# ALB User Guide, load-balancer-limits.
_GROUPS, _RULES, _VALUES, _WILDCARDS = 100, 100, 5, 6


def _check_groups(ctx: Context, load_balancer: str, groups: list[Record]) -> None:
    if len(groups) > 5:
        raise AwsError("TooManyTargetGroups", "An action can have at most 5 target groups")
    own = {arn for arn, one in listeners(ctx).items() if one["LoadBalancerArn"] == load_balancer}
    named = {group for one in rules(ctx).values() if one["_listener"] in own for group in target_groups(one["Actions"])}
    if len(named | {group["TargetGroupArn"] for group in groups}) > _GROUPS:
        raise AwsError("TooManyTargetGroups", f"A load balancer can have at most {_GROUPS} target groups")
    for group in groups:
        found = target_group(ctx, group["TargetGroupArn"])
        others = {use["LoadBalancerArn"] for use in uses(ctx, found["TargetGroupArn"])} - {load_balancer}
        if others:
            raise AwsError(
                "TargetGroupAssociationLimit",
                f"The following target groups cannot be associated with more than one load balancer: {found['TargetGroupArn']}",
            )
        if found["VpcId"] != balancer(ctx, load_balancer)["VpcId"]:
            raise AwsError("InvalidConfigurationRequest", f"The target group {found['TargetGroupArn']} is in another VPC")


@elbv2
def create_listener(ctx: Context, p: Record) -> Record:
    owner = balancer(ctx, p["LoadBalancerArn"])
    if any(other["LoadBalancerArn"] == p["LoadBalancerArn"] and other["Port"] == p["Port"] for other in listeners(ctx).values()):
        raise AwsError("DuplicateListener", f"A listener already exists on this port for this load balancer '{p['LoadBalancerArn']}'")
    name = f"{owner['_full']}/{ctx.unique('listener', 16)}"
    arn = ctx.arn("elasticloadbalancing", f"listener/{name}")
    made = {
        "ListenerArn": arn, "LoadBalancerArn": p["LoadBalancerArn"], "Port": p["Port"], "Protocol": p["Protocol"],
        "_name": name, "_tags": tags_of(p.get("Tags")), "_certificates": [], "_attributes": {},
    }  # fmt: skip
    _secure(ctx, made, p)
    actions = _normal(ctx, p["LoadBalancerArn"], p["DefaultActions"])
    listeners(ctx)[arn] = made
    default = _add_rule(ctx, made, {"Priority": "default", "Conditions": [], "Actions": actions})
    made["_default"] = default["RuleArn"]
    return {"Listeners": [_shown(ctx, made)]}


def _secure(ctx: Context, made: Record, p: Record) -> None:
    """Certificates and policy of an HTTPS listener. CLI and CloudFormation still default to the 2016 policy."""
    if made["Protocol"] != "HTTPS":
        if p.get("Certificates") or p.get("SslPolicy"):
            raise AwsError("InvalidConfigurationRequest", "Certificates and an SSL policy cannot be specified for HTTP listeners")
        for name in ("Certificates", "SslPolicy", "AlpnPolicy", "MutualAuthentication"):
            made.pop(name, None)
        return
    certificates = p.get("Certificates") or made.get("Certificates")
    if not certificates:
        raise AwsError("ValidationError", "A certificate must be specified for HTTPS listeners")
    for certificate in certificates:
        _check_certificate(ctx, certificate["CertificateArn"])
    made["Certificates"] = certificates
    made["SslPolicy"] = p.get("SslPolicy") or made.get("SslPolicy", "ELBSecurityPolicy-2016-08")
    made.update(given(p, "AlpnPolicy", "MutualAuthentication"))


def _check_certificate(ctx: Context, arn: str) -> None:
    if arn in {one["ServerCertificateMetadata"]["Arn"] for one in ctx.shared("iam.certificates").values()}:
        return
    found = ctx.table("acm.certificates").get(arn)
    if found is None:
        raise AwsError("CertificateNotFound", f"Certificate '{arn}' not found")
    if found["Status"] != "ISSUED":
        raise AwsError(
            "UnsupportedCertificate",
            f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a supported key size.",
        )


def _add_rule(ctx: Context, owner: Record, rule: Record) -> Record:
    arn = ctx.arn("elasticloadbalancing", f"listener-rule/{owner['_name']}/{ctx.unique('rule', 16)}")
    made = {
        "RuleArn": arn,
        "IsDefault": rule["Priority"] == "default", "_listener": owner["ListenerArn"], "_tags": {}, **rule,
    }  # fmt: skip
    rules(ctx)[arn] = made
    return made


def _shown(ctx: Context, record: Record) -> Record:
    return record | {"DefaultActions": rules(ctx)[record["_default"]]["Actions"]}


@elbv2
def describe_listeners(ctx: Context, p: Record) -> Record:
    if p.get("ListenerArns"):
        return {"Listeners": [_shown(ctx, listener(ctx, arn)) for arn in p["ListenerArns"]]}
    balancer(ctx, p["LoadBalancerArn"])
    return {"Listeners": [_shown(ctx, r) for r in listeners(ctx).values() if r["LoadBalancerArn"] == p["LoadBalancerArn"]]}


@elbv2
def modify_listener(ctx: Context, p: Record) -> Record:
    found = listener(ctx, p["ListenerArn"])
    wanted = found | given(p, "Port", "Protocol")
    _secure(ctx, wanted, p)
    if p.get("DefaultActions"):
        rules(ctx)[found["_default"]]["Actions"] = _normal(ctx, found["LoadBalancerArn"], p["DefaultActions"])
    found.clear()
    found.update(wanted)
    return {"Listeners": [_shown(ctx, found)]}


@elbv2
def delete_listener(ctx: Context, p: Record) -> None:
    arn = listener(ctx, p["ListenerArn"])["ListenerArn"]
    for name in [name for name, record in rules(ctx).items() if record["_listener"] == arn]:
        del rules(ctx)[name]
    del listeners(ctx)[arn]


def drop_listeners(ctx: Context, load_balancer: str) -> None:
    for arn in [arn for arn, record in listeners(ctx).items() if record["LoadBalancerArn"] == load_balancer]:
        delete_listener(ctx, {"ListenerArn": arn})


@elbv2
def describe_listener_attributes(ctx: Context, p: Record) -> Record:
    found = listener(ctx, p["ListenerArn"])["_attributes"]
    return {"Attributes": [{"Key": key, "Value": value} for key, value in found.items()]}


@elbv2
def modify_listener_attributes(ctx: Context, p: Record) -> Record:
    listener(ctx, p["ListenerArn"])["_attributes"].update({a["Key"]: a.get("Value", "") for a in p["Attributes"]})
    return describe_listener_attributes(ctx, p)


@elbv2
def add_listener_certificates(ctx: Context, p: Record) -> Record:
    found = listener(ctx, p["ListenerArn"])["_certificates"]
    for certificate in p["Certificates"]:
        _check_certificate(ctx, certificate["CertificateArn"])
        if certificate["CertificateArn"] not in found:
            found.append(certificate["CertificateArn"])
    return {"Certificates": [{"CertificateArn": arn, "IsDefault": False} for arn in found]}


@elbv2
def remove_listener_certificates(ctx: Context, p: Record) -> None:
    gone = {certificate["CertificateArn"] for certificate in p["Certificates"]}
    found = listener(ctx, p["ListenerArn"])
    found["_certificates"] = [arn for arn in found["_certificates"] if arn not in gone]


@elbv2
def describe_listener_certificates(ctx: Context, p: Record) -> Record:
    found = listener(ctx, p["ListenerArn"])
    default = [{"CertificateArn": c["CertificateArn"], "IsDefault": True} for c in found.get("Certificates", ())]
    return {"Certificates": default + [{"CertificateArn": arn, "IsDefault": False} for arn in found["_certificates"]]}


# --- rules ---

_VALUE_CONFIGS = {"path-pattern": "PathPatternConfig", "host-header": "HostHeaderConfig"}


def _conditions(asked: list[Record]) -> list[Record]:
    """Both forms of a path or host condition, as DescribeRules shows them."""
    _check_conditions(asked)
    found = []
    for condition in copy.deepcopy(asked):
        config = _VALUE_CONFIGS.get(condition["Field"])
        if config:
            values = condition.get(config, {}).get("Values") or condition.get("Values", [])
            condition |= {config: condition.get(config) or {"Values": values}, "Values": values}
        found.append(condition)
    return found


def _check_conditions(asked: list[Record]) -> None:
    values = [value for one in asked for value in one.get("Values") or next((c["Values"] for c in one.values() if "Values" in c), ())]
    if len(values) > _VALUES:
        raise AwsError("ValidationError", f"A rule can only have '{_VALUES}' condition values")
    if sum(str(value).count("*") + str(value).count("?") for value in values) > _WILDCARDS:
        raise AwsError("ValidationError", f"A rule can only have '{_WILDCARDS}' wildcards")


def _check_priority(ctx: Context, owner: str, priority: Any, own: str = "") -> str:
    if not 1 <= int(priority) <= 50_000:
        raise AwsError("ValidationError", f"Rule priority '{priority}' must be between 1 and 50000")
    for arn, record in rules(ctx).items():
        if record["_listener"] == owner and record["Priority"] == str(priority) and arn != own:
            raise AwsError("PriorityInUse", f"Priority '{priority}' is currently in use")
    return str(priority)


@elbv2
def create_rule(ctx: Context, p: Record) -> Record:
    owner = listener(ctx, p["ListenerArn"])
    priority = _check_priority(ctx, p["ListenerArn"], p["Priority"])
    actions = _normal(ctx, owner["LoadBalancerArn"], p["Actions"])
    own = {arn for arn, one in listeners(ctx).items() if one["LoadBalancerArn"] == owner["LoadBalancerArn"]}
    if sum(one["_listener"] in own and not one["IsDefault"] for one in rules(ctx).values()) >= _RULES:
        raise AwsError("TooManyRules", f"A load balancer can have at most {_RULES} rules")
    wanted = {"Priority": priority, "Conditions": _conditions(p["Conditions"]), "Actions": actions, "_tags": tags_of(p.get("Tags"))}
    return {"Rules": [_add_rule(ctx, owner, wanted)]}


@elbv2
def describe_rules(ctx: Context, p: Record) -> Record:
    if p.get("RuleArns"):
        return {"Rules": [rule(ctx, arn) for arn in p["RuleArns"]]}
    listener(ctx, p["ListenerArn"])
    found = [record for record in rules(ctx).values() if record["_listener"] == p["ListenerArn"]]
    return {"Rules": sorted(found, key=lambda r: 10**6 if r["IsDefault"] else int(r["Priority"]))}


@elbv2
def modify_rule(ctx: Context, p: Record) -> Record:
    found = rule(ctx, p["RuleArn"])
    if found["IsDefault"]:
        raise AwsError("OperationNotPermitted", f"Default rule '{p['RuleArn']}' cannot be modified")
    if p.get("Actions"):
        found["Actions"] = _normal(ctx, listener(ctx, found["_listener"])["LoadBalancerArn"], p["Actions"])
    if p.get("Conditions"):
        found["Conditions"] = _conditions(p["Conditions"])
    return {"Rules": [found]}


@elbv2
def set_rule_priorities(ctx: Context, p: Record) -> Record:
    changed = []
    for pair in p["RulePriorities"]:
        found = rule(ctx, pair["RuleArn"])
        found["Priority"] = _check_priority(ctx, found["_listener"], pair["Priority"], pair["RuleArn"])
        changed.append(found)
    return {"Rules": changed}


@elbv2
def delete_rule(ctx: Context, p: Record) -> None:
    if rule(ctx, p["RuleArn"])["IsDefault"]:
        raise AwsError("OperationNotPermitted", f"Default rule '{p['RuleArn']}' cannot be deleted")
    del rules(ctx)[p["RuleArn"]]


def shift(ctx: Context, arn: str, wanted: dict[str, int]) -> None:
    """What CodeDeploy and ECS do: every forward of the listener or the rule that names one of the pair gets these weights."""
    if arn in rules(ctx):
        found = [rules(ctx)[arn]]
    else:
        listener(ctx, arn)
        found = [r for r in rules(ctx).values() if r["_listener"] == arn]
    forward = {"TargetGroups": [{"TargetGroupArn": group, "Weight": weight} for group, weight in wanted.items()],
               "TargetGroupStickinessConfig": {"Enabled": False}}  # fmt: skip
    for record in found:
        for action in record["Actions"]:
            if action["Type"] == "forward" and target_groups([action]) & wanted.keys():
                kept = action["ForwardConfig"]["TargetGroupStickinessConfig"]
                action.pop("TargetGroupArn", None)
                action["ForwardConfig"] = copy.deepcopy(forward) | {"TargetGroupStickinessConfig": kept}
