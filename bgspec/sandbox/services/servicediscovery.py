"""Cloud Map: namespaces and services. Instances are not emulated, but what has some is not deleted."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import route53
from bgspec.sandbox.services.ec2_records import VPC
from bgspec.sandbox.services.registry import Service, given, tags_of
from bgspec.sandbox.world import Context, Record, Table

servicediscovery = Service("servicediscovery")


def namespaces(ctx: Context) -> Table:
    return ctx.table("servicediscovery.namespaces")


def services(ctx: Context) -> Table:
    return ctx.table("servicediscovery.services")


def namespace(ctx: Context, name: str) -> Record:
    short = name.rpartition("/")[2]
    if short not in namespaces(ctx):
        raise AwsError("NamespaceNotFound", f"The namespace {name} can't be found.")
    return namespaces(ctx)[short]


def service(ctx: Context, name: str) -> Record:
    if name not in services(ctx):
        raise AwsError("ServiceNotFound", f"Service not found: {name}")
    return services(ctx)[name]


def operation(ctx: Context, target: str, kind: str) -> Record:
    name = ctx.unique("operation", 32)
    ctx.table("servicediscovery.operations")[name] = {
        "Id": name,
        "Type": kind,
        "Status": "SUCCESS",
        "CreateDate": ctx.now(),
        "UpdateDate": ctx.now(),
        "Targets": {"NAMESPACE": target},
    }
    return {"OperationId": name}


def _create(ctx: Context, p: Record, kind: str, properties: Record) -> Record:
    if any(n["Name"] == p["Name"] and n["Type"] == kind for n in namespaces(ctx).values()):
        raise AwsError("NamespaceAlreadyExists", f"Namespace {p['Name']} already exists")
    name = f"ns-{ctx.unique('namespace', 16)}"
    namespaces(ctx)[name] = {
        "Id": name, "Arn": ctx.arn("servicediscovery", f"namespace/{name}"), "Name": p["Name"], "Type": kind, "CreateDate": ctx.now(),
        "Properties": {"HttpProperties": {"HttpName": p["Name"]}, **properties}, **given(p, "Description"), "_tags": tags_of(p.get("Tags")),
    }  # fmt: skip
    return operation(ctx, name, "CREATE_NAMESPACE")


@servicediscovery
def create_private_dns_namespace(ctx: Context, p: Record) -> Record:
    VPC.get(ctx, p["Vpc"])
    place = {"VPCRegion": ctx.region, "VPCId": p["Vpc"]}
    made = ctx.call("route53", "create_hosted_zone", Name=p["Name"], CallerReference=ctx.uuid("caller"), VPC=place)["HostedZone"]
    soa = p.get("Properties", {}).get("DnsProperties", {}).get("SOA", {"TTL": 15})
    return _create(ctx, p, "DNS_PRIVATE", {"DnsProperties": {"HostedZoneId": made["Id"].rpartition("/")[2], "SOA": soa}})


@servicediscovery
def create_http_namespace(ctx: Context, p: Record) -> Record:
    return _create(ctx, p, "HTTP", {})


@servicediscovery
def get_operation(ctx: Context, p: Record) -> Record:
    return {"Operation": ctx.table("servicediscovery.operations").get(p["OperationId"], {})}


@servicediscovery
def get_namespace(ctx: Context, p: Record) -> Record:
    found = namespace(ctx, p["Id"])
    return {"Namespace": found | {"ServiceCount": sum(s["NamespaceId"] == found["Id"] for s in services(ctx).values())}}


@servicediscovery
def list_namespaces(ctx: Context, _: Record) -> Record:
    return {"Namespaces": list(namespaces(ctx).values())}


@servicediscovery
def delete_namespace(ctx: Context, p: Record) -> Record:
    found = namespace(ctx, p["Id"])
    if any(s["NamespaceId"] == found["Id"] for s in services(ctx).values()):
        raise AwsError("ResourceInUse", f"Namespace {found['Id']} has associated services")
    zone = found["Properties"].get("DnsProperties", {}).get("HostedZoneId")
    if zone:
        route53.zones(ctx).pop(zone, None)
    del namespaces(ctx)[found["Id"]]
    return operation(ctx, found["Id"], "DELETE_NAMESPACE")


@servicediscovery
def create_service(ctx: Context, p: Record) -> Record:
    owner = p.get("NamespaceId") or p.get("DnsConfig", {}).get("NamespaceId")
    namespace(ctx, owner)
    if any(s["Name"] == p["Name"] and s["NamespaceId"] == owner for s in services(ctx).values()):
        raise AwsError("ServiceAlreadyExists", f"Service {p['Name']} already exists")
    name = f"srv-{ctx.unique('service', 16)}"
    services(ctx)[name] = {
        "Id": name, "Arn": ctx.arn("servicediscovery", f"service/{name}"), "NamespaceId": owner, "CreateDate": ctx.now(), "InstanceCount": 0,
        "Type": "DNS_HTTP" if "DnsConfig" in p else "HTTP", **given(p, "Name", "Description", "DnsConfig", "HealthCheckConfig", "HealthCheckCustomConfig"),
        "_tags": tags_of(p.get("Tags")),
    }  # fmt: skip
    return {"Service": services(ctx)[name]}


@servicediscovery
def get_service(ctx: Context, p: Record) -> Record:
    return {"Service": service(ctx, p["Id"])}


@servicediscovery
def list_services(ctx: Context, _: Record) -> Record:
    return {"Services": list(services(ctx).values())}


@servicediscovery
def update_service(ctx: Context, p: Record) -> Record:
    found = service(ctx, p["Id"])
    wanted = dict(p["Service"])
    if "DnsConfig" in wanted:
        wanted["DnsConfig"] = found.get("DnsConfig", {}) | wanted["DnsConfig"]
    found.update(given(wanted))
    return operation(ctx, found["NamespaceId"], "UPDATE_SERVICE")


@servicediscovery
def delete_service(ctx: Context, p: Record) -> None:
    found = service(ctx, p["Id"])
    # Instances are the tasks of the services that name it (bc:servicediscovery.DeleteService).
    if any(
        one["status"] != "INACTIVE" and found["Arn"] in {registry["registryArn"] for registry in one["serviceRegistries"]}
        for one in ctx.table("ecs.services").values()
    ):
        raise AwsError("ResourceInUse", "Service contains registered instances; delete the instances before deleting the service")
    del services(ctx)[p["Id"]]


def _by_arn(ctx: Context, arn: str) -> Record:
    name = arn.rpartition("/")[2]
    return service(ctx, name) if ":service/" in arn else namespace(ctx, name)


servicediscovery.tags(_by_arn, "ResourceARN")
