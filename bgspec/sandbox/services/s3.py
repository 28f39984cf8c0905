"""S3: buckets and their configuration. Objects have a module of their own."""

import json
import re
from typing import Any

from bgspec.regions import WITHOUT_BUCKET_NAMESPACE
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, tag_list, tags_of
from bgspec.sandbox.world import Context, Record

s3 = Service("s3")


def bucket(ctx: Context, name: str) -> Record:
    found = ctx.everywhere("s3.buckets").get(name)
    if found is None:
        raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=name)
    return found


@s3
def create_bucket(ctx: Context, p: Record) -> Record:
    name = p["Bucket"]
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", name) or ".." in name:
        raise AwsError("InvalidBucketName", "The specified bucket is not valid.", BucketName=name)
    regional = p.get("BucketNamespace") == "account-regional"
    if name.endswith("-an") != regional or (regional and not name.endswith(f"-{ctx.account}-{ctx.region}-an")):
        # The account-regional namespace (S3 user guide, "Bucket naming rules"; the code of the refusal is not documented).
        raise AwsError(
            "InvalidBucketName", "A name ending in -an needs the account-regional namespace and the account's own suffix.", BucketName=name
        )
    if regional and ctx.region in WITHOUT_BUCKET_NAMESPACE:
        # The page says that there is none; how S3 says it is not documented.
        raise AwsError("InvalidRequest", f"The account-regional namespace is not available in {ctx.region}.", BucketName=name)
    there = ctx.everywhere("s3.buckets").get(name)
    if there is not None:
        own = there["_account"] == ctx.account
        code = "BucketAlreadyOwnedByYou" if own else "BucketAlreadyExists"
        text = (
            "Your previous request to create the named bucket succeeded and you already own it."
            if own
            else "The requested bucket name is not available. The bucket namespace is shared by all users of the system. Please select a different name and try again."
        )
        raise AwsError(code, text, 409, BucketName=name)
    configuration = p.get("CreateBucketConfiguration", {})
    ctx.everywhere("s3.buckets")[name] = {
        "Name": name, "CreationDate": ctx.now(), "BucketRegion": ctx.region, "_account": ctx.account,
        "_tags": tags_of(configuration.get("Tags")), "_objects": {}, "_uploads": {}, "_configuration": dict(_DEFAULTS),
        "_namespace": p.get("BucketNamespace"),
    }  # fmt: skip
    return {"Location": f"/{name}"}


