"""CodeDeploy: applications, deployment groups and configurations. Deployments have modules of their own."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import Service, given, tags_of
from bgspec.sandbox.world import Context, Record, Table

codedeploy = Service("codedeploy")

# CodeDeploy guide, "Predefined deployment configurations for an Amazon ECS compute platform".
PREDEFINED: dict[str, Record] = {
    "CodeDeployDefault.ECSAllAtOnce": {"type": "AllAtOnce"},
    "CodeDeployDefault.ECSCanary10Percent5Minutes": {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 5}},
    "CodeDeployDefault.ECSCanary10Percent15Minutes": {"type": "TimeBasedCanary", "timeBasedCanary": {"canaryPercentage": 10, "canaryInterval": 15}},
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes": {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 1}},
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes": {"type": "TimeBasedLinear", "timeBasedLinear": {"linearPercentage": 10, "linearInterval": 3}},
}  # fmt: skip


def applications(ctx: Context) -> Table:
    return ctx.table("codedeploy.applications")


def groups(ctx: Context) -> Table:
    return ctx.table("codedeploy.groups")


def application(ctx: Context, name: str) -> Record:
    if name not in applications(ctx):
        raise AwsError("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return applications(ctx)[name]


def group(ctx: Context, owner: str, name: str) -> Record:
    application(ctx, owner)
    found = groups(ctx).get(f"{owner}|{name}")
    if found is None:
        raise AwsError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    return found


def routing(ctx: Context, name: str) -> Record:
    """How a configuration moves production traffic."""
    if name in PREDEFINED:
        return PREDEFINED[name]
    found = ctx.table("codedeploy.configurations").get(name)
    if found is None:
        raise AwsError("DeploymentConfigDoesNotExistException", f"No Deployment Config found for name: {name}")
    result: Record = found["trafficRoutingConfig"]
    return result


@codedeploy
def create_application(ctx: Context, p: Record) -> Record:
    name = p["applicationName"]
    if name in applications(ctx):
        raise AwsError("ApplicationAlreadyExistsException", f"Application already exists: {name}")
    made = {
        "applicationId": ctx.uuid("application"), "applicationName": name, "createTime": ctx.now(), "linkedToGitHub": False,
        "computePlatform": p.get("computePlatform", "Server"), "_tags": tags_of(p.get("tags")),
        "_arn": ctx.arn("codedeploy", f"application:{name}"),
    }  # fmt: skip
    applications(ctx)[name] = made
    return made


@codedeploy
def get_application(ctx: Context, p: Record) -> Record:
    return {"application": application(ctx, p["applicationName"])}


@codedeploy
def list_applications(ctx: Context, _: Record) -> Record:
    return {"applications": list(applications(ctx))}


@codedeploy
def delete_application(ctx: Context, p: Record) -> None:
    applications(ctx).pop(p["applicationName"], None)
    for key in [key for key in groups(ctx) if key.startswith(p["applicationName"] + "|")]:
        del groups(ctx)[key]


@codedeploy
def create_deployment_config(ctx: Context, p: Record) -> Record:
    name = p["deploymentConfigName"]
    if name in PREDEFINED or name in ctx.table("codedeploy.configurations"):
        raise AwsError("DeploymentConfigAlreadyExistsException", f"Deployment Config already exists: {name}")
    if name.startswith("CodeDeployDefault"):
        raise AwsError("InvalidDeploymentConfigNameException", "Deployment config name cannot start with CodeDeployDefault")
    asked = p.get("trafficRoutingConfig", {"type": "AllAtOnce"})
    _check_routing(asked)
    made = {
        "deploymentConfigId": ctx.uuid("deployment-config"), "deploymentConfigName": name, "createTime": ctx.now(),
        "computePlatform": p.get("computePlatform", "Server"), "trafficRoutingConfig": asked, **given(p, "minimumHealthyHosts"),
    }  # fmt: skip
    ctx.table("codedeploy.configurations")[name] = made
    return {"deploymentConfigId": made["deploymentConfigId"]}


def _check_routing(asked: Record) -> None:
    for name, percent, interval in (
        ("timeBasedCanary", "canaryPercentage", "canaryInterval"),
        ("timeBasedLinear", "linearPercentage", "linearInterval"),
    ):
        if asked["type"].lower() == name.lower():
            values = asked.get(name, {})
            if not 1 <= values.get(percent, 0) <= 99 or values.get(interval, 0) < 1:
                raise AwsError(
                    "InvalidTrafficRoutingConfigurationException",
                    f"The {name} configuration needs a percentage from 1 to 99 and an interval of whole minutes.",
                )


@codedeploy
def get_deployment_config(ctx: Context, p: Record) -> Record:
    name = p["deploymentConfigName"]
    asked = routing(ctx, name)
    own = ctx.table("codedeploy.configurations").get(name, {})
    return {"deploymentConfigInfo": {"deploymentConfigName": name, "computePlatform": "ECS", "trafficRoutingConfig": asked} | own}


@codedeploy
def list_deployment_configs(ctx: Context, _: Record) -> Record:
    return {"deploymentConfigsList": [*PREDEFINED, *ctx.table("codedeploy.configurations")]}


@codedeploy
def delete_deployment_config(ctx: Context, p: Record) -> None:
    name = p["deploymentConfigName"]
    if any(g["deploymentConfigName"] == name for g in groups(ctx).values()):
        raise AwsError("DeploymentConfigInUseException", f"Deployment Config {name} is in use by a deployment group")
    ctx.table("codedeploy.configurations").pop(name, None)


# --- deployment groups ---

_MEMBERS = (
    "deploymentConfigName", "serviceRoleArn", "deploymentStyle", "ecsServices", "loadBalancerInfo", "blueGreenDeploymentConfiguration",
    "autoRollbackConfiguration", "alarmConfiguration", "triggerConfigurations", "outdatedInstancesStrategy", "terminationHookEnabled",
)  # fmt: skip


@codedeploy
def create_deployment_group(ctx: Context, p: Record) -> Record:
    owner, name = p["applicationName"], p["deploymentGroupName"]
    platform = application(ctx, owner)["computePlatform"]
    if f"{owner}|{name}" in groups(ctx):
        raise AwsError("DeploymentGroupAlreadyExistsException", f"Deployment Group {name} already exists for application: {owner}")
    made = {
        "applicationName": owner, "deploymentGroupName": name, "deploymentGroupId": ctx.uuid("deployment-group"), "computePlatform": platform,
        "deploymentConfigName": "CodeDeployDefault.OneAtATime", "outdatedInstancesStrategy": "UPDATE", "triggerConfigurations": [],
        "autoRollbackConfiguration": {"enabled": False, "events": []}, "alarmConfiguration": {"enabled": False, "ignorePollAlarmFailure": False, "alarms": []},
        **given(p, *_MEMBERS), "_tags": tags_of(p.get("tags")),
    }  # fmt: skip
    _check_group(ctx, made)
    groups(ctx)[f"{owner}|{name}"] = made
    return {"deploymentGroupId": made["deploymentGroupId"]}


def _check_group(ctx: Context, made: Record) -> None:
    """What an ECS group must have; the texts follow the errors' names where AWS's own are not published."""
    if not role_exists(ctx, made["serviceRoleArn"]):
        raise AwsError(
            "InvalidRoleException", f"AWS CodeDeploy does not have the permissions required to assume the role {made['serviceRoleArn']}."
        )
    if made["computePlatform"] != "ECS":
        return
    routing(ctx, made["deploymentConfigName"])
    if made.get("deploymentStyle") != {"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}:
        raise AwsError(
            "InvalidDeploymentStyleException",
            "For ECS deployment groups, deployment type must be BLUE_GREEN and deployment option WITH_TRAFFIC_CONTROL",
        )
    if len(made.get("ecsServices", ())) != 1:
        raise AwsError("InvalidECSServiceException", "For ECS deployment group, exactly one ECS service must be specified")
    _check_service(ctx, made)
    pairs = made.get("loadBalancerInfo", {}).get("targetGroupPairInfoList", [])
    if len(pairs) != 1 or len(pairs[0].get("targetGroups", ())) != 2 or not pairs[0].get("prodTrafficRoute", {}).get("listenerArns"):
        raise AwsError(
            "InvalidLoadBalancerInfoException",
            "For ECS deployment group, loadBalancerInfo must have one target group pair of two target groups and a production route",
        )
    _check_ready(made)
    alarms = made["alarmConfiguration"]
    if alarms.get("enabled") and not 1 <= len(alarms.get("alarms", ())) <= 10:
        raise AwsError("InvalidAlarmConfigException", "An enabled alarm configuration has 1 to 10 alarms")


def _check_service(ctx: Context, made: Record) -> None:
    wanted = made["ecsServices"][0]
    for key, other in groups(ctx).items():
        if (
            other is not made
            and other["computePlatform"] == "ECS"
            and other["ecsServices"][0] == wanted
            and other["deploymentGroupId"] != made["deploymentGroupId"]
        ):
            raise AwsError(
                "ECSServiceMappingLimitExceededException",
                f"The ECS service {wanted['serviceName']} is already associated with deployment group {key.partition('|')[2]}",
            )
    found = ctx.call("ecs", "describe_services", cluster=wanted["clusterName"], services=[wanted["serviceName"]])["services"]
    if not found or found[0]["status"] != "ACTIVE":
        raise AwsError(
            "InvalidECSServiceException", f"The ECS service {wanted['serviceName']} in cluster {wanted['clusterName']} does not exist"
        )
    if found[0]["deploymentController"]["type"] != "CODE_DEPLOY":
        raise AwsError(
            "InvalidECSServiceException", "Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller."
        )


def _check_ready(made: Record) -> None:
    blue_green = made.get("blueGreenDeploymentConfiguration")
    if not blue_green:
        raise AwsError("InvalidBlueGreenDeploymentConfigurationException", "A blue/green deployment configuration is required")
    ready = blue_green.get("deploymentReadyOption", {})
    if ready.get("actionOnTimeout") == "CONTINUE_DEPLOYMENT" and ready.get("waitTimeInMinutes"):
        # The sentence as reported in hashicorp/terraform-provider-aws#9653.
        raise AwsError(
            "InvalidBlueGreenDeploymentConfigurationException",
            "Deployment ready action cannot be set to 'CONTINUE_DEPLOYMENT' when timeout is specified",
        )
    if blue_green.get("terminateBlueInstancesOnDeploymentSuccess", {}).get("terminationWaitTimeInMinutes", 0) > 2880:
        raise AwsError("InvalidBlueGreenDeploymentConfigurationException", "The termination wait time must not exceed 2880 minutes")


@codedeploy
def update_deployment_group(ctx: Context, p: Record) -> Record:
    found = group(ctx, p["applicationName"], p["currentDeploymentGroupName"])
    wanted = found | given(p, *_MEMBERS)
    _check_group(ctx, wanted)
    found.update(wanted)
    if new := p.get("newDeploymentGroupName"):
        del groups(ctx)[f"{p['applicationName']}|{p['currentDeploymentGroupName']}"]
        groups(ctx)[f"{p['applicationName']}|{new}"] = found | {"deploymentGroupName": new}
    return {"hooksNotCleanedUp": []}


@codedeploy
def get_deployment_group(ctx: Context, p: Record) -> Record:
    return {"deploymentGroupInfo": group(ctx, p["applicationName"], p["deploymentGroupName"])}


@codedeploy
def batch_get_deployment_groups(ctx: Context, p: Record) -> Record:
    names = [f"{p['applicationName']}|{name}" for name in p["deploymentGroupNames"]]
    return {"deploymentGroupsInfo": [groups(ctx)[name] for name in names if name in groups(ctx)]}


@codedeploy
def list_deployment_groups(ctx: Context, p: Record) -> Record:
    application(ctx, p["applicationName"])
    found = [g["deploymentGroupName"] for g in groups(ctx).values() if g["applicationName"] == p["applicationName"]]
    return {"applicationName": p["applicationName"], "deploymentGroups": found}


@codedeploy
def delete_deployment_group(ctx: Context, p: Record) -> Record:
    groups(ctx).pop(f"{p['applicationName']}|{p['deploymentGroupName']}", None)
    return {"hooksNotCleanedUp": []}


def _by_arn(ctx: Context, arn: str) -> Record:
    kind, _, name = arn.split(":", 5)[5].partition(":")
    if kind == "application":
        return application(ctx, name)
    owner, _, own = name.partition("/")
    return group(ctx, owner, own)


codedeploy.tags(_by_arn, "ResourceArn")
