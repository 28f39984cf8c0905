"""GitHub Actions instead of a pipeline: the role that a workflow takes with its own token, and what the workflow does with it."""

from collections.abc import Iterator
from typing import NamedTuple

from bgspec.cfn import Ref, Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan import delivery, stack_role
from bgspec.plan.deployment import Deployment
from bgspec.plan.iam import Condition, ExistingRole, Role, Statement, arn, or_existing
from bgspec.plan.machine import REGISTRY_TOKEN, push
from bgspec.plan.service import Service
from bgspec.regions import Region, region
from bgspec.spec import Spec

_ISSUER = "token.actions.githubusercontent.com"
LONGEST_JOB = 360
"""Minutes that a job on GitHub's machines may take (GitHub Actions reference, "Actions limits")."""
_MARGIN = 60
"""Minutes for building, and for new tasks to become well."""


class Job(NamedTuple):
    """How the workflow builds and deploys one service."""

    service: Service
    way: str
    """What deploys it: `codedeploy`, `stack`, `ecs` or `revision`."""
    needs: tuple[str, ...]
    """The job before it: one service after another."""


class GitHub(NamedTuple):
    """What the workflow and its role are made of."""

    repository: str
    branch: str
    environment: tuple[str, ...]
    """GitHub's environment in which the jobs run, or none."""
    audience: str
    issuer: str
    own_provider: bool
    role: Role | ExistingRole
    session: int
    """Seconds for which a job takes the role."""
    stack_roles: tuple[Role, ...]
    """The role with which CloudFormation updates services' stacks, or none."""
    jobs: tuple[Job, ...]
    minutes: int
    """How long a job waits for its deployment."""
    account: str
    """Twelve digits, or a variable of the repository where the spec does not name the account."""


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment) -> GitHub | None:
    """The workflow with its role; None where the spec has no `github_actions`."""
    wanted = spec.github_actions
    if wanted is None:
        return None
    where = region(spec.region)
    built = tuple(jobs(services, deployment))
    own = wanted.oidc_provider == "own" and not wanted.role
    stacked = tuple(job.service for job in built if job.way == "stack")
    minutes = _MARGIN + sum(deployment.approval) + deployment.shift_minutes + deployment.stays
    job = f"environment:{wanted.environment}" if wanted.environment else f"ref:refs/heads/{wanted.branch}"
    subject = f"repo:{wanted.repository}:{job}"
    audience = _audience(where)
    session = min(max(1, -(-minutes // 60)), 12) * 3600
    return GitHub(
        repository=wanted.repository,
        branch=wanted.branch,
        environment=(wanted.environment,) if wanted.environment else (),
        audience=audience,
        issuer=_ISSUER,
        own_provider=own,
        role=or_existing(
            wanted.role,
            Role(
                Word("GitHubRole"),
                names.role("github"),
                Ref("GitHubProvider") if own else Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:oidc-provider/{_ISSUER}"),
                f"GitHub Actions builds and deploys {wanted.repository.replace('@', ' ')} with it",
                tuple(deliveries(names, built, deployment)),
                (Condition("StringEquals", f"{_ISSUER}:aud", (audience,), ((f"{_ISSUER}:sub", (subject,)),)),),
                Word("Federated"),
                Word("sts:AssumeRoleWithWebIdentity"),
                (session,),
            ).fitting(names),
        ),
        session=session,
        stack_roles=stack_role.resolve(spec, names, stacked, deployment),
        jobs=built,
        minutes=minutes,
        account=spec.account or "${{ vars.AWS_ACCOUNT_ID }}",
    )


def _audience(where: Region) -> str:
    """Whom GitHub makes the token for.

    README of aws-actions/configure-aws-credentials, "audience": China has its own. In GovCloud the default does, as in `aws`
    (https://github.com/aws-actions/configure-aws-credentials/issues/293); in other partitions unverified.
    """
    return "sts.amazonaws.com.cn" if where.partition == "aws-cn" else "sts.amazonaws.com"


def jobs(services: tuple[Service, ...], deployment: Deployment) -> Iterator[Job]:
    """A job for each service whose image is built; each waits for the one before."""
    before: tuple[str, ...] = ()
    for service in services:
        if service.built:
            yield Job(service, _way(service, deployment), before)
            before = (service.key,)


def _way(service: Service, deployment: Deployment) -> str:
    match service.kind:
        case "service":
            return "stack" if deployment.native else "codedeploy"
        case "worker":
            return "ecs"
        case "task":
            return "revision"


def deliveries(names: Names, built: tuple[Job, ...], deployment: Deployment) -> Iterator[Statement]:
    """What the workflow's steps call (README of aws-actions/amazon-ecs-deploy-task-definition, "Permissions")."""
    if not built:
        return
    yield REGISTRY_TOKEN
    yield push(tuple(dict.fromkeys(build.repository.arn for job in built for _, build in job.service.built)))
    by_way: dict[str, tuple[Service, ...]] = {
        way: tuple(job.service for job in built if job.way == way) for way in ("codedeploy", "stack", "ecs", "revision")
    }
    if by_way["codedeploy"]:
        yield from _codedeploy(by_way["codedeploy"], deployment)
    if by_way["stack"]:
        yield from _stacks(names, by_way["stack"], deployment)
    if by_way["ecs"]:
        yield from delivery.through_ecs(by_way["ecs"])
    registered = (*by_way["codedeploy"], *by_way["ecs"], *by_way["revision"])
    if registered:
        yield from delivery.revisions(registered)


def _codedeploy(services: tuple[Service, ...], deployment: Deployment) -> Iterator[Statement]:
    yield Statement(
        Word("LookAtServices"), "asks who deploys the service: CodeDeploy", ("ecs:DescribeServices",), tuple(one.arn for one in services)
    )
    for codedeploy in deployment.codedeploy:
        groups: tuple[Value, ...] = tuple(
            arn("codedeploy", f"deploymentgroup:{codedeploy.application_name}/{group.name}") for group in codedeploy.groups
        )
        yield Statement(Word("LookAtGroups"), "and how long that can take", ("codedeploy:GetDeploymentGroup",), groups)
        yield from delivery.code_deploy(codedeploy)


def _stacks(names: Names, services: tuple[Service, ...], deployment: Deployment) -> Iterator[Statement]:
    yield Statement(
        Word("UpdateStacks"),
        "gives the stacks of these services their new image",
        ("cloudformation:DescribeStacks", "cloudformation:UpdateStack"),
        tuple(arn("cloudformation", f"stack/{names.stack(f'service-{service.key}')}/*") for service in services),
    )
    yield delivery.pass_stack_role(names, deployment)
