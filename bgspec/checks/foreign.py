"""BG82x: roles and keys that belong to somebody else."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.spec import CodeDeployDeployment


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
    for route, role in _roles(env):
        account = role.split(":")[4]
        if env.plan.account and account != env.plan.account:
            yield Found(
                route,
                f"This role belongs to the account {account}, but the environment to {env.plan.account}.",
                "Name a role of this account.",
                related=(("the account", ("account",)),),
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
        if key.split(":")[3] != env.plan.region.name:
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


def _keys(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every key that exists."""
    wanted = env.spec.encryption
    places: list[tuple[Route, str | None]] = [
        (("encryption", "key"), wanted.key),
        (("registry", "encryption"), env.spec.registry.encryption),
    ]
    places += [(("encryption", "secrets", index), key) for index, key in enumerate(wanted.secrets)]
    return ((route, key) for route, key in places if key and key.startswith("arn:"))


def _roles(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every role that exists."""
    pipeline, deployment = env.spec.pipeline, env.spec.deployment
    places: list[tuple[Route, str | None]] = []
    for key, service in env.spec.services.items():
        places += [
            (("services", key, "execution_role"), service.execution_role),
            (("services", key, "task_role"), service.task_role),
        ]
    if isinstance(deployment, CodeDeployDeployment):
        places.append((("deployment", "role"), deployment.role))
    if pipeline:
        places += [(("pipeline", "role"), pipeline.role), (("pipeline", "build", "role"), pipeline.build.role)]
        places += [(("pipeline", "test", "role"), test.role) for test in (pipeline.test,) if test]
    return ((route, role) for route, role in places if role)
