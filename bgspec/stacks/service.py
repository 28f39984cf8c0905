"""One stack for each service: one failure rolls back one service."""

from bgspec.plan import Plan
from bgspec.plan.service import Service
from bgspec.stacks.stack import Parameter, Stack, subnets, text

# What is said of a service's task definition, by the kind of the service: where later revisions come from.
_BLUE_GREEN = (
    "What a task is. The first tasks run from this revision; every deployment registers the next one from taskdef.json,",
    "which says the same, compiled from the same place in the spec.",
)
_ABOUT = {
    "service": _BLUE_GREEN,
    "worker": (
        "What a task is. The first tasks run from this revision; every deployment copies the newest one, with another image in it.",
    ),
    "task": _BLUE_GREEN,
}


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(_stack(plan, service) for service in plan.services)


def _stack(plan: Plan, service: Service) -> Stack:
    image = Parameter(
        service.image_parameter,
        "String",
        "The image of the first tasks, with its tag or digest; later ones come through deployments",
        (service.image_uri,) if service.image_uri else (),
    )
    after = ("cluster", *(("endpoints",) if plan.network.endpoints else ()), *(("registry",) if service.repository else ()))
    return Stack(
        key=f"service-{service.key}",
        name=plan.names.stack(f"service-{service.key}"),
        template=f"{service.kind}.yaml.j2",
        description=f"Log group, roles, task definition and {'schedule' if service.schedules else 'service'} of {service.key}",
        parameters=(
            subnets(plan.network.task_subnets),
            text(service.security_group_output, "The security group of the tasks"),
            *(text(target.blue.output, "Target group blue") for target in service.targets),
            image,
        ),
        outputs=(),
        context={
            "service": service,
            "plan": plan,
            "about": _ABOUT[service.kind],
            "public_ip": "ENABLED" if plan.network.egress == "public" else "DISABLED",
        },
        after=after,
        named_iam=True,
    )
