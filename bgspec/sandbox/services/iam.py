"""IAM: roles and policies. Nothing is enforced: every caller may do everything."""

import json
import re

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record

iam = Service("iam")

# Managed policies that exist (AWS managed policy reference); others are refused as IAM refuses them.
MANAGED = {
    "AmazonECSInfrastructureRolePolicyForLoadBalancers", "AmazonECSInfrastructureRolePolicyForVolumes",
    "AmazonSSMReadOnlyAccess", "AmazonS3ReadOnlyAccess", "AWSCodeDeployRoleForECS", "AWSCodeDeployRoleForECSLimited",
    "AWSXRayDaemonWriteAccess", "CloudWatchAgentServerPolicy", "CloudWatchLogsFullAccess", "AmazonEC2ContainerRegistryReadOnly",
    "service-role/AmazonECSTaskExecutionRolePolicy", "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole", "service-role/AmazonEC2ContainerServiceEventsRole",
}  # fmt: skip


# The roles that services make for themselves, and for whom (the guides' pages on service-linked roles).
_LINKED = {
    "AWSServiceRoleForECS": "ecs.amazonaws.com",
    "AWSServiceRoleForElasticLoadBalancing": "elasticloadbalancing.amazonaws.com",
    "AWSServiceRoleForApplicationAutoScaling_ECSService": "ecs.application-autoscaling.amazonaws.com",
}


def role(ctx: Context, name: str) -> Record:
    found = ctx.shared("iam.roles").get(name)
    if found is None:
        raise AwsError("NoSuchEntity", f"The role with name {name} cannot be found.", 404)
    return found


def role_exists(ctx: Context, arn: str) -> bool:
    return arn.rpartition("/")[2] in ctx.shared("iam.roles")


def document(text: str) -> str:
    try:
        if not json.loads(text)["Statement"]:
            raise KeyError
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.") from error
    return text


def _path(record: Record) -> Record:
    return record | {"Tags": tag_list(record)}


@iam
def create_role(ctx: Context, p: Record) -> Record:
    name, path = p["RoleName"], p.get("Path", "/")
    if any(name.lower() == other.lower() for other in ctx.shared("iam.roles")):
        raise AwsError("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    if not re.fullmatch(r"[\w+=,.@-]{1,64}", name):
        raise AwsError("ValidationError", f"1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint")
    made = {
        "RoleName": name,
        "RoleId": "AROA" + ctx.unique("role").upper(),
        "Arn": ctx.arn("iam", f"role{path}{name}"),
        "Path": path,
        "CreateDate": ctx.now(),
        "AssumeRolePolicyDocument": document(p["AssumeRolePolicyDocument"]),
        "MaxSessionDuration": p.get("MaxSessionDuration", 3600),
        **given(p, "Description"),
        "_tags": tags_of(p.get("Tags")),
        "_inline": {},
        "_attached": [],
    }
    if "PermissionsBoundary" in p:
        made["PermissionsBoundary"] = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": p["PermissionsBoundary"]}
    ctx.shared("iam.roles")[name] = made
    return {"Role": _path(made)}


@iam
def get_role(ctx: Context, p: Record) -> Record:
    """In an account that was used before, services have their own roles."""
    if p["RoleName"] in _LINKED and p["RoleName"] not in ctx.shared("iam.roles") and not ctx.world.fresh:
        create_service_linked_role(ctx, {"AWSServiceName": _LINKED[p["RoleName"]]})
    return {"Role": _path(role(ctx, p["RoleName"]))}


@iam
def list_roles(ctx: Context, p: Record) -> Record:
    prefix = p.get("PathPrefix", "/")
    return {"Roles": [_path(record) for record in ctx.shared("iam.roles").values() if record["Path"].startswith(prefix)]}


@iam
def update_role(ctx: Context, p: Record) -> None:
    role(ctx, p["RoleName"]).update(given(p, "Description", "MaxSessionDuration"))


@iam
def update_assume_role_policy(ctx: Context, p: Record) -> None:
    role(ctx, p["RoleName"])["AssumeRolePolicyDocument"] = document(p["PolicyDocument"])


@iam
def put_role_permissions_boundary(ctx: Context, p: Record) -> None:
    boundary = {"PermissionsBoundaryType": "Policy", "PermissionsBoundaryArn": p["PermissionsBoundary"]}
    role(ctx, p["RoleName"])["PermissionsBoundary"] = boundary


@iam
def delete_role_permissions_boundary(ctx: Context, p: Record) -> None:
    role(ctx, p["RoleName"]).pop("PermissionsBoundary", None)


@iam
def delete_role(ctx: Context, p: Record) -> None:
    found = role(ctx, p["RoleName"])
    if found["_inline"] or found["_attached"]:
        raise AwsError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409)
    del ctx.shared("iam.roles")[p["RoleName"]]


