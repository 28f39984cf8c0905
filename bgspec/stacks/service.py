"""One stack for each service: one failure rolls back one service."""

from collections.abc import Iterator
from typing import Any

from bgspec.plan import Plan
from bgspec.plan.native import Native
from bgspec.plan.service import Service
from bgspec.stacks.stack import Output, Parameter, Stack, key, subnets, text

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


_NATIVE = (
    "What a task is. Another image, or any other change, makes another revision of it, and the service below deploys that.",
    "Earlier revisions stay: a rollback goes back to one.",
)


def stacks(plan: Plan) -> tuple[Stack, ...]:
    order = plan.discovery.order
    return tuple(stack(plan, service) for service in sorted(plan.services, key=lambda service: order.index(service.key)))


def stack(plan: Plan, service: Service) -> Stack:
    """The stack of one service."""
    native = [native for native in plan.deployment.native if service.kind == "service"]
    later = "a deployment is a new value of it" if native else "later ones come through deployments"
    images = (
        Parameter(
            image.parameter,
            "String",
            f"The image of {'the first tasks' if image is service.image else image.container}, with its tag or digest; {later}",
            (image.uri,) if image.uri else (),
        )
        for image in service.images
    )
    deployed = service.kind == "service" and not native
    return Stack(
        key=f"service-{service.key}",
        name=plan.names.stack(f"service-{service.key}"),
        template="native.yaml.j2" if native else f"{service.kind}.yaml.j2",
        description=f"Log group, roles, task definition and {'schedule' if service.schedules else 'service'} of {service.key}",
        parameters=(
            subnets(plan.network.task_subnets),
            text(service.security_group_output, "The security group of the tasks"),
            *(text(target.blue.output, "Target group blue") for target in service.targets),
            *(parameter for one in native for parameter in _traffic(plan, service, one)),
            *(text(output, what) for output, what in service.neighbours.parameters),
            *images,
            *(_first(service) if deployed else ()),
            *(key(plan) if service.logs.days else ()),
        ),
        outputs=_wanted(service) if deployed else (),
        context={
            "service": service,
            "plan": plan,
            "about": _NATIVE if native else _ABOUT[service.kind],
            "public_ip": "ENABLED" if plan.network.egress == "public" else "DISABLED",
            # Under the controllers of ECS an update of the stack would put back what scaling has changed.
            "counted": () if service.scaling else (service.tasks,),
            **{name: value for one in native for name, value in _native(plan, service, one).items()},
        },
        after=(
            "cluster",
            *(("endpoints",) if plan.network.endpoints else ()),
            *(("registry",) if service.built else ()),
            *(("alarms",) if native and plan.deployment.alarms.made else ()),
            *(("hooks",) if native and plan.deployment.hooks.functions else ()),
            *(f"service-{key}" for key in plan.discovery.before(service.key)),
        ),
        named_iam=True,
    )


def _first(service: Service) -> tuple[Parameter, ...]:
    """What a service of CodeDeploy begins with. Its resource stays as it was made, so they never change."""
    grace = service.target.health_check.grace
    return (
        Parameter(service.first_count, "Number", "How many tasks run at first", (str(service.tasks),), lasting=True),
        Parameter(
            service.first_grace, "Number", "For how many seconds fresh tasks may fail health checks at first", (str(grace),), lasting=True
        ),
    )


def _wanted(service: Service) -> tuple[Output, ...]:
    """How many tasks the spec wants, where nothing scales: what tells a changed spec from a count that was changed by hand."""
    return () if service.scaling else (Output(service.wanted_count, "How many tasks the spec wants", str(service.tasks)),)


def _traffic(plan: Plan, service: Service, native: Native) -> Iterator[Parameter]:
    """What ECS moves."""
    own = native.of(service.key)
    yield text(service.target.green.output, "Target group green")
    yield text(own.production_rule, "The rule of the production listener")
    yield text(own.test_rule, "The rule of the test listener")
    for listener in plan.load_balancer.listeners if own.infrastructure_role.made else ():
        yield text(listener.output, f"The {listener.kind} listener")


def _native(plan: Plan, service: Service, native: Native) -> dict[str, Any]:
    return {
        "native": native,
        "own": native.of(service.key),
        "deployment": plan.deployment,
        "hooked": bool(native.hooks or native.pauses),
    }
