"""One stack for each service: one failure rolls back one service."""

from bgspec.plan import Plan
from bgspec.plan.service import Service
from bgspec.stacks.stack import Parameter, Stack, subnets, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(_stack(plan, service) for service in plan.services)


def _stack(plan: Plan, service: Service) -> Stack:
    image = Parameter(
        service.image_parameter,
        "String",
        "The image of the first tasks, with its tag or digest; later ones come through deployments",
        (service.image_uri,) if service.image_uri else (),
    )
    after = ("cluster", *(("endpoints",) if plan.network.gateway_endpoints else ()), *(("registry",) if service.repository else ()))
    return Stack(
        key=f"service-{service.key}",
        name=plan.names.stack(f"service-{service.key}"),
        template="service.yaml.j2",
        description=f"Log group, roles, task definition and service of {service.key}",
        parameters=(
            subnets(plan.network.task_subnets),
            text(service.security_group_output, "The security group of the tasks, from the load-balancer stack"),
            text(service.target.blue.output, "Target group blue, from the traffic stack"),
            image,
        ),
        outputs=(),
        context={"service": service, "plan": plan, "public_ip": "DISABLED" if plan.network.private else "ENABLED"},
        after=after,
        named_iam=True,
    )
