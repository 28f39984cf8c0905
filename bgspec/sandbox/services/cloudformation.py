"""CloudFormation: stacks, and everything that describes them. Change sets have a module of their own."""

import json

from bgspec.sandbox.cloudformation import engine, update
from bgspec.sandbox.cloudformation.changes import compare, output_changes
from bgspec.sandbox.cloudformation.intrinsics import parameters
from bgspec.sandbox.cloudformation.outputs import importers
from bgspec.sandbox.cloudformation.stack import Resource, Stack, Wanted, find, get, new_operation, stacks
from bgspec.sandbox.cloudformation.template import Template, refuse
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.cloudformation_changes import (
    check_capabilities,
    cloudformation,
    new_stack,
    parameter_list,
    refuse_unless_updatable,
    refuse_without_role,
    start,
    template_of,
)  # fmt: skip
from bgspec.sandbox.services.registry import tags_of
from bgspec.sandbox.world import Context, Record


@cloudformation
def create_stack(ctx: Context, p: Record) -> Record:
    if find(ctx, p["StackName"], deleted=False):
        raise AwsError("AlreadyExistsException", f"Stack [{p['StackName']}] already exists")
    template = template_of(ctx, p, None)
    check_capabilities(template, p.get("Capabilities", []))
    texts = parameters(ctx, template, p.get("Parameters", []), {})
    stack = new_stack(ctx, p["StackName"])
    stack.protected = p.get("EnableTerminationProtection") or False
    stack.policy, stack.token = p.get("StackPolicyBody", ""), p.get("ClientRequestToken", "")
    stack.role, stack.capabilities = p.get("RoleARN", ""), p.get("Capabilities", [])
    on_failure = p.get("OnFailure") or ("DO_NOTHING" if p.get("DisableRollback") else "ROLLBACK")
    stack.no_rollback = on_failure == "DO_NOTHING"
    new_operation(ctx, stack, "CREATE_STACK")
    start(ctx, stack, "CREATE", Wanted(template, texts, tags_of(p.get("Tags")), on_failure, p.get("RetainExceptOnCreate") or False))
    return {"StackId": stack.id, "OperationId": stack.operation}


@cloudformation
def update_stack(ctx: Context, p: Record) -> Record:
    stack = get(ctx, p["StackName"])
    refuse_unless_updatable(stack)
    stack.role = p.get("RoleARN") or stack.role
    refuse_without_role(ctx, stack)
    template = template_of(ctx, p, stack)
    check_capabilities(template, p.get("Capabilities", []))
    texts = parameters(ctx, template, p.get("Parameters", []), stack.parameters)
    tags = tags_of(p["Tags"]) if "Tags" in p else stack.tags
    if not compare(ctx, stack, template, texts, tags) and not output_changes(stack, template) and tags == stack.tags:
        raise refuse("No updates are to be performed.")
    stack.policy = p.get("StackPolicyBody") or stack.policy
    stack.token, stack.capabilities = p.get("ClientRequestToken", ""), p.get("Capabilities", [])
    new_operation(ctx, stack, "UPDATE_STACK")
    on_failure = "DO_NOTHING" if p.get("DisableRollback") else "ROLLBACK"
    start(ctx, stack, "UPDATE", Wanted(template, texts, tags, on_failure, p.get("RetainExceptOnCreate") or False))
    return {"StackId": stack.id, "OperationId": stack.operation}


