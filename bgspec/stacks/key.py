"""The key of the environment."""

from bgspec.cfn import GetAtt
from bgspec.plan import Plan
from bgspec.plan.encryption import KEY
from bgspec.stacks.stack import Output, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(
        Stack(
            key="key",
            name=plan.names.stack("key"),
            template="key.yaml.j2",
            description="Key with which the environment encrypts what it keeps",
            parameters=(),
            outputs=(Output(KEY, "The key", GetAtt("Key", "Arn")),),
            context={"alias": alias, "users": plan.encryption.users},
        )
        for alias in plan.encryption.aliases
        if plan.encrypts
    )
