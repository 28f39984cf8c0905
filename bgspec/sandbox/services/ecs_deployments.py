"""Deployments under ECS's own controller: rolling, blue/green, canary and linear, with their hooks, bake and way back."""

from collections.abc import Callable
from datetime import timedelta

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import elbv2_listeners
from bgspec.sandbox.services.ecs_definitions import definition
from bgspec.sandbox.services.ecs_records import controller, ecs, last, say, service
from bgspec.sandbox.services.ecs_tasks import counts, image_digest, reconcile, steady
from bgspec.sandbox.services.registry import given
from bgspec.sandbox.world import Context, Record, Table, Work

_POLL = 5.0
_SHOWN = ("taskDefinition", "platformVersion", "platformFamily", "networkConfiguration", "launchType", "capacityProviderStrategy",
          "serviceConnectConfiguration", "volumeConfigurations")  # fmt: skip


def deployments(ctx: Context) -> Table:
    return ctx.table("ecs.deployments")


def fleet(ctx: Context, found: Record, *, status: str, started_by: str = "") -> Record:
    """A new generation of a service's tasks, as the service stands now; it has no tasks until it is reconciled."""
    number = str(int(ctx.unique("fleet", 16), 16))[:19]
    name = f"ecs-svc/{number}"
    where = f"{last(found['clusterArn'])}/{found['serviceName']}"
    made = {
        "id": name, "arn": ctx.arn("ecs", f"task-set/{where}/{name}"), "status": status, "createdAt": ctx.now(), "updatedAt": ctx.now(),
        "desired": 0, "failedTasks": 0, "rolloutState": "IN_PROGRESS", "rolloutStateReason": f"ECS deployment {name} in progress.",
        "loadBalancers": [given(b, "targetGroupArn", "containerName", "containerPort") for b in found["loadBalancers"]],
        "serviceRegistries": found["serviceRegistries"], "startedBy": started_by or found["createdBy"],
        "revision": ctx.arn("ecs", f"service-revision/{where}/{number}"), "_service": found["serviceArn"], **given(found, *_SHOWN),
    }  # fmt: skip
    images = [
        {"containerName": c["name"], "image": c["image"], "imageDigest": image_digest(ctx, c["image"])}
        for c in definition(ctx, made["taskDefinition"])["containerDefinitions"]
    ]
    ctx.table("ecs.revisions")[made["revision"]] = {
        "serviceRevisionArn": made["revision"], "serviceArn": found["serviceArn"], "clusterArn": found["clusterArn"],
        "createdAt": ctx.now(), "loadBalancers": found["loadBalancers"], "serviceRegistries": found["serviceRegistries"],
        "containerImages": [given(image) for image in images], "guardDutyEnabled": False, **given(found, *_SHOWN),
    }  # fmt: skip
    return made


def first_deployment(ctx: Context, found: Record) -> None:
    """Creation of a service: one primary fleet. Under CODE_DEPLOY that is all; under ECS it is the first deployment."""
    made = fleet(ctx, found, status="PRIMARY", started_by="" if controller(found) == "ECS" else "CODE_DEPLOY")
    made["desired"] = found["desiredCount"]
    found["_fleets"][made["id"]] = made
    if controller(found) == "ECS":
        ctx.world.start(_roll(ctx, found, made, _record(ctx, found, made, None)))
    reconcile(ctx, found, made)


def begin(ctx: Context, found: Record) -> None:
    """A new deployment of the service as it now stands; one that is under way is stopped by it."""
    for record in deployments(ctx).values():
        if record["serviceArn"] == found["serviceArn"] and record["status"] in {"PENDING", "IN_PROGRESS"}:
            _finish(ctx, record, "STOPPED", "A newer deployment replaced this one.")
    old = next(f for f in found["_fleets"].values() if f["status"] == "PRIMARY")
    made = fleet(ctx, found, status="PRIMARY")
    old["status"] = "ACTIVE"
    found["_fleets"] = {made["id"]: made} | found["_fleets"]
    record = _record(ctx, found, made, old)
    strategy = found["deploymentConfiguration"].get("strategy", "ROLLING")
    work = _roll if strategy == "ROLLING" or not found["loadBalancers"] else _shift
    ctx.world.start(work(ctx, found, made, record))


