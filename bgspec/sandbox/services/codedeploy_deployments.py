"""CodeDeploy's operations on deployments."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import elbv2
from bgspec.sandbox.services.codedeploy import application, codedeploy, group, routing
from bgspec.sandbox.services.codedeploy_course import deploy
from bgspec.sandbox.services.codedeploy_records import OVER, content, deployment, deployments, new, parse_appspec
from bgspec.sandbox.services.ecs_tasks import counts
from bgspec.sandbox.world import Context, Record


@codedeploy
def create_deployment(ctx: Context, p: Record) -> Record:
    owner, name = p["applicationName"], p.get("deploymentGroupName", "")
    found = group(ctx, owner, name)
    for other in deployments(ctx).values():
        if other["_group"] == f"{owner}|{name}" and other["status"] not in OVER:
            raise AwsError(
                "DeploymentLimitExceededException",
                f"The Deployment Group '{name}' already has an active Deployment '{other['deploymentId']}'",
            )
    if "revision" not in p:
        raise AwsError("RevisionRequiredException", "Revision is required")
    appspec = parse_appspec(content(ctx, p["revision"]))
    configuration = p.get("deploymentConfigName") or found["deploymentConfigName"]
    routing(ctx, configuration)
    made = new(ctx, found, p, configuration, appspec)
    ctx.world.start(deploy(ctx, made))
    return {"deploymentId": made["deploymentId"]}


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
    if d["status"] in OVER:
        raise AwsError("DeploymentAlreadyCompletedException", f"The deployment {p['deploymentId']} is already completed")
    d["_asked"] = "rollback" if p.get("autoRollbackEnabled") else "stop"
    return {"status": "Pending", "statusMessage": "Stopping deployment"}


@codedeploy
def continue_deployment(ctx: Context, p: Record) -> None:
    d = deployment(ctx, p["deploymentId"])
    kind = p.get("deploymentWaitType", "READY_WAIT")
    if d["status"] in OVER:
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
