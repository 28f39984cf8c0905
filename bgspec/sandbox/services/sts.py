"""Who is calling: anybody, as the account's own root."""

from datetime import timedelta

from bgspec.sandbox.services.registry import Service
from bgspec.sandbox.world import Context, Record

sts = Service("sts")


@sts
def get_caller_identity(ctx: Context, _: Record) -> Record:
    arn = f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox"
    return {"UserId": "AIDASANDBOXSANDBOX000", "Account": ctx.account, "Arn": arn}


@sts
def assume_role(ctx: Context, p: Record) -> Record:
    """Keys of the role's account: an access key of twelve digits is one. Roles and their trust are not looked at."""
    account, name = p["RoleArn"].split(":")[4], p["RoleArn"].rpartition("/")[2]
    keys = {"AccessKeyId": account, "SecretAccessKey": "sandbox", "SessionToken": "sandbox", "Expiration": ctx.now() + timedelta(hours=1)}
    user = {"AssumedRoleId": "AROASANDBOXSANDBOX000:sandbox", "Arn": f"arn:{ctx.partition}:sts::{account}:assumed-role/{name}/sandbox"}
    return {"Credentials": keys, "AssumedRoleUser": user}
