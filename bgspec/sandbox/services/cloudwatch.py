"""CloudWatch: alarms, whose state is what somebody sets it to, and dashboards. There are no metrics."""

import json

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tags_of
from bgspec.sandbox.world import Context, Record, Table

cloudwatch = Service("cloudwatch")


def alarms(ctx: Context) -> Table:
    return ctx.table("cloudwatch.alarms")


@cloudwatch
def put_metric_alarm(ctx: Context, p: Record) -> None:
    name = p["AlarmName"]
    there = alarms(ctx).get(name, {})
    if not p.get("Metrics") and not p.get("MetricName"):
        raise AwsError("ValidationError", "The request must contain the parameter MetricName or Metrics")
    alarms(ctx)[name] = {
        "ActionsEnabled": True, "OKActions": [], "AlarmActions": [], "InsufficientDataActions": [], **given(p),
        "AlarmArn": ctx.arn("cloudwatch", f"alarm:{name}"), "StateValue": there.get("StateValue", "INSUFFICIENT_DATA"),
        "StateReason": there.get("StateReason", "Unchecked: Initial alarm creation"), "StateUpdatedTimestamp": ctx.now(),
        "AlarmConfigurationUpdatedTimestamp": ctx.now(), "_tags": there.get("_tags") or tags_of(p.get("Tags")),
    }  # fmt: skip


@cloudwatch
def describe_alarms(ctx: Context, p: Record) -> Record:
    names, prefix, state = p.get("AlarmNames"), p.get("AlarmNamePrefix", ""), p.get("StateValue")
    found = [
        a for n, a in sorted(alarms(ctx).items()) if (not names or n in names) and n.startswith(prefix) and state in {None, a["StateValue"]}
    ]
    return {"MetricAlarms": found, "CompositeAlarms": []}


@cloudwatch
def set_alarm_state(ctx: Context, p: Record) -> None:
    if p["AlarmName"] not in alarms(ctx):
        raise AwsError("ResourceNotFound", f"Alarm {p['AlarmName']} does not exist", 404)
    alarms(ctx)[p["AlarmName"]] |= {"StateValue": p["StateValue"], "StateReason": p["StateReason"], "StateUpdatedTimestamp": ctx.now()}


@cloudwatch
def delete_alarms(ctx: Context, p: Record) -> None:
    for name in p["AlarmNames"]:
        alarms(ctx).pop(name, None)


@cloudwatch
def get_metric_data(_ctx: Context, p: Record) -> Record:
    empty = {"Timestamps": [], "Values": [], "StatusCode": "Complete"}
    return {"MetricDataResults": [{"Id": query["Id"], "Label": query["Id"], **empty} for query in p["MetricDataQueries"]]}


@cloudwatch
def put_dashboard(ctx: Context, p: Record) -> Record:
    try:
        json.loads(p["DashboardBody"])
    except ValueError as error:
        raise AwsError("InvalidParameterInput", "The field DashboardBody must be a valid JSON object") from error
    arn = f"arn:{ctx.partition}:cloudwatch::{ctx.account}:dashboard/{p['DashboardName']}"
    ctx.shared("cloudwatch.dashboards")[p["DashboardName"]] = {
        "DashboardArn": arn,
        **given(p, "DashboardName", "DashboardBody"),
        "LastModified": ctx.now(),
        "_tags": tags_of(p.get("Tags")),
    }
    return {"DashboardValidationMessages": []}


@cloudwatch
def get_dashboard(ctx: Context, p: Record) -> Record:
    found = ctx.shared("cloudwatch.dashboards").get(p["DashboardName"])
    if found is None:
        raise AwsError("ResourceNotFound", f"Dashboard {p['DashboardName']} does not exist", 404)
    return found


@cloudwatch
def delete_dashboards(ctx: Context, p: Record) -> None:
    for name in p["DashboardNames"]:
        ctx.shared("cloudwatch.dashboards").pop(name, None)


def _by_arn(ctx: Context, arn: str) -> Record:
    tables = (*alarms(ctx).values(), *ctx.shared("cloudwatch.dashboards").values())
    found = next((r for r in tables if arn in {r.get("AlarmArn"), r.get("DashboardArn")}), None)
    if found is None:
        raise AwsError("ResourceNotFoundException", f"{arn} does not exist", 404)
    return found


cloudwatch.tags(_by_arn, "ResourceARN")
