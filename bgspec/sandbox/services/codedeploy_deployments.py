"""A deployment through CodeDeploy: green beside blue, the test listener, the gate, the shift, the bake, the end of blue."""

from collections.abc import Iterator
from typing import Any

import yaml

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import ecs_deployments, elbv2, elbv2_listeners, lambda_
from bgspec.sandbox.services.codedeploy import application, codedeploy, group, routing
from bgspec.sandbox.services.ecs_definitions import definition
from bgspec.sandbox.services.ecs_records import find_service, service
from bgspec.sandbox.services.ecs_tasks import counts, reconcile, steady
from bgspec.sandbox.world import Context, Record, Table, Work

_POLL = 5.0
_INSTALL_LIMIT = 3600.0  # CodeDeploy waits an hour for green (Amazon ECS guide, deployment-type-bluegreen)
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
_OVER = {"Succeeded", "Failed", "Stopped"}


class _Fails(Exception):  # noqa: N818 -- how a deployment ends, not an error of the emulator
    def __init__(self, code: str, message: str, status: str = "Failed") -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


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


def _content(ctx: Context, revision: Record) -> str:
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


@codedeploy
def create_deployment(ctx: Context, p: Record) -> Record:
    owner, name = p["applicationName"], p.get("deploymentGroupName", "")
    found = group(ctx, owner, name)
    for other in deployments(ctx).values():
        if other["_group"] == f"{owner}|{name}" and other["status"] not in _OVER:
            raise AwsError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{name}' already has an active Deployment '{other['deploymentId']}'",
            )
    if "revision" not in p:
        raise AwsError("RevisionRequiredException", "Revision is required")
    appspec = parse_appspec(_content(ctx, p["revision"]))
    configuration = p.get("deploymentConfigName") or found["deploymentConfigName"]
    routing(ctx, configuration)
    made = _new(ctx, found, p, configuration, appspec)
    ctx.world.start(_deploy(ctx, made))
    return {"deploymentId": made["deploymentId"]}


def _new(ctx: Context, found: Record, p: Record, configuration: str, appspec: Record) -> Record:
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


# --- its course ---


def _deploy(ctx: Context, d: Record) -> Work:
    yield 1
    d["status"] = "Queued"
    yield 1
    d["status"], d["startTime"] = "InProgress", ctx.now()
    try:
        yield from _stages(ctx, d)
    except _Fails as end:
        _fail(ctx, d, end)
        return
    d |= {"status": "Succeeded", "completeTime": ctx.now()}


def _stages(ctx: Context, d: Record) -> Work:
    found = find_service(ctx, d["_service"]["clusterName"], d["_service"]["serviceName"])
    if found is None or found["status"] != "ACTIVE":
        raise _Fails("ECS_UPDATE_ERROR", f"The ECS service {d['_service']['serviceName']} is not active")
    pair = _pair(ctx, d, found)
    yield from _event(ctx, d, "BeforeInstall")
    yield from _event(ctx, d, "Install", _install(ctx, d, found, pair))
    yield from _event(ctx, d, "AfterInstall")
    yield from _event(ctx, d, "AllowTestTraffic", _test_traffic(ctx, d, pair))
    yield from _event(ctx, d, "AfterAllowTestTraffic")
    yield from _gate(ctx, d)
    yield from _event(ctx, d, "BeforeAllowTraffic")
    yield from _event(ctx, d, "AllowTraffic", _traffic(ctx, d, found, pair))
    yield from _event(ctx, d, "AfterAllowTraffic")
    yield from _end_of_blue(ctx, d, found)


def _pair(ctx: Context, d: Record, found: Record) -> tuple[str, str]:
    """The target groups of blue, where the primary task set stands, and of green."""
    names = [g["name"] for g in d["loadBalancerInfo"]["targetGroupPairInfoList"][0]["targetGroups"]]
    arns = {record["TargetGroupName"]: arn for arn, record in elbv2.groups(ctx).items()}
    if missing := [name for name in names if name not in arns]:
        raise _Fails("ECS_UPDATE_ERROR", f"The target group {missing[0]} does not exist")
    blue = next(fleet for fleet in found["_fleets"].values() if fleet["status"] == "PRIMARY")
    live = blue["loadBalancers"][0]["targetGroupArn"] if blue["loadBalancers"] else ""
    pair = [arns[name] for name in names]
    if live not in pair:
        raise _Fails(
            "ECS_UPDATE_ERROR",
            f"The primary task set's target group must be one of those in the deployment group {d['deploymentGroupName']}",
        )
    d["_blue"] = blue
    return live, next(arn for arn in pair if arn != live)


