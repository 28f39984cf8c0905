"""What CodeDeploy remembers of a deployment, and the AppSpec it was given."""

import yaml

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.world import Context, Record, Table

_HOOKS = ("BeforeInstall", "AfterInstall", "AfterAllowTestTraffic", "BeforeAllowTraffic", "AfterAllowTraffic")
EVENTS = (
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "AllowTestTraffic",
    "AfterAllowTestTraffic",
    "BeforeAllowTraffic",
    "AllowTraffic",
    "AfterAllowTraffic",
)
OVER = {"Succeeded", "Failed", "Stopped"}


def deployments(ctx: Context) -> Table:
    return ctx.table("codedeploy.deployments")


def deployment(ctx: Context, name: str) -> Record:
    if name not in deployments(ctx):
        raise AwsError("DeploymentDoesNotExistException", f"The deployment {name} could not be found")
    return deployments(ctx)[name]


def parse_appspec(text: str) -> Record:
    """`{task_definition, container, port, platform, network, capacity, hooks}`; InvalidRevisionException when it is none."""
    try:
        tree = yaml.safe_load(text)
        target = tree["Resources"][0]["TargetService"]
        properties, balancer = target["Properties"], target["Properties"]["LoadBalancerInfo"]
        found = {
            "task_definition": properties["TaskDefinition"], "container": balancer["ContainerName"], "port": int(balancer["ContainerPort"]),
            "platform": properties.get("PlatformVersion"), "network": properties.get("NetworkConfiguration"),
            "capacity": properties.get("CapacityProviderStrategy"), "hooks": {k: v for h in tree.get("Hooks") or () for k, v in h.items()},
        }  # fmt: skip
        if str(tree["version"]) not in {"0.0", "0"} or target["Type"] != "AWS::ECS::Service" or found["hooks"].keys() - set(_HOOKS):
            raise KeyError
    except (yaml.YAMLError, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise AwsError("InvalidRevisionException", "The AppSpec file cannot be parsed or does not describe one ECS service") from error
    return found


def content(ctx: Context, revision: Record) -> str:
    kind = revision.get("revisionType")
    if kind == "AppSpecContent":
        return str(revision["appSpecContent"]["content"])
    if kind == "String":
        return str(revision["string"]["content"])
    if kind == "S3":
        where = revision["s3Location"]
        body: bytes = ctx.call("s3", "get_object", Bucket=where["bucket"], Key=where["key"])["Body"]
        return body.decode()
    raise AwsError("InvalidRevisionException", f"A revision of type {kind} is not one of an ECS deployment")


def new(ctx: Context, found: Record, p: Record, configuration: str, appspec: Record) -> Record:
    name = "d-" + ctx.unique("deployment", 9).upper()
    made = {
        "deploymentId": name, "applicationName": found["applicationName"], "deploymentGroupName": found["deploymentGroupName"],
        "deploymentConfigName": configuration, "revision": p["revision"], "status": "Created", "createTime": ctx.now(),
        "description": p.get("description"), "creator": p.get("_creator", "user"), "ignoreApplicationStopFailures": False,
        "autoRollbackConfiguration": p.get("autoRollbackConfiguration") or found["autoRollbackConfiguration"],
        "updateOutdatedInstancesOnly": False, "deploymentStyle": found["deploymentStyle"], "instanceTerminationWaitTimeStarted": False,
        "blueGreenDeploymentConfiguration": found["blueGreenDeploymentConfiguration"], "loadBalancerInfo": found["loadBalancerInfo"],
        "fileExistsBehavior": "DISALLOW", "deploymentStatusMessages": [], "computePlatform": "ECS", "rollbackInfo": p.get("_rollback"),
        "overrideAlarmConfiguration": p.get("overrideAlarmConfiguration"), "_group": f"{found['applicationName']}|{found['deploymentGroupName']}",
        "_appspec": appspec, "_events": {event: {"lifecycleEventName": event, "status": "Pending"} for event in EVENTS},
        "_weights": (100.0, 0.0), "_continue": set(), "_asked": None, "_service": found["ecsServices"][0], "_blue": None, "_green": None,
    }  # fmt: skip
    deployments(ctx)[name] = made
    return made
