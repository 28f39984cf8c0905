"""Systems Manager: the parameter store."""

import re

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

ssm = Service("ssm")

# Public parameters that templates read: the values stand for whatever AWS publishes at the time.
_PUBLIC = re.compile(r"/aws/service/.+")


def parameters(ctx: Context) -> Table:
    return ctx.table("ssm.parameters")


def _name(ctx: Context, text: str) -> str:
    """The name in an ARN, a selector (`name:3`) or itself."""
    if text.startswith("arn:"):
        path = text.partition(":parameter")[2]
        text = path if path in parameters(ctx) or path.count("/") > 1 else path.lstrip("/")
    return text.partition(":")[0]


def parameter(ctx: Context, text: str) -> Record:
    name = _name(ctx, text)
    if name not in parameters(ctx):
        raise AwsError("ParameterNotFound", f"Parameter {text} not found.")
    return parameters(ctx)[name]


@ssm
def put_parameter(ctx: Context, p: Record) -> Record:
    name = p["Name"]
    there = parameters(ctx).get(name)
    if there and not p.get("Overwrite"):
        raise AwsError(
            "ParameterAlreadyExists",
            "The parameter already exists. To overwrite this value, set the overwrite option in the request to true.",
        )
    if there is None and "Type" not in p:
        raise AwsError("ValidationException", "A parameter type is required when you create a parameter.")
    if re.match(r"/?(aws|ssm)", name, re.IGNORECASE) or not re.fullmatch(r"[A-Za-z0-9_.\-/]+", name):
        raise AwsError(
            "ValidationException",
            f"Parameter name: {name} is not valid: it may hold letters, digits and .-_/ and not begin with aws or ssm.",
        )
    if len(p["Value"].encode()) > (8192 if p.get("Tier") == "Advanced" else 4096):
        raise AwsError("ValidationException", "Standard tier parameters support a maximum parameter value of 4096 characters.")
    pattern = p.get("AllowedPattern") or (there or {}).get("AllowedPattern")
    if pattern and not re.search(pattern, p["Value"]):
        raise AwsError("ParameterPatternMismatchException", f"Parameter value, cannot be validated against allowedPattern: {pattern}")
    version = (there["Version"] if there else 0) + 1
    made = {
        "Tier": "Standard", "DataType": "text", **(there or {"_tags": tags_of(p.get("Tags"))}),
        **given(p, "Name", "Type", "Value", "Description", "AllowedPattern", "KeyId", "Tier", "DataType"),
        "Version": version, "LastModifiedDate": ctx.now(), "ARN": ctx.arn("ssm", f"parameter/{name.lstrip('/')}"),
        "LastModifiedUser": f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox",
    }  # fmt: skip
    parameters(ctx)[name] = made
    return {"Version": version, "Tier": made["Tier"]}


@ssm
def get_parameter(ctx: Context, p: Record) -> Record:
    if _PUBLIC.fullmatch(p["Name"]) and p["Name"] not in parameters(ctx):
        return {"Parameter": {"Name": p["Name"], "Type": "String", "Value": f"simulated{p['Name'].replace('/', '-')}", "Version": 1}}
    return {"Parameter": parameter(ctx, p["Name"])}


@ssm
def get_parameters(ctx: Context, p: Record) -> Record:
    found = [parameters(ctx)[_name(ctx, name)] for name in p["Names"] if _name(ctx, name) in parameters(ctx)]
    return {"Parameters": found, "InvalidParameters": [name for name in p["Names"] if _name(ctx, name) not in parameters(ctx)]}


@ssm
def get_parameters_by_path(ctx: Context, p: Record) -> Record:
    path = p["Path"].rstrip("/") + "/"
    inside = [name for name in sorted(parameters(ctx)) if name.startswith(path)]
    return {"Parameters": [parameters(ctx)[name] for name in inside if p.get("Recursive") or "/" not in name[len(path) :]]}


@ssm
def describe_parameters(ctx: Context, p: Record) -> Record:
    found = list(parameters(ctx).values())
    for wanted in p.get("ParameterFilters", ()):
        if wanted["Key"] != "Name":
            raise AwsError("InvalidFilterKey", f"The sandbox filters parameters by Name only, not by {wanted['Key']}.")
        begins = wanted.get("Option") == "BeginsWith"
        found = [r for r in found if any(r["Name"].startswith(v) if begins else r["Name"] == v for v in wanted["Values"])]
    return {"Parameters": found}


@ssm
def delete_parameter(ctx: Context, p: Record) -> None:
    parameter(ctx, p["Name"])
    del parameters(ctx)[_name(ctx, p["Name"])]


@ssm
def delete_parameters(ctx: Context, p: Record) -> Record:
    gone = [name for name in p["Names"] if parameters(ctx).pop(name, None) is not None]
    return {"DeletedParameters": gone, "InvalidParameters": [name for name in p["Names"] if name not in gone]}


@ssm
def get_parameter_history(ctx: Context, p: Record) -> Record:
    return {"Parameters": [parameter(ctx, p["Name"])]}


@ssm
def add_tags_to_resource(ctx: Context, p: Record) -> None:
    parameter(ctx, p["ResourceId"])["_tags"].update(tags_of(p["Tags"]))


@ssm
def remove_tags_from_resource(ctx: Context, p: Record) -> None:
    for key in p["TagKeys"]:
        parameter(ctx, p["ResourceId"])["_tags"].pop(key, None)


@ssm
def list_tags_for_resource(ctx: Context, p: Record) -> Record:
    return {"TagList": tag_list(parameter(ctx, p["ResourceId"]))}