def _event(ctx: Context, d: Record, name: str, work: Work | None = None) -> Work:
    """One lifecycle event, with its hook if the AppSpec has one."""
    event = d["_events"][name]
    hook = d["_appspec"]["hooks"].get(name)
    if work is None and hook is None:
        event["status"] = "Skipped"
        return
    event |= {"status": "InProgress", "startTime": ctx.now()}
    try:
        for seconds in work if work is not None else _hook(ctx, d, name, hook):
            yield seconds
            _look(ctx, d)
    except _Fails:
        event |= {"status": "Failed", "endTime": ctx.now()}
        raise
    event |= {"status": "Succeeded", "endTime": ctx.now()}


def _look(ctx: Context, d: Record) -> None:
    """Raise when somebody stopped the deployment or an alarm of its group is on."""
    if d["_asked"] is not None:
        raise _Fails("MANUAL_STOP", "The deployment was stopped by a user.", "Stopped")
    alarms = d["overrideAlarmConfiguration"] or group(ctx, d["applicationName"], d["deploymentGroupName"])["alarmConfiguration"]
    if alarms.get("enabled"):
        states = ctx.table("cloudwatch.alarms")
        active = [a["name"] for a in alarms["alarms"] if states.get(a["name"], {}).get("StateValue") == "ALARM"]
        if active:
            raise _Fails(
                "ALARM_ACTIVE",
                f"One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: <{', '.join(active)}>",
                "Stopped",
            )


def _hook(ctx: Context, d: Record, name: str, function: str) -> Work:
    d["_events"][name]["_answer"] = None
    token = f"{d['deploymentId']}:{name}"
    yield 2
    answer = lambda_.codedeploy_answer(ctx, function, d["deploymentId"], token)
    waited = 0.0
    while answer is None and waited < 3600:
        answer = d["_events"][name]["_answer"]
        yield _POLL
        waited += _POLL
    if answer != "Succeeded":
        raise _Fails(
            "HOOK_EXECUTION_FAILURE",
            f"Validation lambda for lifecycle event {name} failed"
            if answer
            else f"The hook function of {name} did not answer within an hour",
        )


def _install(ctx: Context, d: Record, found: Record, pair: tuple[str, str]) -> Work:
    green = pair[1]
    appspec = d["_appspec"]
    try:
        wanted = definition(ctx, appspec["task_definition"])
        if wanted["status"] != "ACTIVE":
            raise AwsError("ClientException", "TaskDefinition is inactive")
    except AwsError as error:
        raise _Fails(
            "ECS_UPDATE_ERROR",
            f"The deployment failed because the task definition {appspec['task_definition']} could not be used: {error.message}",
        ) from error
    containers = {c["name"]: {m["containerPort"] for m in c["portMappings"]} for c in wanted["containerDefinitions"]}
    if appspec["port"] not in containers.get(appspec["container"], ()):
        raise _Fails("ECS_UPDATE_ERROR", f"The container {appspec['container']} did not have a container port {appspec['port']} defined.")
    made = ecs_deployments.fleet(ctx, found, status="ACTIVE", started_by="CODE_DEPLOY")
    made |= {
        "taskDefinition": wanted["taskDefinitionArn"], "desired": found["desiredCount"], "externalId": d["deploymentId"],
        "loadBalancers": [{"targetGroupArn": green, "containerName": appspec["container"], "containerPort": appspec["port"]}],
    }  # fmt: skip
    if appspec["network"]:
        made["networkConfiguration"] = {"awsvpcConfiguration": _lower(appspec["network"]["AwsvpcConfiguration"])}
    if appspec["platform"]:
        made["platformVersion"] = appspec["platform"]
    d["_green"] = made
    _shift(ctx, d, pair, 0.0, "prodTrafficRoute")  # the idle group stays at weight 0, so that it is health-checked (aws-facts, section 4)
    found["_fleets"][made["id"]] = made
    reconcile(ctx, found, made)
    waited = 0.0
    while not steady(ctx, made):
        yield _POLL
        waited += _POLL
        if waited > _INSTALL_LIMIT:
            raise _Fails(
                "TIMEOUT",
                "The deployment timed out while waiting for the replacement task set to become healthy. This time out period is 60 minutes.",
            )


