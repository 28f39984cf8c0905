"""KMS: keys and aliases. Nothing is encrypted."""

import json
from datetime import timedelta

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service
from bgspec.sandbox.world import Context, Record, Table

kms = Service("kms")


def keys(ctx: Context) -> Table:
    return ctx.table("kms.keys")


def aliases(ctx: Context) -> Table:
    return ctx.table("kms.aliases")


def key(ctx: Context, name: str) -> Record:
    """By id, ARN, alias or alias ARN."""
    short = name.rpartition(":")[2] if name.startswith("arn:") else name
    if short.startswith("alias/"):
        if short not in aliases(ctx):
            raise AwsError("NotFoundException", f"Alias {ctx.arn('kms', short)} is not found.")
        short = aliases(ctx)[short]["TargetKeyId"]
    short = short.removeprefix("key/")
    if short not in keys(ctx):
        raise AwsError("NotFoundException", f"Key '{ctx.arn('kms', f'key/{short}')}' does not exist")
    return keys(ctx)[short]


@kms
def create_key(ctx: Context, p: Record) -> Record:
    name = ctx.uuid("key")
    root = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": f"arn:{ctx.partition}:iam::{ctx.account}:root"}, "Action": "kms:*", "Resource": "*"}
        ],
    }
    keys(ctx)[name] = {
        "AWSAccountId": ctx.account, "KeyId": name, "Arn": ctx.arn("kms", f"key/{name}"), "CreationDate": ctx.now(), "Enabled": True,
        "Description": p.get("Description", ""), "KeyUsage": p.get("KeyUsage", "ENCRYPT_DECRYPT"), "KeyState": "Enabled", "Origin": p.get("Origin", "AWS_KMS"),
        "KeyManager": "CUSTOMER", "KeySpec": p.get("KeySpec", "SYMMETRIC_DEFAULT"), "CustomerMasterKeySpec": p.get("KeySpec", "SYMMETRIC_DEFAULT"),
        "MultiRegion": p.get("MultiRegion", False), "_policy": p.get("Policy", json.dumps(root)), "_rotation": None,
        "_tags": {tag["TagKey"]: tag["TagValue"] for tag in p.get("Tags", ())},
    }  # fmt: skip
    return {"KeyMetadata": keys(ctx)[name]}


@kms
def describe_key(ctx: Context, p: Record) -> Record:
    return {"KeyMetadata": key(ctx, p["KeyId"])}


@kms
def list_keys(ctx: Context, _: Record) -> Record:
    return {"Keys": [{"KeyId": name, "KeyArn": found["Arn"]} for name, found in keys(ctx).items()]}


@kms
def update_key_description(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"])["Description"] = p["Description"]


@kms
def enable_key(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"]).update(Enabled=True, KeyState="Enabled")


@kms
def disable_key(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"]).update(Enabled=False, KeyState="Disabled")


@kms
def get_key_policy(ctx: Context, p: Record) -> Record:
    return {"Policy": key(ctx, p["KeyId"])["_policy"], "PolicyName": "default"}


@kms
def put_key_policy(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"])["_policy"] = p["Policy"]


@kms
def enable_key_rotation(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"])["_rotation"] = p.get("RotationPeriodInDays", 365)


@kms
def disable_key_rotation(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"])["_rotation"] = None


@kms
def get_key_rotation_status(ctx: Context, p: Record) -> Record:
    days = key(ctx, p["KeyId"])["_rotation"]
    return {"KeyRotationEnabled": days is not None, "KeyId": p["KeyId"], "RotationPeriodInDays": days}


@kms
def schedule_key_deletion(ctx: Context, p: Record) -> Record:
    found = key(ctx, p["KeyId"])
    if found["KeyState"] == "PendingDeletion":
        raise AwsError("KMSInvalidStateException", f"{found['Arn']} is pending deletion.")
    days = p.get("PendingWindowInDays", 30)
    found |= {"Enabled": False, "KeyState": "PendingDeletion", "DeletionDate": ctx.now() + timedelta(days=days)}
    return {"KeyId": found["Arn"], "DeletionDate": found["DeletionDate"], "KeyState": "PendingDeletion", "PendingWindowInDays": days}


@kms
def create_alias(ctx: Context, p: Record) -> None:
    name = p["AliasName"]
    if name in aliases(ctx):
        raise AwsError("AlreadyExistsException", f"An alias with the name {ctx.arn('kms', name)} already exists")
    aliases(ctx)[name] = {"AliasName": name, "AliasArn": ctx.arn("kms", name), "TargetKeyId": key(ctx, p["TargetKeyId"])["KeyId"]}


@kms
def update_alias(ctx: Context, p: Record) -> None:
    aliases(ctx)[p["AliasName"]]["TargetKeyId"] = key(ctx, p["TargetKeyId"])["KeyId"]


@kms
def list_aliases(ctx: Context, p: Record) -> Record:
    wanted = key(ctx, p["KeyId"])["KeyId"] if "KeyId" in p else None
    return {"Aliases": [a for a in aliases(ctx).values() if wanted in {None, a["TargetKeyId"]}]}


@kms
def delete_alias(ctx: Context, p: Record) -> None:
    if aliases(ctx).pop(p["AliasName"], None) is None:
        raise AwsError("NotFoundException", f"Alias {ctx.arn('kms', p['AliasName'])} is not found.")


@kms
def list_resource_tags(ctx: Context, p: Record) -> Record:
    return {"Tags": [{"TagKey": name, "TagValue": value} for name, value in key(ctx, p["KeyId"])["_tags"].items()]}


@kms
def tag_resource(ctx: Context, p: Record) -> None:
    key(ctx, p["KeyId"])["_tags"].update({tag["TagKey"]: tag["TagValue"] for tag in p["Tags"]})
