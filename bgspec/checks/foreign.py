"""BG82x: roles and keys that belong to somebody else."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.checks.tools import owner
from bgspec.diagnostics import Route
from bgspec.plan import Plan, delivery
from bgspec.plan.service import Service
from bgspec.spec import EcsDeployment


@rule("BG826")
def role_of_another_account(env: Environment) -> Iterator[Found]:
    """A role that exists belongs to another account.

    What: `account` is given, and the ARN of a role names another one.
    Why: Whoever makes a resource hands it its role, and a role can be handed on in its own account only: `iam:PassRole` is refused.
    Mend: Name a role of this account.
    Source: IAM User Guide, id_roles_use_passrole ("You cannot use the PassRole permission to pass a cross-account role").

    Fails:
        account: "111122223333"
        services:
          web:
            image: {build: .}
            port: 8080
            task_role: arn:aws:iam::444455556666:role/web
    Passes:
        account: "111122223333"
        services:
          web:
            image: {build: .}
            port: 8080
            task_role: arn:aws:iam::111122223333:role/web
    """
    for route, role in env.roles:
        account = role.split(":")[4]
        wanted = owner(env, route)
        if wanted and account != wanted:
            tools = wanted != env.plan.account
            yield Found(
                route,
                f"This role belongs to the account {account}, but the {'pipeline' if tools else 'environment'} to {wanted}.",
                "Name a role of this account." if not tools else "Name a role of that account.",
                related=(("the account", ("tools_account", "account") if tools else ("account",)),),
            )


@rule("BG827")
def key_of_another_region(env: Environment) -> Iterator[Found]:
    """A key belongs to another Region.

    What: The ARN of a key in KMS names another Region than the environment's.
    Why: S3, ECR, CloudWatch Logs, SNS and CodePipeline encrypt with keys of their own Region only, and ECS finds secrets in it.
    Mend: Use a key of this Region; of a multi-Region key, its replica there.
    Source: KMS Developer Guide, multi-region-keys-overview ("AWS services use them as if they were single-Region keys"); bc:ecr.KmsKey.

    Fails:
        encryption:
          key: arn:aws:kms:eu-west-1:111122223333:key/0b8c0e0c-0000-4000-8000-000000000000
    Passes:
        encryption:
          key: arn:aws:kms:us-east-1:111122223333:key/0b8c0e0c-0000-4000-8000-000000000000
    """
    for route, key in _keys(env):
        if key.startswith("arn:") and key.split(":")[3] != env.plan.region.name:
            yield Found(
                route,
                f"This key belongs to {key.split(':')[3]}, but the environment to {env.plan.region.name}.",
                "Use a key of this Region.",
                related=(("the Region", ("region",)),),
            )


@rule("BG828")
def key_of_another_account(env: Environment) -> Iterator[Found]:
    """The environment's key belongs to another account.

    What: `account` is given, and `encryption.key` names a key of another one.
    Why: The environment's roles may use the key, but a key of another account has a policy there that must name each of them, and does
        not know them before they are made: the first upload of an artifact fails.
    Mend: Use a key of this account, or `own`.
    Source: KMS Developer Guide, key-policy-modifying-external-accounts (both the key's policy and the role's must allow it).

    Fails:
        account: "111122223333"
        encryption:
          key: arn:aws:kms:us-east-1:444455556666:key/0b8c0e0c-0000-4000-8000-000000000000
    Passes:
        account: "111122223333"
        encryption:
          key: own
    """
    key = env.spec.encryption.key or ""
    if env.plan.account and key.startswith("arn:") and key.split(":")[4] != env.plan.account:
        yield Found(
            ("encryption", "key"),
            f"This key belongs to the account {key.split(':')[4]}, but the environment to {env.plan.account}.",
            "Use a key of this account, or `own`.",
            related=(("the account", ("account",)),),
        )


@rule("BG829", "warning")
def role_without_work(env: Environment) -> Iterator[Found]:
    """A role that exists has nothing to do.

    What: `hook_role` without a function among the `hooks`, `stack_role` where nobody updates a service's stack, or `trigger_role` where no
        rule of EventBridge starts the pipeline.
    Why: The role would stand in no template, so whoever wrote it expects something that does not happen.
    Mend: Remove it.
    Source: cfn:AWS::ECS::Service.DeploymentConfiguration.LifecycleHooks.RoleArn; CP action-reference-CodestarConnectionSource (its trigger
        is the connection's own).

    Fails:
        deployment:
          engine: ecs
          hook_role: arn:aws:iam::111122223333:role/ask
    Passes:
        deployment:
          engine: ecs
          hook_role: arn:aws:iam::111122223333:role/ask
          hooks:
            before_traffic: arn:aws:lambda:us-east-1:111122223333:function:ask
    """
    plan, deployment = env.plan, env.spec.deployment
    if isinstance(deployment, EcsDeployment):
        if deployment.hook_role and not plan.deployment.hooks.hooks:
            yield _idle(("deployment", "hook_role"), "No function is asked on the way of a deployment.")
        if deployment.stack_role and not any(_updated(plan)):
            yield _idle(("deployment", "stack_role"), "Nobody updates the stacks of services: no pipeline, no workflow does.")
    if env.spec.pipeline and env.spec.pipeline.trigger_role and plan.pipeline and not plan.pipeline.source.triggers:
        yield _idle(("pipeline", "trigger_role"), "The connection starts the pipeline itself.")


def _idle(route: Route, why: str) -> Found:
    return Found(route, f"{why} So nothing takes this role.", "Remove it.", "key")


def _updated(plan: Plan) -> Iterator[Service]:
    """The services whose stacks a pipeline or a workflow updates."""
    if plan.pipeline:
        yield from delivery.by_stack(plan.pipeline.projects, plan.deployment)
    for workflow in (plan.github,):
        yield from (job.service for job in (workflow.jobs if workflow else ()) if job.way == "stack")
    if plan.tools:
        yield from plan.tools.stacked


def _keys(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every key that is named, by its ARN or as bgspec's own."""
    spec = env.spec
    if spec.encryption.key:
        yield ("encryption", "key"), spec.encryption.key
    if spec.registry.encryption:
        yield ("registry", "encryption"), spec.registry.encryption
    if spec.tools_account and spec.tools_account.key:
        yield ("tools_account", "key"), spec.tools_account.key
    for index, key in enumerate(spec.encryption.secrets):
        yield ("encryption", "secrets", index), key
