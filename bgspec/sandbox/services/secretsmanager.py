"""Secrets Manager: secrets, their current value, and nothing of rotation."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table

secretsmanager = Service("secretsmanager")


def secrets(ctx: Context) -> Table:
    return ctx.table("secretsmanager.secrets")


def secret(ctx: Context, name: str) -> Record:
    """By name, by ARN, or by ARN without its random suffix."""
    for record in secrets(ctx).values():
        if name in {record["Name"], record["ARN"], record["ARN"][:-7]}:
            return record
    raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")


def add(ctx: Context, p: Record, suffix: str = "") -> Record:
    arn = ctx.arn("secretsmanager", f"secret:{p['Name']}-{suffix or ctx.unique('secret', 6)}")
    version = p.get("ClientRequestToken") or ctx.uuid("secret-version")
    made = {
        "ARN": arn, "Name": p["Name"], "CreatedDate": ctx.now(), "LastChangedDate": ctx.now(), "VersionId": version,
        "VersionStages": ["AWSCURRENT"], "VersionIdsToStages": {version: ["AWSCURRENT"]},
        **given(p, "Description", "KmsKeyId", "SecretString", "SecretBinary"), "_tags": tags_of(p.get("Tags")),
    }  # fmt: skip
    secrets(ctx)[arn] = made
    return made


@secretsmanager
def create_secret(ctx: Context, p: Record) -> Record:
    if any(record["Name"] == p["Name"] for record in secrets(ctx).values()):
        raise AwsError("ResourceExistsException", f"The operation failed because the secret {p['Name']} already exists.")
    return add(ctx, p)


@secretsmanager
def describe_secret(ctx: Context, p: Record) -> Record:
    found = secret(ctx, p["SecretId"])
    return found | {"Tags": tag_list(found)}


@secretsmanager
def list_secrets(ctx: Context, _: Record) -> Record:
    return {"SecretList": [record | {"Tags": tag_list(record)} for record in secrets(ctx).values()]}


@secretsmanager
def get_secret_value(ctx: Context, p: Record) -> Record:
    found = secret(ctx, p["SecretId"])
    if "DeletedDate" in found:
        raise AwsError("InvalidRequestException", "You can't perform this operation on the secret because it was marked for deletion.")
    if "SecretString" not in found and "SecretBinary" not in found:
        raise AwsError("ResourceNotFoundException", "Secrets Manager can't find the specified secret value for staging label: AWSCURRENT")
    return found


@secretsmanager
def put_secret_value(ctx: Context, p: Record) -> Record:
    found = secret(ctx, p["SecretId"])
    version = p.get("ClientRequestToken") or ctx.uuid("secret-version")
    found |= {
        "VersionId": version,
        "VersionIdsToStages": {version: ["AWSCURRENT"]},
        "LastChangedDate": ctx.now(),
        **given(p, "SecretString", "SecretBinary"),
    }
    return found


@secretsmanager
def update_secret(ctx: Context, p: Record) -> Record:
    found = secret(ctx, p["SecretId"])
    found |= given(p, "Description", "KmsKeyId", "SecretString", "SecretBinary")
    return found


@secretsmanager
def delete_secret(ctx: Context, p: Record) -> Record:
    found = secret(ctx, p["SecretId"])
    if p.get("ForceDeleteWithoutRecovery"):
        del secrets(ctx)[found["ARN"]]
    found["DeletedDate"] = ctx.now()
    return found | {"DeletionDate": ctx.now()}


@secretsmanager
def tag_resource(ctx: Context, p: Record) -> None:
    secret(ctx, p["SecretId"])["_tags"].update(tags_of(p["Tags"]))


@secretsmanager
def untag_resource(ctx: Context, p: Record) -> None:
    for key in p["TagKeys"]:
        secret(ctx, p["SecretId"])["_tags"].pop(key, None)
