"""S3 objects: versions, delete markers, listings, multipart uploads."""

import hashlib
from collections.abc import Iterator
from urllib.parse import unquote

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import given
from bgspec.sandbox.services.s3 import bucket, s3
from bgspec.sandbox.world import Context, Record

_META = (
    "ContentType",
    "Metadata",
    "CacheControl",
    "ContentEncoding",
    "ContentDisposition",
    "ServerSideEncryption",
    "SSEKMSKeyId",
    "BucketKeyEnabled",
)


def _versioned(found: Record) -> bool:
    return bool(found["_configuration"].get("versioning", {}).get("Status") == "Enabled")


def _add(ctx: Context, found: Record, key: str, body: bytes, meta: Record) -> Record:
    made = {
        "Key": key, "Body": body, "Size": len(body), "ContentLength": len(body), "LastModified": ctx.now(), "StorageClass": "STANDARD",
        "ETag": f'"{hashlib.md5(body, usedforsecurity=False).hexdigest()}"', "AcceptRanges": "bytes", "ServerSideEncryption": "AES256",
        **given(meta, *_META),
    }  # fmt: skip
    if _versioned(found):
        made["VersionId"] = ctx.unique("version", 32)
        found["_objects"].setdefault(key, []).insert(0, made)
    else:
        found["_objects"][key] = [made]
    return made


@s3
def put_object(ctx: Context, p: Record) -> Record:
    found = bucket(ctx, p["Bucket"])
    current = found["_objects"].get(p["Key"], [{}])[0]
    if p.get("IfNoneMatch") == "*" and "Body" in current:
        raise AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    if "IfMatch" in p and current.get("ETag") != p["IfMatch"]:
        raise AwsError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412)
    return _add(ctx, found, p["Key"], p.get("Body", b""), p)


def stored(ctx: Context, p: Record) -> Record:
    versions = bucket(ctx, p["Bucket"])["_objects"].get(p["Key"], [])
    if "VersionId" in p:
        found = next((v for v in versions if v.get("VersionId", "null") == p["VersionId"]), None)
        if found is None:
            raise AwsError("NoSuchVersion", "The specified version does not exist.", 404)
    else:
        found = versions[0] if versions else None
    if found is None or "Body" not in found:
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404, Key=p["Key"])
    result: Record = found
    return result


@s3
def get_object(ctx: Context, p: Record) -> Record:
    found = stored(ctx, p)
    if p.get("Range", "").startswith("bytes="):
        first, _, last = p["Range"][6:].partition("-")
        part = found["Body"][int(first) : int(last) + 1 if last else None] if first else found["Body"][-int(last) :]
        return found | {"Body": part, "ContentLength": len(part), "ContentRange": f"bytes {first}-/{found['Size']}"}
    return found


@s3
def head_object(ctx: Context, p: Record) -> Record:
    try:
        return stored(ctx, p)
    except AwsError as error:
        raise AwsError("404", "Not Found", 404) from error


@s3
def copy_object(ctx: Context, p: Record) -> Record:
    path, _, version = unquote(p["CopySource"]).lstrip("/").partition("?versionId=")
    name, _, key = path.partition("/")
    source = stored(ctx, {"Bucket": name, "Key": key} | ({"VersionId": version} if version else {}))
    made = _add(ctx, bucket(ctx, p["Bucket"]), p["Key"], source["Body"], source | p)
    return {"CopyObjectResult": made, "VersionId": made.get("VersionId")}


@s3
def delete_object(ctx: Context, p: Record) -> Record:
    objects, key = bucket(ctx, p["Bucket"])["_objects"], p["Key"]
    if "VersionId" in p:
        versions = [v for v in objects.get(key, []) if v.get("VersionId", "null") != p["VersionId"]]
        gone = {"VersionId": p["VersionId"]}
    elif _versioned(bucket(ctx, p["Bucket"])):
        marker = {"Key": key, "VersionId": ctx.unique("version", 32), "LastModified": ctx.now(), "DeleteMarker": True}
        versions = [marker, *objects.get(key, [])]
        gone = {"VersionId": marker["VersionId"], "DeleteMarker": True}
    else:
        versions, gone = [], {}
    if versions:
        objects[key] = versions
    else:
        objects.pop(key, None)
    return gone


@s3
def delete_objects(ctx: Context, p: Record) -> Record:
    gone = [item | delete_object_of(ctx, p["Bucket"], item) for item in p["Delete"]["Objects"]]
    return {} if p["Delete"].get("Quiet") else {"Deleted": gone}


