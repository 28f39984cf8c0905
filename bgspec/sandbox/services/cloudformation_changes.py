"""CloudFormation's change sets."""

import re

from bgspec.sandbox.cloudformation import engine, update
from bgspec.sandbox.cloudformation.changes import compare, output_changes
from bgspec.sandbox.cloudformation.intrinsics import parameters
from bgspec.sandbox.cloudformation.stack import ChangeSet, Stack, Wanted, event, find, get, new_operation, stacks
from bgspec.sandbox.cloudformation.template import MAX_OBJECT, Template, parse, refuse
from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds import KINDS
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import Service, tags_of
from bgspec.sandbox.world import Context, Record, Work

cloudformation = Service("cloudformation")

UPDATABLE = {
    "CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "IMPORT_COMPLETE", "IMPORT_ROLLBACK_COMPLETE",
}  # fmt: skip
# With rollback disabled a failed operation may be tried again (CloudFormation user guide, stack failure options).
RETRYABLE = {"CREATE_FAILED", "UPDATE_FAILED"}
NO_CHANGES = "The submitted information didn't contain changes. Submit different information to create a change set."


def template_of(ctx: Context, p: Record, stack: Stack | None) -> Template:
    if p.get("UsePreviousTemplate"):
        if stack is None or stack.template is None:
            raise refuse("Stack has no previous template")
        return stack.template
    if p.get("TemplateBody"):
        return parse(p["TemplateBody"])
    if p.get("TemplateURL"):
        return parse(_download(ctx, p["TemplateURL"]), MAX_OBJECT)
    raise refuse("Either Template URL or Template Body must be specified.")


