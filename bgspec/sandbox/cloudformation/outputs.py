"""Outputs, and the exports that lock their producer while somebody imports them."""

from bgspec.sandbox.cloudformation.intrinsics import Resolver
from bgspec.sandbox.cloudformation.stack import Stack, stacks
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.world import Context, Record


def set_outputs(ctx: Context, stack: Stack, resolver: Resolver) -> None:
    """Evaluate and publish; refuses a name another stack exports, and a change of an export in use."""
    found = [_output(resolver, name, block) for name, block in resolver.template.outputs.items() if resolver.wanted(block)]
    _export(ctx, stack, {output["ExportName"]: output["OutputValue"] for output in found if "ExportName" in output})
    stack.outputs = found


def _output(resolver: Resolver, name: str, block: Record) -> Record:
    value = resolver.value(block["Value"])
    if isinstance(value, list | dict):
        message = f"Template format error: Output {name} is malformed. The Value field of every Outputs member must evaluate to a String."
        raise AwsError("ValidationError", message)
    output = {"OutputKey": name, "OutputValue": str(value).lower() if isinstance(value, bool) else str(value)}
    if block.get("Description"):
        output["Description"] = block["Description"]
    if "Export" in block:
        output["ExportName"] = resolver.value(block["Export"]["Name"])
    return output


def _export(ctx: Context, stack: Stack, exported: dict[str, str]) -> None:
    table = ctx.table("cloudformation.exports")
    for name in exported:
        if name in table and table[name]["ExportingStackId"] != stack.id:
            owner = table[name]["ExportingStackId"].split("/")[1]
            raise AwsError(
                "ValidationError", f"Export with name {name} is already exported by stack {owner}. Rename the export to continue."
            )
    used = exports_in_use(ctx, stack, [f"{name}={value}" for name, value in exported.items()])
    if used:
        raise AwsError("ValidationError", used)
    for name in [name for name, export in table.items() if export["ExportingStackId"] == stack.id]:
        del table[name]
    for name, value in exported.items():
        table[name] = {"ExportingStackId": stack.id, "Name": name, "Value": value}


def importers(ctx: Context, name: str) -> list[str]:
    return [s.name for s in stacks(ctx).values() if name in s.imports and s.status != "DELETE_COMPLETE"]


def exports_in_use(ctx: Context, stack: Stack, kept: list[str]) -> str:
    """The refusal for the first export that would change or go although another stack imports it."""
    for name, export in ctx.table("cloudformation.exports").items():
        if export["ExportingStackId"] != stack.id or f"{name}={export['Value']}" in kept:
            continue
        users = [user for user in importers(ctx, name) if user != stack.name]
        if users:
            word = "updated" if any(k.startswith(f"{name}=") for k in kept) else "deleted"
            return f"Export {name} cannot be {word} as it is in use by {' and '.join(users)}"
    return ""
