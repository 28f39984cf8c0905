"""Tasks: how they start, why they do not, and the fleets that keep their number.

A fleet is what ECS calls a task set under CodeDeploy and a deployment under its own controller: tasks of one revision
behind one target group. It lives in its service's `_fleets`.
"""

import json
import re
from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import ecr, elbv2
from bgspec.sandbox.services.ec2_records import SUBNET, interface, release_interfaces
from bgspec.sandbox.services.ecs_definitions import definition
from bgspec.sandbox.services.ecs_records import cluster, ecs, last, say, services, tasks
from bgspec.sandbox.services.iam import role_exists
from bgspec.sandbox.services.registry import LOWER, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Work

_RETRY = 15.0  # emulated seconds before ECS replaces a task that failed; its real back-off grows
_KEPT = 60  # stopped tasks that stay visible in a world; on AWS they go after an hour


def fleet_tasks(ctx: Context, fleet: Record) -> list[Record]:
    return [task for task in tasks(ctx).values() if task["_fleet"] == fleet["id"]]


def alive(ctx: Context, fleet: Record) -> list[Record]:
    return [task for task in fleet_tasks(ctx, fleet) if task["desiredStatus"] == "RUNNING"]


def running(ctx: Context, fleet: Record) -> list[Record]:
    return [task for task in alive(ctx, fleet) if task["lastStatus"] == "RUNNING"]


def counts(ctx: Context, fleet: Record) -> Record:
    up = len(running(ctx, fleet))
    return {"runningCount": up, "pendingCount": len(alive(ctx, fleet)) - up}


def steady(ctx: Context, fleet: Record) -> bool:
    """As many tasks as wanted run, and every one of them that stands behind a load balancer is healthy there."""
    up = running(ctx, fleet)
    return len(up) == fleet["desired"] and all(_healthy(ctx, fleet, task) for task in up)


def _healthy(ctx: Context, fleet: Record, task: Record) -> bool:
    targets = [
        elbv2.groups(ctx).get(b["targetGroupArn"], {"_targets": {}})["_targets"].get(f"{address(task)}:{b['containerPort']}")
        for b in fleet["loadBalancers"]
    ]
    return all(target is not None and target["_state"] == "healthy" for target in targets)


def address(task: Record) -> str:
    details = task["attachments"][0]["details"]
    return str(next(detail["value"] for detail in details if detail["name"] == "privateIPv4Address"))


def reconcile(ctx: Context, service: Record, fleet: Record) -> None:
    """Start or stop tasks until as many are wanted as the fleet should have."""
    wanted = 0 if fleet["id"] not in service["_fleets"] or service["status"] != "ACTIVE" else fleet["desired"]
    there = alive(ctx, fleet)
    for task in there[wanted:]:
        stop(ctx, task, "ServiceSchedulerInitiated", f"Scaling activity initiated by (deployment {fleet['id']})")
    missing = wanted - len(there)
    if missing > 0:
        started = [launch(ctx, service, fleet) for _ in range(missing)]
        names = " ".join(f"(task {last(task['taskArn'])})" for task in started)
        say(ctx, service, f"has started {missing} tasks: {names}.")


def launch(ctx: Context, service: Record, fleet: Record) -> Record:
    network = fleet["networkConfiguration"]["awsvpcConfiguration"]
    subnet = network["subnets"][ctx.world.number(f"spread/{fleet['id']}") % len(network["subnets"])]
    task = _new_task(ctx, service["clusterArn"], definition(ctx, fleet["taskDefinition"]), subnet, network.get("securityGroups", []))
    tags = service["_tags"] if service.get("propagateTags") == "SERVICE" else {}
    own = {"aws:ecs:serviceName": service["serviceName"], "aws:ecs:clusterName": last(service["clusterArn"])}
    task |= {
        "group": f"service:{service['serviceName']}", "startedBy": fleet["id"], "_fleet": fleet["id"],
        "launchType": fleet.get("launchType", "FARGATE"), "platformVersion": "1.4.0",
        "enableExecuteCommand": service.get("enableExecuteCommand", False),
        "_tags": tags | (own if service.get("enableECSManagedTags") else {}),
    }  # fmt: skip
    tasks(ctx)[task["taskArn"]] = task
    ctx.world.start(_live(ctx, service, fleet, task))
    return task


