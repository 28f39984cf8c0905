"""A service's generations of tasks under ECS's own controller, and how one replaces another step by step."""

from bgspec.sandbox.services import elbv2_listeners
from bgspec.sandbox.services.ecs_definitions import definition
from bgspec.sandbox.services.ecs_records import last, say
from bgspec.sandbox.services.ecs_tasks import image_digest, reconcile, steady
from bgspec.sandbox.services.registry import given
from bgspec.sandbox.world import Context, Record, Table, Work

POLL = 5.0
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


def record_of(ctx: Context, found: Record, new: Record, old: Record | None) -> Record:
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


def finish(ctx: Context, record: Record, status: str, reason: str) -> None:
    record |= {"status": status, "statusReason": reason, "finishedAt": ctx.now(), "updatedAt": ctx.now()}


def over(record: Record) -> bool:
    return record["status"] not in {"PENDING", "IN_PROGRESS", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS", "STOP_REQUESTED"}


# --- rolling ---


def roll(ctx: Context, found: Record, new: Record, record: Record) -> Work:
    new["desired"] = found["desiredCount"]
    reconcile(ctx, found, new)
    while not steady(ctx, new):
        yield POLL
        if over(record) or found["status"] != "ACTIVE":
            return
        if record["_asked"] or _broken(found, new):
            yield from back(ctx, found, record, record["_asked"] or "ECS deployment circuit breaker: tasks failed to start.")
            return
    yield from retire(ctx, found, new)
    complete(ctx, new, record)


def _broken(found: Record, new: Record) -> bool:
    """The circuit breaker's threshold: half of the wanted tasks, at least 3, at most 200 (aws-facts, section 6.1)."""
    breaker = found["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    return bool(breaker.get("enable") and new["failedTasks"] >= min(200, max(3, -(-found["desiredCount"] // 2))))


def complete(ctx: Context, new: Record, record: Record) -> None:
    new |= {"rolloutState": "COMPLETED", "rolloutStateReason": f"ECS deployment {new['id']} completed.", "updatedAt": ctx.now()}
    record["_weights"] = (100.0, 100.0)
    finish(ctx, record, "SUCCESSFUL", "Deployment completed.")


def retire(ctx: Context, found: Record, new: Record) -> Work:
    """Stop the tasks of every other fleet, then forget it."""
    for other in [f for f in found["_fleets"].values() if f is not new]:
        other["status"], other["desired"] = "DRAINING", 0
        reconcile(ctx, found, other)
        while any(task["lastStatus"] != "STOPPED" for task in ctx.table("ecs.tasks").values() if task["_fleet"] == other["id"]):
            yield 2
        del found["_fleets"][other["id"]]


def back(ctx: Context, found: Record, record: Record, reason: str) -> Work:
    """The way back: production weights to the old fleet, then the new one goes."""
    new, old = record["_new"], record["_old"]
    stays = record["status"] == "STOP_REQUESTED" or old is None
    if stays and record["_asked"] == "ABORT":
        finish(ctx, record, "STOPPED", "Stopped by user.")
        return
    new |= {"rolloutState": "FAILED", "rolloutStateReason": reason, "updatedAt": ctx.now()}
    if old is None:
        finish(ctx, record, "ROLLBACK_FAILED", f"{reason} No rollback candidate was found to run the rollback.")
        say(ctx, found, f"(deployment {new['id']}) deployment failed: tasks failed to start.")
        return
    breaker = found["deploymentConfiguration"].get("deploymentCircuitBreaker", {})
    if not record["_asked"] and "circuit breaker" in reason and not breaker.get("rollback"):
        finish(ctx, record, "STOPPED", reason)
        return
    record |= {
        "status": "ROLLBACK_IN_PROGRESS",
        "statusReason": reason,
        "rollback": {"reason": reason, "startedAt": ctx.now(), "serviceRevisionArn": old["revision"]},
    }
    weigh(ctx, record, 0.0)
    weigh_test(ctx, record, 0.0)
    yield POLL
    _restore(found, old)
    old["status"], old["desired"], new["status"] = "PRIMARY", found["desiredCount"], "DRAINING"
    reconcile(ctx, found, old)
    while not steady(ctx, old):
        yield POLL
    yield from retire(ctx, found, old)
    finish(ctx, record, "ROLLBACK_SUCCESSFUL", reason)


def _restore(found: Record, old: Record) -> None:
    for name in ("taskDefinition", "networkConfiguration", "platformVersion"):
        if name in old:
            found[name] = old[name]


def weigh(ctx: Context, record: Record, share: float) -> None:
    """Production traffic: `share` per cent to the new fleet's group."""
    record["_weights"] = (share, record["_weights"][1])
    for balancer, blue, green in record.get("_pairs", ()):
        elbv2_listeners.shift(
            ctx, balancer["advancedConfiguration"]["productionListenerRule"], {blue: round(100 - share), green: round(share)}
        )


def weigh_test(ctx: Context, record: Record, share: float) -> None:
    record["_weights"] = (record["_weights"][0], share)
    for balancer, blue, green in record.get("_pairs", ()):
        rule = balancer["advancedConfiguration"].get("testListenerRule")
        if rule and rule != balancer["advancedConfiguration"]["productionListenerRule"]:
            elbv2_listeners.shift(ctx, rule, {blue: round(100 - share), green: round(share)})