def _download(ctx: Context, url: str) -> str:
    """`https://bucket.s3.region.amazonaws.com/key`, `https://s3.region.amazonaws.com/bucket/key`, or the emulator's own."""
    host, _, path = url.partition("://")[2].partition("/")
    bucket, _, rest = host.partition(".s3")
    if rest:
        key = path
    else:
        bucket, _, key = path.partition("/")
    version = re.search(r"\?versionId=(.+)$", key)
    try:
        body: bytes = ctx.call(
            "s3",
            "get_object",
            Bucket=bucket,
            Key=key.partition("?")[0],
            **({"VersionId": version[1]} if version else {}),
        )["Body"]
    except AwsError as error:
        raise refuse(
            f"S3 error: {error.message}\nFor more information check http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        ) from error
    return body.decode()


def check_capabilities(template: Template, given: list[str]) -> None:
    iam = {name: r for name, r in template.resources.items() if r["Type"].startswith("AWS::IAM::")}
    names = {
        "AWS::IAM::Role": "RoleName",
        "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
        "AWS::IAM::User": "UserName",
        "AWS::IAM::Group": "GroupName",
    }
    named = any(names.get(r["Type"]) in (r.get("Properties") or {}) for r in iam.values())
    needed = "CAPABILITY_NAMED_IAM" if named else "CAPABILITY_IAM"
    if iam and needed not in given and "CAPABILITY_NAMED_IAM" not in given:
        raise AwsError("InsufficientCapabilitiesException", f"Requires capabilities : [{needed}]")


def refuse_unless_updatable(stack: Stack) -> None:
    if stack.status not in UPDATABLE | RETRYABLE:
        raise refuse(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def refuse_without_role(ctx: Context, stack: Stack) -> None:
    """Whatever is asked of a stack, CloudFormation does with the role it was once given (https://github.com/ansible/ansible/pull/32300)."""
    if stack.role and not role_exists(ctx, stack.role):
        raise refuse(f"Role {stack.role} is invalid or cannot be assumed")


def new_stack(ctx: Context, name: str) -> Stack:
    if not re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", name):
        raise refuse(
            f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    stack = Stack(ctx.arn("cloudformation", f"stack/{name}/{ctx.uuid('stack')}"), name, ctx.now())
    stacks(ctx)[stack.id] = stack
    return stack


@cloudformation
def create_change_set(ctx: Context, p: Record) -> Record:
    kind = p.get("ChangeSetType", "UPDATE")
    if p.get("ImportExistingResources") or p.get("DeploymentMode"):
        raise NotEmulated("imports by name and drift-aware change sets")
    name, stack = p["ChangeSetName"], find(ctx, p["StackName"], deleted=False)
    if not re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", name):
        raise refuse(
            f"1 validation error detected: Value '{name}' at 'changeSetName' failed to satisfy constraint: Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
        )
    if kind == "UPDATE" and stack is None:
        raise refuse(f"Stack [{p['StackName']}] does not exist")
    if kind == "CREATE" and stack is not None and stack.status != "REVIEW_IN_PROGRESS":
        raise refuse(f"Stack [{p['StackName']}] already exists and cannot be created again with the changeSet [{name}].")
    if stack is not None and (kind == "UPDATE" or (kind == "IMPORT" and stack.status != "REVIEW_IN_PROGRESS")):
        refuse_unless_updatable(stack)
        refuse_without_role(ctx, stack)
    if stack is not None and name in stack.change_sets:
        raise AwsError("AlreadyExistsException", f"ChangeSet {name} already exists")
    template = template_of(ctx, p, stack)
    check_capabilities(template, p.get("Capabilities", []))
    texts = parameters(ctx, template, p.get("Parameters", []), stack.parameters if stack else {})
    taken = imported(ctx, stack, template, p.get("ResourcesToImport", [])) if kind == "IMPORT" else {}
    stack = stack or _review(ctx, p["StackName"])
    tags = tags_of(p["Tags"]) if "Tags" in p else stack.tags
    change_set = ChangeSet(
        ctx.arn("cloudformation", f"changeSet/{name}/{ctx.uuid('changeSet')}"), name, stack.id, kind, template, texts, tags,
        p.get("Capabilities", []), ctx.now(), description=p.get("Description", ""), on_failure=p.get("OnStackFailure", "ROLLBACK"),
        retain_except_on_create=p.get("RetainExceptOnCreate") or False, role=p.get("RoleARN", ""), token=p.get("ClientToken", ""), imports=taken,
    )  # fmt: skip
    stack.change_sets[name] = change_set
    ctx.world.start(_prepare(ctx, stack, change_set))
    return {"Id": change_set.id, "StackId": stack.id}


_ONLY_IMPORTS = "As part of the import operation, you cannot modify or add [Resources]"


def imported(ctx: Context, stack: Stack | None, template: Template, asked: list[Record]) -> dict[str, str]:
    """The physical ids of what an import takes. What is refused: CloudFormation User Guide, resource-import (validation)."""
    taken = {one["LogicalResourceId"]: next(iter(one["ResourceIdentifier"].values())) for one in asked}
    for logical in template.resources.keys() - (stack.resources.keys() if stack else ()):
        block = template.resources[logical]
        if logical not in taken:
            raise refuse(f"{_ONLY_IMPORTS}: {logical}")
        if "DeletionPolicy" not in block:
            raise refuse(f"Resources [{logical}] is missing DeletionPolicy attribute")
        standing = (one for one in stacks(ctx).values() if one.status != "DELETE_COMPLETE")
        owner = next((s for s in standing for r in s.resources.values() if (r.type, r.physical) == (block["Type"], taken[logical])), None)
        if owner:
            raise refuse(f"Resource {logical} of type {block['Type']} with identifier {taken[logical]} already belongs to {owner.name}")
        if taken[logical] not in KINDS[block["Type"]].records(ctx):
            raise refuse(f"Resource {logical} of type {block['Type']} with identifier {taken[logical]} was not found")
    return taken


def _review(ctx: Context, name: str) -> Stack:
    stack = new_stack(ctx, name)
    event(ctx, stack, None, "REVIEW_IN_PROGRESS", "User Initiated")
    return stack


def _prepare(ctx: Context, stack: Stack, change_set: ChangeSet) -> Work:
    yield 1.0
    change_set.status = "CREATE_IN_PROGRESS"
    yield 3.0 + ctx.world.slow.get(stack.name, 0.0)
    try:
        changes = compare(ctx, stack, change_set.template, change_set.parameters, change_set.tags)
    except AwsError as error:
        change_set.status, change_set.reason = "FAILED", error.message
        return
    except Exception:
        change_set.status, change_set.reason = "FAILED", "Internal Failure"
        raise
    if change_set.kind == "IMPORT":
        if changed := [change["LogicalResourceId"] for change in changes if change["LogicalResourceId"] not in change_set.imports]:
            change_set.status, change_set.reason = "FAILED", f"{_ONLY_IMPORTS}: {', '.join(changed)}"
            return
        changes = [change | {"Action": "Import"} for change in changes]
    change_set.changes = changes
    wrong = [(change, path, text) for change in changes for path, text in change["_problems"]]
    same = not changes and not output_changes(stack, change_set.template) and change_set.tags == stack.tags
    if wrong:
        _fail_validation(ctx, stack, change_set, wrong)
    elif same and change_set.kind == "UPDATE":
        change_set.status, change_set.reason = "FAILED", NO_CHANGES
    else:
        change_set.status, change_set.execution = "CREATE_COMPLETE", "AVAILABLE"


def _fail_validation(ctx: Context, stack: Stack, change_set: ChangeSet, wrong: list[tuple[Record, str, str]]) -> None:
    """Pre-deployment validation; the sentence as reported in aws-cloudformation/rain#744."""
    change_set.status = "FAILED"
    change_set.reason = (
        "The following hook(s)/validation failed: [AWS::EarlyValidation::PropertyValidation]. To troubleshoot Early "
        "Validation errors, use the DescribeEvents API for detailed failure information."
    )
    for change, path, text in wrong:
        change_set.events.append({
            "EventId": ctx.uuid("event"), "StackId": stack.id, "EventType": "VALIDATION_ERROR", "Timestamp": ctx.now(),
            "LogicalResourceId": change["LogicalResourceId"], "ResourceType": change["ResourceType"],
            "ValidationFailureMode": "FAIL", "ValidationName": "PROPERTY_VALIDATION", "ValidationStatus": "FAILED",
            "ValidationStatusReason": text, "ValidationPath": f"/Resources/{change['LogicalResourceId']}/Properties{path}",
        })  # fmt: skip


def _change_set(ctx: Context, p: Record) -> tuple[Stack, ChangeSet]:
    name = p["ChangeSetName"]
    if name.startswith("arn:"):
        for stack in stacks(ctx).values():
            for change_set in stack.change_sets.values():
                if change_set.id == name:
                    return stack, change_set
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    stack = get(ctx, p.get("StackName", ""))
    if name not in stack.change_sets:
        raise AwsError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist", 404)
    return stack, stack.change_sets[name]


def _summary(stack: Stack, change_set: ChangeSet) -> Record:
    return {
        "ChangeSetName": change_set.name, "ChangeSetId": change_set.id, "StackId": stack.id, "StackName": stack.name,
        "Description": change_set.description or None, "CreationTime": change_set.created, "Status": change_set.status,
        "StatusReason": change_set.reason or None, "ExecutionStatus": change_set.execution, "IncludeNestedStacks": False,
    }  # fmt: skip


def parameter_list(texts: dict[str, str], template: Template | None) -> list[Record]:
    declared = template.parameters if template else {}
    hidden = {name for name, d in declared.items() if str(d.get("NoEcho", "")).lower() == "true"}
    return [{"ParameterKey": k, "ParameterValue": "****" if k in hidden else v} for k, v in texts.items()]


@cloudformation
def describe_change_set(ctx: Context, p: Record) -> Record:
    stack, change_set = _change_set(ctx, p)
    return _summary(stack, change_set) | {
        "Parameters": parameter_list(change_set.parameters, change_set.template),
        "Tags": [{"Key": k, "Value": v} for k, v in change_set.tags.items()],
        "Capabilities": change_set.capabilities,
        "OnStackFailure": change_set.on_failure,
        "NotificationARNs": [],
        "RollbackConfiguration": {},
        "Changes": [{"Type": "Resource", "ResourceChange": change} for change in change_set.changes],
    }


@cloudformation
def list_change_sets(ctx: Context, p: Record) -> Record:
    stack = get(ctx, p["StackName"])
    return {"Summaries": [_summary(stack, change_set) for change_set in stack.change_sets.values()]}


@cloudformation
def delete_change_set(ctx: Context, p: Record) -> Record:
    try:
        stack, change_set = _change_set(ctx, p)
    except AwsError as error:
        if error.code == "ChangeSetNotFound" and not p["ChangeSetName"].startswith("arn:"):
            return {}  # deleting what is not there is no error
        raise
    if change_set.execution == "EXECUTE_IN_PROGRESS":
        raise AwsError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.id}] cannot be deleted in its current execution status of [{change_set.execution}]",
        )
    del stack.change_sets[change_set.name]
    return {}


