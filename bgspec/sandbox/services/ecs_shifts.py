"""Blue/green, canary and linear under ECS's own controller: the stages of a deployment, its hooks and its bake."""

from collections.abc import Callable
from datetime import timedelta

from bgspec.sandbox.services import elbv2_listeners
from bgspec.sandbox.services.ecs_rollouts import POLL, back, complete, over, retire, weigh, weigh_test
from bgspec.sandbox.services.ecs_tasks import reconcile, steady
from bgspec.sandbox.world import Context, Record, Work


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


class _Stop(Exception):  # noqa: N818 -- a way out of the stages, not an error
    """The deployment ends here and goes back."""


def shift(ctx: Context, found: Record, new: Record, record: Record) -> Work:
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
            yield from back(ctx, found, record, str(reason))
        return
    yield from retire(ctx, found, new)
    complete(ctx, new, record)


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
        yield POLL


def _test_shift(ctx: Context, _found: Record, record: Record) -> Work:
    weigh_test(ctx, record, 100.0)
    yield 2


def _production_shift(ctx: Context, found: Record, record: Record) -> Work:
    configuration = record["deploymentConfiguration"]
    for share, minutes in _steps(configuration):
        yield from _hooks(ctx, found, record, "PRE_PRODUCTION_TRAFFIC_SHIFT")
        record["lifecycleStage"] = "PRODUCTION_TRAFFIC_SHIFT"
        weigh(ctx, record, share)
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
        yield min(POLL, end - waited)
        waited += POLL


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
        yield POLL
        waited += POLL
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
