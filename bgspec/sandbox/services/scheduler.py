"""EventBridge Scheduler: schedules and their groups. No schedule fires by itself."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import clock
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

scheduler = Service("scheduler")


def schedules(ctx: Context) -> Table:
    return ctx.table("scheduler.schedules")


def groups(ctx: Context) -> Table:
    found = ctx.table("scheduler.groups")
    found.setdefault("default", {"Name": "default", "Arn": ctx.arn("scheduler", "schedule-group/default"), "State": "ACTIVE", "_tags": {}})
    return found


def _key(p: Record) -> str:
    return f"{p.get('GroupName', 'default')}|{p['Name']}"


def _check(ctx: Context, p: Record) -> None:
    if p.get("GroupName", "default") not in groups(ctx):
        raise AwsError("ResourceNotFoundException", f"Schedule group {p['GroupName']} does not exist.", 404)
    if not clock.understood(p["ScheduleExpression"]):
        raise AwsError("ValidationException", f"Invalid Schedule Expression {p['ScheduleExpression']}.")
    if not role_exists(ctx, p["Target"]["RoleArn"]):
        raise AwsError("ValidationException", "The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")


_MEMBERS = (
    "Name",
    "GroupName",
    "ScheduleExpression",
    "StartDate",
    "EndDate",
    "Description",
    "ScheduleExpressionTimezone",
    "State",
    "KmsKeyArn",
    "Target",
    "FlexibleTimeWindow",
    "ActionAfterCompletion",
)


def _made(ctx: Context, p: Record) -> Record:
    defaults = {"GroupName": "default", "State": "ENABLED", "ScheduleExpressionTimezone": "UTC", "ActionAfterCompletion": "NONE"}
    target = {"RetryPolicy": {"MaximumEventAgeInSeconds": 86400, "MaximumRetryAttempts": 185}, **p["Target"]}
    arn = ctx.arn("scheduler", f"schedule/{p.get('GroupName', 'default')}/{p['Name']}")
    return {**defaults, **given(p, *_MEMBERS), "Target": target, "Arn": arn, "LastModificationDate": ctx.now()}


@scheduler
def create_schedule(ctx: Context, p: Record) -> Record:
    _check(ctx, p)
    if _key(p) in schedules(ctx):
        raise AwsError("ConflictException", f"Schedule {p['Name']} already exists.", 409)
    schedules(ctx)[_key(p)] = _made(ctx, p) | {"CreationDate": ctx.now()}
    return {"ScheduleArn": schedules(ctx)[_key(p)]["Arn"]}


def schedule(ctx: Context, p: Record) -> Record:
    if _key(p) not in schedules(ctx):
        raise AwsError("ResourceNotFoundException", f"Schedule {p['Name']} does not exist.", 404)
    return schedules(ctx)[_key(p)]


@scheduler
def get_schedule(ctx: Context, p: Record) -> Record:
    return schedule(ctx, p)


@scheduler
def list_schedules(ctx: Context, p: Record) -> Record:
    wanted = p.get("GroupName")
    return {"Schedules": [s | {"Target": {"Arn": s["Target"]["Arn"]}} for s in schedules(ctx).values() if wanted in {None, s["GroupName"]}]}


@scheduler
def update_schedule(ctx: Context, p: Record) -> Record:
    _check(ctx, p)
    created = schedule(ctx, p)["CreationDate"]
    schedules(ctx)[_key(p)] = _made(ctx, p) | {"CreationDate": created}
    return {"ScheduleArn": schedules(ctx)[_key(p)]["Arn"]}


@scheduler
def delete_schedule(ctx: Context, p: Record) -> None:
    schedule(ctx, p)
    del schedules(ctx)[_key(p)]


@scheduler
def create_schedule_group(ctx: Context, p: Record) -> Record:
    if p["Name"] in groups(ctx):
        raise AwsError("ConflictException", f"Schedule group {p['Name']} already exists.", 409)
    arn = ctx.arn("scheduler", f"schedule-group/{p['Name']}")
    groups(ctx)[p["Name"]] = {
        "Name": p["Name"],
        "Arn": arn,
        "State": "ACTIVE",
        "CreationDate": ctx.now(),
        "LastModificationDate": ctx.now(),
        "_tags": tags_of(p.get("Tags")),
    }
    return {"ScheduleGroupArn": arn}


@scheduler
def get_schedule_group(ctx: Context, p: Record) -> Record:
    if p["Name"] not in groups(ctx):
        raise AwsError("ResourceNotFoundException", f"Schedule group {p['Name']} does not exist.", 404)
    return groups(ctx)[p["Name"]]


@scheduler
def delete_schedule_group(ctx: Context, p: Record) -> None:
    get_schedule_group(ctx, p)
    del groups(ctx)[p["Name"]]
    for key in [key for key in schedules(ctx) if key.startswith(p["Name"] + "|")]:
        del schedules(ctx)[key]


@scheduler
def list_tags_for_resource(ctx: Context, p: Record) -> Record:
    return {"Tags": tag_list(get_schedule_group(ctx, {"Name": p["ResourceArn"].rpartition("/")[2]}))}
