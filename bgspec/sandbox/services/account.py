"""What belongs to the account as a whole: quotas, and the search for tagged resources."""

from typing import Any

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, tag_list
from bgspec.sandbox.world import Context, Record

quotas = Service("service-quotas")
tagging = Service("resourcegroupstaggingapi")

# Quotas an environment runs into: (service, code) -> name and default (aws-facts, sections 4, 11.1 and 12.2; the codes as
# `aws service-quotas list-aws-default-service-quotas` lists them, those of ELB and VPC not verified).
_QUOTAS: dict[tuple[str, str], tuple[str, float]] = {
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 6.0),
    ("fargate", "L-36FBB829"): ("Fargate Spot vCPU resource count", 6.0),
    ("vpc", "L-F678F1CE"): ("VPCs per Region", 5.0),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 5.0),
    ("elasticloadbalancing", "L-53DA6B97"): ("Application Load Balancers per Region", 50.0),
    ("cloudformation", "L-0485CB21"): ("Stack count", 2000.0),
}


def _quota(ctx: Context, service: str, code: str) -> Record:
    if (service, code) not in _QUOTAS:
        raise AwsError("NoSuchResourceException", f"The request failed because the specified quota {code} of {service} does not exist.")
    name, value = _QUOTAS[service, code]
    return {
        "ServiceCode": service, "ServiceName": service, "QuotaCode": code, "QuotaName": name, "Unit": "None", "Adjustable": True,
        "QuotaArn": ctx.arn("servicequotas", f"{service}/{code}"), "GlobalQuota": False, "Value": ctx.world.quotas.get(code, value),
    }  # fmt: skip


@quotas
def get_service_quota(ctx: Context, p: Record) -> Record:
    return {"Quota": _quota(ctx, p["ServiceCode"], p["QuotaCode"])}


@quotas
def get_aws_default_service_quota(ctx: Context, p: Record) -> Record:
    return {"Quota": _quota(ctx, p["ServiceCode"], p["QuotaCode"]) | {"Value": _QUOTAS[p["ServiceCode"], p["QuotaCode"]][1]}}


@quotas
def list_service_quotas(ctx: Context, p: Record) -> Record:
    return {"Quotas": [_quota(ctx, service, code) for service, code in _QUOTAS if service == p["ServiceCode"]]}


def _arn(record: Record) -> str:
    """The record's own ARN: the member that is named after what the record is."""
    found: Any = next(
        (v for k, v in record.items() if k.lower().endswith("arn") and k != "roleArn" and isinstance(v, str) and v.startswith("arn:")), ""
    )
    return str(found)


@tagging
def get_resources(ctx: Context, p: Record) -> Record:
    """Every tagged record of the Region that has an ARN, filtered by its tags and by `service:kind`."""
    found = []
    for tables in (ctx.world.region(ctx.account, ctx.region), ctx.world.region(ctx.account, "global")):
        for table in tables.values():
            for record in table.values():
                tags = record.get("_tags") if hasattr(record, "get") else None  # stacks are no plain records
                arn = _arn(record) if tags else ""
                if tags and arn and _matches(tags, p.get("TagFilters", ())) and _of_type(arn, p.get("ResourceTypeFilters")):
                    found.append({"ResourceARN": arn, "Tags": tag_list(record)})
    return {"ResourceTagMappingList": found}


def _matches(tags: dict[str, str], filters: Any) -> bool:
    return all(f["Key"] in tags and (not f.get("Values") or tags[f["Key"]] in f["Values"]) for f in filters)


def _of_type(arn: str, kinds: list[str] | None) -> bool:
    parts = arn.split(":", 5)
    return not kinds or any(parts[2] == kind.partition(":")[0] and parts[5].startswith(kind.partition(":")[2]) for kind in kinds)