@cloudformation
def execute_change_set(ctx: Context, p: Record) -> Record:
    stack, change_set = _change_set(ctx, p)
    if change_set.status != "CREATE_COMPLETE":
        raise AwsError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.id}] cannot be executed in its current status of [{change_set.status}]",
        )
    if change_set.execution != "AVAILABLE":
        raise AwsError(
            "InvalidChangeSetStatus",
            f"ChangeSet [{change_set.id}] cannot be executed in its current execution status of [{change_set.execution}]",
        )
    if change_set.kind == "UPDATE":
        refuse_unless_updatable(stack)
    no_rollback = p.get("DisableRollback") or change_set.on_failure == "DO_NOTHING"
    change_set.execution = "EXECUTE_IN_PROGRESS"
    stack.change_sets = {change_set.name: change_set}
    stack.change_set, stack.role = change_set.id, change_set.role or stack.role
    stack.token, stack.capabilities = p.get("ClientRequestToken", ""), change_set.capabilities
    stack.no_rollback = bool(no_rollback)
    new_operation(ctx, stack, "UPDATE_STACK" if change_set.kind == "UPDATE" else "CREATE_STACK")
    on_failure = "DO_NOTHING" if no_rollback else change_set.on_failure
    retain_except_on_create = p.get("RetainExceptOnCreate") or change_set.retain_except_on_create
    wanted = Wanted(change_set.template, change_set.parameters, change_set.tags, on_failure, retain_except_on_create)
    if change_set.kind == "IMPORT":
        engine.Import(ctx, stack, wanted, change_set.imports)
    else:
        start(ctx, stack, change_set.kind, wanted)
    return {}


def start(ctx: Context, stack: Stack, kind: str, wanted: Wanted) -> None:
    operation = engine.Create if kind == "CREATE" else update.Update
    operation(ctx, stack, wanted)
