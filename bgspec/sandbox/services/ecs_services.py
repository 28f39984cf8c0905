"""ECS services: what may be created and updated under which controller, and how they are described."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import elbv2
from bgspec.sandbox.services.ec2_records import GROUP, SUBNET
from bgspec.sandbox.services.ecs_definitions import usable
from bgspec.sandbox.services.ecs_deployments import begin, first_deployment, shown_deployments
from bgspec.sandbox.services.ecs_records import cluster, controller, ecs, find_service, last, say, service, services
from bgspec.sandbox.services.ecs_tasks import alive, counts, reconcile, steady, stop
from bgspec.sandbox.services.elbv2_listeners import listeners, rules, uses
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import LOWER, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Work


def invalid(message: str) -> AwsError:
    return AwsError("InvalidParameterException", message)


# What a service keeps as given, besides what creation works out.
_KEPT = (
    "serviceRegistries", "placementConstraints", "placementStrategy", "capacityProviderStrategy", "launchType",
    "healthCheckGracePeriodSeconds", "enableECSManagedTags", "propagateTags", "enableExecuteCommand", "networkConfiguration",
    "loadBalancers", "serviceConnectConfiguration", "volumeConfigurations", "platformVersion", "availabilityZoneRebalancing",
)  # fmt: skip


@ecs
def create_service(ctx: Context, p: Record) -> Record:
    name, where = p["serviceName"], cluster(ctx, p.get("cluster"))
    there = find_service(ctx, p.get("cluster"), name)
    if there is not None and there["status"] == "ACTIVE":
        raise invalid("Creation of service was not idempotent.")
    if there is not None and there["status"] == "DRAINING":
        raise invalid("Unable to Start a service that is still Draining.")
    kind = p.get("deploymentController", {}).get("type", "ECS")
    if "taskDefinition" not in p and kind != "EXTERNAL":
        raise invalid("TaskDefinition cannot be blank.")
    found = usable(ctx, p["taskDefinition"])
    _check_configuration(kind, p.get("deploymentConfiguration", {}))
    _check_network(ctx, found, p)
    _check_balancers(ctx, found, p, kind)
    arn = ctx.arn("ecs", f"service/{where['clusterName']}/{name}")
    made = {
        "serviceArn": arn, "serviceName": name, "clusterArn": where["clusterArn"], "status": "ACTIVE",
        "desiredCount": p.get("desiredCount", 0), "taskDefinition": found["taskDefinitionArn"],
        "deploymentController": {"type": kind}, "schedulingStrategy": p.get("schedulingStrategy", "REPLICA"),
        "deploymentConfiguration": _configuration(kind, p.get("deploymentConfiguration", {})),
        "loadBalancers": [], "serviceRegistries": [], "placementConstraints": [], "placementStrategy": [], "propagateTags": "NONE",
        "enableECSManagedTags": False, "enableExecuteCommand": False, "platformFamily": "Linux", "platformVersion": "LATEST",
        "availabilityZoneRebalancing": "ENABLED", **given(p, *_KEPT), "createdAt": ctx.now(), "events": [],
        "createdBy": f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox", "_tags": tags_of(p.get("tags")), "_fleets": {},
        "roleArn": ctx.arn("iam", "role/aws-service-role/ecs.amazonaws.com/AWSServiceRoleForECS"),
    }  # fmt: skip
    if "healthCheckGracePeriodSeconds" not in made and made["loadBalancers"]:
        made["healthCheckGracePeriodSeconds"] = 0
    if "capacityProviderStrategy" not in made:
        made.setdefault("launchType", "EC2")
    services(ctx)[arn] = made
    first_deployment(ctx, made)
    ctx.world.start(_watch(ctx, made))
    return {"service": shown(ctx, made)}


def _configuration(kind: str, asked: Record) -> Record:
    found: Record = {"maximumPercent": 200, "minimumHealthyPercent": 100}
    if kind == "ECS":
        found |= {"strategy": "ROLLING", "deploymentCircuitBreaker": {"enable": False, "rollback": False}}
    found |= asked
    strategy = found.get("strategy", "ROLLING")
    if strategy != "ROLLING":  # defaults: aws-facts, DeploymentConfiguration of the template reference
        found.setdefault("bakeTimeInMinutes", 15)
    if strategy == "LINEAR":
        found["linearConfiguration"] = {"stepPercent": 10.0, "stepBakeTimeInMinutes": 6} | found.get("linearConfiguration", {})
    if strategy == "CANARY":
        found["canaryConfiguration"] = {"canaryPercent": 5.0, "canaryBakeTimeInMinutes": 10} | found.get("canaryConfiguration", {})
    return found


def _check_configuration(kind: str, asked: Record) -> None:
    if kind == "ECS":
        return
    own = [
        name
        for name in (
            "deploymentCircuitBreaker",
            "alarms",
            "bakeTimeInMinutes",
            "lifecycleHooks",
            "linearConfiguration",
            "canaryConfiguration",
        )
        if asked.get(name)
    ]
    if own or asked.get("strategy", "ROLLING") != "ROLLING":
        raise invalid(f"{(own or ['strategy'])[0]} is only supported with the ECS deployment controller.")


def _check_network(ctx: Context, found: Record, p: Record) -> None:
    network = p.get("networkConfiguration", {}).get("awsvpcConfiguration")
    if found.get("networkMode") == "awsvpc" and not network:
        raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
    for name in (network or {}).get("subnets", ()):
        if name not in SUBNET.table(ctx):
            raise invalid(f"The subnet ID '{name}' does not exist")
    for name in (network or {}).get("securityGroups", ()):
        if name not in GROUP.table(ctx):
            raise invalid(f"The security group '{name}' does not exist")


def _check_balancers(ctx: Context, found: Record, p: Record, kind: str) -> None:
    containers = {container["name"]: container for container in found["containerDefinitions"]}
    for balancer in p.get("loadBalancers", ()):
        group = elbv2.groups(ctx).get(balancer["targetGroupArn"])
        if group is None:
            raise invalid(f"Unable to assume role and validate the specified targetGroupArn {balancer['targetGroupArn']}.")
        container = containers.get(balancer["containerName"])
        if container is None:
            raise invalid(f"The container {balancer['containerName']} does not exist in the task definition.")
        if balancer["containerPort"] not in {m["containerPort"] for m in container["portMappings"]}:
            raise invalid(f"The container {balancer['containerName']} did not have a container port {balancer['containerPort']} defined.")
        if not uses(ctx, balancer["targetGroupArn"]):
            raise invalid(f"The target group with targetGroupArn {balancer['targetGroupArn']} does not have an associated load balancer.")
        if found.get("networkMode") == "awsvpc" and group["TargetType"] != "ip":
            raise invalid(
                f"The provided target group {balancer['targetGroupArn']} has target type {group['TargetType']}, which is incompatible with the awsvpc network mode specified in the task definition."
            )
        _check_advanced(ctx, balancer, p, kind)


def _check_advanced(ctx: Context, balancer: Record, p: Record, kind: str) -> None:
    """Native blue/green: both groups behind the production or the test rule (aws-facts, section 4)."""
    strategy = p.get("deploymentConfiguration", {}).get("strategy", "ROLLING")
    asked = balancer.get("advancedConfiguration")
    if asked is None:
        if kind == "ECS" and strategy != "ROLLING":
            raise invalid(f"advancedConfiguration must be specified for load balancers with the {strategy} deployment strategy.")
        return
    if kind != "ECS":
        raise invalid("advancedConfiguration is only supported with the ECS deployment controller.")
    for name in ("productionListenerRule", "testListenerRule"):
        arn = asked.get(name)
        if arn and arn not in rules(ctx) and arn not in listeners(ctx):
            raise invalid(f"The {name} {arn} does not exist.")
    both = {balancer["targetGroupArn"], asked["alternateTargetGroupArn"]}
    named = [rules(ctx)[arn] for name in ("productionListenerRule", "testListenerRule") if (arn := asked.get(name)) in rules(ctx)]
    reached = {g["TargetGroupArn"] for rule in named for a in rule["Actions"] for g in a.get("ForwardConfig", {}).get("TargetGroups", ())}
    if not both <= reached:
        raise invalid("Both targetGroup and alternateTargetGroup must be associated with the productionListenerRule or testListenerRule")
    if not role_exists(ctx, asked.get("roleArn", "")):
        raise invalid(f"ECS was unable to assume the role '{asked.get('roleArn')}' that was provided for this service.")


def _watch(ctx: Context, found: Record) -> Work:
    """Says when the service is steady, as ECS does."""
    was = False
    while found["status"] == "ACTIVE":
        fleets = list(found["_fleets"].values())
        now = len(fleets) == 1 and steady(ctx, fleets[0])
        if now and not was:
            say(ctx, found, "has reached a steady state.")
        was = now
        yield 10 if not now else 60


def shown(ctx: Context, found: Record) -> Record:
    """A service as DescribeServices answers it."""
    fleets = list(found["_fleets"].values())
    total = [counts(ctx, fleet) for fleet in fleets]
    extra = {name: sum(c[name] for c in total) for name in ("runningCount", "pendingCount")}
    if controller(found) == "ECS":
        extra |= shown_deployments(ctx, found)
    else:
        extra |= {"deployments": [], "taskSets": [_task_set(ctx, found, fleet) for fleet in fleets]}
    return found | extra


def _task_set(ctx: Context, found: Record, fleet: Record) -> Record:
    return fleet | counts(ctx, fleet) | {
        "id": fleet["id"], "taskSetArn": fleet["arn"], "serviceArn": found["serviceArn"], "clusterArn": found["clusterArn"],
        "computedDesiredCount": fleet["desired"], "scale": {"value": 100.0, "unit": "PERCENT"}, "startedBy": fleet["startedBy"],
        "stabilityStatus": "STEADY_STATE" if steady(ctx, fleet) else "STABILIZING", "stabilityStatusAt": ctx.now(),
        "tags": tag_list(found, *LOWER),
    }  # fmt: skip


@ecs
def describe_services(ctx: Context, p: Record) -> Record:
    found, failures = [], []
    for name in p["services"]:
        record = find_service(ctx, p.get("cluster"), name)
        if record is None:
            failures.append({"arn": ctx.arn("ecs", f"service/{last(p.get('cluster') or 'default')}/{last(name)}"), "reason": "MISSING"})
            continue
        tags = {"tags": tag_list(record, *LOWER)} if "TAGS" in p.get("include", ()) else {}
        found.append(shown(ctx, record) | tags)
    return {"services": found, "failures": failures}


@ecs
def list_services(ctx: Context, p: Record) -> Record:
    arn = cluster(ctx, p.get("cluster"))["clusterArn"]
    return {"serviceArns": [s["serviceArn"] for s in services(ctx).values() if s["clusterArn"] == arn and s["status"] != "INACTIVE"]}


@ecs
def describe_task_sets(ctx: Context, p: Record) -> Record:
    found = service(ctx, p["cluster"], p["service"])
    wanted = p.get("taskSets")
    shown_sets = [_task_set(ctx, found, fleet) for fleet in found["_fleets"].values()]
    return {"taskSets": [t for t in shown_sets if not wanted or t["taskSetArn"] in wanted or t["id"] in wanted], "failures": []}


_CODE_DEPLOY = "Unable to update {} on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
# Members whose mere presence ECS refuses under CODE_DEPLOY, as users of other tools report (hashicorp/
# terraform-provider-aws#8005 and #36727: unchanged network; kayac/ecspresso#393: unchanged load balancers).
_REFUSED = {
    "networkConfiguration": "network parameters", "platformVersion": "network parameters", "loadBalancers": "load balancers",
    "serviceRegistries": "service registries",
}  # fmt: skip


@ecs
def update_service(ctx: Context, p: Record) -> Record:
    found = service(ctx, p.get("cluster"), p["service"])
    moving = p.get("deploymentController", {}).get("type", controller(found))
    if moving != controller(found):
        _change_controller(found, moving)
    if controller(found) == "CODE_DEPLOY":
        _refuse_under_code_deploy(ctx, found, p)
    wanted = usable(ctx, p["taskDefinition"]) if "taskDefinition" in p else None
    checked = given(found, *_KEPT, "deploymentConfiguration") | given(p, *_KEPT, "deploymentConfiguration")
    _check_configuration(controller(found), p.get("deploymentConfiguration", {}))
    _check_network(ctx, wanted or usable(ctx, found["taskDefinition"]), checked)
    _check_balancers(ctx, wanted or usable(ctx, found["taskDefinition"]), checked, controller(found))
    before = _generation(found)
    found.update(given(p, *_KEPT))
    if "deploymentConfiguration" in p:
        found["deploymentConfiguration"] = _configuration(
            controller(found), found["deploymentConfiguration"] | p["deploymentConfiguration"]
        )
    if wanted is not None:
        found["taskDefinition"] = wanted["taskDefinitionArn"]
    if "desiredCount" in p:
        _scale(ctx, found, p["desiredCount"])
    if controller(found) == "ECS" and (_generation(found) != before or p.get("forceNewDeployment")):
        begin(ctx, found)
    return {"service": shown(ctx, found)}


def _generation(found: Record) -> Record:
    """What a new deployment is needed for (aws-facts, section 12.1)."""
    names = (
        "taskDefinition",
        "networkConfiguration",
        "platformVersion",
        "loadBalancers",
        "serviceRegistries",
        "serviceConnectConfiguration",
        "volumeConfigurations",
    )
    return given(found, *names)


def _refuse_under_code_deploy(ctx: Context, found: Record, p: Record) -> None:
    for name, words in _REFUSED.items():
        if name in p:
            raise invalid(_CODE_DEPLOY.format(words))
    if "taskDefinition" in p and usable(ctx, p["taskDefinition"])["taskDefinitionArn"] != found["taskDefinition"]:
        raise invalid(_CODE_DEPLOY.format("task definition"))
    if p.get("forceNewDeployment"):
        raise invalid(
            "Cannot force a new deployment on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."
        )


def _change_controller(found: Record, wanted: str) -> None:
    """Allowed ways: CODE_DEPLOY to ECS or EXTERNAL, ECS to EXTERNAL and back (aws-facts, section 6.4)."""
    if wanted == "CODE_DEPLOY":
        raise invalid("Unable to update deployment controller to CODE_DEPLOY.")
    if len(found["_fleets"]) > 1:
        raise invalid("Unable to update deployment controller while a deployment is in progress.")
    found["deploymentController"] = {"type": wanted}
    found["deploymentConfiguration"] = _configuration(wanted, found["deploymentConfiguration"])
    for fleet in found["_fleets"].values():
        fleet["rolloutState"] = "COMPLETED"


def _scale(ctx: Context, found: Record, desired: int) -> None:
    found["desiredCount"] = desired
    for fleet in found["_fleets"].values():
        if fleet["status"] != "DRAINING":
            fleet["desired"] = desired
            reconcile(ctx, found, fleet)


@ecs
def delete_service(ctx: Context, p: Record) -> Record:
    found = service(ctx, p.get("cluster"), p["service"])
    if found["desiredCount"] > 0 and not p.get("force"):
        raise invalid("The service cannot be stopped while it is scaled above 0.")
    found["status"] = "DRAINING"
    for fleet in found["_fleets"].values():
        for task in alive(ctx, fleet):
            stop(ctx, task, "ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {fleet['id']})")
    ctx.world.start(_drain(ctx, found))
    return {"service": shown(ctx, found)}


def _drain(ctx: Context, found: Record) -> Work:
    while any(task["lastStatus"] != "STOPPED" for task in ctx.table("ecs.tasks").values() if task["_fleet"] in found["_fleets"]):
        yield 2
    found["status"] = "INACTIVE"


def scale_in_place(ctx: Context, found: Record, desired: int) -> None:
    """What application auto scaling does."""
    _scale(ctx, found, desired)
