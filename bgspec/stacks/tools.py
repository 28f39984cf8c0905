"""The role with which the pipeline of another account deploys here."""

from bgspec.plan import Plan
from bgspec.stacks.stack import Stack

_OTHERS = (
    "The other half stands in the account {account} and is not made here: the pipeline, whose deploy actions say `RoleArn` with this",
    "role; the policy of its bucket, which must let this role read; the policy of its key, which must let this role decrypt; and the",
    "permission of its own role to take this one (`sts:AssumeRole`). (spec: tools_account)",
)
_OURS = (
    "The pipeline in the account {account} takes it for its deploy actions. Its half, with the bucket and the key that let this role read,",
    "lies in `tools/`. (spec: tools_account)",
)


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.tools is None or not (plan.tools.role.made or plan.tools.stack_roles):
        return ()
    return (
        Stack(
            key="tools",
            name=plan.names.stack("tools"),
            template="tools.yaml.j2",
            description="Role with which the pipeline of another account deploys here",
            parameters=(),
            outputs=(),
            context={
                "tools": plan.tools,
                "about": [line.format(account=plan.tools.account) for line in (_OURS if plan.half == "target" else _OTHERS)],
            },
            after=(*(("deployment",) if plan.deployment.groups else ()), *(f"service-{service.key}" for service in plan.services)),
            named_iam=True,
        ),
    )
