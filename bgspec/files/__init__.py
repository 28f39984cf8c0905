"""The files beside the stacks: what the pipeline reads from the source repository, and deploy.sh."""

from functools import cache
from types import SimpleNamespace
from typing import Any, NamedTuple

from bgspec.cfn import Either, Key, Node, Word
from bgspec.files import workflow
from bgspec.plan import Plan, delivery
from bgspec.plan.build import Project, detail
from bgspec.plan.github import GitHub
from bgspec.plan.service import ACCOUNT_PLACEHOLDER, Service
from bgspec.stacks import Stack


class File(NamedTuple):
    """A file, ready to be laid out."""

    path: str
    template: str
    """The Jinja2 template under `templates/files/`."""
    context: dict[str, Any]
    executable: bool = False


Half = tuple[Plan, tuple[Stack, ...]]
"""What one account holds, and its stacks (see `Plan.halves`)."""


def files_of(plan: Plan, halves: tuple[Half, ...]) -> tuple[File, ...]:
    """All files of the plan that are no stacks."""
    (_, stacks), *_ = halves
    projects, tests = (plan.pipeline.projects, plan.pipeline.tests) if plan.pipeline else ((), ())
    return (
        *(File(test.path, "testspec.yml.j2", {"test": test}) for test in tests),
        *(_buildspec(plan, project, path) for project in projects for path in project.files),
        *(file for service in plan.services for file in _deploy_files(plan, service)),
        *(_workflow(plan, github, stacks) for github in (plan.github,) if github),
        *(_deploy_script(plan, *half) for half in halves),
    )


def _workflow(plan: Plan, github: GitHub, stacks: tuple[Stack, ...]) -> File:
    return File(plan.layout.workflow(), "workflow.yml.j2", workflow.context(plan, github, stacks))


def _deploy_files(plan: Plan, service: Service) -> tuple[File, ...]:
    """What a deployment of the service reads: ECS copies a worker's task from the one that runs, and takes its own from its stack."""
    match service.kind:
        case "service" if plan.deployment.native:
            return ()
        case "service":
            return _appspec(plan, service), _taskdef(plan, service)
        case "task":
            return (_taskdef(plan, service),)
        case "worker":
            return ()


def _buildspec(plan: Plan, project: Project, path: str) -> File:
    service = project.service
    key, kind = service.key, service.kind
    assert plan.pipeline  # noqa: S101  a project is a pipeline's
    stacked = service in delivery.by_stack(plan.pipeline.projects, plan.deployment)
    codedeploy = kind == "service" and plan.deployment.codedeploy
    taskdef, appspec = plan.layout.in_source(plan.layout.taskdef(key)), plan.layout.in_source(plan.layout.appspec(key))
    return File(
        path,
        "buildspec.yml.j2",
        {
            "service": service,
            "what": _what(service),
            "them": "them" if len(project.builds) > 1 else "it",
            "images": project.builds,
            "first": project.builds[:1],
            "pushed": project.pushed,
            "brought": service.brought,
            # Where no registry is named, that of the caller's own account is meant.
            "elsewhere": (plan.account,) if plan.tools else (),
            "tag": project.tag,
            "runtimes": project.runtimes,
            "tests": project.tests,
            "kept": project.kept,
            "out": plan.layout.artifact,
            "account_placeholder": ACCOUNT_PLACEHOLDER,
            "wants": "the three files it wants" if codedeploy else "the two files it wants" if stacked else "the file it wants",
            "details": tuple((image, Word(detail(image))) for image in project.details),
            "alone": () if project.details else (project.artifact,),
            "artifact": Word(project.artifact),
            # What the deploy action of this kind of service reads.
            "blue_green": (SimpleNamespace(taskdef=taskdef, appspec=appspec),) if codedeploy else (),
            "stacked": (_stacked(plan, service),) if stacked else (),
            "rolling": () if codedeploy or stacked or kind == "task" else (service.brought,),
            "revision": (SimpleNamespace(taskdef=taskdef),) if kind == "task" else (),
        },
    )


def _what(service: Service) -> str:
    """The images that a deployment brings, in words."""
    containers = [image.container for image in service.brought]
    if containers == [service.key]:
        return f"image of {service.key}"
    return f"image{'s' if len(containers) > 1 else ''} of {service.key} ({', '.join(containers)})"


