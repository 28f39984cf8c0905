"""Systems Manager's parameters: plain texts under names that look like paths."""

from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service
from bgspec.sandbox.world import Context, Record

ssm = Service("ssm")


def _found(ctx: Context, name: str) -> Record:
    found = ctx.table("ssm.parameters").get(name.rpartition(":parameter")[2] or name)
    if found is None:
        raise AwsError("ParameterNotFound", "")
    return found


@ssm
def put_parameter(ctx: Context, p: Record) -> Record:
    name, parameters = p["Name"], ctx.table("ssm.parameters")
    old: dict[str, Any] = parameters.get(name, {})
    if old and not p.get("Overwrite"):
        raise AwsError(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        )
    parameters[name] = {
        "Name": name,
        "Type": p.get("Type") or old.get("Type") or "String",
        "Value": p["Value"],
        "Version": old.get("Version", 0) + 1,
        "LastModifiedDate": ctx.now(),
        "ARN": ctx.arn("ssm", f"parameter/{name.removeprefix('/')}"),
        "DataType": p.get("DataType", "text"),
    }
    return {"Version": parameters[name]["Version"], "Tier": "Standard"}


@ssm
def get_parameter(ctx: Context, p: Record) -> Record:
    return {"Parameter": _found(ctx, p["Name"])}


@ssm
def get_parameters(ctx: Context, p: Record) -> Record:
    known = ctx.table("ssm.parameters")
    return {
        "Parameters": [known[name] for name in p["Names"] if name in known],
        "InvalidParameters": [name for name in p["Names"] if name not in known],
    }


@ssm
def get_parameters_by_path(ctx: Context, p: Record) -> Record:
    above = p["Path"].rstrip("/") + "/"
    found = [one for name, one in sorted(ctx.table("ssm.parameters").items()) if name.startswith(above)]
    return {"Parameters": [one for one in found if p.get("Recursive") or "/" not in one["Name"].removeprefix(above)]}


@ssm
def delete_parameter(ctx: Context, p: Record) -> None:
    _found(ctx, p["Name"])
    del ctx.table("ssm.parameters")[p["Name"]]
