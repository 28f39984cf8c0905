"""Lambda: functions that exist and answer. No code runs: what a function says is a setting of the emulator."""

import base64
import hashlib
import json

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given
from bgspec.sandbox.world import Context, Record

lambda_service = Service("lambda")


def function(ctx: Context, name: str) -> Record:
    """By name or ARN, with or without a version or alias."""
    short = name.partition(":function:")[2] or name
    found = ctx.table("lambda.functions").get(short.partition(":")[0])
    if found is None:
        raise AwsError("ResourceNotFoundException", f"Function not found: {ctx.arn('lambda', f'function:{short}')}", 404)
    return found


def _says(ctx: Context, name: str) -> str:
    """What the settings let this function answer; Succeeded when they say nothing."""
    return next((answer for part, answer in ctx.world.functions.items() if part in name), "Succeeded")


def hook_result(ctx: Context, name: str, _event: Record) -> str:
    """The `hookStatus` of a hook of ECS."""
    try:
        found = function(ctx, name)
    except AwsError:
        return "FAILED"
    return _says(ctx, found["FunctionName"]).upper()


def codedeploy_answer(ctx: Context, name: str, _deployment: str, _token: str) -> str | None:
    """What a hook of CodeDeploy reports; None while the settings let somebody else report it (`wait`)."""
    try:
        found = function(ctx, name)
    except AwsError:
        return "Failed"
    answer = _says(ctx, found["FunctionName"])
    return None if answer == "wait" else answer


_MEMBERS = (
    "Role", "Handler", "Runtime", "Description", "Timeout", "MemorySize", "VpcConfig", "KMSKeyArn", "TracingConfig", "DeadLetterConfig",
    "EphemeralStorage", "LoggingConfig", "PackageType", "ImageConfig",
)  # fmt: skip


def _code(p: Record) -> Record:
    data = p.get("ZipFile") or json.dumps(given(p, "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri")).encode()
    return {
        "CodeSize": len(data),
        "CodeSha256": base64.b64encode(hashlib.sha256(data).digest()).decode(),
        "_code": given(p, "S3Bucket", "S3Key", "S3ObjectVersion", "ImageUri", "ZipFile"),
    }


@lambda_service
def create_function(ctx: Context, p: Record) -> Record:
    name = p["FunctionName"]
    if name in ctx.table("lambda.functions"):
        raise AwsError("ResourceConflictException", f"Function already exist: {name}", 409)
    made = {
        "FunctionName": name, "FunctionArn": ctx.arn("lambda", f"function:{name}"), "Timeout": 3, "MemorySize": 128, "Version": "$LATEST",
        "PackageType": "Zip", "TracingConfig": {"Mode": "PassThrough"}, "Architectures": ["x86_64"], "EphemeralStorage": {"Size": 512},
        "State": "Active", "LastUpdateStatus": "Successful", "LastModified": ctx.now().isoformat(), **given(p, *_MEMBERS, "Architectures"),
        "Layers": [{"Arn": arn} for arn in p.get("Layers", ())], **_code(p["Code"]), "_tags": p.get("Tags", {}), "_policy": {},
    }  # fmt: skip
    if "Environment" in p:
        made["Environment"] = {"Variables": p["Environment"].get("Variables", {})}
    ctx.table("lambda.functions")[name] = made
    return made


@lambda_service
def get_function(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])
    code = found["_code"]
    where = (
        {"RepositoryType": "ECR", "ImageUri": code["ImageUri"]}
        if "ImageUri" in code
        else {"RepositoryType": "S3", "Location": f"{ctx.world.url}/_sandbox/code/{found['FunctionName']}"}
    )
    shown: Record = {"Configuration": found, "Code": where, "Tags": found["_tags"]}
    if "_concurrency" in found:
        shown["Concurrency"] = {"ReservedConcurrentExecutions": found["_concurrency"]}
    return shown


@lambda_service
def get_function_configuration(ctx: Context, p: Record) -> Record:
    return function(ctx, p["FunctionName"])


@lambda_service
def list_functions(ctx: Context, _: Record) -> Record:
    return {"Functions": list(ctx.table("lambda.functions").values())}


@lambda_service
def update_function_configuration(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])
    found.update(given(p, *_MEMBERS))
    if "Environment" in p:
        found["Environment"] = {"Variables": p["Environment"].get("Variables", {})}
    if "Layers" in p:
        found["Layers"] = [{"Arn": arn} for arn in p["Layers"]]
    return found


@lambda_service
def update_function_code(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])
    found.update(_code(p))
    found.update(given(p, "Architectures"))
    return found


@lambda_service
def delete_function(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])
    del ctx.table("lambda.functions")[found["FunctionName"]]
    return {"StatusCode": 204}


@lambda_service
def put_function_concurrency(ctx: Context, p: Record) -> Record:
    function(ctx, p["FunctionName"])["_concurrency"] = p["ReservedConcurrentExecutions"]
    return given(p, "ReservedConcurrentExecutions")


@lambda_service
def delete_function_concurrency(ctx: Context, p: Record) -> None:
    function(ctx, p["FunctionName"]).pop("_concurrency", None)


@lambda_service
def add_permission(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])
    name = p["StatementId"]
    if name in found["_policy"]:
        raise AwsError("ResourceConflictException", f"The statement id ({name}) provided already exists.", 409)
    principal = p["Principal"]
    statement: Record = {"Sid": name, "Effect": "Allow", "Action": p["Action"], "Resource": found["FunctionArn"]}
    statement["Principal"] = {"Service": principal} if principal.endswith(".amazonaws.com") else {"AWS": principal}
    conditions: Record = {}
    if "SourceArn" in p:
        conditions["ArnLike"] = {"AWS:SourceArn": p["SourceArn"]}
    if "SourceAccount" in p:
        conditions["StringEquals"] = {"AWS:SourceAccount": p["SourceAccount"]}
    found["_policy"][name] = statement | ({"Condition": conditions} if conditions else {})
    return {"Statement": json.dumps(found["_policy"][name])}


@lambda_service
def remove_permission(ctx: Context, p: Record) -> None:
    if function(ctx, p["FunctionName"])["_policy"].pop(p["StatementId"], None) is None:
        raise AwsError("ResourceNotFoundException", "No policy is associated with the given resource.", 404)


@lambda_service
def get_policy(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])["_policy"]
    if not found:
        raise AwsError("ResourceNotFoundException", "No policy is associated with the given resource.", 404)
    return {"Policy": json.dumps({"Version": "2012-10-17", "Id": "default", "Statement": list(found.values())})}


@lambda_service
def invoke(ctx: Context, p: Record) -> Record:
    found = function(ctx, p["FunctionName"])
    found["_invocations"] = found.get("_invocations", 0) + 1
    answer = _says(ctx, found["FunctionName"])
    error = {"FunctionError": "Unhandled"} if answer == "Failed" else {}
    return {"StatusCode": 200, "ExecutedVersion": "$LATEST", "Payload": json.dumps({"hookStatus": answer.upper()}).encode(), **error}


lambda_service.tags(function, "Resource", pairs=None, listing="list_tags")
