"""IAM: server certificates, from the time before ACM and for the Regions without it."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.iam import iam
from bgspec.sandbox.services.registry import tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table


def certificates(ctx: Context) -> Table:
    """By their names, which are unique in an account."""
    return ctx.shared("iam.certificates")


def _certificate(ctx: Context, name: str) -> Record:
    if name not in certificates(ctx):
        raise AwsError("NoSuchEntity", f"The Server Certificate with name {name} cannot be found.", 404)
    return certificates(ctx)[name]


@iam
def upload_server_certificate(ctx: Context, p: Record) -> Record:
    name, path = p["ServerCertificateName"], p.get("Path", "/")
    if name in certificates(ctx):
        raise AwsError("EntityAlreadyExists", f"The Server Certificate with name {name} already exists.", 409)
    made = {
        "ServerCertificateName": name, "Path": path, "Arn": ctx.arn("iam", f"server-certificate{path}{name}"),
        "ServerCertificateId": f"ASCA{ctx.unique('certificate', 17).upper()}", "UploadDate": ctx.now(),
    }  # fmt: skip
    texts: Record = {key: p[key] for key in ("CertificateBody", "CertificateChain") if key in p}
    certificates(ctx)[name] = {"ServerCertificateMetadata": made, **texts, "_tags": tags_of(p.get("Tags"))}
    return {"ServerCertificateMetadata": made}


@iam
def get_server_certificate(ctx: Context, p: Record) -> Record:
    found = _certificate(ctx, p["ServerCertificateName"])
    return {"ServerCertificate": found | {"Tags": tag_list(found)}}


@iam
def list_server_certificates(ctx: Context, _: Record) -> Record:
    return {"ServerCertificateMetadataList": [one["ServerCertificateMetadata"] for one in certificates(ctx).values()]}


@iam
def delete_server_certificate(ctx: Context, p: Record) -> None:
    _certificate(ctx, p["ServerCertificateName"])
    del certificates(ctx)[p["ServerCertificateName"]]
