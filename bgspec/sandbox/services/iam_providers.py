"""IAM: identity providers, by which AWS knows the tokens of others."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.iam import iam
from bgspec.sandbox.services.registry import tag_list, tags_of
from bgspec.sandbox.world import Context, Record, Table


def providers(ctx: Context) -> Table:
    return ctx.shared("iam.providers")


def _provider(ctx: Context, p: Record) -> Record:
    arn = p["OpenIDConnectProviderArn"]
    if arn not in providers(ctx):
        raise AwsError("NoSuchEntity", f"OpenIDConnect Provider not found for arn {arn}", 404)
    return providers(ctx)[arn]


@iam
def create_open_id_connect_provider(ctx: Context, p: Record) -> Record:
    url = p["Url"].removeprefix("https://").rstrip("/")
    arn = ctx.arn("iam", f"oidc-provider/{url}")
    if not p["Url"].startswith("https://"):
        raise AwsError("ValidationError", "Invalid Open ID Connect Provider URL")
    if arn in providers(ctx):
        raise AwsError("EntityAlreadyExists", f"Provider with url {p['Url']} already exists.", 409)
    providers(ctx)[arn] = {
        "Url": url, "ClientIDList": list(p.get("ClientIDList", ())), "ThumbprintList": list(p.get("ThumbprintList", ())),
        "CreateDate": ctx.now(), "_tags": tags_of(p.get("Tags")),
    }  # fmt: skip
    return {"OpenIDConnectProviderArn": arn}


@iam
def get_open_id_connect_provider(ctx: Context, p: Record) -> Record:
    found = _provider(ctx, p)
    return found | {"Tags": tag_list(found)}


@iam
def list_open_id_connect_providers(ctx: Context, _: Record) -> Record:
    return {"OpenIDConnectProviderList": [{"Arn": arn} for arn in providers(ctx)]}


@iam
def add_client_id_to_open_id_connect_provider(ctx: Context, p: Record) -> None:
    found = _provider(ctx, p)
    if p["ClientID"] not in found["ClientIDList"]:
        found["ClientIDList"].append(p["ClientID"])


@iam
def remove_client_id_from_open_id_connect_provider(ctx: Context, p: Record) -> None:
    found = _provider(ctx, p)
    found["ClientIDList"] = [name for name in found["ClientIDList"] if name != p["ClientID"]]


@iam
def update_open_id_connect_provider_thumbprint(ctx: Context, p: Record) -> None:
    _provider(ctx, p)["ThumbprintList"] = p["ThumbprintList"]


@iam
def delete_open_id_connect_provider(ctx: Context, p: Record) -> None:
    providers(ctx).pop(p["OpenIDConnectProviderArn"], None)  # deleting what is not there succeeds (API reference)
