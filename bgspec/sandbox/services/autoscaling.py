"""Application Auto Scaling for ECS services: targets, policies, schedules. Nothing scales by itself: there is no load."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import clock
from bgspec.sandbox.services.ecs_records import find_service
from bgspec.sandbox.services.ecs_services import scale_in_place
from bgspec.sandbox.services.registry import Service, given
from bgspec.sandbox.world import Context, Record, Table

autoscaling = Service("application-autoscaling")


def targets(ctx: Context) -> Table:
    return ctx.table("autoscaling.targets")


def policies(ctx: Context) -> Table:
    return ctx.table("autoscaling.policies")


def target_key(p: Record) -> str:
    return f"{p['ResourceId']}|{p['ScalableDimension']}|{p['ServiceNamespace']}"


def target(ctx: Context, p: Record) -> Record:
    found = targets(ctx).get(target_key(p))
    if found is None:
        raise AwsError(
            "ObjectNotFoundException",
            f"No scalable target registered for service namespace: {p['ServiceNamespace']}, resource ID: {p['ResourceId']}, scalable dimension: {p['ScalableDimension']}",
        )
    return found


@autoscaling
def register_scalable_target(ctx: Context, p: Record) -> Record:
    if p["ServiceNamespace"] != "ecs":
        raise AwsError("SandboxNotEmulated", "The bgspec sandbox scales ECS services only.", 501)
    _, cluster, name = p["ResourceId"].split("/")
    try:
        service = find_service(ctx, cluster, name)
    except AwsError:
        service = None
    if service is None or service["status"] != "ACTIVE":
        raise AwsError("ValidationException", f"ECS service doesn't exist: {p['ResourceId']}")
    there = targets(ctx).get(target_key(p), {})
    made = {
        **given(there), **given(p, "ServiceNamespace", "ResourceId", "ScalableDimension", "MinCapacity", "MaxCapacity"),
        "RoleARN": p.get("RoleARN") or ctx.arn("iam", "role/aws-service-role/ecs.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_ECSService"),
        "SuspendedState": {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False} | p.get("SuspendedState", {}),
        "CreationTime": there.get("CreationTime", ctx.now()),
        "ScalableTargetARN": there.get("ScalableTargetARN") or ctx.arn("application-autoscaling", f"scalable-target/{ctx.unique('scalable-target', 24)}"),
        "_tags": {**there.get("_tags", {}), **p.get("Tags", {})}, "_schedules": there.get("_schedules", {}),
    }  # fmt: skip
    if "MinCapacity" not in made or "MaxCapacity" not in made or made["MinCapacity"] > made["MaxCapacity"]:
        raise AwsError("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    targets(ctx)[target_key(p)] = made
    wanted = min(max(service["desiredCount"], made["MinCapacity"]), made["MaxCapacity"])
    if wanted != service["desiredCount"]:  # a service outside the bounds is brought inside
        scale_in_place(ctx, service, wanted)
    return {"ScalableTargetARN": made["ScalableTargetARN"]}


@autoscaling
def describe_scalable_targets(ctx: Context, p: Record) -> Record:
    ids, dimension = p.get("ResourceIds"), p.get("ScalableDimension")
    return {
        "ScalableTargets": [
            t for t in targets(ctx).values() if (not ids or t["ResourceId"] in ids) and dimension in {None, t["ScalableDimension"]}
        ]
    }


@autoscaling
def deregister_scalable_target(ctx: Context, p: Record) -> None:
    target(ctx, p)
    del targets(ctx)[target_key(p)]
    for arn in [arn for arn, policy in policies(ctx).items() if target_key(policy) == target_key(p)]:
        _forget(ctx, arn)


@autoscaling
def put_scaling_policy(ctx: Context, p: Record) -> Record:
    target(ctx, p)
    there = next(
        (policy for policy in policies(ctx).values() if target_key(policy) == target_key(p) and policy["PolicyName"] == p["PolicyName"]),
        None,
    )
    arn = (
        there["PolicyARN"]
        if there
        else ctx.arn(
            "autoscaling",
            f"scalingPolicy:{ctx.uuid('policy')}:resource/{p['ServiceNamespace']}/{p['ResourceId']}:policyName/{p['PolicyName']}",
        )
    )
    alarms = there["Alarms"] if there else _alarms(ctx, p, arn)
    policies(ctx)[arn] = {"PolicyARN": arn, "PolicyType": "StepScaling", **given(p), "CreationTime": ctx.now(), "Alarms": alarms}
    return policies(ctx)[arn]


def _alarms(ctx: Context, p: Record, arn: str) -> list[Record]:
    """Target tracking makes two alarms of its own."""
    if p.get("PolicyType") != "TargetTrackingScaling":
        return []
    made = []
    for side in ("AlarmHigh", "AlarmLow"):
        name = f"TargetTracking-{p['ResourceId']}-{side}-{ctx.uuid('tracking-alarm')}"
        alarm = ctx.arn("cloudwatch", f"alarm:{name}")
        ctx.table("cloudwatch.alarms")[name] = {
            "AlarmName": name,
            "AlarmArn": alarm,
            "StateValue": "OK",
            "AlarmActions": [arn],
            "ActionsEnabled": True,
            "_tags": {},
            "_owner": arn,
        }
        made.append({"AlarmName": name, "AlarmARN": alarm})
    return made


def _forget(ctx: Context, arn: str) -> None:
    for alarm in policies(ctx).pop(arn)["Alarms"]:
        ctx.table("cloudwatch.alarms").pop(alarm["AlarmName"], None)


@autoscaling
def describe_scaling_policies(ctx: Context, p: Record) -> Record:
    names, resource = p.get("PolicyNames"), p.get("ResourceId")
    return {
        "ScalingPolicies": [
            policy
            for policy in policies(ctx).values()
            if (not names or policy["PolicyName"] in names) and resource in {None, policy["ResourceId"]}
        ]
    }


@autoscaling
def delete_scaling_policy(ctx: Context, p: Record) -> None:
    for arn, policy in policies(ctx).items():
        if target_key(policy) == target_key(p) and policy["PolicyName"] == p["PolicyName"]:
            _forget(ctx, arn)
            return
    raise AwsError(
        "ObjectNotFoundException", f"No scaling policy found for service namespace: {p['ServiceNamespace']}, resource ID: {p['ResourceId']}"
    )


@autoscaling
def put_scheduled_action(ctx: Context, p: Record) -> None:
    if not clock.understood(p["Schedule"]):
        raise AwsError("ValidationException", f"Failed to parse the schedule expression: {p['Schedule']}")  # its words are not documented
    arn = ctx.arn(
        "autoscaling",
        f"scheduledAction:{ctx.uuid('scheduled')}:resource/{p['ServiceNamespace']}/{p['ResourceId']}:scheduledActionName/{p['ScheduledActionName']}",
    )
    target(ctx, p)["_schedules"][p["ScheduledActionName"]] = {"ScheduledActionARN": arn, "CreationTime": ctx.now(), **given(p)}


@autoscaling
def describe_scheduled_actions(ctx: Context, p: Record) -> Record:
    resource = p.get("ResourceId")
    return {"ScheduledActions": [a for t in targets(ctx).values() if resource in {None, t["ResourceId"]} for a in t["_schedules"].values()]}


@autoscaling
def delete_scheduled_action(ctx: Context, p: Record) -> None:
    if target(ctx, p)["_schedules"].pop(p["ScheduledActionName"], None) is None:
        raise AwsError("ObjectNotFoundException", "No scheduled action found")


def _by_arn(ctx: Context, arn: str) -> Record:
    found = next((t for t in targets(ctx).values() if t["ScalableTargetARN"] == arn), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"The resource {arn} was not found")
    return found


autoscaling.tags(_by_arn, "ResourceARN", pairs=None)
