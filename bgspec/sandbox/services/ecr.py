"""ECR: repositories and the images in them."""

import base64
import fnmatch
import hashlib
import json
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tags_of
from bgspec.sandbox.world import Context, Record

ecr = Service("ecr")

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_INDEXES = {"application/vnd.docker.distribution.manifest.list.v2+json", "application/vnd.oci.image.index.v1+json"}


def repository(ctx: Context, name: str) -> Record:
    found = ctx.table("ecr.repositories").get(name)
    if found is None:
        message = f"The repository with name '{name}' does not exist in the registry with id '{ctx.account}'"
        raise AwsError("RepositoryNotFoundException", message)
    return found


@ecr
def create_repository(ctx: Context, p: Record) -> Record:
    name = p["repositoryName"]
    if name in ctx.table("ecr.repositories"):
        message = f"The repository with name '{name}' already exists in the registry with id '{ctx.account}'"
        raise AwsError("RepositoryAlreadyExistsException", message)
    made = {
        "repositoryArn": ctx.arn("ecr", f"repository/{name}"),
        "registryId": ctx.account,
        "repositoryName": name,
        "repositoryUri": f"{ctx.account}.dkr.ecr.{ctx.region}.{ctx.suffix}/{name}",
        "createdAt": ctx.now(),
        "imageTagMutability": p.get("imageTagMutability", "MUTABLE"),
        "imageScanningConfiguration": {"scanOnPush": False} | p.get("imageScanningConfiguration", {}),
        "encryptionConfiguration": p.get("encryptionConfiguration", {"encryptionType": "AES256"}),
        **given(p, "imageTagMutabilityExclusionFilters"),
        "_tags": tags_of(p.get("tags")),
        "_images": {},
        "_layers": {},
        "_uploads": {},
    }
    ctx.table("ecr.repositories")[name] = made
    return {"repository": made}


@ecr
def describe_repositories(ctx: Context, p: Record) -> Record:
    names = p.get("repositoryNames") or list(ctx.table("ecr.repositories"))
    return {"repositories": [repository(ctx, name) for name in names]}