def _lower(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name[0].lower() + name[1:]: _lower(item) for name, item in tree.items()}
    return tree


def _shift(ctx: Context, d: Record, pair: tuple[str, str], share: float, route: str) -> None:
    blue, green = pair
    asked = d["loadBalancerInfo"]["targetGroupPairInfoList"][0].get(route)
    for arn in (asked or {}).get("listenerArns", ()):
        if arn not in elbv2_listeners.listeners(ctx) and arn not in elbv2_listeners.rules(ctx):
            raise _Fails("ECS_UPDATE_ERROR", f"The listener {arn} does not exist")
        elbv2_listeners.shift(ctx, arn, {green: round(share), blue: round(100 - share)})


def _test_traffic(ctx: Context, d: Record, pair: tuple[str, str]) -> Work:
    _shift(ctx, d, pair, 100.0, "testTrafficRoute")
    yield 3


def _gate(ctx: Context, d: Record) -> Work:
    """The wait before traffic moves, when the group asks for it: ContinueDeployment or the end of the wait ends it."""
    ready = d["blueGreenDeploymentConfiguration"].get("deploymentReadyOption", {})
    if ready.get("actionOnTimeout") != "STOP_DEPLOYMENT":
        return
    d["status"] = "Ready"
    waited = 0.0
    while "READY_WAIT" not in d["_continue"]:
        if waited >= ready.get("waitTimeInMinutes", 0) * 60:
            raise _Fails("MANUAL_STOP", "The deployment was stopped because nobody continued it in time.", "Stopped")
        yield _POLL
        waited += _POLL
        _look(ctx, d)
    d["status"] = "InProgress"


def steps(asked: Record) -> Iterator[tuple[float, float]]:
    """Shares of production traffic, each with the minutes it is held."""
    if asked["type"] == "TimeBasedCanary":
        canary = asked["timeBasedCanary"]
        yield canary["canaryPercentage"], canary["canaryInterval"]
    elif asked["type"] == "TimeBasedLinear":
        linear = asked["timeBasedLinear"]
        for share in range(linear["linearPercentage"], 100, linear["linearPercentage"]):
            yield share, linear["linearInterval"]
    yield 100.0, 0


def _traffic(ctx: Context, d: Record, found: Record, pair: tuple[str, str]) -> Work:
    for share, minutes in steps(routing(ctx, d["deploymentConfigName"])):
        _shift(ctx, d, pair, share, "prodTrafficRoute")
        d["_weights"] = (100.0 - share, float(share))
        left = minutes * 60.0
        while left > 0:
            yield min(_POLL, left)
            left -= _POLL
            _look(ctx, d)
    _promote(found, d["_green"], d["_blue"])
    yield 2


def _promote(found: Record, new: Record, old: Record) -> None:
    """The primary task set is what the service shows as its own."""
    new["status"], old["status"] = "PRIMARY", "ACTIVE"
    for name in ("taskDefinition", "loadBalancers", "networkConfiguration", "platformVersion"):
        if name in new:
            found[name] = new[name]


def _end_of_blue(ctx: Context, d: Record, found: Record) -> Work:
    asked = d["blueGreenDeploymentConfiguration"].get("terminateBlueInstancesOnDeploymentSuccess", {})
    if asked.get("action") == "KEEP_ALIVE":
        return
    d["instanceTerminationWaitTimeStarted"] = True
    left = asked.get("terminationWaitTimeInMinutes", 0) * 60.0
    while left > 0 and "TERMINATION_WAIT" not in d["_continue"]:
        yield min(_POLL, left)
        left -= _POLL
        _look(ctx, d)
    yield from _terminate(ctx, found, d["_blue"])


def _terminate(ctx: Context, found: Record, fleet: Record) -> Work:
    fleet["status"], fleet["desired"] = "DRAINING", 0
    reconcile(ctx, found, fleet)
    while any(task["lastStatus"] != "STOPPED" for task in ctx.table("ecs.tasks").values() if task["_fleet"] == fleet["id"]):
        yield 2
    found["_fleets"].pop(fleet["id"], None)


