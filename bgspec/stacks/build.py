"""The CodeBuild projects, one for each image that is built."""

import json

from bgspec.cfn import Sub, Value
from bgspec.plan import Plan, delivery
from bgspec.plan.service import Service
from bgspec.stacks import service as services
from bgspec.stacks.stack import Parameter, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.pipeline is None or not plan.pipeline.projects:
        return ()
    handed = [(project.service.key, _handed(plan, project.service)) for project in plan.pipeline.projects]
    return (
        Stack(
            key="build",
            name=plan.names.stack("build"),
            template="build.yaml.j2",
            description="CodeBuild projects",
            parameters=tuple(dict.fromkeys(parameter for _, parameters in handed for parameter in parameters)),
            outputs=(),
            context={"projects": plan.pipeline.projects, "handed": {key: _written(plan, parameters) for key, parameters in handed}},
            after=("registry",),
            named_iam=True,
        ),
    )


def _handed(plan: Plan, service: Service) -> tuple[Parameter, ...]:
    """What the service's stack is given besides the image, where the pipeline updates it: each as the text that it is."""
    assert plan.pipeline  # noqa: S101  the caller has asked
    if service not in delivery.by_stack(plan.pipeline.projects, plan.deployment):
        return ()
    parameters = services.stack(plan, service).parameters
    return tuple(parameter._replace(type="String") for parameter in parameters if parameter.id != service.image_parameter)


def _written(plan: Plan, parameters: tuple[Parameter, ...]) -> tuple[tuple[str, Value], ...]:
    """What the buildspec needs to write the parameters of a stack, as environment variables (see buildspec.yml)."""
    if not parameters:
        return ()
    values = ",".join(f'"{parameter.id}":"${{{parameter.id}}}"' for parameter in parameters)
    return (("STACK_PARAMETERS", Sub(values)), ("STACK_TAGS", json.dumps(dict(plan.tags), ensure_ascii=False)))