@iam
def put_role_policy(ctx: Context, p: Record) -> None:
    inline = role(ctx, p["RoleName"])["_inline"]
    size = sum(len("".join(text.split())) for name, text in inline.items() if name != p["PolicyName"])
    if size + len("".join(p["PolicyDocument"].split())) > 10_240:
        raise AwsError("LimitExceeded", f"Maximum policy size of 10240 bytes exceeded for role {p['RoleName']}", 409)
    inline[p["PolicyName"]] = document(p["PolicyDocument"])


@iam
def get_role_policy(ctx: Context, p: Record) -> Record:
    inline = role(ctx, p["RoleName"])["_inline"]
    if p["PolicyName"] not in inline:
        raise AwsError("NoSuchEntity", f"The role policy with name {p['PolicyName']} cannot be found.", 404)
    return {"RoleName": p["RoleName"], "PolicyName": p["PolicyName"], "PolicyDocument": inline[p["PolicyName"]]}


@iam
def list_role_policies(ctx: Context, p: Record) -> Record:
    return {"PolicyNames": list(role(ctx, p["RoleName"])["_inline"])}


@iam
def delete_role_policy(ctx: Context, p: Record) -> None:
    get_role_policy(ctx, p)
    del role(ctx, p["RoleName"])["_inline"][p["PolicyName"]]


def _policy(ctx: Context, arn: str) -> Record:
    found = ctx.shared("iam.policies").get(arn)
    if found is not None:
        return found
    name = arn.partition(f"arn:{ctx.partition}:iam::aws:policy/")[2]
    if name not in MANAGED:
        raise AwsError("NoSuchEntity", f"Policy {arn} does not exist or is not attachable.", 404)
    return {"PolicyName": name.rpartition("/")[2], "Arn": arn, "Path": f"/{name.rpartition('/')[0]}", "_tags": {}, "_versions": {}}


@iam
def attach_role_policy(ctx: Context, p: Record) -> None:
    attached = role(ctx, p["RoleName"])["_attached"]
    _policy(ctx, p["PolicyArn"])
    if p["PolicyArn"] not in attached:
        attached.append(p["PolicyArn"])


@iam
def detach_role_policy(ctx: Context, p: Record) -> None:
    attached = role(ctx, p["RoleName"])["_attached"]
    if p["PolicyArn"] not in attached:
        raise AwsError("NoSuchEntity", f"Policy {p['PolicyArn']} was not found.", 404)
    attached.remove(p["PolicyArn"])