def _new_task(ctx: Context, cluster_arn: str, found: Record, subnet: str, groups: list[str]) -> Record:
    name = ctx.unique("task", 32)
    arn = ctx.arn("ecs", f"task/{last(cluster_arn)}/{name}")
    eni = interface(ctx, subnet, groups, arn, arn)
    details = {"subnetId": subnet, "networkInterfaceId": eni["NetworkInterfaceId"], "privateIPv4Address": eni["PrivateIpAddress"]}
    containers = [
        {"containerArn": ctx.arn("ecs", f"container/{last(cluster_arn)}/{name}/{number}"), "taskArn": arn, "name": c["name"],
         "image": c["image"], "lastStatus": "PENDING", "networkInterfaces": [], "healthStatus": "UNKNOWN"}
        for number, c in enumerate(found["containerDefinitions"])
    ]  # fmt: skip
    attachment = {"id": ctx.uuid("attachment"), "type": "ElasticNetworkInterface", "status": "ATTACHED",
                  "details": [{"name": key, "value": value} for key, value in details.items()]}  # fmt: skip
    return {
        "taskArn": arn, "clusterArn": cluster_arn, "taskDefinitionArn": found["taskDefinitionArn"], "containers": containers,
        "attachments": [attachment], "availabilityZone": SUBNET.get(ctx, subnet)["AvailabilityZone"], "cpu": found.get("cpu"),
        "memory": found.get("memory"), "createdAt": ctx.now(), "desiredStatus": "RUNNING", "lastStatus": "PROVISIONING",
        "healthStatus": "UNKNOWN", "connectivity": "CONNECTED", "overrides": {}, "version": 1, "_fleet": "", "_tags": {}, "_vpc": SUBNET.get(ctx, subnet)["VpcId"],
    }  # fmt: skip


def _live(ctx: Context, service: Record, fleet: Record, task: Record) -> Work:
    """A service's task from its start on; when it fails, its place is filled again."""
    yield from _start(ctx, task)
    if task["lastStatus"] == "RUNNING":
        doom = broken(ctx, task)
        for balancer in fleet["loadBalancers"]:
            group = elbv2.target_group(ctx, balancer["targetGroupArn"])
            elbv2.register_targets(
                ctx, {"TargetGroupArn": balancer["targetGroupArn"], "Targets": [{"Id": address(task), "Port": balancer["containerPort"]}]}
            )
            group["_targets"][f"{address(task)}:{balancer['containerPort']}"]["_healthy"] = doom != "unhealthy"
        if fleet["loadBalancers"]:
            say(ctx, service, f"registered 1 targets in (target-group {fleet['loadBalancers'][0]['targetGroupArn']})")
        if doom == "exit":
            yield 5
            _exited(ctx, task, 1)
        elif doom == "unhealthy" and fleet["loadBalancers"]:
            group = elbv2.target_group(ctx, fleet["loadBalancers"][0]["targetGroupArn"])
            yield group["HealthCheckIntervalSeconds"] * group["UnhealthyThresholdCount"] + service.get("healthCheckGracePeriodSeconds", 0)
            reason = f"Task failed ELB health checks in (target-group {group['TargetGroupArn']})"
            if task["desiredStatus"] == "RUNNING":
                say(
                    ctx,
                    service,
                    f"(port {fleet['loadBalancers'][0]['containerPort']}) is unhealthy in (target-group {group['TargetGroupArn']}) due to (reason Health checks failed).",
                )
                stop(ctx, task, "ServiceSchedulerInitiated", reason)
                fleet["failedTasks"] += 1
    elif task["stopCode"] == "TaskFailedToStart":
        fleet["failedTasks"] += 1
        say(ctx, service, f"was unable to start task {last(task['taskArn'])}: {task.get('stoppedReason', '')}")
    if task["desiredStatus"] == "STOPPED" and fleet["id"] in service["_fleets"]:
        yield _RETRY
        reconcile(ctx, service, fleet)


def _start(ctx: Context, task: Record) -> Work:
    yield 2
    if task["desiredStatus"] == "STOPPED":
        return
    task["lastStatus"], task["pullStartedAt"] = "PENDING", ctx.now()
    yield 3
    if task["desiredStatus"] == "STOPPED":
        return
    reason = why_not(ctx, task)
    if reason:
        stop(ctx, task, "TaskFailedToStart", reason)
        return
    task["lastStatus"], task["startedAt"], task["pullStoppedAt"] = "RUNNING", ctx.now(), ctx.now()
    for container in task["containers"]:
        container["lastStatus"] = "RUNNING"
        container["runtimeId"] = f"{last(task['taskArn'])}-{ctx.unique('runtime', 10)}"
        container["networkInterfaces"] = [{"privateIpv4Address": address(task), "attachmentId": task["attachments"][0]["id"]}]
        container["imageDigest"] = image_digest(ctx, container["image"])
    if any("healthCheck" in c for c in definition(ctx, task["taskDefinitionArn"])["containerDefinitions"]):
        task["healthStatus"] = "HEALTHY"


_OURS = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/(?P<name>[^:@]+)(?::(?P<tag>[^@]+))?(?:@(?P<digest>sha256:[0-9a-f]+))?"
)


