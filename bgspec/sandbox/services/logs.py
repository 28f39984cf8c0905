"""CloudWatch Logs: groups, their retention, and what is written into them."""

import re

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service
from bgspec.sandbox.world import Context, Record

logs = Service("logs")


def group(ctx: Context, name: str) -> Record:
    """By name, or by ARN with or without its `:*`."""
    name = name.removesuffix(":*").rpartition(":log-group:")[2] or name
    found = ctx.table("logs.groups").get(name)
    if found is None:
        raise AwsError("ResourceNotFoundException", "The specified log group does not exist.")
    return found


@logs
def create_log_group(ctx: Context, p: Record) -> None:
    name = p["logGroupName"]
    if not re.fullmatch(r"[.\-_/#A-Za-z0-9]{1,512}", name):
        raise AwsError("InvalidParameterException", f"Invalid log group name {name}")
    if name in ctx.table("logs.groups"):
        raise AwsError("ResourceAlreadyExistsException", "The specified log group already exists")
    arn = ctx.arn("logs", f"log-group:{name}")
    ctx.table("logs.groups")[name] = {
        "logGroupName": name,
        "arn": arn + ":*",
        "logGroupArn": arn,
        "creationTime": int(ctx.now().timestamp() * 1000),
        "metricFilterCount": 0,
        "storedBytes": 0,
        "kmsKeyId": p.get("kmsKeyId"),
        "logGroupClass": p.get("logGroupClass", "STANDARD"),
        "deletionProtectionEnabled": p.get("deletionProtectionEnabled", False),
        "_tags": p.get("tags", {}),
        "_streams": {},
    }


@logs
def describe_log_groups(ctx: Context, p: Record) -> Record:
    prefix, part = p.get("logGroupNamePrefix", ""), p.get("logGroupNamePattern", "")
    groups = ctx.table("logs.groups")
    return {"logGroups": [groups[name] for name in sorted(groups) if name.startswith(prefix) and part in name]}


@logs
def put_retention_policy(ctx: Context, p: Record) -> None:
    group(ctx, p["logGroupName"])["retentionInDays"] = p["retentionInDays"]


@logs
def delete_retention_policy(ctx: Context, p: Record) -> None:
    group(ctx, p["logGroupName"]).pop("retentionInDays", None)


@logs
def put_log_group_deletion_protection(ctx: Context, p: Record) -> None:
    group(ctx, p["logGroupIdentifier"])["deletionProtectionEnabled"] = p["deletionProtectionEnabled"]


@logs
def delete_log_group(ctx: Context, p: Record) -> None:
    if group(ctx, p["logGroupName"])["deletionProtectionEnabled"]:
        raise AwsError("ValidationException", "The log group cannot be deleted because deletion protection is enabled.")
    del ctx.table("logs.groups")[p["logGroupName"]]


logs.tags(group, "resourceArn", pairs=None)


def stream(ctx: Context, p: Record) -> Record:
    found: Record | None = group(ctx, p["logGroupName"])["_streams"].get(p["logStreamName"])
    if found is None:
        raise AwsError("ResourceNotFoundException", "The specified log stream does not exist.")
    return found


@logs
def create_log_stream(ctx: Context, p: Record) -> None:
    streams, name = group(ctx, p["logGroupName"])["_streams"], p["logStreamName"]
    if name in streams:
        raise AwsError("ResourceAlreadyExistsException", "The specified log stream already exists")
    arn = ctx.arn("logs", f"log-group:{p['logGroupName']}:log-stream:{name}")
    now = int(ctx.now().timestamp() * 1000)
    streams[name] = {"logStreamName": name, "arn": arn, "creationTime": now, "_events": []}


@logs
def describe_log_streams(ctx: Context, p: Record) -> Record:
    streams = group(ctx, p.get("logGroupName") or p["logGroupIdentifier"])["_streams"]
    prefix = p.get("logStreamNamePrefix", "")
    return {"logStreams": [streams[name] for name in sorted(streams) if name.startswith(prefix)]}


@logs
def put_log_events(ctx: Context, p: Record) -> Record:
    now = int(ctx.now().timestamp() * 1000)
    stream(ctx, p)["_events"] += [event | {"ingestionTime": now} for event in p["logEvents"]]
    return {"nextSequenceToken": "0"}


@logs
def get_log_events(ctx: Context, p: Record) -> Record:
    events = stream(ctx, p)["_events"][-p.get("limit", 10_000) :]
    return {"events": events, "nextForwardToken": f"f/{len(events)}", "nextBackwardToken": "b/0"}


@logs
def filter_log_events(ctx: Context, p: Record) -> Record:
    streams, wanted = group(ctx, p["logGroupName"])["_streams"], p.get("logStreamNames")
    text = p.get("filterPattern", "").strip('"')
    found = [
        event | {"logStreamName": name, "eventId": str(number)}
        for name, one in streams.items()
        if not wanted or name in wanted
        for number, event in enumerate(one["_events"])
        if text in event["message"]
    ]
    return {"events": sorted(found, key=lambda event: event["timestamp"]), "searchedLogStreams": []}