@iam
def list_attached_role_policies(ctx: Context, p: Record) -> Record:
    arns = role(ctx, p["RoleName"])["_attached"]
    return {"AttachedPolicies": [{"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn} for arn in arns]}


@iam
def list_role_tags(ctx: Context, p: Record) -> Record:
    return {"Tags": tag_list(role(ctx, p["RoleName"]))}


@iam
def tag_role(ctx: Context, p: Record) -> None:
    role(ctx, p["RoleName"])["_tags"].update(tags_of(p["Tags"]))


@iam
def create_policy(ctx: Context, p: Record) -> Record:
    arn = ctx.arn("iam", f"policy{p.get('Path', '/')}{p['PolicyName']}")
    if arn in ctx.shared("iam.policies"):
        raise AwsError("EntityAlreadyExists", f"A policy called {p['PolicyName']} already exists.", 409)
    made = {
        "PolicyName": p["PolicyName"], "PolicyId": "ANPA" + ctx.unique("policy").upper(), "Arn": arn, "Path": p.get("Path", "/"),
        "DefaultVersionId": "v1", "AttachmentCount": 0, "IsAttachable": True, "CreateDate": ctx.now(), **given(p, "Description"),
        "_tags": tags_of(p.get("Tags")), "_versions": {"v1": document(p["PolicyDocument"])},
    }  # fmt: skip
    ctx.shared("iam.policies")[arn] = made
    return {"Policy": made}


@iam
def get_policy(ctx: Context, p: Record) -> Record:
    found = _policy(ctx, p["PolicyArn"])
    users = sum(p["PolicyArn"] in record["_attached"] for record in ctx.shared("iam.roles").values())
    return {"Policy": _path(found) | {"AttachmentCount": users}}


@iam
def create_policy_version(ctx: Context, p: Record) -> Record:
    found = _policy(ctx, p["PolicyArn"])
    if len(found["_versions"]) >= 5:
        raise AwsError("LimitExceeded", "A managed policy can have up to 5 versions.", 409)
    version = f"v{1 + max(int(name[1:]) for name in found['_versions'])}"
    found["_versions"][version] = document(p["PolicyDocument"])
    if p.get("SetAsDefault"):
        found["DefaultVersionId"] = version
    return {"PolicyVersion": {"VersionId": version, "IsDefaultVersion": bool(p.get("SetAsDefault"))}}


@iam
def get_policy_version(ctx: Context, p: Record) -> Record:
    found = _policy(ctx, p["PolicyArn"])
    if p["VersionId"] not in found["_versions"]:
        raise AwsError("NoSuchEntity", f"Policy {p['PolicyArn']} version {p['VersionId']} does not exist", 404)
    default = found["DefaultVersionId"] == p["VersionId"]
    return {"PolicyVersion": {"Document": found["_versions"][p["VersionId"]], "VersionId": p["VersionId"], "IsDefaultVersion": default}}


@iam
def list_policy_versions(ctx: Context, p: Record) -> Record:
    found = _policy(ctx, p["PolicyArn"])
    default = found.get("DefaultVersionId")
    return {"Versions": [{"VersionId": name, "IsDefaultVersion": name == default} for name in found["_versions"]]}


@iam
def delete_policy_version(ctx: Context, p: Record) -> None:
    del _policy(ctx, p["PolicyArn"])["_versions"][p["VersionId"]]


@iam
def delete_policy(ctx: Context, p: Record) -> None:
    _policy(ctx, p["PolicyArn"])
    if any(p["PolicyArn"] in record["_attached"] for record in ctx.shared("iam.roles").values()):
        raise AwsError("DeleteConflict", "Cannot delete a policy attached to entities.", 409)
    del ctx.shared("iam.policies")[p["PolicyArn"]]


@iam
def create_service_linked_role(ctx: Context, p: Record) -> Record:
    service = p["AWSServiceName"]
    known = {named: name for name, named in _LINKED.items()}
    name = known.get(service, f"AWSServiceRoleFor{service.partition('.')[0].title()}")
    if name in ctx.shared("iam.roles"):
        raise AwsError("InvalidInput", f"Service role name {name} has been taken in this account, please try a different suffix.")
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}]}
    return create_role(ctx, {"RoleName": name, "Path": f"/aws-service-role/{service}/", "AssumeRolePolicyDocument": json.dumps(trust)})


@iam
def simulate_principal_policy(_ctx: Context, p: Record) -> Record:
    """Everything is allowed: the sandbox has no permissions to evaluate."""
    return {"EvaluationResults": [{"EvalActionName": name, "EvalDecision": "allowed"} for name in p["ActionNames"]]}