def ecr_image(ctx: Context, uri: str) -> tuple[Record | None, Record | None] | None:
    """The ECR repository and image a URI names; None for an image of another registry, which is taken to exist."""
    match = _OURS.fullmatch(uri)
    if match is None:
        return None
    there = ctx.world.context(match["account"], match["region"])
    repository = there.table("ecr.repositories").get(match["name"])
    ident = {"imageDigest": match["digest"]} if match["digest"] else {"imageTag": match["tag"] or "latest"}
    return repository, ecr.find_image(repository, ident) if repository else None


def image_digest(ctx: Context, uri: str) -> str | None:
    found = ecr_image(ctx, uri)
    return str(found[1]["imageDigest"]) if found and found[1] else None


def broken(ctx: Context, task: Record) -> str:
    """What the settings let this task die of: `exit`, `unhealthy`, or nothing. An image is named by URI or any of its tags."""
    for container in task["containers"]:
        found = ecr_image(ctx, container["image"])
        tags = found[1]["imageTags"] if found and found[1] else []
        for part, doom in ctx.world.broken_images.items():
            if part in " ".join([container["image"], *tags]):
                return doom
    return ""


def why_not(ctx: Context, task: Record) -> str:
    """The reason a task cannot start, as ECS words it; nothing when it can."""
    found = definition(ctx, task["taskDefinitionArn"])
    for name in ("executionRoleArn", "taskRoleArn"):
        if found.get(name) and not role_exists(ctx, found[name]):
            return f"ECS was unable to assume the role '{found[name]}' that was provided for this task. Please verify that the role being passed has the proper trust relationship and permissions."
    if broken(ctx, task) == "pull":
        return f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {task['containers'][0]['image']}: not found"
    for container in found["containerDefinitions"]:
        reason = _no_image(ctx, container["image"], found) or _no_secret(ctx, container) or _no_log_group(ctx, container)
        if reason:
            return reason
    return ""