def _stacked(plan: Plan, service: Service) -> SimpleNamespace:
    """What of the service's stack goes into the deploy artifact, and under which names."""
    return SimpleNamespace(
        source=plan.layout.in_source(plan.layout.stack(f"service-{service.key}")),
        template=delivery.SERVICE_TEMPLATE,
        parameters=delivery.SERVICE_PARAMETERS,
        images=tuple((image.parameter, "%s@%s" if image.placeholder else image.uri) for image in service.images),
    )


def _appspec(plan: Plan, service: Service) -> File:
    return File(plan.layout.appspec(service.key), "appspec.yaml.j2", {"service": service})


def _taskdef(plan: Plan, service: Service) -> File:
    """A RegisterTaskDefinition input; the build puts the account in, the deploy action the image (CP action-reference-ECSbluegreen)."""
    return File(plan.layout.taskdef(service.key), "taskdef.json.j2", {"definition": api(service.definition)})


# Where the API's names are not CloudFormation's with a small first letter (bc:ecs.EFSVolumeConfiguration).
_API_NAMES = {"EFSVolumeConfiguration": "efsVolumeConfiguration", "FilesystemId": "fileSystemId", "IAM": "iam"}


def api(node: Node) -> Any:  # noqa: ANN401  JSON
    """Settings as the API takes them: JSON with the API's names."""
    if isinstance(node, Either):
        return node.file
    if isinstance(node, list):
        return [api(item) for item in node]
    if type(node) is tuple:
        return {setting.key if isinstance(setting.key, Key) else _api_name(setting.key): api(setting.value) for setting in node}
    return node


@cache
def _api_name(key: str) -> str:
    return _API_NAMES.get(key, key[:1].lower() + key[1:])


def _deploy_script(whole: Plan, plan: Plan, stacks: tuple[Stack, ...]) -> File:
    names = {stack.key: stack.name for stack in stacks}
    steps = [
        SimpleNamespace(
            stack=stack,
            file=plan.layout.stack(stack.key).removeprefix(plan.layout.root),
            policy=plan.layout.stack_policy(stack.key).removeprefix(plan.layout.root),
            inputs=[(parameter.id, names[parameter.origin]) for parameter in stack.parameters if parameter.origin],
            services=[service for service in plan.services if stack.key == f"service-{service.key}"],
            seeds=plan.pipeline.source.repository if plan.pipeline and stack.key == "repository" else (),
            uploads=plan.pipeline.source.bucket if plan.pipeline and stack.key == "repository" else (),
        )
        for stack in stacks
    ]
    return File(
        plan.layout.deploy_script(),
        "deploy.sh.j2",
        {
            "steps": steps,
            "source": plan.layout.source_from_root(),
            "sources": _sources(whole),
            "plan": plan,
            "halves": _HALVES[plan.half],
            "others": [half for half in whole.halves if plan.half == "target" and half.half == "tools"],
            "listeners": plan.load_balancer.listeners if plan.load_balancer.own and plan.half != "tools" else (),
            "uploads": plan.pipeline.source.bucket if plan.pipeline else (),
            # What the pipeline reads lies where bgspec does not write.
            "commits": (plan.pipeline.source.place,) if plan.pipeline and not plan.pipeline.source.own else (),
        },
        executable=True,
    )


_HALVES = {
    "whole": "",
    "target": ", the half of the environment's own account",
    "tools": ", the half of the tools account, after the other",
}


def _sources(plan: Plan) -> list[str]:
    """What the first commit holds: what images are built from, and what was rendered."""
    projects, tests = (plan.pipeline.projects, plan.pipeline.tests) if plan.pipeline else ((), ())
    return [
        *dict.fromkeys(build.context for service in plan.services for _, build in service.built),
        *(plan.layout.in_source(test.path) for test in tests),
        *(plan.layout.in_source(path) for project in projects for path in project.files),
        *(plan.layout.in_source(file.path) for service in plan.services for file in _deploy_files(plan, service)),
        *(plan.layout.in_source(path) for half in plan.halves for path in (half.layout.stacks, half.layout.deploy_script())),
    ]
