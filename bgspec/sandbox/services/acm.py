"""Certificate Manager: certificates, issued once their validation can be there."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table, Work

_COMMON_NAME = 64  # bc:acm.RequestCertificateRequest.DomainName; how ACM says it is not documented

acm = Service("acm")


def certificates(ctx: Context) -> Table:
    return ctx.table("acm.certificates")


def certificate(ctx: Context, arn: str) -> Record:
    if arn not in certificates(ctx):
        raise AwsError("ResourceNotFoundException", f"Could not find certificate {arn}.")
    return certificates(ctx)[arn]


def add(ctx: Context, arn: str, domain: str, **members: object) -> Record:
    made = {
        "CertificateArn": arn, "DomainName": domain, "Status": "ISSUED", "Type": "AMAZON_ISSUED", "KeyAlgorithm": "RSA_2048",
        "CreatedAt": ctx.now(), "InUseBy": [], "RenewalEligibility": "ELIGIBLE", "SubjectAlternativeNames": [domain],
        "_tags": {}, **members,
    }  # fmt: skip
    certificates(ctx)[arn] = made
    return made


@acm
def request_certificate(ctx: Context, p: Record) -> Record:
    domain = p["DomainName"]
    if len(domain) > _COMMON_NAME:
        raise AwsError("InvalidDomainValidationOptionsException", f"The first domain name can be no longer than {_COMMON_NAME} characters.")
    names = [domain, *(name for name in p.get("SubjectAlternativeNames", ()) if name != domain)]
    asked = {option["DomainName"]: option for option in p.get("DomainValidationOptions", ())}
    method = p.get("ValidationMethod", "EMAIL")
    options = []
    for name in names:
        record = {"Name": f"_{ctx.unique('acm', 32)}.{name}.", "Type": "CNAME", "Value": f"_{ctx.unique('acm', 32)}.acm-validations.aws."}
        options.append({"DomainName": name, "ValidationDomain": asked.get(name, {}).get("ValidationDomain", name), "ValidationStatus": "PENDING_VALIDATION",
                        "ValidationMethod": method, **({"ResourceRecord": record} if method == "DNS" else {}), "_zone": asked.get(name, {}).get("_zone")})  # fmt: skip
    arn = ctx.arn("acm", f"certificate/{ctx.uuid('certificate')}")
    made = add(ctx, arn, domain, Status="PENDING_VALIDATION", SubjectAlternativeNames=names, DomainValidationOptions=options,
               _tags=tags_of(p.get("Tags")), **given(p, "KeyAlgorithm", "Options"))  # fmt: skip
    ctx.world.start(_issue(made))
    return {"CertificateArn": arn}


def _issue(made: Record) -> Work:
    """DNS validation goes through once the records can be seen: at once for zones of this account, which handlers fill."""
    yield 60
    if made["Status"] == "PENDING_VALIDATION" and not made.get("_waits"):
        made["Status"] = "ISSUED"
        for option in made["DomainValidationOptions"]:
            option["ValidationStatus"] = "SUCCESS"


@acm
def import_certificate(ctx: Context, p: Record) -> Record:
    arn = p.get("CertificateArn") or ctx.arn("acm", f"certificate/{ctx.uuid('certificate')}")
    add(ctx, arn, "imported.example.com", Type="IMPORTED", _tags=tags_of(p.get("Tags")))
    return {"CertificateArn": arn}


@acm
def describe_certificate(ctx: Context, p: Record) -> Record:
    found = certificate(ctx, p["CertificateArn"])
    users = [
        listener["LoadBalancerArn"] for listener in ctx.table("elbv2.listeners").values()
        if found["CertificateArn"] in [c["CertificateArn"] for c in listener.get("Certificates", ())] + listener["_certificates"]
    ]  # fmt: skip
    return {"Certificate": found | {"InUseBy": sorted(set(users))}}


@acm
def list_certificates(ctx: Context, p: Record) -> Record:
    wanted = p.get("CertificateStatuses")
    return {"CertificateSummaryList": [c for c in certificates(ctx).values() if not wanted or c["Status"] in wanted]}


@acm
def delete_certificate(ctx: Context, p: Record) -> None:
    found = (describe_certificate(ctx, p))["Certificate"]
    if found["InUseBy"]:
        raise AwsError("ResourceInUseException", f"Certificate {found['CertificateArn']} in account {ctx.account} is in use.")
    del certificates(ctx)[p["CertificateArn"]]


@acm
def update_certificate_options(ctx: Context, p: Record) -> None:
    certificate(ctx, p["CertificateArn"])["Options"] = p["Options"]


@acm
def add_tags_to_certificate(ctx: Context, p: Record) -> None:
    certificate(ctx, p["CertificateArn"])["_tags"].update(tags_of(p["Tags"]))


@acm
def remove_tags_from_certificate(ctx: Context, p: Record) -> None:
    for tag in p["Tags"]:
        certificate(ctx, p["CertificateArn"])["_tags"].pop(tag["Key"], None)


@acm
def list_tags_for_certificate(ctx: Context, p: Record) -> Record:
    return {"Tags": tag_list(certificate(ctx, p["CertificateArn"]))}
