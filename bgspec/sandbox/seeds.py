"""Things a spec only names, made to exist as they would on the account it was written for."""

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.world import Context


def plant(ctx: Context, arns: list[str]) -> list[str]:
    """Make what these ARNs name, unless it is there; the ones that were made. An unknown kind is an AwsError."""
    return [arn for arn in arns if _plant(ctx, arn)]


def _plant(ctx: Context, arn: str) -> bool:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        raise AwsError("ValidationError", f"{arn} is no ARN")
    service, account, rest = parts[2], parts[4] or ctx.account, parts[5]
    there = ctx.world.context(account, parts[3] or ctx.region)
    match service, rest.partition("/")[0].partition(":")[0]:
        case "lambda", "function":
            name = rest.split(":")[1]
            if name in there.table("lambda.functions"):
                return False
            role = there.arn("iam", "role/simulated")
            there.call(
                "lambda",
                "create_function",
                FunctionName=name,
                Role=role,
                Runtime="python3.13",
                Handler="index.handler",
                Code={"ZipFile": b"-"},
            )
        case "iam", "role":
            name = rest.rpartition("/")[2]
            if name in there.shared("iam.roles"):
                return False
            trust = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ecs.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
            there.call("iam", "create_role", RoleName=name, AssumeRolePolicyDocument=trust)
        case _:
            raise AwsError("ValidationError", f"The sandbox cannot make {arn} exist")
    return True
