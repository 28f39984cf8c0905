"""The workflow of GitHub Actions.

The template names actions by the newest major version whose README was read: actions/checkout v5 runs on Node.js 24 and needs a runner of
2.327.1 or later, which GitHub's own machines have (README of actions/checkout, "Checkout V5").
"""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from bgspec.cfn import Value, Word
from bgspec.plan import Plan, stack_role
from bgspec.plan.github import LONGEST_JOB, GitHub, Job
from bgspec.plan.service import ACCOUNT_PLACEHOLDER, Build, Image
from bgspec.stacks import Stack

_MACHINES = {"X86_64": "ubuntu-24.04", "ARM64": "ubuntu-24.04-arm"}
"""GitHub's machines (GitHub Actions reference, "GitHub-hosted runners")."""


def context(plan: Plan, github: GitHub, stacks: tuple[Stack, ...]) -> dict[str, Any]:
    """What `workflow.yml.j2` inserts."""
    return {
        "workflow": github,
        "name": plan.name,
        "asks_account": not plan.account,
        "role": _arn(plan, github, github.role.arn),
        "seconds": github.session,
        "account_placeholder": ACCOUNT_PLACEHOLDER,
        "jobs": [_job(plan, github, job, stacks) for job in github.jobs],
    }


def _arn(plan: Plan, github: GitHub, arn: Value) -> str:
    """A role's ARN where CloudFormation fills nothing in."""
    return str(arn).replace("${AWS::Partition}", plan.region.partition).replace("${AWS::AccountId}", github.account)


def _job(plan: Plan, github: GitHub, job: Job, stacks: tuple[Stack, ...]) -> SimpleNamespace:
    service = job.service
    waits = plan.deployment.stays + sum(plan.deployment.approval)
    copies = tuple(_copies(job))
    return SimpleNamespace(
        key=service.key,
        machine=_MACHINES[service.architecture],
        needs=job.needs,
        timeout=min(github.minutes + 60, LONGEST_JOB),
        minutes=max(github.minutes - waits, 1),
        registry=f"{github.account}.dkr.ecr.{plan.region.name}.{plan.region.dns_suffix}",
        images=tuple(_image(image, build) for image, build in service.built),
        service=service.name,
        appspec=plan.layout.in_source(plan.layout.appspec(service.key)),
        written=(plan.layout.in_source(plan.layout.taskdef(service.key)),) if job.way in {"codedeploy", "revision"} else (),
        copied=copies if job.way == "ecs" else (),
        codedeploy=tuple(group for group in plan.deployment.groups if group.service.key == service.key),
        rolling=tuple(SimpleNamespace(name=service.name, task=copy.rendered) for copy in copies[-1:]) if job.way == "ecs" else (),
        revision=(service.key,) if job.way == "revision" else (),
        stacks=tuple(_stack(plan, github, stack, job) for stack in stacks if job.way == "stack" and stack.key == f"service-{service.key}"),
    )


def _image(image: Image, build: Build) -> SimpleNamespace:
    """How an image is built, and what later steps know it by."""
    step = _step("build", image)
    return SimpleNamespace(
        title=f"Build and push the image of {image.container}" if image.suffix else "Build and push the image",
        step=Word(step),
        repository=build.repository.name,
        dockerfile=build.dockerfile,
        context=build.context,
        target=build.target,
        variable=f"IMAGE{image.suffix}",
        output=_output(step, "image"),
        placeholder=image.written,
        parameter=image.parameter,
    )


def _copies(job: Job) -> Iterator[SimpleNamespace]:
    """One image after another is put into the task as it is (README of aws-actions/amazon-ecs-render-task-definition)."""
    source, task = Word("task-definition-family"), job.service.family
    for image, _ in job.service.built:
        step = _step("task", image)
        rendered = _output(step, "task-definition")
        built = _output(_step("build", image), "image")
        yield SimpleNamespace(source=source, task=task, step=Word(step), container=image.container, image=built, rendered=rendered)
        source, task = Word("task-definition"), rendered


def _step(what: str, image: Image) -> str:
    return f"{what}-{image.container}" if image.suffix else what


def _output(step: str, name: str) -> str:
    return f"${{{{ steps.{step}.outputs.{name} }}}}"


def _stack(plan: Plan, github: GitHub, stack: Stack, job: Job) -> SimpleNamespace:
    built = {image.parameter for image, _ in job.service.built}
    return SimpleNamespace(
        name=stack.name,
        role=_arn(plan, github, stack_role.arn_of(plan.names, plan.deployment)),
        kept=tuple(parameter.id for parameter in stack.parameters if parameter.id not in built),
    )
