"""Deployments under ECS's own controller: begun, shown, stopped and continued."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ecs_records import controller, ecs, service, services
from bgspec.sandbox.services.ecs_rollouts import deployments, finish, fleet, over, record_of, roll
from bgspec.sandbox.services.ecs_shifts import shift
from bgspec.sandbox.services.ecs_tasks import counts, reconcile
from bgspec.sandbox.world import Context, Record


def first_deployment(ctx: Context, found: Record) -> None:
    """Creation of a service: one primary fleet. Under CODE_DEPLOY that is all; under ECS it is the first deployment."""
    made = fleet(ctx, found, status="PRIMARY", started_by="" if controller(found) == "ECS" else "CODE_DEPLOY")
    made["desired"] = found["desiredCount"]
    found["_fleets"][made["id"]] = made
    if controller(found) == "ECS":
        ctx.world.start(roll(ctx, found, made, record_of(ctx, found, made, None)))
    reconcile(ctx, found, made)


def begin(ctx: Context, found: Record) -> None:
    """A new deployment of the service as it now stands; one that is under way is stopped by it."""
    for record in deployments(ctx).values():
        if record["serviceArn"] == found["serviceArn"] and record["status"] in {"PENDING", "IN_PROGRESS"}:
            finish(ctx, record, "STOPPED", "A newer deployment replaced this one.")
    old = next(f for f in found["_fleets"].values() if f["status"] == "PRIMARY")
    made = fleet(ctx, found, status="PRIMARY")
    old["status"] = "ACTIVE"
    found["_fleets"] = {made["id"]: made} | found["_fleets"]
    record = record_of(ctx, found, made, old)
    strategy = found["deploymentConfiguration"].get("strategy", "ROLLING")
    work = roll if strategy == "ROLLING" or not found["loadBalancers"] else shift
    ctx.world.start(work(ctx, found, made, record))


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
    shown = [known[arn] | _resolved(ctx, known[arn]) for arn in p["serviceRevisionArns"] if arn in known]
    return {"serviceRevisions": shown, "failures": missing}


def _resolved(ctx: Context, revision: Record) -> Record:
    """The target groups that a revision's own tasks stand in, as long as it has any."""
    fleets = services(ctx).get(revision["serviceArn"], {}).get("_fleets", {}).values()
    groups = [
        {"targetGroupArn": b["targetGroupArn"]}
        for one in fleets
        if one["revision"] == revision["serviceRevisionArn"]
        for b in one["loadBalancers"]
    ]
    return {"resolvedConfiguration": {"loadBalancers": groups}} if groups else {}


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