def _record(ctx: Context, found: Record, new: Record, old: Record | None) -> Record:
    name = f"{last(found['clusterArn'])}/{found['serviceName']}/{ctx.unique('service-deployment', 20)}"
    made = {
        "serviceDeploymentArn": ctx.arn("ecs", f"service-deployment/{name}"), "serviceArn": found["serviceArn"],
        "clusterArn": found["clusterArn"], "createdAt": ctx.now(), "startedAt": ctx.now(), "updatedAt": ctx.now(), "status": "IN_PROGRESS",
        "deploymentConfiguration": found["deploymentConfiguration"], "targetServiceRevisionArn": new["revision"], "lifecycleStage": "RECONCILE_SERVICE",
        "lifecycleHookDetails": [], "_new": new, "_old": old, "_weights": (100.0, 0.0) if old is None else (0.0, 0.0), "_asked": "", "_answers": {},
    }  # fmt: skip
    deployments(ctx)[made["serviceDeploymentArn"]] = made
    found["currentServiceDeployment"] = made["serviceDeploymentArn"]
    return made


def _finish(ctx: Context, record: Record, status: str, reason: str) -> None:
    record |= {"status": status, "statusReason": reason, "finishedAt": ctx.now(), "updatedAt": ctx.now()}


def over(record: Record) -> bool:
    return record["status"] not in {"PENDING", "IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "STOP_REQUESTED"}


# --- rolling ---


def _roll(ctx: Context, found: Record, new: Record, record: Record) -> Work:
    new["desired"] = found["desiredCount"]
    reconcile(ctx, found, new)
    while not steady(ctx, new):
        yield _POLL
        if over(record) or found["status"] != "ACTIVE":
            return
        if record["_asked"] or _broken(found, new):
            yield from _back(ctx, found, record, record["_asked"] or "ECS deployment circuit breaker: tasks failed to start.")
            return
    yield from _retire(ctx, found, new)
    _complete(ctx, new, record)


def _broken(found: Record, new: Record) -> bool:
    """The circuit breaker's threshold: half of the wanted tasks, at least 3, at most 200 (aws-facts, section 6.1)."""
    breaker = found["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    return bool(breaker.get("enable") and new["failedTasks"] >= min(200, max(3, -(-found["desiredCount"] // 2))))


def _complete(ctx: Context, new: Record, record: Record) -> None:
    new |= {"rolloutState": "COMPLETED", "rolloutStateReason": f"ECS deployment {new['id']} completed.", "updatedAt": ctx.now()}
    record["_weights"] = (100.0, 100.0)
    _finish(ctx, record, "SUCCESSFUL", "Deployment completed.")


def _retire(ctx: Context, found: Record, new: Record) -> Work:
    """Stop the tasks of every other fleet, then forget it."""
    for other in [f for f in found["_fleets"].values() if f is not new]:
        other["status"], other["desired"] = "DRAINING", 0
        reconcile(ctx, found, other)
        while any(task["lastStatus"] != "STOPPED" for task in ctx.table("ecs.tasks").values() if task["_fleet"] == other["id"]):
            yield 2
        del found["_fleets"][other["id"]]


def _back(ctx: Context, found: Record, record: Record, reason: str) -> Work:
    """The way back: production weights to the old fleet, then the new one goes."""
    new, old = record["_new"], record["_old"]
    stays = record["status"] == "STOP_REQUESTED" or old is None
    if stays and record["_asked"] == "ABORT":
        _finish(ctx, record, "STOPPED", "Stopped by user.")
        return
    new |= {"rolloutState": "FAILED", "rolloutStateReason": reason, "updatedAt": ctx.now()}
    if old is None:
        _finish(ctx, record, "ROLLBACK_FAILED", f"{reason} No rollback candidate was found to run the rollback.")
        say(ctx, found, f"(deployment {new['id']}) deployment failed: tasks failed to start.")
        return
    breaker = found["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    if not record["_asked"] and "circuit breaker" in reason and not breaker.get("rollback"):
        _finish(ctx, record, "STOPPED", reason)
        return
    record |= {
        "status": "ROLLBACK_IN_PROGRESS",
        "statusReason": reason,
        "rollback": {"reason": reason, "startedAt": ctx.now(), "serviceRevisionArn": old["revision"]},
    }
    _weigh(ctx, record, 0.0)
    _weigh_test(ctx, record, 0.0)
    yield _POLL
    _restore(found, old)
    old["status"], old["desired"], new["status"] = "PRIMARY", found["desiredCount"], "DRAINING"
    reconcile(ctx, found, old)
    while not steady(ctx, old):
        yield _POLL
    yield from _retire(ctx, found, old)
    _finish(ctx, record, "ROLLBACK_SUCCESSFUL", reason)


def _restore(found: Record, old: Record) -> None:
    for name in ("taskDefinition", "networkConfiguration", "platformVersion"):
        if name in old:
            found[name] = old[name]


# --- blue/green, canary, linear ---


def _groups(ctx: Context, found: Record) -> list[tuple[Record, str, str]]:
    """For every load balancer of the service: itself, the group production goes to now, and the other one."""
    result = []
    for balancer in found["loadBalancers"]:
        asked = balancer["advancedConfiguration"]
        pair = [balancer["targetGroupArn"], asked["alternateTargetGroupArn"]]
        rule = elbv2_listeners.rules(ctx).get(asked["productionListenerRule"])
        live = elbv2_listeners.weights(rule["Actions"]) if rule else {}
        pair.sort(key=lambda group: -live.get(group, 0))
        result.append((balancer, pair[0], pair[1]))
    return result


def _weigh(ctx: Context, record: Record, share: float) -> None:
    """Production traffic: `share` per cent to the new fleet's group."""
    record["_weights"] = (share, record["_weights"][1])
    for balancer, blue, green in record.get("_pairs", ()):
        elbv2_listeners.shift(
            ctx, balancer["advancedConfiguration"]["productionListenerRule"], {blue: round(100 - share), green: round(share)}
        )


def _weigh_test(ctx: Context, record: Record, share: float) -> None:
    record["_weights"] = (record["_weights"][0], share)
    for balancer, blue, green in record.get("_pairs", ()):
        rule = balancer["advancedConfiguration"].get("testListenerRule")
        if rule and rule != balancer["advancedConfiguration"]["productionListenerRule"]:
            elbv2_listeners.shift(ctx, rule, {blue: round(100 - share), green: round(share)})


class _Stop(Exception):  # noqa: N818 -- a way out of the stages, not an error
    """The deployment ends here and goes back."""


def _shift(ctx: Context, found: Record, new: Record, record: Record) -> Work:
    record["_pairs"] = _groups(ctx, found)
    for (_, _, green), balancer in zip(record["_pairs"], new["loadBalancers"], strict=True):
        balancer["targetGroupArn"] = green
    try:
        for stage, work in _STAGES:
            record["lifecycleStage"], record["updatedAt"] = stage, ctx.now()
            yield from _watched(record, found, work(ctx, found, record))
            yield from _watched(record, found, _hooks(ctx, found, record, stage))
    except _Stop as reason:
        if not over(record):
            yield from _back(ctx, found, record, str(reason))
        return
    yield from _retire(ctx, found, new)
    _complete(ctx, new, record)


def _watched(record: Record, found: Record, work: Work) -> Work:
    for seconds in work:
        yield seconds
        if over(record) or found["status"] != "ACTIVE":
            raise _Stop("superseded")
        if record["_asked"]:
            raise _Stop(
                "Service deployment rolled back because of a user request." if record["_asked"] == "ROLLBACK" else "Stopped by user."
            )
        if record["_new"]["failedTasks"] >= 3:
            raise _Stop("Service deployment rolled back because tasks failed to start.")


def _nothing(_ctx: Context, _found: Record, _record: Record) -> Work:
    yield 1


def _scale_up(ctx: Context, found: Record, record: Record) -> Work:
    new = record["_new"]
    new["desired"] = found["desiredCount"]
    reconcile(ctx, found, new)
    while not steady(ctx, new):
        yield _POLL


def _test_shift(ctx: Context, _found: Record, record: Record) -> Work:
    _weigh_test(ctx, record, 100.0)
    yield 2


def _production_shift(ctx: Context, found: Record, record: Record) -> Work:
    configuration = record["deploymentConfiguration"]
    for share, minutes in _steps(configuration):
        yield from _hooks(ctx, found, record, "PRE_PRODUCTION_TRAFFIC_SHIFT")
        record["lifecycleStage"] = "PRODUCTION_TRAFFIC_SHIFT"
        _weigh(ctx, record, share)
        yield max(2.0, minutes * 60.0)


def _steps(configuration: Record) -> list[tuple[float, float]]:
    """Shares of production traffic with the minutes each is held; nothing is held after all of it."""
    match configuration["strategy"]:
        case "CANARY":
            canary = configuration["canaryConfiguration"]
            return [(canary["canaryPercent"], canary["canaryBakeTimeInMinutes"]), (100.0, 0)]
        case "LINEAR":
            linear = configuration["linearConfiguration"]
            step, found = linear["stepPercent"], []
            share = step
            while share < 100:
                found.append((share, linear["stepBakeTimeInMinutes"]))
                share += step
            return [*found, (100.0, 0)]
        case _:
            return [(100.0, 0)]


def _bake(_ctx: Context, _found: Record, record: Record) -> Work:
    end = record["deploymentConfiguration"].get("bakeTimeInMinutes", 0) * 60.0
    waited = 0.0
    while waited < end:
        yield min(_POLL, end - waited)
        waited += _POLL


_STAGES: list[tuple[str, Callable[[Context, Record, Record], Work]]] = [
    ("RECONCILE_SERVICE", _nothing), ("PRE_SCALE_UP", _nothing), ("SCALE_UP", _scale_up), ("POST_SCALE_UP", _nothing),
    ("TEST_TRAFFIC_SHIFT", _test_shift), ("POST_TEST_TRAFFIC_SHIFT", _nothing), ("PRODUCTION_TRAFFIC_SHIFT", _production_shift),
    ("POST_PRODUCTION_TRAFFIC_SHIFT", _nothing), ("BAKE_TIME", _bake), ("CLEAN_UP", _nothing),
]  # fmt: skip


def _hooks(ctx: Context, found: Record, record: Record, stage: str) -> Work:
    """The hooks of one stage: functions are asked, pauses wait for ContinueServiceDeployment or their timeout."""
    del found
    for number, hook in enumerate(record["deploymentConfiguration"].get("lifecycleHooks", ())):
        if stage not in hook["lifecycleStages"]:
            continue
        kind = hook.get("targetType", "AWS_LAMBDA")
        detail = {
            "hookId": f"hook-{number}-{stage}-{len(record['lifecycleHookDetails'])}",
            "targetType": kind,
            "status": "IN_PROGRESS",
            **({"targetArn": hook["hookTargetArn"]} if kind == "AWS_LAMBDA" else {}),
        }
        record["lifecycleHookDetails"].append(detail)
        record["lifecycleStage"] = stage
        if kind == "PAUSE":
            yield from _pause(ctx, record, hook, detail)
        else:
            yield from _ask(ctx, record, hook, detail)


def _pause(ctx: Context, record: Record, hook: Record, detail: Record) -> Work:
    limit = {"timeoutInMinutes": 1440, "action": "ROLLBACK"} | hook.get("timeoutConfiguration", {})
    detail |= {
        "status": "AWAITING_ACTION",
        "expiresAt": ctx.now() + timedelta(minutes=limit["timeoutInMinutes"]),
        "timeoutAction": limit["action"],
    }
    waited = 0.0
    while detail["hookId"] not in record["_answers"] and waited < limit["timeoutInMinutes"] * 60:
        yield _POLL
        waited += _POLL
    answer = record["_answers"].get(detail["hookId"])
    detail["status"] = "SUCCEEDED" if answer == "CONTINUE" else "TIMED_OUT" if answer is None else "FAILED"
    if (answer or limit["action"]) == "ROLLBACK":
        raise _Stop("Service deployment rolled back because a pause hook was answered so or timed out.")


def _ask(ctx: Context, record: Record, hook: Record, detail: Record) -> Work:
    from bgspec.sandbox.services.lambda_ import hook_result  # noqa: PLC0415 -- functions may name services

    yield 3
    result = hook_result(
        ctx, hook["hookTargetArn"], {"executionDetails": {"serviceArn": record["serviceArn"]}, "lifecycleStage": record["lifecycleStage"]}
    )
    detail["status"] = "SUCCEEDED" if result == "SUCCEEDED" else "FAILED"
    if result != "SUCCEEDED":
        raise _Stop(f"Service deployment rolled back because lifecycle hook {hook['hookTargetArn']} failed.")


# --- what is shown, and the operations ---


def shown_deployments(ctx: Context, found: Record) -> Record:
    fleets = list(found["_fleets"].values())
    shown = [f | counts(ctx, f) | {"desiredCount": f["desired"]} for f in fleets]
    revisions = [_revision(ctx, f) for f in fleets]
    return {"deployments": shown, "taskSets": [], "currentServiceRevisions": revisions}


def _revision(ctx: Context, one: Record) -> Record:
    number = counts(ctx, one)
    return {
        "arn": one["revision"],
        "requestedTaskCount": one["desired"],
        "runningTaskCount": number["runningCount"],
        "pendingTaskCount": number["pendingCount"],
    }


def _shown(ctx: Context, record: Record) -> Record:
    production, test = record["_weights"]
    target = _revision(ctx, record["_new"]) | {"requestedProductionTrafficWeight": production, "requestedTestTrafficWeight": test}
    sources = (
        [_revision(ctx, record["_old"]) | {"requestedProductionTrafficWeight": 100 - production, "requestedTestTrafficWeight": 100 - test}]
        if record["_old"]
        else []
    )
    breaker = record["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    status = "DISABLED" if not breaker.get("enable") else "MONITORING" if not over(record) else "MONITORING_COMPLETE"
    return record | {
        "targetServiceRevision": target, "sourceServiceRevisions": sources,
        "deploymentCircuitBreaker": {"status": status, "failureCount": record["_new"]["failedTasks"], "threshold": 3},
    }  # fmt: skip


def deployment(ctx: Context, arn: str) -> Record:
    found = deployments(ctx).get(arn)
    if found is None:
        raise AwsError("ServiceDeploymentNotFoundException", f"Service deployment {arn} not found.")
    return found


@ecs
def list_service_deployments(ctx: Context, p: Record) -> Record:
    arn = service(ctx, p.get("cluster"), p["service"])["serviceArn"]
    wanted = p.get("status")
    found = [r for r in reversed(deployments(ctx).values()) if r["serviceArn"] == arn and (not wanted or r["status"] in wanted)]
    return {"serviceDeployments": found}


@ecs
def describe_service_deployments(ctx: Context, p: Record) -> Record:
    known = deployments(ctx)
    found = [_shown(ctx, known[arn]) for arn in p["serviceDeploymentArns"] if arn in known]
    return {
        "serviceDeployments": found,
        "failures": [{"arn": arn, "reason": "MISSING"} for arn in p["serviceDeploymentArns"] if arn not in known],
    }


@ecs
def describe_service_revisions(ctx: Context, p: Record) -> Record:
    known = ctx.table("ecs.revisions")
    missing = [{"arn": arn, "reason": "MISSING"} for arn in p["serviceRevisionArns"] if arn not in known]
    return {"serviceRevisions": [known[arn] for arn in p["serviceRevisionArns"] if arn in known], "failures": missing}


@ecs
def stop_service_deployment(ctx: Context, p: Record) -> Record:
    found = deployment(ctx, p["serviceDeploymentArn"])
    if found["status"] not in {"PENDING", "IN_PROGRESS"}:
        raise AwsError("ConflictException", f"The service deployment is in status {found['status']} and can not be stopped.")
    found["_asked"] = p.get("stopType", "ROLLBACK")
    found["status"] = "ROLLBACK_REQUESTED" if found["_asked"] == "ROLLBACK" else "STOP_REQUESTED"
    return {"serviceDeploymentArn": p["serviceDeploymentArn"]}


@ecs
def continue_service_deployment(ctx: Context, p: Record) -> Record:
    found = deployment(ctx, p["serviceDeploymentArn"])
    waiting = [hook for hook in found["lifecycleHookDetails"] if hook["status"] == "AWAITING_ACTION" and hook["hookId"] == p["hookId"]]
    if not waiting:
        raise AwsError("InvalidParameterException", f"Hook {p['hookId']} is not waiting for an action.")
    found["_answers"][p["hookId"]] = p.get("action", "CONTINUE")
    return {"serviceDeploymentArn": p["serviceDeploymentArn"]}