def delete_object_of(ctx: Context, name: str, item: Record) -> Record:
    return delete_object(ctx, {"Bucket": name, **item}) or {}


def _listing(found: Record, p: Record) -> Iterator[Record]:
    for key in sorted(found["_objects"]):
        current = found["_objects"][key][0]
        if key.startswith(p.get("Prefix", "")) and "Body" in current:
            yield current


def _grouped(found: Record, p: Record, after: str) -> Record:
    prefix, delimiter, size = p.get("Prefix", ""), p.get("Delimiter", ""), p.get("MaxKeys", 1000)
    contents: list[Record] = []
    common: dict[str, None] = {}
    for current in _listing(found, p):
        rest = current["Key"][len(prefix) :]
        group = prefix + rest[: rest.index(delimiter) + 1] if delimiter and delimiter in rest else ""
        if current["Key"] <= after or (group and group <= after):
            continue
        if len(contents) + len(common) == size and group not in common:
            return {"Contents": contents, "CommonPrefixes": [{"Prefix": g} for g in common], "IsTruncated": True}
        if group:
            common[group] = None
        else:
            contents.append(current)
    return {"Contents": contents, "CommonPrefixes": [{"Prefix": g} for g in common], "IsTruncated": False}


def _last(listing: Record) -> str:
    return max([c["Key"] for c in listing["Contents"]] + [c["Prefix"] for c in listing["CommonPrefixes"]], default="")


@s3
def list_objects_v2(ctx: Context, p: Record) -> Record:
    found = _grouped(bucket(ctx, p["Bucket"]), p, p.get("ContinuationToken") or p.get("StartAfter", ""))
    more = {"NextContinuationToken": _last(found)} if found["IsTruncated"] else {}
    count = len(found["Contents"]) + len(found["CommonPrefixes"])
    return found | more | given(p, "Prefix", "Delimiter", "MaxKeys") | {"Name": p["Bucket"], "KeyCount": count}


@s3
def list_objects(ctx: Context, p: Record) -> Record:
    found = _grouped(bucket(ctx, p["Bucket"]), p, p.get("Marker", ""))
    more = {"NextMarker": _last(found)} if found["IsTruncated"] else {}
    return found | more | given(p, "Prefix", "Delimiter", "MaxKeys", "Marker") | {"Name": p["Bucket"]}


@s3
def list_object_versions(ctx: Context, p: Record) -> Record:
    objects = bucket(ctx, p["Bucket"])["_objects"]
    versions: list[Record] = []
    markers: list[Record] = []
    for key in sorted(objects):
        if key.startswith(p.get("Prefix", "")):
            for number, version in enumerate(objects[key]):
                shown = {"VersionId": "null"} | version | {"IsLatest": number == 0}
                (versions if "Body" in version else markers).append(shown)
    return {"Versions": versions, "DeleteMarkers": markers, "IsTruncated": False, "Name": p["Bucket"], "MaxKeys": 1000}


# --- multipart ---


@s3
def create_multipart_upload(ctx: Context, p: Record) -> Record:
    name = ctx.unique("multipart", 32)
    bucket(ctx, p["Bucket"])["_uploads"][name] = {"meta": given(p, *_META), "parts": {}}
    return {"Bucket": p["Bucket"], "Key": p["Key"], "UploadId": name}


def _upload(ctx: Context, p: Record) -> Record:
    found: Record | None = bucket(ctx, p["Bucket"])["_uploads"].get(p["UploadId"])
    if found is None:
        raise AwsError("NoSuchUpload", "The specified upload does not exist.", 404)
    return found


@s3
def upload_part(ctx: Context, p: Record) -> Record:
    _upload(ctx, p)["parts"][p["PartNumber"]] = p.get("Body", b"")
    return {"ETag": f'"{hashlib.md5(p.get("Body", b""), usedforsecurity=False).hexdigest()}"'}


@s3
def complete_multipart_upload(ctx: Context, p: Record) -> Record:
    found = _upload(ctx, p)
    body = b"".join(found["parts"][number] for number in sorted(found["parts"]))
    made = _add(ctx, bucket(ctx, p["Bucket"]), p["Key"], body, found["meta"])
    del bucket(ctx, p["Bucket"])["_uploads"][p["UploadId"]]
    return given(made, "ETag", "VersionId") | {"Bucket": p["Bucket"], "Key": p["Key"]}


@s3
def abort_multipart_upload(ctx: Context, p: Record) -> None:
    _upload(ctx, p)
    del bucket(ctx, p["Bucket"])["_uploads"][p["UploadId"]]
