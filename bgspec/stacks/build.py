"""The CodeBuild projects: one for each image that is built, one for the tests."""

import json

from bgspec.cfn import Sub, Value
from bgspec.plan import Plan, delivery
from bgspec.plan.machine import Machine
from bgspec.plan.service import Service
from bgspec.stacks import service as services
from bgspec.stacks.stack import VPC, Parameter, Stack, key, subnets


def stacks(plan: Plan) -> tuple[Stack, ...]:
    machines = _machines(plan)
    if not machines:
        return ()
    in_vpc = any(machine.in_vpc for machine in machines)
    handed = [(project.machine.id, _handed(plan, project.service)) for project in plan.pipeline.projects] if plan.pipeline else []
    inside = (VPC._replace(type="String"), subnets(plan.network.task_subnets)._replace(type="String")) if in_vpc else ()
    return (
        Stack(
            key="build",
            name=plan.names.stack("build"),
            template="build.yaml.j2",
            description="CodeBuild projects",
            # A service's stack may be given the subnets too, as text.
            parameters=tuple(
                {parameter.id: parameter for parameter in (*key(plan), *inside, *(one for _, given in handed for one in given))}.values()
            ),
            outputs=(),
            context={
                "machines": machines,
                "handed": {machine.id: () for machine in machines} | {key: _written(plan, parameters) for key, parameters in handed},
                "groups": (plan.names.security_group("build"),) if in_vpc else (),
                "subnets": plan.network.task_subnets,
                "caches": (Sub(plan.names.cache_bucket(plan.region.name)),) if any(machine.cache for machine in machines) else (),
            },
            after=(
                *(("registry",) if any(service.built for service in plan.services) else ()),
                *(("endpoints",) if in_vpc and plan.network.endpoints else ()),
            ),
            named_iam=True,
        ),
    )


def _machines(plan: Plan) -> tuple[Machine, ...]:
    if plan.pipeline is None:
        return ()
    return (*(test.machine for test in plan.pipeline.tests), *(project.machine for project in plan.pipeline.projects))


def _handed(plan: Plan, service: Service) -> tuple[Parameter, ...]:
    """What the service's stack is given besides the images, where the pipeline updates it: each as the text that it is."""
    assert plan.pipeline  # noqa: S101  the caller has asked
    if service not in delivery.by_stack(plan.pipeline.projects, plan.deployment):
        return ()
    parameters = services.stack(plan, service).parameters
    images = {image.parameter for image in service.images}
    return tuple(parameter._replace(type="String") for parameter in parameters if parameter.id not in images)


def _written(plan: Plan, parameters: tuple[Parameter, ...]) -> tuple[tuple[str, Value], ...]:
    """What the buildspec needs to write the parameters of a stack, as environment variables (see buildspec.yml)."""
    if not parameters:
        return ()
    values = ",".join(f'"{parameter.id}":"${{{parameter.id}}}"' for parameter in parameters)
    return (("STACK_PARAMETERS", Sub(values)), ("STACK_TAGS", json.dumps(dict(plan.tags), ensure_ascii=False)))