@ecr
def delete_repository(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    if found["_images"] and not p.get("force"):
        message = (
            f"The repository with name '{p['repositoryName']}' in registry with id '{ctx.account}' cannot be deleted "
            "because it still contains images"
        )
        raise AwsError("RepositoryNotEmptyException", message)
    del ctx.table("ecr.repositories")[p["repositoryName"]]
    return {"repository": found}


@ecr
def put_image_tag_mutability(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    found.pop("imageTagMutabilityExclusionFilters", None)
    found.update(given(p, "imageTagMutability", "imageTagMutabilityExclusionFilters"))
    return found


@ecr
def put_image_scanning_configuration(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    found["imageScanningConfiguration"] = {"scanOnPush": False} | p["imageScanningConfiguration"]
    return found


def _document(kind: str, member: str, code: str) -> None:
    """Put, get and delete of a document that a repository may have: its policy, its lifecycle policy."""
    kept = f"_{member}"

    def put(ctx: Context, p: Record) -> Record:
        json.loads(p[member])
        repository(ctx, p["repositoryName"])[kept] = p[member]
        return {"registryId": ctx.account, "repositoryName": p["repositoryName"], member: p[member]}

    def get(ctx: Context, p: Record) -> Record:
        text = repository(ctx, p["repositoryName"]).get(kept)
        if text is None:
            message = f"{kind} does not exist for the repository with name '{p['repositoryName']}' in the registry with id '{ctx.account}'"
            raise AwsError(code, message)
        return {"registryId": ctx.account, "repositoryName": p["repositoryName"], member: text}

    def delete(ctx: Context, p: Record) -> Record:
        found = get(ctx, p)
        del repository(ctx, p["repositoryName"])[kept]
        return found

    noun = "lifecycle_policy" if member == "lifecyclePolicyText" else "repository_policy"
    setter = "put" if noun == "lifecycle_policy" else "set"
    for verb, handler in ((setter, put), ("get", get), ("delete", delete)):
        handler.__name__ = f"{verb}_{noun}"
        ecr(handler)


_document("Lifecycle policy", "lifecyclePolicyText", "LifecyclePolicyNotFoundException")
_document("Repository policy", "policyText", "RepositoryPolicyNotFoundException")


def _by_arn(ctx: Context, arn: str) -> Record:
    return repository(ctx, arn.partition(":repository/")[2])


ecr.tags(_by_arn, "resourceArn")


@ecr
def get_authorization_token(ctx: Context, _: Record) -> Record:
    token = base64.b64encode(b"AWS:sandbox").decode()
    expires = ctx.now().timestamp() + 12 * 3600
    endpoint = f"https://{ctx.account}.dkr.ecr.{ctx.region}.{ctx.suffix}"
    from datetime import UTC, datetime  # noqa: PLC0415 -- used here only

    return {
        "authorizationData": [{"authorizationToken": token, "expiresAt": datetime.fromtimestamp(expires, UTC), "proxyEndpoint": endpoint}]
    }


# --- layers and images ---


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@ecr
def batch_check_layer_availability(ctx: Context, p: Record) -> Record:
    layers = repository(ctx, p["repositoryName"])["_layers"]
    found = [
        {
            "layerDigest": name,
            "layerAvailability": "AVAILABLE" if name in layers else "UNAVAILABLE",
            "layerSize": len(layers.get(name, b"")),
        }
        for name in p["layerDigests"]
    ]
    return {"layers": found, "failures": []}


@ecr
def initiate_layer_upload(ctx: Context, p: Record) -> Record:
    name = ctx.uuid("upload")
    repository(ctx, p["repositoryName"])["_uploads"][name] = b""
    return {"uploadId": name, "partSize": 20_971_520}


@ecr
def upload_layer_part(ctx: Context, p: Record) -> Record:
    uploads = repository(ctx, p["repositoryName"])["_uploads"]
    if p["uploadId"] not in uploads:
        raise AwsError("UploadNotFoundException", f"Upload {p['uploadId']} not found")
    if p["partFirstByte"] != len(uploads[p["uploadId"]]):  # as after an answer that was lost
        raise AwsError("InvalidLayerPartException", "The layer part is not consecutive to the one before")
    uploads[p["uploadId"]] += p["layerPartBlob"]
    last = len(uploads[p["uploadId"]]) - 1
    return {"registryId": ctx.account, "repositoryName": p["repositoryName"], "uploadId": p["uploadId"], "lastByteReceived": last}


@ecr
def complete_layer_upload(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    data = found["_uploads"].pop(p["uploadId"], None)
    if data is None:
        raise AwsError("UploadNotFoundException", f"Upload {p['uploadId']} not found")
    name = digest(data)
    if name not in p["layerDigests"]:
        raise AwsError("InvalidLayerException", f"Layer digest {name} is not among those given")
    found["_layers"][name] = data
    return {"registryId": ctx.account, "repositoryName": p["repositoryName"], "uploadId": p["uploadId"], "layerDigest": name}


@ecr
def get_download_url_for_layer(ctx: Context, p: Record) -> Record:
    if p["layerDigest"] not in repository(ctx, p["repositoryName"])["_layers"]:
        raise AwsError("LayersNotFoundException", f"The layer {p['layerDigest']} does not exist")
    url = f"{ctx.world.url}/_sandbox/layers/{ctx.account}/{ctx.region}/{p['repositoryName']}/{p['layerDigest']}"
    return {"downloadUrl": url, "layerDigest": p["layerDigest"]}


def _immutable(found: Record, tag: str) -> bool:
    mode = found["imageTagMutability"]
    patterns = [f["filter"] for f in found.get("imageTagMutabilityExclusionFilters", ())]
    excluded = any(fnmatch.fnmatchcase(tag, pattern) for pattern in patterns)
    return mode == "IMMUTABLE" or (mode == "IMMUTABLE_WITH_EXCLUSION" and not excluded) or (mode == "MUTABLE_WITH_EXCLUSION" and excluded)


@ecr
def put_image(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    text = p["imageManifest"]
    try:
        manifest = json.loads(text)
    except ValueError as error:
        raise AwsError(
            "InvalidParameterException", "Invalid parameter at 'imageManifest' failed to satisfy constraint: 'Invalid JSON syntax'"
        ) from error
    kind = p.get("imageManifestMediaType") or manifest.get("mediaType", MANIFEST)
    name = digest(text.encode())
    _check_parts(found, manifest, kind)
    tag = p.get("imageTag")
    holder = next((key for key, image in found["_images"].items() if tag and tag in image["imageTags"]), None)
    where = f"in the '{p['repositoryName']}' repository"
    if holder == name or (tag is None and name in found["_images"]):
        raise AwsError("ImageAlreadyExistsException", f"Image with digest '{name}' and tag '{tag}' already exists {where}")
    if holder and tag and _immutable(found, tag):
        message = f"The image tag '{tag}' already exists {where} and cannot be overwritten because the tag is immutable."
        raise AwsError("ImageTagAlreadyExistsException", message)
    if holder:
        found["_images"][holder]["imageTags"].remove(tag)
    image = found["_images"].setdefault(name, _image(ctx, found, text, kind, manifest))
    if tag:
        image["imageTags"].append(tag)
    return {"image": _shown(found, image, tag)}


def _check_parts(found: Record, manifest: Record, kind: str) -> None:
    if kind in _INDEXES:
        missing = [m["digest"] for m in manifest["manifests"] if m["digest"] not in found["_images"]]
        if missing:
            raise AwsError("ReferencedImagesNotFoundException", f"The referenced images {missing} do not exist")
        return
    parts = [manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])]
    if missing := [part for part in parts if part not in found["_layers"]]:
        raise AwsError("LayersNotFoundException", f"The layers with digests {missing} required for pushing image do not exist")


def _image(ctx: Context, found: Record, text: str, kind: str, manifest: Record) -> Record:
    sizes = [manifest.get("config", {}).get("size", 0), *(layer.get("size", 0) for layer in manifest.get("layers", ()))]
    return {
        "registryId": ctx.account, "repositoryName": found["repositoryName"], "imageDigest": digest(text.encode()),
        "imageTags": [], "imageSizeInBytes": sum(sizes), "imagePushedAt": ctx.now(), "imageManifestMediaType": kind,
        "artifactMediaType": manifest.get("config", {}).get("mediaType", kind), "_manifest": text,
    }  # fmt: skip


def _shown(found: Record, image: Record, tag: str | None = None) -> Record:
    ident = {"imageDigest": image["imageDigest"]} | ({"imageTag": tag} if tag else {})
    return {
        "registryId": found["registryId"], "repositoryName": found["repositoryName"], "imageId": ident,
        "imageManifest": image["_manifest"], "imageManifestMediaType": image["imageManifestMediaType"],
    }  # fmt: skip


def find_image(found: Record, ident: Record) -> Record | None:
    if "imageDigest" in ident:
        image: Record | None = found["_images"].get(ident["imageDigest"])
        return image if image and ident.get("imageTag", "") in ["", *image["imageTags"]] else None
    return next((image for image in found["_images"].values() if ident.get("imageTag") in image["imageTags"]), None)


@ecr
def batch_get_image(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    images: list[Record] = []
    failures: list[Record] = []
    for ident in p["imageIds"]:
        image = find_image(found, ident)
        if image:
            images.append(_shown(found, image, ident.get("imageTag")))
        else:
            failures.append({"imageId": ident, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
    return {"images": images, "failures": failures}


@ecr
def describe_images(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    if "imageIds" not in p:
        wanted = (p.get("filter") or {}).get("tagStatus", "ANY")
        images = [i for i in found["_images"].values() if wanted == "ANY" or (wanted == "TAGGED") == bool(i["imageTags"])]
        return {"imageDetails": images}
    details = []
    for ident in p["imageIds"]:
        image = find_image(found, ident)
        if image is None:
            message = f"The image with imageId {_ident(ident)} does not exist within the repository with name '{p['repositoryName']}' in the registry with id '{ctx.account}'"
            raise AwsError("ImageNotFoundException", message)
        details.append(image)
    return {"imageDetails": details}


def _ident(ident: Record) -> str:
    return "{" + f"imageDigest:'{ident.get('imageDigest', 'null')}', imageTag:'{ident.get('imageTag', 'null')}'" + "}"


@ecr
def list_images(ctx: Context, p: Record) -> Record:
    found: list[Any] = []
    for image in repository(ctx, p["repositoryName"])["_images"].values():
        found += [{"imageDigest": image["imageDigest"]} | ({"imageTag": tag} if tag else {}) for tag in image["imageTags"] or [""]]
    return {"imageIds": found}


@ecr
def batch_delete_image(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    gone, failures = [], []
    for ident in p["imageIds"]:
        image = find_image(found, ident)
        if image is None:
            failures.append({"imageId": ident, "failureCode": "ImageNotFound", "failureReason": "Requested image not found"})
            continue
        gone.append(ident)
        if ident.get("imageTag"):
            image["imageTags"].remove(ident["imageTag"])
        if "imageDigest" in ident or not image["imageTags"]:
            found["_images"].pop(image["imageDigest"], None)
    return {"imageIds": gone, "failures": failures}


@ecr
def describe_image_scan_findings(ctx: Context, p: Record) -> Record:
    found = repository(ctx, p["repositoryName"])
    if find_image(found, p["imageId"]) is None:
        raise AwsError("ImageNotFoundException", f"The image with imageId {_ident(p['imageId'])} does not exist")
    return {"imageScanStatus": {"status": "COMPLETE"}, "imageScanFindings": {"findings": [], "findingSeverityCounts": {}}}


def push(ctx: Context, name: str, tag: str, *, architecture: str = "amd64", seed: str = "") -> str:
    """An image as a build pushes it, without a container engine: a config and one small layer. Returns its digest."""
    found = repository(ctx, name)
    holder = find_image(found, {"imageTag": tag})
    if holder:
        return str(holder["imageDigest"])
    config = json.dumps({"architecture": architecture, "os": "linux", "config": {}, "comment": f"simulated {seed or tag}"}).encode()
    layer = f"simulated layer of {name} {seed or tag}".encode()
    for data in (config, layer):
        found["_layers"][digest(data)] = data
    manifest = {
        "schemaVersion": 2, "mediaType": MANIFEST,
        "config": {"mediaType": "application/vnd.docker.container.image.v1+json", "size": len(config), "digest": digest(config)},
        "layers": [{"mediaType": "application/vnd.docker.image.rootfs.diff.tar.gzip", "size": len(layer), "digest": digest(layer)}],
    }  # fmt: skip
    made = put_image(ctx, {"repositoryName": name, "imageTag": tag, "imageManifest": json.dumps(manifest)})
    return str(made["image"]["imageId"]["imageDigest"])