def _no_image(ctx: Context, uri: str, found: Record) -> str:
    there = ecr_image(ctx, uri)
    if there is None:
        return ""
    repository, image = there
    if repository is None or image is None:
        return f"CannotPullContainerError: pull image manifest has been retried 5 time(s): failed to resolve ref {uri}: {uri}: not found"
    wanted = {"X86_64": "amd64", "ARM64": "arm64"}[found.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64")]
    offered = architectures(repository, image)
    if offered and wanted not in offered:
        return f"CannotPullContainerError: pull image manifest has been retried 1 time(s): image Manifest does not contain descriptor matching platform 'linux/{wanted}'"
    return ""


def architectures(repository: Record, image: Record) -> set[str]:
    """The CPU architectures of an image; none where its config does not say."""
    manifest: dict[str, Any] = json.loads(image["_manifest"])
    if "manifests" in manifest:
        return {m["platform"]["architecture"] for m in manifest["manifests"] if "platform" in m}
    config = repository["_layers"].get(manifest["config"]["digest"])
    try:
        return {json.loads(config)["architecture"]}
    except (TypeError, ValueError, KeyError):
        return set()


def _no_secret(ctx: Context, container: Record) -> str:
    for secret in container.get("secrets", ()):
        name = secret["valueFrom"]
        try:
            if ":secretsmanager:" in name:
                _read_secret(ctx, name)
            else:
                ctx.call("ssm", "get_parameter", Name=name.rpartition(":parameter")[2] or name)
        except AwsError as error:
            service = "secretsmanager" if ":secretsmanager:" in name else "ssm"
            return f"ResourceInitializationError: unable to pull secrets or registry auth: execution resource retrieval failed: unable to retrieve secret from {service}: {error.code}: {error.message}"
    return ""


def _read_secret(ctx: Context, name: str) -> None:
    """`arn:…:secret:name-AbCdEf[:key[:stage[:version]]]`: the secret is there, and so is its key."""
    parts = name.split(":")
    there = ctx.world.context(parts[4], parts[3])  # another account's policy may let this one read
    value = there.call("secretsmanager", "get_secret_value", SecretId=":".join(parts[:7]))["SecretString"]
    key = parts[7] if len(parts) > 7 else ""
    if key and key not in json.loads(value):
        raise AwsError("ResourceNotFoundException", f"retrieved secret from Secrets Manager did not contain json key {key}")


def _no_log_group(ctx: Context, container: Record) -> str:
    options = (container.get("logConfiguration") or {}).get("options", {})
    name = options.get("awslogs-group")
    if name and options.get("awslogs-create-group") != "true" and name not in ctx.table("logs.groups"):
        return "ResourceInitializationError: failed to validate logger args: create stream has been retried 1 times: failed to create Cloudwatch log stream: ResourceNotFoundException: The specified log group does not exist."
    return ""


def _exited(ctx: Context, task: Record, code: int) -> None:
    for container in task["containers"]:
        container["exitCode"] = code
    stop(ctx, task, "EssentialContainerExited", "Essential container in task exited")


def stop(ctx: Context, task: Record, code: str, reason: str) -> None:
    if task["desiredStatus"] == "STOPPED":
        return
    was_running = task["lastStatus"] == "RUNNING"
    task |= {"desiredStatus": "STOPPED", "stopCode": code, "stoppedReason": reason, "stoppingAt": ctx.now()}
    # In another VPC the same address is another task's.
    for group in (one for one in ctx.table("elbv2.groups").values() if one.get("VpcId") == task["_vpc"]):
        mine = [t["Target"] for t in group["_targets"].values() if t["Target"]["Id"] == address(task)]
        if mine:
            elbv2.deregister_targets(ctx, {"TargetGroupArn": group["TargetGroupArn"], "Targets": mine})
    task["lastStatus"] = "DEACTIVATING" if was_running else "STOPPED"
    ctx.world.start(_stops(ctx, task))


def _stops(ctx: Context, task: Record) -> Work:
    if task["lastStatus"] == "DEACTIVATING":
        yield 3
    task |= {"lastStatus": "STOPPED", "stoppedAt": ctx.now(), "executionStoppedAt": ctx.now()}
    for container in task["containers"]:
        container["lastStatus"] = "STOPPED"
    release_interfaces(ctx, task["taskArn"])
    done = [arn for arn, other in tasks(ctx).items() if other["lastStatus"] == "STOPPED"]
    for arn in done[:-_KEPT]:
        del tasks(ctx)[arn]
    yield from ()


# --- operations ---


@ecs
def list_tasks(ctx: Context, p: Record) -> Record:
    arn, wanted = cluster(ctx, p.get("cluster"))["clusterArn"], p.get("desiredStatus", "RUNNING")
    found = [task for task in tasks(ctx).values() if task["clusterArn"] == arn and task["desiredStatus"] == wanted]
    if "serviceName" in p:
        found = [task for task in found if task.get("group") == f"service:{last(p['serviceName'])}"]
    if "family" in p:
        found = [task for task in found if f"/{p['family']}:" in task["taskDefinitionArn"]]
    if "startedBy" in p:
        found = [task for task in found if task.get("startedBy") == p["startedBy"]]
    return {"taskArns": [task["taskArn"] for task in found]}


@ecs
def describe_tasks(ctx: Context, p: Record) -> Record:
    short = {last(arn): task for arn, task in tasks(ctx).items()}
    found = [short[last(name)] for name in p["tasks"] if last(name) in short]
    failures = [{"arn": name, "reason": "MISSING"} for name in p["tasks"] if last(name) not in short]
    tagged = "TAGS" in p.get("include", ())
    return {"tasks": [task | ({"tags": tag_list(task, *LOWER)} if tagged else {}) for task in found], "failures": failures}


@ecs
def stop_task(ctx: Context, p: Record) -> Record:
    task = next((task for arn, task in tasks(ctx).items() if last(arn) == last(p["task"])), None)
    if task is None:
        raise AwsError("InvalidParameterException", "The referenced task was not found.")
    stop(ctx, task, "UserInitiated", p.get("reason", "Task stopped by user"))
    for service in services(ctx).values():
        for fleet in service["_fleets"].values():
            if fleet["id"] == task["_fleet"]:
                reconcile(ctx, service, fleet)
    return {"task": task}


@ecs
def run_task(ctx: Context, p: Record) -> Record:
    """A task of its own: it runs, and ends well after half an emulated minute."""
    found, where = definition(ctx, p["taskDefinition"]), cluster(ctx, p.get("cluster"))
    network = p["networkConfiguration"]["awsvpcConfiguration"]
    made = []
    for _ in range(p.get("count", 1)):
        task = _new_task(ctx, where["clusterArn"], found, network["subnets"][0], network.get("securityGroups", []))
        task |= {"group": p.get("group", f"family:{found['family']}"), "startedBy": p.get("startedBy"), "launchType": p.get("launchType", "FARGATE"),
                 "overrides": p.get("overrides", {}), "_tags": tags_of(p.get("tags"))}  # fmt: skip
        tasks(ctx)[task["taskArn"]] = task
        ctx.world.start(_once(ctx, task))
        made.append(task)
    return {"tasks": made, "failures": []}


def _once(ctx: Context, task: Record) -> Work:
    yield from _start(ctx, task)
    yield 30
    if task["lastStatus"] == "RUNNING":
        _exited(ctx, task, 1 if broken(ctx, task) == "exit" else 0)
