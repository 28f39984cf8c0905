"""One stack for the scaling of each service that scales."""

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.plan.service import Service
from bgspec.stacks.stack import Stack, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(_stack(plan, service) for service in plan.services if service.scaling)


def _stack(plan: Plan, service: Service) -> Stack:
    (scaling,) = service.scaling
    groups = scaling.groups
    balancer = (text(Word("LoadBalancerArn"), "The load balancer"),) if groups else ()
    return Stack(
        key=f"scaling-{service.key}",
        name=plan.names.stack(f"scaling-{service.key}"),
        template="scaling.yaml.j2",
        description=f"How many tasks of {service.key} run",
        parameters=(*balancer, *(text(group.output, f"Target group {group.colour}") for group in groups)),
        outputs=(),
        context={"service": service, "scaling": scaling, "cluster": plan.cluster},
        after=(f"service-{service.key}",),
    )
