"""AWS::S3::*: the properties of a bucket and the calls that hold them."""

import json
from typing import Any

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds.base import Kind, Props
from bgspec.sandbox.services.s3 import bucket
from bgspec.sandbox.world import Context, Record

# A bucket's property -> the call that takes it. The properties below it are converted by the functions further down.
_CALLS = {
    "VersioningConfiguration": "put_bucket_versioning",
    "BucketEncryption": "put_bucket_encryption",
    "PublicAccessBlockConfiguration": "put_public_access_block",
    "OwnershipControls": "put_bucket_ownership_controls",
    "LifecycleConfiguration": "put_bucket_lifecycle_configuration",
    "LoggingConfiguration": "put_bucket_logging",
    "NotificationConfiguration": "put_bucket_notification_configuration",
}
_DELETES = {
    "PublicAccessBlockConfiguration": "delete_public_access_block",
    "OwnershipControls": "delete_bucket_ownership_controls",
    "LifecycleConfiguration": "delete_bucket_lifecycle",
}


class Bucket(Kind):
    type = "AWS::S3::Bucket"
    service = "s3"
    named = ("BucketName", 63)

    def records(self, ctx: Context) -> dict[str, Record]:
        return ctx.everywhere("s3.buckets")

    def create(self, ctx: Context, props: Props) -> str:
        known = {"BucketName", "BucketNamespace", *_CALLS}
        if unknown := sorted(props.keys() - known):
            raise NotEmulated(f"the property {self.type}.{unknown[0]}")
        name = str(props["BucketName"])
        if name in ctx.everywhere("s3.buckets"):
            raise AwsError("BucketAlreadyOwnedByYou", f"{name} already exists", 409)
        place = {} if ctx.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": ctx.region}}
        extra = {"BucketNamespace": props["BucketNamespace"]} if "BucketNamespace" in props else {}
        ctx.call("s3", "create_bucket", Bucket=name, **place, **extra)
        try:
            self.update(ctx, name, props, {})
        except AwsError:
            self.delete(ctx, name, props)
            raise
        return name

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        for name, call in _CALLS.items():
            if name in props:
                wanted = _API.get(name, _same)(name, props[name])
                ctx.call("s3", call, Bucket=physical, **self.input(call, wanted))
            elif name in old and name in _DELETES:
                ctx.call("s3", _DELETES[name], Bucket=physical)
            elif name in old:
                self._unset(ctx, physical, name)

    def _unset(self, ctx: Context, physical: str, name: str) -> None:
        """Versioning can only be suspended, encryption only goes back to SSE-S3."""
        found = bucket(ctx, physical)["_configuration"]
        if name == "VersioningConfiguration":
            found["versioning"] = {"Status": "Suspended"}
        elif name == "BucketEncryption":
            rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
            found["encryption"] = {"ServerSideEncryptionConfiguration": {"Rules": [rule]}}
        else:
            found.pop({"LoggingConfiguration": "logging", "NotificationConfiguration": "notification"}[name], None)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("s3", "delete_bucket", Bucket=physical)

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        known = {
            "Arn": ctx.arn("s3", physical), "DomainName": f"{physical}.s3.{ctx.suffix}",
            "RegionalDomainName": f"{physical}.s3.{ctx.region}.{ctx.suffix}",
        }  # fmt: skip
        return known[name] if name in known else super().attribute(ctx, physical, name)


def _same(name: str, value: Record) -> Record:
    return {name: value}


def _encryption(_: str, value: Record) -> Record:
    renamed = {"ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault"}
    rules = [{renamed.get(k, k): v for k, v in rule.items()} for rule in value["ServerSideEncryptionConfiguration"]]
    return {"ServerSideEncryptionConfiguration": {"Rules": rules}}


def _logging(_: str, value: Record) -> Record:
    target = {"TargetBucket": value["DestinationBucketName"], "TargetPrefix": value.get("LogFilePrefix", "")}
    return {"BucketLoggingStatus": {"LoggingEnabled": target}}


def _notification(_: str, value: Record) -> Record:
    if value.keys() - {"EventBridgeConfiguration"}:
        raise NotEmulated("notifications of a bucket besides EventBridge")
    return {"NotificationConfiguration": {"EventBridgeConfiguration": {}}}


def _lifecycle(_: str, value: Record) -> Record:
    return {"LifecycleConfiguration": {"Rules": [_rule(rule) for rule in value["Rules"]]}}


def _rule(rule: Record) -> Record:
    """CloudFormation flattens what the service nests: `ExpirationInDays` is `Expiration.Days`."""
    found: Record = {"Filter": {"Prefix": rule.get("Prefix", "")}}
    for name, item in rule.items():
        match name:
            case "Id":
                found["ID"] = item
            case "ExpirationInDays":
                found["Expiration"] = {"Days": item}
            case "ExpiredObjectDeleteMarker":
                found["Expiration"] = {"ExpiredObjectDeleteMarker": item}
            case "NoncurrentVersionExpirationInDays":
                found["NoncurrentVersionExpiration"] = {"NoncurrentDays": item}
            case "Prefix":
                pass
            case _:
                found[name] = item
    return found


_API = {
    "BucketEncryption": _encryption,
    "LifecycleConfiguration": _lifecycle,
    "LoggingConfiguration": _logging,
    "NotificationConfiguration": _notification,
}


class BucketPolicy(Kind):
    type = "AWS::S3::BucketPolicy"
    service = "s3"

    def create(self, ctx: Context, props: Props) -> str:
        document = props["PolicyDocument"]
        text = document if isinstance(document, str) else json.dumps(document)
        ctx.call("s3", "put_bucket_policy", Bucket=props["Bucket"], Policy=text)
        return str(props["Bucket"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        self.create(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("s3", "delete_bucket_policy", Bucket=physical)


S3 = (Bucket(), BucketPolicy())