# --- the way back ---


def _fail(ctx: Context, d: Record, end: _Fails) -> None:
    for event in d["_events"].values():
        if event["status"] == "Pending":
            event["status"] = "Skipped"
    d |= {"status": end.status, "completeTime": ctx.now(), "errorInformation": {"code": end.code, "message": end.message}}
    wanted = {"ALARM_ACTIVE": "DEPLOYMENT_STOP_ON_ALARM", "MANUAL_STOP": "DEPLOYMENT_STOP_ON_REQUEST"}.get(end.code, "DEPLOYMENT_FAILURE")
    automatic = d["autoRollbackConfiguration"].get("enabled") and wanted in d["autoRollbackConfiguration"].get("events", ())
    if automatic or d["_asked"] == "rollback":
        _roll_back(ctx, d, end.message)


def _roll_back(ctx: Context, d: Record, reason: str) -> None:
    """A deployment of its own that brings traffic back to blue and ends green."""
    found = group(ctx, d["applicationName"], d["deploymentGroupName"])
    info = {"rollbackTriggeringDeploymentId": d["deploymentId"], "rollbackMessage": reason}
    back = _new(
        ctx,
        found,
        {"revision": d["revision"], "_creator": "codeDeployRollback", "_rollback": info},
        d["deploymentConfigName"],
        d["_appspec"],
    )
    back["autoRollbackConfiguration"] = {"enabled": False, "events": []}
    back["_blue"], back["_green"], back["_weights"] = d["_blue"], d["_green"], d["_weights"]
    d["rollbackInfo"] = {"rollbackDeploymentId": back["deploymentId"], "rollbackMessage": reason}
    ctx.world.start(_go_back(ctx, d, back))


def _go_back(ctx: Context, d: Record, back: Record) -> Work:
    yield 2
    back |= {"status": "InProgress", "startTime": ctx.now()}
    found = service(ctx, d["_service"]["clusterName"], d["_service"]["serviceName"])
    blue, green = d["_blue"], d["_green"]
    yield 3
    if blue is not None and green is not None:
        pair = blue["loadBalancers"][0]["targetGroupArn"], green["loadBalancers"][0]["targetGroupArn"]
        for route in ("prodTrafficRoute", "testTrafficRoute"):
            _shift(ctx, d, pair, 0.0, route)
        back["_weights"] = d["_weights"] = (100.0, 0.0)
        _promote(found, blue, green)
        if blue["id"] in found["_fleets"]:
            blue["desired"] = found["desiredCount"]
            reconcile(ctx, found, blue)
        yield 3
        yield from _terminate(ctx, found, green)
    for event in back["_events"].values():
        event["status"] = "Succeeded" if event["lifecycleEventName"] in {"AllowTraffic", "AllowTestTraffic"} else "Skipped"
    back |= {"status": "Succeeded", "completeTime": ctx.now()}


# --- operations ---


@codedeploy
def get_deployment(ctx: Context, p: Record) -> Record:
    return {"deploymentInfo": _shown(deployment(ctx, p["deploymentId"]))}


def _shown(d: Record) -> Record:
    state = {"Succeeded": "Succeeded", "Failed": "Failed", "Stopped": "Failed"}.get(d["status"], "InProgress")
    overview = {"Pending": 0, "InProgress": 0, "Succeeded": 0, "Failed": 0, "Skipped": 0, "Ready": 0} | {state: 1}
    return d | {"deploymentOverview": overview}


@codedeploy
def batch_get_deployments(ctx: Context, p: Record) -> Record:
    return {"deploymentsInfo": [_shown(deployments(ctx)[n]) for n in p["deploymentIds"] if n in deployments(ctx)]}


@codedeploy
def list_deployments(ctx: Context, p: Record) -> Record:
    owner, name, wanted = p.get("applicationName"), p.get("deploymentGroupName"), p.get("includeOnlyStatuses")
    if owner and name:
        group(ctx, owner, name)
    elif owner:
        application(ctx, owner)
    found = [
        d["deploymentId"] for d in reversed(deployments(ctx).values())
        if (not owner or d["applicationName"] == owner) and (not name or d["deploymentGroupName"] == name) and (not wanted or d["status"] in wanted)
    ]  # fmt: skip
    return {"deployments": found}