# What a new bucket has without being asked (since 2023: SSE-S3, owner enforced, public access blocked).
_DEFAULTS: dict[str, Any] = {
    "encryption": {"ServerSideEncryptionConfiguration": {"Rules": [
        {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}]}},
    "ownership_controls": {"OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}},
    "public_access_block": {"PublicAccessBlockConfiguration": {
        "BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": True, "RestrictPublicBuckets": True}},
}  # fmt: skip


@s3
def list_buckets(ctx: Context, p: Record) -> Record:
    prefix = p.get("Prefix", "")
    mine = [b for b in ctx.everywhere("s3.buckets").values() if b["_account"] == ctx.account and b["Name"].startswith(prefix)]
    return {"Buckets": mine, "Owner": {"ID": ctx.account}}


@s3
def head_bucket(ctx: Context, p: Record) -> Record:
    return {"BucketRegion": bucket(ctx, p["Bucket"])["BucketRegion"]}


@s3
def get_bucket_location(ctx: Context, p: Record) -> Record:
    region = bucket(ctx, p["Bucket"])["BucketRegion"]
    return {"LocationConstraint": None if region == "us-east-1" else region}


@s3
def get_bucket_acl(ctx: Context, p: Record) -> Record:
    bucket(ctx, p["Bucket"])
    grantee = {"ID": ctx.account, "Type": "CanonicalUser"}
    return {"Owner": {"ID": ctx.account}, "Grants": [{"Grantee": grantee, "Permission": "FULL_CONTROL"}]}


@s3
def delete_bucket(ctx: Context, p: Record) -> None:
    if bucket(ctx, p["Bucket"])["_objects"]:
        raise AwsError("BucketNotEmpty", "The bucket you tried to delete is not empty", 409, BucketName=p["Bucket"])
    del ctx.everywhere("s3.buckets")[p["Bucket"]]


def _configurable(name: str, payload: str, missing: str, *, wraps: str = "", verb: str = "") -> None:
    """Put, get and delete of one part of a bucket's configuration.

    `payload` is the member of put; get answers with it under `wraps`, or with its own members when that is empty.
    """

    def put(ctx: Context, p: Record) -> None:
        bucket(ctx, p["Bucket"])["_configuration"][name] = {wraps: p[payload]} if wraps else p[payload]

    def get(ctx: Context, p: Record) -> Record:
        found: Record | None = bucket(ctx, p["Bucket"])["_configuration"].get(name)
        if found is None and missing:
            raise AwsError(missing, f"The {name.replace('_', ' ')} configuration does not exist", 404, BucketName=p["Bucket"])
        return found or {}

    def delete(ctx: Context, p: Record) -> None:
        bucket(ctx, p["Bucket"])["_configuration"].pop(name, None)

    noun = name if name == "public_access_block" else f"bucket_{name}"
    deletable = (("delete", delete),) if missing else ()  # versioning, logging and notifications are only ever put
    for action, handler in (("put", put), ("get", get), *deletable):
        own = f"{noun}{verb}" if action != "delete" else noun
        handler.__name__ = f"{action}_{own}"
        s3(handler)


_configurable("versioning", "VersioningConfiguration", "")
_configurable(
    "encryption",
    "ServerSideEncryptionConfiguration",
    "ServerSideEncryptionConfigurationNotFoundError",
    wraps="ServerSideEncryptionConfiguration",
)
_configurable(
    "public_access_block", "PublicAccessBlockConfiguration", "NoSuchPublicAccessBlockConfiguration", wraps="PublicAccessBlockConfiguration"
)
_configurable("ownership_controls", "OwnershipControls", "OwnershipControlsNotFoundError", wraps="OwnershipControls")
_configurable("lifecycle", "LifecycleConfiguration", "NoSuchLifecycleConfiguration", verb="_configuration")
_configurable("logging", "BucketLoggingStatus", "")
_configurable("cors", "CORSConfiguration", "NoSuchCORSConfiguration")
_configurable("notification", "NotificationConfiguration", "", verb="_configuration")


@s3
def put_bucket_policy(ctx: Context, p: Record) -> None:
    try:
        statements = json.loads(p["Policy"])["Statement"]
    except (ValueError, KeyError, TypeError) as error:
        raise AwsError("MalformedPolicy", "Policies must be valid JSON and the first byte must be '{'") from error
    arn = ctx.arn("s3", p["Bucket"])
    for statement in statements if isinstance(statements, list) else [statements]:
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        if any(resource != arn and not resource.startswith(f"{arn}/") for resource in resources):
            raise AwsError("MalformedPolicy", "Policy has invalid resource")
    bucket(ctx, p["Bucket"])["_policy"] = p["Policy"]


@s3
def get_bucket_policy(ctx: Context, p: Record) -> Record:
    found = bucket(ctx, p["Bucket"])
    if "_policy" not in found:
        raise AwsError("NoSuchBucketPolicy", "The bucket policy does not exist", 404, BucketName=p["Bucket"])
    return {"Policy": found["_policy"]}


@s3
def delete_bucket_policy(ctx: Context, p: Record) -> None:
    bucket(ctx, p["Bucket"]).pop("_policy", None)


@s3
def put_bucket_tagging(ctx: Context, p: Record) -> None:
    bucket(ctx, p["Bucket"])["_tags"] = tags_of(p["Tagging"]["TagSet"])


@s3
def get_bucket_tagging(ctx: Context, p: Record) -> Record:
    found = tag_list(bucket(ctx, p["Bucket"]))
    if not found:
        raise AwsError("NoSuchTagSet", "The TagSet does not exist", 404, BucketName=p["Bucket"])
    return {"TagSet": found}


@s3
def delete_bucket_tagging(ctx: Context, p: Record) -> None:
    bucket(ctx, p["Bucket"])["_tags"] = {}