@cloudformation
def delete_stack(ctx: Context, p: Record) -> Record:
    stack = find(ctx, p["StackName"])
    if stack is None or stack.status in {"DELETE_COMPLETE", "DELETE_IN_PROGRESS"}:
        return {}
    if stack.protected:
        raise refuse(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
    retain = set(p.get("RetainResources", ()))
    force = p.get("DeletionMode") == "FORCE_DELETE_STACK"
    if (retain or force) and stack.status != "DELETE_FAILED":
        raise refuse(
            f"Invalid operation on stack [{stack.id}]. RetainResources and DeletionMode may be given when the stack is in DELETE_FAILED state."
        )
    if stack.busy and stack.status != "CREATE_IN_PROGRESS":
        raise refuse(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")
    stack.role = p.get("RoleARN") or stack.role
    refuse_without_role(ctx, stack)
    stack.token = p.get("ClientRequestToken", "")
    new_operation(ctx, stack, "DELETE_STACK")
    engine.Delete(ctx, stack, retain=retain, force=force)
    return {}


@cloudformation
def continue_update_rollback(ctx: Context, p: Record) -> Record:
    stack = get(ctx, p["StackName"])
    if stack.status != "UPDATE_ROLLBACK_FAILED":
        raise refuse(f"Stack:{stack.id} is in {stack.status} state and can not continue rollback.")
    new_operation(ctx, stack, "CONTINUE_ROLLBACK")
    update.continue_rollback(ctx, stack, set(p.get("ResourcesToSkip", ())))
    return {}


@cloudformation
def rollback_stack(ctx: Context, p: Record) -> Record:
    stack = get(ctx, p["StackName"])
    if stack.status not in {"CREATE_FAILED", "UPDATE_FAILED"}:
        raise refuse(f"Stack:{stack.id} is in {stack.status} state and can not be rolled back.")
    new_operation(ctx, stack, "ROLLBACK")
    update.roll_back_failed(ctx, stack)
    return {"StackId": stack.id, "OperationId": stack.operation}


@cloudformation
def update_termination_protection(ctx: Context, p: Record) -> Record:
    stack = get(ctx, p["StackName"])
    stack.protected = p["EnableTerminationProtection"]
    return {"StackId": stack.id}


@cloudformation
def set_stack_policy(ctx: Context, p: Record) -> None:
    try:
        json.loads(p["StackPolicyBody"])["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise refuse("Error validating stack policy: Malformed input") from error
    get(ctx, p["StackName"]).policy = p["StackPolicyBody"]


@cloudformation
def get_stack_policy(ctx: Context, p: Record) -> Record:
    return {"StackPolicyBody": get(ctx, p["StackName"]).policy or None}


@cloudformation
def describe_stacks(ctx: Context, p: Record) -> Record:
    name = p.get("StackName")
    if name is None:
        return {"Stacks": [_shown(stack) for stack in stacks(ctx).values() if stack.status != "DELETE_COMPLETE"]}
    stack = find(ctx, name)
    if stack is None:
        raise refuse(f"Stack with id {name} does not exist")
    return {"Stacks": [_shown(stack)]}


def _shown(stack: Stack) -> Record:
    return {
        "StackId": stack.id,
        "StackName": stack.name,
        "ChangeSetId": stack.change_set or None,
        "Description": (stack.template.description if stack.template else "") or None,
        "Parameters": parameter_list(stack.parameters, stack.template),
        "CreationTime": stack.created,
        "LastUpdatedTime": stack.updated,
        "DeletionTime": stack.deleted,
        "RollbackConfiguration": {},
        "StackStatus": stack.status,
        "StackStatusReason": stack.reason or None,
        "DisableRollback": stack.no_rollback,
        "NotificationARNs": [],
        "Capabilities": stack.capabilities,
        "Outputs": stack.outputs,
        "RoleARN": stack.role or None,
        "Tags": [{"Key": k, "Value": v} for k, v in stack.tags.items()],
        "EnableTerminationProtection": stack.protected,
        "DriftInformation": {"StackDriftStatus": "NOT_CHECKED"},
        "LastOperations": stack.operations[-1:],
    }


@cloudformation
def list_stacks(ctx: Context, p: Record) -> Record:
    wanted = p.get("StackStatusFilter")
    found = [_shown(s) for s in reversed(stacks(ctx).values()) if not wanted or s.status in wanted]
    return {"StackSummaries": [summary | {"TemplateDescription": summary["Description"]} for summary in found]}


@cloudformation
def describe_stack_events(ctx: Context, p: Record) -> Record:
    return {"StackEvents": get(ctx, p["StackName"]).events[::-1]}


@cloudformation
def describe_events(ctx: Context, p: Record) -> Record:
    """Events by stack, change set or operation; `FailedEvents` keeps only what went wrong."""
    found = [e for stack in stacks(ctx).values() for e in _events_of(stack, p)]
    if (p.get("Filters") or {}).get("FailedEvents"):
        found = [e for e in found if e["EventType"] == "VALIDATION_ERROR" or e["ResourceStatus"].endswith("_FAILED")]
    return {"OperationEvents": found[::-1]}


def _events_of(stack: Stack, p: Record) -> list[Record]:
    name, change_set, operation = p.get("StackName"), p.get("ChangeSetName"), p.get("OperationId")
    if name and name not in {stack.id, stack.name}:
        return []
    if change_set:
        return [e for c in stack.change_sets.values() if change_set in {c.id, c.name} for e in c.events]
    return [e for e in stack.events if not operation or e["OperationId"] == operation]


def _resource(stack: Stack, resource: Resource) -> Record:
    return {
        "StackName": stack.name, "StackId": stack.id, "LogicalResourceId": resource.logical,
        "PhysicalResourceId": resource.physical or None, "ResourceType": resource.type,
        "ResourceStatus": resource.status, "ResourceStatusReason": resource.reason or None,
        "Timestamp": resource.updated, "LastUpdatedTimestamp": resource.updated, "LastUpdatedTime": resource.updated,
        "DriftInformation": {"StackResourceDriftStatus": "NOT_CHECKED"},
    }  # fmt: skip


def _resources(stack: Stack) -> list[Record]:
    return [_resource(stack, resource) for resource in stack.resources.values() if resource.status]


@cloudformation
def describe_stack_resources(ctx: Context, p: Record) -> Record:
    if "StackName" in p:
        found = _resources(get(ctx, p["StackName"]))
    else:
        found = [r for s in stacks(ctx).values() for r in _resources(s) if r["PhysicalResourceId"] == p["PhysicalResourceId"]]
    wanted = p.get("LogicalResourceId")
    return {"StackResources": [resource for resource in found if not wanted or resource["LogicalResourceId"] == wanted]}


@cloudformation
def describe_stack_resource(ctx: Context, p: Record) -> Record:
    for resource in _resources(get(ctx, p["StackName"])):
        if resource["LogicalResourceId"] == p["LogicalResourceId"]:
            return {"StackResourceDetail": resource}
    raise refuse(f"Resource {p['LogicalResourceId']} does not exist for stack {p['StackName']}")


@cloudformation
def list_stack_resources(ctx: Context, p: Record) -> Record:
    return {"StackResourceSummaries": _resources(get(ctx, p["StackName"]))}


@cloudformation
def get_template(ctx: Context, p: Record) -> Record:
    stack = get(ctx, p["StackName"])
    template = stack.template
    if p.get("ChangeSetName"):
        template = next(c.template for c in stack.change_sets.values() if p["ChangeSetName"] in {c.name, c.id})
    return {"TemplateBody": template.body if template else "", "StagesAvailable": ["Original", "Processed"]}


@cloudformation
def get_template_summary(ctx: Context, p: Record) -> Record:
    stack = find(ctx, p["StackName"]) if p.get("StackName") else None
    template = template_of(ctx, p | {"UsePreviousTemplate": stack is not None}, stack)
    return _declared(template) | {"ResourceTypes": sorted({r["Type"] for r in template.resources.values()})}


@cloudformation
def validate_template(ctx: Context, p: Record) -> Record:
    return _declared(template_of(ctx, p, None))


def _declared(template: Template) -> Record:
    try:
        check_capabilities(template, [])
        needed = []
    except AwsError as error:
        needed = [error.message.partition("[")[2].rstrip("]")]
    found = [
        {"ParameterKey": name, "DefaultValue": str(d["Default"]) if "Default" in d else None, "ParameterType": d.get("Type"),
         "NoEcho": str(d.get("NoEcho", "")).lower() == "true", "Description": d.get("Description")}
        for name, d in template.parameters.items()
    ]  # fmt: skip
    return {"Description": template.description or None, "Parameters": found, "Capabilities": needed}


@cloudformation
def list_exports(ctx: Context, _: Record) -> Record:
    return {"Exports": list(ctx.table("cloudformation.exports").values())}


@cloudformation
def list_imports(ctx: Context, p: Record) -> Record:
    found = importers(ctx, p["ExportName"])
    if not found:
        raise refuse(f"Export '{p['ExportName']}' is not imported by any stack.")
    return {"Imports": found}