def _target(ctx: Context, d: Record) -> Record:
    arn = ctx.arn("ecs", f"service/{d['_service']['clusterName']}/{d['_service']['serviceName']}")
    blue, green = d["_weights"]
    sets = []
    for label, fleet, weight in (("Blue", d["_blue"], blue), ("Green", d["_green"], green)):
        if fleet is not None:
            name = elbv2.groups(ctx).get(fleet["loadBalancers"][0]["targetGroupArn"], {}).get("TargetGroupName")
            sets.append({"identifer": fleet["id"], "desiredCount": fleet["desired"], "status": fleet["status"], "trafficWeight": weight,
                         "targetGroup": {"name": name}, "taskSetLabel": label, **counts(ctx, fleet)})  # fmt: skip
    state = {"Created": "Pending", "Queued": "Pending", "Stopped": "Failed", "Ready": "Ready"}.get(d["status"], d["status"])
    target = {
        "deploymentId": d["deploymentId"], "targetId": f"{d['_service']['clusterName']}:{d['_service']['serviceName']}", "targetArn": arn,
        "lastUpdatedAt": ctx.now(), "lifecycleEvents": list(d["_events"].values()), "status": state, "taskSetsInfo": sets,
    }  # fmt: skip
    return {"deploymentTargetType": "ECSTarget", "ecsTarget": target}


@codedeploy
def list_deployment_targets(ctx: Context, p: Record) -> Record:
    d = deployment(ctx, p["deploymentId"])
    return {"targetIds": [f"{d['_service']['clusterName']}:{d['_service']['serviceName']}"]}


@codedeploy
def batch_get_deployment_targets(ctx: Context, p: Record) -> Record:
    return {"deploymentTargets": [_target(ctx, deployment(ctx, p["deploymentId"]))]}


@codedeploy
def get_deployment_target(ctx: Context, p: Record) -> Record:
    return {"deploymentTarget": _target(ctx, deployment(ctx, p["deploymentId"]))}


@codedeploy
def stop_deployment(ctx: Context, p: Record) -> Record:
    d = deployment(ctx, p["deploymentId"])
    if d["status"] in _OVER:
        raise AwsError("DeploymentAlreadyCompletedException", f"The deployment {p['deploymentId']} is already completed")
    d["_asked"] = "rollback" if p.get("autoRollbackEnabled") else "stop"
    return {"status": "Pending", "statusMessage": "Stopping deployment"}


@codedeploy
def continue_deployment(ctx: Context, p: Record) -> None:
    d = deployment(ctx, p["deploymentId"])
    kind = p.get("deploymentWaitType", "READY_WAIT")
    if d["status"] in _OVER:
        raise AwsError("DeploymentAlreadyCompletedException", f"The deployment {p['deploymentId']} is already completed")
    if (kind == "READY_WAIT" and d["status"] != "Ready") or (kind == "TERMINATION_WAIT" and not d["instanceTerminationWaitTimeStarted"]):
        raise AwsError("DeploymentIsNotInReadyStateException", "The deployment is not in a ready state")
    d["_continue"].add(kind)


@codedeploy
def put_lifecycle_event_hook_execution_status(ctx: Context, p: Record) -> Record:
    d = deployment(ctx, p["deploymentId"])
    token = p.get("lifecycleEventHookExecutionId", "")
    event = d["_events"].get(token.rpartition(":")[2])
    if event is None or event["status"] != "InProgress":
        raise AwsError("InvalidLifecycleEventHookExecutionIdException", f"{token} is not the id of a hook that runs")
    event["_answer"] = p.get("status")
    return {"lifecycleEventHookExecutionId": token}


@codedeploy
def register_application_revision(ctx: Context, p: Record) -> None:
    application(ctx, p["applicationName"]).setdefault("_revisions", []).append(p["revision"])


@codedeploy
def get_application_revision(ctx: Context, p: Record) -> Record:
    if p["revision"] not in application(ctx, p["applicationName"]).get("_revisions", []):
        raise AwsError("RevisionDoesNotExistException", "The revision is not registered")
    return {"applicationName": p["applicationName"], "revision": p["revision"], "revisionInfo": {}}
