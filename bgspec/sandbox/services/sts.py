"""Who is calling: anybody, as the account's own root."""

from bgspec.sandbox.services.registry import Service
from bgspec.sandbox.world import Context, Record

sts = Service("sts")


@sts
def get_caller_identity(ctx: Context, _: Record) -> Record:
    arn = f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox"
    return {"UserId": "AIDASANDBOXSANDBOX000", "Account": ctx.account, "Arn": arn}
