"""ECS: the service itself, clusters, tags, and how services and tasks are found."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import LOWER, Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

ecs = Service("ecs")


def clusters(ctx: Context) -> Table:
    return ctx.table("ecs.clusters")


def services(ctx: Context) -> Table:
    return ctx.table("ecs.services")


def tasks(ctx: Context) -> Table:
    return ctx.table("ecs.tasks")


def last(name: str) -> str:
    """The short name in an ARN or in itself."""
    return name.rpartition("/")[2]


def cluster(ctx: Context, name: str | None) -> Record:
    found = clusters(ctx).get(last(name or "default"))
    if found is None or found["status"] == "INACTIVE":
        raise AwsError("ClusterNotFoundException", "Cluster not found.")
    return found


def find_service(ctx: Context, cluster_name: str | None, name: str) -> Record | None:
    arn = cluster(ctx, cluster_name)["clusterArn"]
    return next((s for s in reversed(services(ctx).values()) if s["clusterArn"] == arn and s["serviceName"] == last(name)), None)


def service(ctx: Context, cluster_name: str | None, name: str) -> Record:
    found = find_service(ctx, cluster_name, name)
    if found is None:
        raise AwsError("ServiceNotFoundException", "Service not found.")
    if found["status"] != "ACTIVE":
        raise AwsError("ServiceNotActiveException", "Service was not ACTIVE.")
    return found


def controller(found: Record) -> str:
    return str(found["deploymentController"]["type"])


def say(ctx: Context, found: Record, message: str) -> None:
    """A service event; describe-services shows the last hundred, the newest first."""
    text = f"(service {found['serviceName']}) {message}"
    if not found["events"] or found["events"][0]["message"] != text:
        found["events"].insert(0, {"id": ctx.uuid("ecs-event"), "createdAt": ctx.now(), "message": text})
        del found["events"][100:]


@ecs
def create_cluster(ctx: Context, p: Record) -> Record:
    name = p.get("clusterName", "default")
    there = clusters(ctx).get(name)
    if there and there["status"] == "ACTIVE":
        return {"cluster": there}  # creating what exists answers with it
    made = {
        "clusterArn": ctx.arn("ecs", f"cluster/{name}"),
        "clusterName": name,
        "status": "ACTIVE",
        "registeredContainerInstancesCount": 0,
        "statistics": [],
        "settings": p.get("settings") or [{"name": "containerInsights", "value": "disabled"}],
        "capacityProviders": p.get("capacityProviders", []),
        "defaultCapacityProviderStrategy": p.get("defaultCapacityProviderStrategy", []),
        **given(p, "configuration", "serviceConnectDefaults"),
        "_tags": tags_of(p.get("tags")),
    }
    if "serviceConnectDefaults" in made:
        made["serviceConnectDefaults"] = {"namespace": p["serviceConnectDefaults"]["namespace"]}
    clusters(ctx)[name] = made
    return {"cluster": made}


@ecs
def describe_clusters(ctx: Context, p: Record) -> Record:
    found, failures = [], []
    for name in p.get("clusters") or ["default"]:
        record = clusters(ctx).get(last(name))
        if record is None:
            failures.append({"arn": ctx.arn("ecs", f"cluster/{last(name)}"), "reason": "MISSING"})
            continue
        found.append(_counted(ctx, record) | {"tags": tag_list(record, *LOWER)})
    return {"clusters": found, "failures": failures}


def _counted(ctx: Context, record: Record) -> Record:
    mine = [task for task in tasks(ctx).values() if task["clusterArn"] == record["clusterArn"]]
    active = [s for s in services(ctx).values() if s["clusterArn"] == record["clusterArn"] and s["status"] != "INACTIVE"]
    running = sum(task["lastStatus"] == "RUNNING" for task in mine)
    pending = sum(task["lastStatus"] in {"PROVISIONING", "PENDING", "ACTIVATING"} for task in mine)
    return record | {"activeServicesCount": len(active), "runningTasksCount": running, "pendingTasksCount": pending}


@ecs
def list_clusters(ctx: Context, _: Record) -> Record:
    return {"clusterArns": [record["clusterArn"] for record in clusters(ctx).values() if record["status"] == "ACTIVE"]}


@ecs
def update_cluster(ctx: Context, p: Record) -> Record:
    found = cluster(ctx, p["cluster"])
    found.update(given(p, "settings", "configuration", "serviceConnectDefaults"))
    return {"cluster": found}


@ecs
def update_cluster_settings(ctx: Context, p: Record) -> Record:
    return update_cluster(ctx, p) or {}


@ecs
def put_cluster_capacity_providers(ctx: Context, p: Record) -> Record:
    found = cluster(ctx, p["cluster"])
    found.update(given(p, "capacityProviders", "defaultCapacityProviderStrategy"))
    return {"cluster": found}


@ecs
def delete_cluster(ctx: Context, p: Record) -> Record:
    found = cluster(ctx, p["cluster"])
    arn = found["clusterArn"]
    if any(s["clusterArn"] == arn and s["status"] != "INACTIVE" for s in services(ctx).values()):
        raise AwsError("ClusterContainsServicesException", "The Cluster cannot be deleted while Services are active.")
    if any(task["clusterArn"] == arn and task["lastStatus"] != "STOPPED" for task in tasks(ctx).values()):
        raise AwsError("ClusterContainsTasksException", "The Cluster cannot be deleted while Tasks are active.")
    found["status"] = "INACTIVE"
    return {"cluster": found}


def tagged(ctx: Context, arn: str) -> Record:
    """The record of any ECS resource by ARN."""
    for table in ("services", "tasks", "definitions"):
        if arn in ctx.table(f"ecs.{table}"):
            return ctx.table(f"ecs.{table}")[arn]
    if ":cluster/" in arn:
        return cluster(ctx, arn)
    raise AwsError("InvalidParameterException", f"The specified resource {arn} does not exist.")


ecs.tags(tagged, "resourceArn", pairs=LOWER)


@ecs
def list_account_settings(_ctx: Context, p: Record) -> Record:
    known = {"serviceLongArnFormat": "enabled", "taskLongArnFormat": "enabled", "containerInsights": "disabled",
             "awsvpcTrunking": "disabled", "fargateTaskRetirementWaitPeriod": "7", "defaultLogDriverMode": "non-blocking",
             "tagResourceAuthorization": "on"}  # fmt: skip
    return {"settings": [{"name": n, "value": v} for n, v in known.items() if p.get("name", n) == n]}
