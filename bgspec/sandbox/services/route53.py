"""Route 53: hosted zones and their records."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service
from bgspec.sandbox.world import Context, Record, Table

route53 = Service("route53")


def zones(ctx: Context) -> Table:
    return ctx.shared("route53.zones")


def zone(ctx: Context, ident: str) -> Record:
    short = ident.rpartition("/")[2]
    if short not in zones(ctx):
        raise AwsError("NoSuchHostedZone", f"No hosted zone found with ID: {short}", 404)
    return zones(ctx)[short]


def dotted(name: str) -> str:
    return name.lower().rstrip(".") + "."


@route53
def create_hosted_zone(ctx: Context, p: Record) -> Record:
    short = "Z" + ctx.unique("zone", 20).upper()
    private = "VPC" in p
    made = {
        "Id": f"/hostedzone/{short}", "Name": dotted(p["Name"]), "CallerReference": p["CallerReference"],
        "Config": {"PrivateZone": private, **p.get("HostedZoneConfig", {})}, "_records": {}, "_vpcs": [p["VPC"]] if private else [],
    }  # fmt: skip
    zones(ctx)[short] = made
    servers = [f"ns-{n}.awsdns-{n:02d}.com" for n in (1, 2, 3, 4)]
    for kind, values in (("NS", servers), ("SOA", [f"{servers[0]}. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"])):
        made["_records"][made["Name"], kind, ""] = {
            "Name": made["Name"],
            "Type": kind,
            "TTL": 900,
            "ResourceRecords": [{"Value": v} for v in values],
        }
    return {
        "HostedZone": _shown(made),
        "ChangeInfo": _insync(ctx),
        "DelegationSet": {"NameServers": servers},
        "Location": f"https://route53.amazonaws.com/2013-04-01/hostedzone/{short}",
    }


def _shown(found: Record) -> Record:
    return found | {"ResourceRecordSetCount": len(found["_records"])}


def _insync(ctx: Context) -> Record:
    return {"Id": f"/change/C{ctx.unique('change', 16).upper()}", "Status": "INSYNC", "SubmittedAt": ctx.now()}


@route53
def get_hosted_zone(ctx: Context, p: Record) -> Record:
    found = zone(ctx, p["Id"])
    return {"HostedZone": _shown(found), "VPCs": found["_vpcs"] or None}


@route53
def list_hosted_zones(ctx: Context, _: Record) -> Record:
    return {"HostedZones": [_shown(z) for z in zones(ctx).values()], "IsTruncated": False, "MaxItems": "100", "Marker": ""}


@route53
def list_hosted_zones_by_name(ctx: Context, p: Record) -> Record:
    first = dotted(p["DNSName"]) if "DNSName" in p else ""
    found = sorted((_shown(z) for z in zones(ctx).values()), key=lambda z: z["Name"].split(".")[::-1])
    if first:
        found = [z for z in found if z["Name"].split(".")[::-1] >= first.split(".")[::-1]]
    return {"HostedZones": found, "IsTruncated": False, "MaxItems": "100"}


@route53
def delete_hosted_zone(ctx: Context, p: Record) -> Record:
    found = zone(ctx, p["Id"])
    if len(found["_records"]) > 2:
        raise AwsError(
            "HostedZoneNotEmpty", "The specified hosted zone contains non-required resource record sets and so cannot be deleted."
        )
    del zones(ctx)[found["Id"].rpartition("/")[2]]
    return {"ChangeInfo": _insync(ctx)}


@route53
def change_resource_record_sets(ctx: Context, p: Record) -> Record:
    found = zone(ctx, p["HostedZoneId"])
    records = dict(found["_records"])
    for change in p["ChangeBatch"]["Changes"]:
        wanted = dict(change["ResourceRecordSet"])
        wanted["Name"] = dotted(wanted["Name"])
        key = wanted["Name"], wanted["Type"], wanted.get("SetIdentifier", "")
        shown = f"[name='{wanted['Name']}', type='{wanted['Type']}']"
        if not wanted["Name"].endswith(found["Name"]):
            raise AwsError("InvalidChangeBatch", f"[RRSet with DNS name {wanted['Name']} is not permitted in zone {found['Name']}]")
        if change["Action"] == "CREATE" and key in records:
            raise AwsError("InvalidChangeBatch", f"[Tried to create resource record set {shown} but it already exists]")
        if change["Action"] == "DELETE":
            if records.get(key) != wanted:
                raise AwsError("InvalidChangeBatch", f"[Tried to delete resource record set {shown} but it was not found]")
            del records[key]
        else:
            records[key] = wanted
    found["_records"] = records
    return {"ChangeInfo": _insync(ctx)}


@route53
def list_resource_record_sets(ctx: Context, p: Record) -> Record:
    found = zone(ctx, p["HostedZoneId"])["_records"]
    first = dotted(p["StartRecordName"]) if "StartRecordName" in p else ""
    ordered = sorted(found.values(), key=lambda r: (r["Name"].split(".")[::-1], r["Type"]))
    shown = [r for r in ordered if r["Name"].split(".")[::-1] >= first.split(".")[::-1]] if first else ordered
    return {"ResourceRecordSets": shown, "IsTruncated": False, "MaxItems": "300"}


@route53
def get_change(ctx: Context, p: Record) -> Record:
    return {"ChangeInfo": {"Id": f"/change/{p['Id'].rpartition('/')[2]}", "Status": "INSYNC", "SubmittedAt": ctx.now()}}
