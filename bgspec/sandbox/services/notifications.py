"""CodeStar Notifications: rules that tell a topic about pipelines and deployments."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given
from bgspec.sandbox.world import Context, Record, Table

notifications = Service("codestar-notifications")


def rules(ctx: Context) -> Table:
    return ctx.table("notifications.rules")


def rule(ctx: Context, arn: str) -> Record:
    if arn not in rules(ctx):
        raise AwsError("ResourceNotFoundException", f"Notification rule {arn} not found", 404)
    return rules(ctx)[arn]


def _targets(targets: list[Record]) -> list[Record]:
    return [target | {"TargetStatus": "ACTIVE"} for target in targets]


@notifications
def create_notification_rule(ctx: Context, p: Record) -> Record:
    if any(r["Name"] == p["Name"] for r in rules(ctx).values()):
        raise AwsError("ResourceAlreadyExistsException", f"A resource with the name {p['Name']} already exists", 409)
    arn = ctx.arn("codestar-notifications", f"notificationrule/{ctx.unique('notification-rule', 40)}")
    rules(ctx)[arn] = {
        "Arn": arn, **given(p, "Name", "Resource", "DetailType"), "Status": p.get("Status", "ENABLED"), "CreatedBy": "sandbox",
        "_events": p["EventTypeIds"], "Targets": _targets(p["Targets"]), "CreatedTimestamp": ctx.now(), "LastModifiedTimestamp": ctx.now(), "_tags": p.get("Tags", {}),
    }  # fmt: skip
    return {"Arn": arn}


@notifications
def describe_notification_rule(ctx: Context, p: Record) -> Record:
    found = rule(ctx, p["Arn"])
    kinds = [{"EventTypeId": name, "ServiceName": name.split("-")[0], "ResourceType": name.split("-")[1]} for name in found["_events"]]
    return found | {"EventTypes": kinds, "Tags": found["_tags"]}


@notifications
def list_notification_rules(ctx: Context, _: Record) -> Record:
    return {"NotificationRules": [{"Id": arn.rpartition("/")[2], "Arn": arn} for arn in rules(ctx)]}


@notifications
def update_notification_rule(ctx: Context, p: Record) -> None:
    found = rule(ctx, p["Arn"])
    found.update(given(p, "Name", "Status", "DetailType"))
    found["_events"] = p.get("EventTypeIds") or found["_events"]
    if "Targets" in p:
        found["Targets"] = _targets(p["Targets"])
    found["LastModifiedTimestamp"] = ctx.now()


@notifications
def delete_notification_rule(ctx: Context, p: Record) -> Record:
    rules(ctx).pop(p["Arn"], None)
    return {"Arn": p["Arn"]}


@notifications
def list_tags_for_resource(ctx: Context, p: Record) -> Record:
    return {"Tags": rule(ctx, p["Arn"])["_tags"]}


@notifications
def tag_resource(ctx: Context, p: Record) -> Record:
    rule(ctx, p["Arn"])["_tags"].update(p["Tags"])
    return {"Tags": rule(ctx, p["Arn"])["_tags"]}
