"""The workflow of GitHub Actions."""

from types import SimpleNamespace
from typing import Any

from bgspec.cfn import Value
from bgspec.plan import Plan, stack_role
from bgspec.plan.github import GitHub, Job
from bgspec.plan.service import ACCOUNT_PLACEHOLDER, IMAGE_PLACEHOLDER
from bgspec.stacks import Stack

_MACHINES = {"X86_64": "ubuntu-24.04", "ARM64": "ubuntu-24.04-arm"}
"""GitHub's machines (GitHub Actions reference, "GitHub-hosted runners")."""
# The actions that the template uses, by the newest major version whose README was read: actions/checkout v5 runs on Node.js 24 and needs a
# runner of 2.327.1 or later, which GitHub's own machines have (README of actions/checkout, "Checkout V5").
_LONGEST = 360
"""Minutes that a job on GitHub's machines may take (GitHub Actions reference, "Actions limits")."""


def context(plan: Plan, github: GitHub, stacks: tuple[Stack, ...]) -> dict[str, Any]:
    """What `workflow.yml.j2` inserts."""
    return {
        "workflow": github,
        "name": f"{plan.system}-{plan.environment}",
        "asks_account": not plan.account,
        "role": _arn(plan, github, github.role.arn),
        "seconds": github.session,
        "account_placeholder": ACCOUNT_PLACEHOLDER,
        "image_placeholder": f"<{IMAGE_PLACEHOLDER}>",
        "jobs": [_job(plan, github, job, stacks) for job in github.jobs],
    }


def _arn(plan: Plan, github: GitHub, arn: Value) -> str:
    """A role's ARN where CloudFormation fills nothing in."""
    return str(arn).replace("${AWS::Partition}", plan.region.partition).replace("${AWS::AccountId}", github.account)


def _job(plan: Plan, github: GitHub, job: Job, stacks: tuple[Stack, ...]) -> SimpleNamespace:
    service = job.service
    waits = plan.deployment.stays + sum(plan.deployment.approval)
    return SimpleNamespace(
        key=service.key,
        machine=_MACHINES[service.architecture],
        needs=job.needs,
        timeout=min(github.minutes + 60, _LONGEST),
        minutes=max(github.minutes - waits, 1),
        repository=job.repository.name,
        registry=f"{github.account}.dkr.ecr.{plan.region.name}.{plan.region.dns_suffix}",
        image=job.image,
        service=service.name,
        appspec=plan.layout.in_source(plan.layout.appspec(service.key)),
        written=(plan.layout.in_source(plan.layout.taskdef(service.key)),) if job.way in {"codedeploy", "revision"} else (),
        copied=(service.family,) if job.way == "ecs" else (),
        codedeploy=tuple(group for group in plan.deployment.groups if group.service.key == service.key),
        rolling=(service.name,) if job.way == "ecs" else (),
        revision=(service.key,) if job.way == "revision" else (),
        stacks=tuple(_stack(plan, github, stack, job) for stack in stacks if job.way == "stack" and stack.key == f"service-{service.key}"),
    )


def _stack(plan: Plan, github: GitHub, stack: Stack, job: Job) -> SimpleNamespace:
    image = job.service.image_parameter
    return SimpleNamespace(
        name=stack.name,
        role=_arn(plan, github, stack_role.arn_of(plan.names, plan.deployment)),
        image=image,
        kept=tuple(parameter.id for parameter in stack.parameters if parameter.id != image),
    )
