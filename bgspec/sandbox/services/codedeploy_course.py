"""The course of a deployment through CodeDeploy: green beside blue, the test listener, the gate, the shift, the end of blue."""

from collections.abc import Iterator
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import ecs_rollouts, elbv2, elbv2_listeners, lambda_
from bgspec.sandbox.services.codedeploy import group, routing
from bgspec.sandbox.services.codedeploy_records import new
from bgspec.sandbox.services.ecs_definitions import definition
from bgspec.sandbox.services.ecs_records import find_service, service
from bgspec.sandbox.services.ecs_tasks import reconcile, steady
from bgspec.sandbox.world import Context, Record, Work

_POLL = 5.0
_INSTALL_LIMIT = 3600.0  # CodeDeploy waits an hour for green (Amazon ECS guide, deployment-type-bluegreen)


class _Fails(Exception):  # noqa: N818 -- how a deployment ends, not an error of the emulator
    def __init__(self, code: str, message: str, status: str = "Failed") -> None:
        super().__init__(message)
        self.code, self.message, self.status = code, message, status


def deploy(ctx: Context, d: Record) -> Work:
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
    made = ecs_rollouts.fleet(ctx, found, status="ACTIVE", started_by="CODE_DEPLOY")
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
    back = new(
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
