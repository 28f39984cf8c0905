"""EventBridge: rules on the default bus, and the events the emulated services send."""

import fnmatch
import json
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tags_of
from bgspec.sandbox.world import Context, Record, Work

events = Service("events")


def rule(ctx: Context, name: str) -> Record:
    found = ctx.table("events.rules").get(name)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Rule {name} does not exist on EventBus default.")
    return found


@events
def put_rule(ctx: Context, p: Record) -> Record:
    if not p.get("EventPattern") and not p.get("ScheduleExpression"):
        raise AwsError("ValidationException", "Parameter(s) EventPattern or ScheduleExpression must be specified.")
    if p.get("EventPattern"):
        try:
            json.loads(p["EventPattern"])
        except ValueError as error:
            raise AwsError("InvalidEventPatternException", "Event pattern is not valid. Reason: not JSON") from error
    there = ctx.table("events.rules").get(p["Name"], {"_targets": {}, "_tags": tags_of(p.get("Tags"))})
    made = {
        "Name": p["Name"], "Arn": ctx.arn("events", f"rule/{p['Name']}"), "State": p.get("State", "ENABLED"), "EventBusName": "default",
        "CreatedBy": ctx.account, **given(p, "EventPattern", "ScheduleExpression", "Description", "RoleArn"),
        "_targets": there["_targets"], "_tags": there["_tags"],
    }  # fmt: skip
    ctx.table("events.rules")[p["Name"]] = made
    return {"RuleArn": made["Arn"]}


@events
def describe_rule(ctx: Context, p: Record) -> Record:
    return rule(ctx, p["Name"])


@events
def list_rules(ctx: Context, p: Record) -> Record:
    prefix = p.get("NamePrefix", "")
    return {"Rules": [r for name, r in sorted(ctx.table("events.rules").items()) if name.startswith(prefix)]}


@events
def list_rule_names_by_target(ctx: Context, p: Record) -> Record:
    known = ctx.table("events.rules").items()
    return {"RuleNames": [name for name, r in known if any(t["Arn"] == p["TargetArn"] for t in r["_targets"].values())]}


@events
def enable_rule(ctx: Context, p: Record) -> None:
    rule(ctx, p["Name"])["State"] = "ENABLED"


@events
def disable_rule(ctx: Context, p: Record) -> None:
    rule(ctx, p["Name"])["State"] = "DISABLED"


@events
def delete_rule(ctx: Context, p: Record) -> None:
    if p["Name"] in ctx.table("events.rules"):
        if rule(ctx, p["Name"])["_targets"]:
            raise AwsError("ValidationException", "Rule can't be deleted since it has targets.")
        del ctx.table("events.rules")[p["Name"]]


@events
def put_targets(ctx: Context, p: Record) -> Record:
    found = rule(ctx, p["Rule"])["_targets"]
    if len(found.keys() | {target["Id"] for target in p["Targets"]}) > 5:
        raise AwsError("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    found.update({target["Id"]: target for target in p["Targets"]})
    return {"FailedEntryCount": 0, "FailedEntries": []}


@events
def list_targets_by_rule(ctx: Context, p: Record) -> Record:
    return {"Targets": list(rule(ctx, p["Rule"])["_targets"].values())}


@events
def remove_targets(ctx: Context, p: Record) -> Record:
    for name in p["Ids"]:
        rule(ctx, p["Rule"])["_targets"].pop(name, None)
    return {"FailedEntryCount": 0, "FailedEntries": []}


def _by_arn(ctx: Context, arn: str) -> Record:
    return rule(ctx, arn.rpartition("/")[2])


events.tags(_by_arn, "ResourceARN")


@events
def put_events(ctx: Context, p: Record) -> Record:
    entries = []
    for entry in p["Entries"]:
        publish(ctx, entry["Source"], entry["DetailType"], entry.get("Resources", []), json.loads(entry["Detail"]))
        entries.append({"EventId": ctx.uuid("event")})
    return {"FailedEntryCount": 0, "Entries": entries}


def publish(ctx: Context, source: str, kind: str, resources: list[str], detail: Record) -> None:
    """Hand an event to every rule it matches; what the targets do begins a moment later."""
    message = {
        "version": "0", "id": ctx.uuid("event"), "detail-type": kind, "source": source, "account": ctx.account,
        "time": ctx.now().isoformat(), "region": ctx.region, "resources": resources, "detail": detail,
    }  # fmt: skip
    for found in ctx.table("events.rules").values():
        pattern = found.get("EventPattern")
        if found["State"] == "ENABLED" and pattern and matches(json.loads(pattern), message):
            for target in found["_targets"].values():
                ctx.world.start(_deliver(ctx, target, message))


def _deliver(ctx: Context, target: Record, message: Record) -> Work:
    yield 2
    arn = target["Arn"]
    try:
        if ":codepipeline:" in arn:
            ctx.call("codepipeline", "start_pipeline_execution", name=arn.rpartition(":")[2])
        elif ":sns:" in arn:
            ctx.call("sns", "publish", TopicArn=arn, Message=json.dumps(message))
        elif ":lambda:" in arn:
            ctx.call("lambda", "invoke", FunctionName=arn, Payload=json.dumps(message).encode())
    except AwsError:
        return  # a target that does not answer loses the event, as on AWS without a dead-letter queue


def matches(pattern: Any, value: Any) -> bool:
    """EventBridge's patterns: every key must match; a list offers alternatives, plain or as `{"prefix": …}` and the like."""
    if isinstance(pattern, dict):
        return isinstance(value, dict) and all(matches(inner, value.get(name)) for name, inner in pattern.items())
    values = value if isinstance(value, list) else [value]
    return any(_alternative(one, item) for one in pattern for item in values)


def _alternative(one: Any, item: Any) -> bool:
    if not isinstance(one, dict):
        return bool(one == item)
    ((kind, operand),) = one.items()
    match kind:
        case "prefix":
            return isinstance(item, str) and item.startswith(operand)
        case "suffix":
            return isinstance(item, str) and item.endswith(operand)
        case "wildcard":
            return isinstance(item, str) and fnmatch.fnmatchcase(item, operand)
        case "exists":
            return bool((item is not None) == operand)
        case "anything-but":
            return bool(item not in (operand if isinstance(operand, list) else [operand]))
        case _:
            return False
