"""EFS: file systems, mount targets, access points."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.ec2_records import SUBNET, interface, release_interfaces
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

efs = Service("efs")


def systems(ctx: Context) -> Table:
    return ctx.table("efs.systems")


def mounts(ctx: Context) -> Table:
    return ctx.table("efs.mounts")


def points(ctx: Context) -> Table:
    return ctx.table("efs.points")


def system(ctx: Context, name: str) -> Record:
    short = name.rpartition("/")[2]
    if short not in systems(ctx):
        raise AwsError("FileSystemNotFound", f"File system '{short}' does not exist.", 404)
    return systems(ctx)[short]


def _named(record: Record) -> Record:
    return record | {"Tags": tag_list(record), "Name": record["_tags"].get("Name")}


@efs
def create_file_system(ctx: Context, p: Record) -> Record:
    there = next((s for s in systems(ctx).values() if s["CreationToken"] == p["CreationToken"]), None)
    if there:
        raise AwsError(
            "FileSystemAlreadyExists",
            f"File system '{there['FileSystemId']}' already exists with creation token '{p['CreationToken']}'",
            409,
        )
    name = f"fs-{ctx.unique('fs')}"
    systems(ctx)[name] = {
        "OwnerId": ctx.account, "FileSystemId": name, "FileSystemArn": ctx.arn("elasticfilesystem", f"file-system/{name}"),
        "CreationTime": ctx.now(), "LifeCycleState": "available", "PerformanceMode": "generalPurpose", "ThroughputMode": "bursting",
        "Encrypted": False, "SizeInBytes": {"Value": 6144}, "FileSystemProtection": {"ReplicationOverwriteProtection": "ENABLED"},
        **given(p, "CreationToken", "PerformanceMode", "Encrypted", "KmsKeyId", "ThroughputMode", "ProvisionedThroughputInMibps", "AvailabilityZoneName"),
        "_tags": tags_of(p.get("Tags")), "_backup": {"Status": "ENABLED" if p.get("Backup") else "DISABLED"}, "_lifecycle": [],
    }  # fmt: skip
    if systems(ctx)[name]["Encrypted"]:
        systems(ctx)[name].setdefault("KmsKeyId", ctx.arn("kms", "alias/aws/elasticfilesystem"))
    return _named(systems(ctx)[name])


@efs
def describe_file_systems(ctx: Context, p: Record) -> Record:
    found = [system(ctx, p["FileSystemId"])] if "FileSystemId" in p else list(systems(ctx).values())
    count = {s["FileSystemId"]: sum(m["FileSystemId"] == s["FileSystemId"] for m in mounts(ctx).values()) for s in found}
    return {"FileSystems": [_named(s) | {"NumberOfMountTargets": count[s["FileSystemId"]]} for s in found]}


@efs
def update_file_system(ctx: Context, p: Record) -> Record:
    system(ctx, p["FileSystemId"]).update(given(p, "ThroughputMode", "ProvisionedThroughputInMibps"))
    return _named(system(ctx, p["FileSystemId"]))


@efs
def delete_file_system(ctx: Context, p: Record) -> None:
    if any(m["FileSystemId"] == p["FileSystemId"] for m in mounts(ctx).values()):
        raise AwsError("FileSystemInUse", f"File system '{p['FileSystemId']}' has mount targets created in it.", 409)
    del systems(ctx)[system(ctx, p["FileSystemId"])["FileSystemId"]]


@efs
def put_lifecycle_configuration(ctx: Context, p: Record) -> Record:
    system(ctx, p["FileSystemId"])["_lifecycle"] = p["LifecyclePolicies"]
    return {"LifecyclePolicies": p["LifecyclePolicies"]}


@efs
def describe_lifecycle_configuration(ctx: Context, p: Record) -> Record:
    return {"LifecyclePolicies": system(ctx, p["FileSystemId"])["_lifecycle"]}


@efs
def put_backup_policy(ctx: Context, p: Record) -> Record:
    system(ctx, p["FileSystemId"])["_backup"] = p["BackupPolicy"]
    return {"BackupPolicy": p["BackupPolicy"]}


@efs
def describe_backup_policy(ctx: Context, p: Record) -> Record:
    return {"BackupPolicy": system(ctx, p["FileSystemId"])["_backup"]}


@efs
def put_file_system_policy(ctx: Context, p: Record) -> Record:
    system(ctx, p["FileSystemId"])["_policy"] = p["Policy"]
    return {"FileSystemId": p["FileSystemId"], "Policy": p["Policy"]}


@efs
def describe_file_system_policy(ctx: Context, p: Record) -> Record:
    found = system(ctx, p["FileSystemId"]).get("_policy")
    if found is None:
        raise AwsError("PolicyNotFound", f"No policy for file system {p['FileSystemId']}", 404)
    return {"FileSystemId": p["FileSystemId"], "Policy": found}


@efs
def delete_file_system_policy(ctx: Context, p: Record) -> None:
    system(ctx, p["FileSystemId"]).pop("_policy", None)


@efs
def create_mount_target(ctx: Context, p: Record) -> Record:
    system(ctx, p["FileSystemId"])
    subnet = SUBNET.get(ctx, p["SubnetId"])
    if any(
        m["FileSystemId"] == p["FileSystemId"] and m["AvailabilityZoneName"] == subnet["AvailabilityZone"] for m in mounts(ctx).values()
    ):
        raise AwsError("MountTargetConflict", "mount target already exists in this AZ", 409)
    name = f"fsmt-{ctx.unique('fsmt')}"
    eni = interface(ctx, p["SubnetId"], p.get("SecurityGroups", []), f"EFS mount target for {p['FileSystemId']} ({name})", name)
    mounts(ctx)[name] = {
        "OwnerId": ctx.account, "MountTargetId": name, "FileSystemId": p["FileSystemId"], "SubnetId": p["SubnetId"], "LifeCycleState": "available",
        "IpAddress": p.get("IpAddress") or eni["PrivateIpAddress"], "NetworkInterfaceId": eni["NetworkInterfaceId"], "VpcId": subnet["VpcId"],
        "AvailabilityZoneName": subnet["AvailabilityZone"], "AvailabilityZoneId": subnet["AvailabilityZoneId"], "_groups": p.get("SecurityGroups", []),
    }  # fmt: skip
    return mounts(ctx)[name]


def mount(ctx: Context, name: str) -> Record:
    if name not in mounts(ctx):
        raise AwsError("MountTargetNotFound", f"Mount target '{name}' does not exist.", 404)
    return mounts(ctx)[name]


@efs
def describe_mount_targets(ctx: Context, p: Record) -> Record:
    if "MountTargetId" in p:
        return {"MountTargets": [mount(ctx, p["MountTargetId"])]}
    return {"MountTargets": [m for m in mounts(ctx).values() if p.get("FileSystemId") in {None, m["FileSystemId"]}]}


@efs
def describe_mount_target_security_groups(ctx: Context, p: Record) -> Record:
    return {"SecurityGroups": mount(ctx, p["MountTargetId"])["_groups"]}


@efs
def modify_mount_target_security_groups(ctx: Context, p: Record) -> None:
    found = mount(ctx, p["MountTargetId"])
    found["_groups"] = p.get("SecurityGroups", [])
    release_interfaces(ctx, p["MountTargetId"])
    eni = interface(ctx, found["SubnetId"], found["_groups"], f"EFS mount target for {found['FileSystemId']}", p["MountTargetId"])
    found["NetworkInterfaceId"] = eni["NetworkInterfaceId"]


@efs
def delete_mount_target(ctx: Context, p: Record) -> None:
    mount(ctx, p["MountTargetId"])
    release_interfaces(ctx, p["MountTargetId"])
    del mounts(ctx)[p["MountTargetId"]]


@efs
def create_access_point(ctx: Context, p: Record) -> Record:
    system(ctx, p["FileSystemId"])
    name = f"fsap-{ctx.unique('fsap')}"
    points(ctx)[name] = {
        "AccessPointId": name, "AccessPointArn": ctx.arn("elasticfilesystem", f"access-point/{name}"), "LifeCycleState": "available",
        "OwnerId": ctx.account, **given(p, "ClientToken", "FileSystemId", "PosixUser", "RootDirectory"), "_tags": tags_of(p.get("Tags")),
    }  # fmt: skip
    return _named(points(ctx)[name])


@efs
def describe_access_points(ctx: Context, p: Record) -> Record:
    if "AccessPointId" in p and p["AccessPointId"] not in points(ctx):
        raise AwsError("AccessPointNotFound", f"Access point '{p['AccessPointId']}' does not exist.", 404)
    wanted = [
        a for n, a in points(ctx).items() if p.get("AccessPointId") in {None, n} and p.get("FileSystemId") in {None, a["FileSystemId"]}
    ]
    return {"AccessPoints": [_named(a) for a in wanted]}


@efs
def delete_access_point(ctx: Context, p: Record) -> None:
    if points(ctx).pop(p["AccessPointId"], None) is None:
        raise AwsError("AccessPointNotFound", f"Access point '{p['AccessPointId']}' does not exist.", 404)


@efs
def list_tags_for_resource(ctx: Context, p: Record) -> Record:
    found = points(ctx).get(p["ResourceId"]) or system(ctx, p["ResourceId"])
    return {"Tags": tag_list(found)}
