"""The smoke tests of a deployment as Lambda functions."""

from pkgutil import get_data

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Parameter, Stack, key, subnets, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    functions = plan.deployment.hooks.functions
    if not functions:
        return ()
    in_vpc = any(function.security_groups for function in functions)
    internal = in_vpc and plan.load_balancer.scheme == "internal"
    inside: tuple[Parameter, ...] = (VPC, subnets(plan.network.task_subnets)) if in_vpc else ()
    admitted = (text(Word("LoadBalancerSecurityGroupId"), "The load balancer's security group"),) if internal else ()
    return (
        Stack(
            key="hooks",
            name=plan.names.stack("hooks"),
            template="hooks.yaml.j2",
            description="Smoke tests that a deployment must pass",
            parameters=(text(Word("LoadBalancerDnsName"), "Where the load balancer answers"), *inside, *admitted, *key(plan)),
            outputs=(),
            context={
                "functions": functions,
                "code": (get_data("bgspec", "templates/functions/smoke.py") or b"").decode().rstrip(),
                "subnets": plan.network.task_subnets,
                "groups": (plan.deployment.hooks.security_group_name,) if in_vpc else (),
                "admitted": tuple({function.listener.port: function.listener for function in functions}.values()) if internal else (),
            },
            named_iam=True,
        ),
    )
