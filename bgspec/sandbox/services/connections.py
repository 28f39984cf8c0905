"""CodeConnections, under its new and its old name: connections to where sources are. A new one is PENDING, as on AWS."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, given, tags_of
from bgspec.sandbox.world import Context, Record, Table

codeconnections = Service("codeconnections")
codestar = Service("codestar-connections")


def connections(ctx: Context) -> Table:
    return ctx.table("connections")


def connection(ctx: Context, arn: str) -> Record:
    """Either service's ARN names the same connection."""
    for known in (
        arn,
        arn.replace(":codestar-connections:", ":codeconnections:"),
        arn.replace(":codeconnections:", ":codestar-connections:"),
    ):
        if known in connections(ctx):
            return connections(ctx)[known]
    raise AwsError("ResourceNotFoundException", f"Connection {arn} not found")


def add(ctx: Context, arn: str, **members: object) -> Record:
    made = {
        "ConnectionArn": arn,
        "ConnectionName": "existing",
        "ProviderType": "GitHub",
        "OwnerAccountId": ctx.account,
        "ConnectionStatus": "PENDING",
        "_tags": {},
        **members,
    }
    connections(ctx)[arn] = made
    return made


@codeconnections
@codestar
def create_connection(ctx: Context, p: Record) -> Record:
    arn = ctx.arn("codeconnections", f"connection/{ctx.uuid('connection')}")
    return add(ctx, arn, _tags=tags_of(p.get("Tags")), **given(p, "ConnectionName", "ProviderType", "HostArn"))


@codeconnections
@codestar
def get_connection(ctx: Context, p: Record) -> Record:
    return {"Connection": connection(ctx, p["ConnectionArn"])}


@codeconnections
@codestar
def list_connections(ctx: Context, p: Record) -> Record:
    wanted = p.get("ProviderTypeFilter")
    return {"Connections": [c for c in connections(ctx).values() if not wanted or c["ProviderType"] == wanted]}


@codeconnections
@codestar
def delete_connection(ctx: Context, p: Record) -> None:
    del connections(ctx)[connection(ctx, p["ConnectionArn"])["ConnectionArn"]]


for one in (codeconnections, codestar):
    one.tags(connection, "ResourceArn")
