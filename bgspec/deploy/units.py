"""What there is to deploy: the stacks of a plan with their templates, and the steps between them, as one graph."""

from typing import NamedTuple

from bgspec.compiler import Compilation
from bgspec.diagnostics import Route
from bgspec.overlays import View, views
from bgspec.plan import Plan
from bgspec.plan.service import Service
from bgspec.render import render
from bgspec.stacks import Output, Stack, stacks_of


class Unit(NamedTuple):
    """One stack, ready to be sent."""

    key: str
    name: str
    template: str
    """The text without its comments: they never count against CloudFormation's limit."""
    parameters: tuple[str, ...]
    """Filled from the outputs of the same name."""
    services: tuple[Service, ...]
    """The service whose images are parameters, if it is a service's stack."""
    needs: tuple[str, ...]
    """Keys of stacks that must stand before."""
    capabilities: tuple[str, ...]
    policy: str
    """The stack policy, set once the stack stands; empty for none."""
    bucket: str
    """The front of the name of the bucket through which a large template goes."""
    controller: str
    """The deployment controller of the stack's ECS service: `CODE_DEPLOY`, `ECS`, or empty."""
    types: dict[str, str] = {}  # noqa: RUF012  never changed
    """The types of the parameters, by name."""
    outputs: tuple[Output, ...] = ()
    users: tuple[str, ...] = ()
    """Of a stack that the spec does not name any more: keys of those that it does name and that take its outputs as they stand."""
    lasting: dict[str, str] = {}  # noqa: RUF012  never changed
    """What a stack that stands keeps as it was made, with the value for one that is made now."""


class Environment(NamedTuple):
    """One environment of one spec, with all that is needed to deploy it."""

    plan: Plan
    units: tuple[Unit, ...]
    files: dict[str, str]
    """The rendered files by their path in the output directory."""
    compilation: Compilation
    rest: str = ""
    """The account that holds the other half, where the pipeline stands in an account of its own; empty for none."""

    @property
    def name(self) -> str:
        """As `Plan.name`."""
        return self.plan.name

    @property
    def view(self) -> View:
        """The spec as this environment has it."""
        found, _ = views(self.compilation.document)
        return next(view for view in found if view.environment in {None, self.plan.environment})

    @property
    def names(self) -> dict[str, str]:
        """The stacks' names by key."""
        return {unit.key: unit.name for unit in self.units}

    def place(self, route: Route) -> str:
        """`file:line` of what `route` leads to."""
        return f"{self.compilation.document.name}:{self.view.locate(route, 'key').line}"


def environment(compilation: Compilation, plan: Plan) -> Environment:
    """What there is to deploy in the environment's own account."""
    return halves(compilation, plan)[0]


def halves(compilation: Compilation, plan: Plan) -> tuple[Environment, ...]:
    """What there is to deploy, account by account (see `Plan.halves`): each is an environment of its own."""
    files = {artifact.path: artifact.text for artifact in render(plan)}
    found = plan.halves
    accounts = [half.account for half in found]
    return tuple(_half(compilation, half, files, "".join(one for one in accounts if one != half.account and found[1:])) for half in found)


def _half(compilation: Compilation, half: Plan, files: dict[str, str], rest: str) -> Environment:
    return Environment(half, tuple(_unit(half, stack, files) for stack in stacks_of(half)), files, compilation, rest)


def _unit(plan: Plan, stack: Stack, files: dict[str, str]) -> Unit:
    template = bare(files[plan.layout.stack(stack.key)])
    services = tuple(service for service in plan.services if stack.key == f"service-{service.key}")
    images = {image.parameter for service in services for image in service.images}
    taken = [parameter for parameter in stack.parameters if parameter.id not in images]
    return Unit(
        key=stack.key,
        name=stack.name,
        template=template,
        parameters=tuple(parameter.id for parameter in taken if not parameter.default),
        services=services,
        needs=stack.needs,
        capabilities=("CAPABILITY_NAMED_IAM",) if stack.named_iam else (),
        policy=files[plan.layout.stack_policy(stack.key)] if stack.policy else "",
        bucket=plan.names.template_bucket(plan.region.name),
        controller="CODE_DEPLOY" if "Type: CODE_DEPLOY" in template else "ECS" if "AWS::ECS::Service" in template else "",
        types={parameter.id: parameter.type for parameter in taken},
        outputs=stack.outputs,
        lasting={parameter.id: "".join(parameter.default) for parameter in stack.parameters if parameter.lasting},
    )


def bare(template: str) -> str:
    """A template without comment lines and empty lines. No value holds a line break, so no line of a value is taken for a comment."""
    lines = template.split("\n")
    return "\n".join(line for line in lines if line.strip() and not line.lstrip().startswith("#")) + "\n"


_SECTIONS: dict[str, Route] = {
    "network": ("network",),
    "endpoints": ("network",),
    "registry": ("services",),
    "cluster": ("services",),
    "repository": ("pipeline",),
    "build": ("pipeline",),
    "pipeline": ("pipeline",),
    "tools": ("tools_account",),
    "deployment": ("deployment",),
    "alarms": ("deployment",),
    "hooks": ("deployment",),
    "key": ("encryption",),
    "discovery": ("discovery",),
    "github": ("pipeline",),
    "parameters": ("publish",),
}


def route(plan: Plan, stack: str, logical_id: str = "") -> Route:
    """Where in the spec a resource comes from, as near as its stack and its name tell."""
    for service in plan.services:
        own = {f"service-{service.key}", f"scaling-{service.key}"}
        if stack in own or (logical_id and logical_id.startswith(service.image.parameter.removesuffix("ImageUri"))):
            return ("services", service.key)
    if stack in {"load-balancer", "traffic", "access-logs", "certificates"}:
        kind = "production" if logical_id.startswith("Production") else "test" if logical_id.startswith("Test") else ""
        return ("load_balancer", kind) if kind else ("load_balancer",)
    return _SECTIONS.get("registry" if stack.startswith(("service-", "scaling-")) else stack, ())
