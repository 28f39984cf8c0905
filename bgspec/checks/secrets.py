"""BG81x: secrets that do not arrive, and secrets that stand in the open."""

import re
from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule

_ARN_PARTS, _ARN_PARTS_WITH_KEY = 7, 10

# How credentials look (the prefixes are those that their issuers document), and what variables are called that hold some. As texts: few
# specs have variables, so few need them compiled.
_TOKENS = (
    r"(AKIA|ASIA)[A-Z0-9]{16}|gh[pousr]_[A-Za-z0-9]{30}|github_pat_[A-Za-z0-9]{20}|glpat-[\w-]{20}|xox[abpr]-[\w-]{10}|sk_live_[A-Za-z0-9]{16}"
    r"|-----BEGIN [A-Z ]*PRIVATE KEY-----|://[^/\s:@]+:[^/\s:@]+@"
)
_NAMES = r"(?i)(^|[_.])(PASSWORD|PASSWD|PASSPHRASE|SECRET|SECRET_KEY|TOKEN|API_?KEY|PRIVATE_KEY|ACCESS_KEY|CREDENTIALS?)$"
_AWS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN")


@rule("BG810", "warning")
def secret_without_its_suffix(env: Environment) -> Iterator[Found]:
    """A secret's ARN lacks its last six characters.

    What: The ARN of a secret in Secrets Manager does not end with a hyphen and six characters.
    Why: ECS takes only the complete ARN. With a part of it, tasks stop with ResourceInitializationError or AccessDenied: the permission
        is for another name.
    Mend: Copy the whole ARN: `aws secretsmanager describe-secret --secret-id NAME --query ARN`.
    Source: https://github.com/aws/aws-cdk/issues/20744, https://github.com/aws/aws-cdk/pull/35946. A name may look so by chance.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db-AbCdEf
    """
    for route, value in env.secrets:
        parts = value.split(":")
        if "secretsmanager" in parts[2:3] and not re.search(r"-[A-Za-z0-9]{6}$", "".join(parts[6:7])):
            yield Found(
                route,
                "This is not the whole ARN of a secret: it ends with a hyphen and six characters.",
                "Copy it: `aws secretsmanager describe-secret --secret-id NAME --query ARN`.",
            )


@rule("BG811")
def secret_with_loose_ends(env: Environment) -> Iterator[Found]:
    """What selects a part of a secret is not complete.

    What: Behind the ARN of a secret stand a JSON key, a version stage and a version id, each after a colon; all three colons are needed,
        and only one of stage and id.
    Why: ECS refuses the ARN when the task starts ("unexpected ARN format with parameters when trying to retrieve ASM secret").
    Mend: For a JSON key write `ARN:KEY::`.
    Source: ECS Developer Guide, secrets-envvar-secrets-manager; https://github.com/aws/amazon-ecs-agent/pull/2358 (how the agent takes
        the ARN apart).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db-AbCdEf:password
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: "arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db-AbCdEf:password::"
    """
    for route, value in env.secrets:
        parts = value.split(":")
        if "secretsmanager" not in parts[2:3]:
            continue
        if len(parts) not in {_ARN_PARTS, _ARN_PARTS_WITH_KEY}:
            yield Found(route, "Behind a secret's ARN three colons are needed, or none.", "For a JSON key write `ARN:KEY::`.")
        elif len(parts) == _ARN_PARTS_WITH_KEY and parts[8] and parts[9]:
            yield Found(route, "A version stage and a version id exclude each other.", "Leave one of them empty, but keep the colons.")


@rule("BG812")
def parameter_without_a_slash(env: Environment) -> Iterator[Found]:
    """A parameter's path does not begin with a slash.

    What: The name of an SSM parameter has slashes, but none in front.
    Why: SSM knows no such name: a path begins with a slash. Its reply speaks of something else ("can't be prefixed with ssm").
    Mend: Write the slash: `/shop/prd/api-key`.
    Source: Systems Manager User Guide, sysman-paramstore-su-create; https://github.com/localstack/localstack/issues/11538,
        https://github.com/dmno-dev/varlock/issues/389 (the reply of the API).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              API_KEY: shop/prd/api-key
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              API_KEY: /shop/prd/api-key
    """
    for route, value in env.secrets:
        if "/" in value and not value.startswith(("/", "arn:")):
            yield Found(route, "The path of an SSM parameter begins with a slash.", f"Write `/{value}`.")


@rule("BG813", "warning")
def credentials_in_the_open(env: Environment) -> Iterator[Found]:
    """A password or a key stands in the open.

    What: The name or the value of a variable in `environment` says that it is a credential.
    Why: It stands in the repository, in the task definition and in the console, for everybody who may look; nobody can rotate it.
    Mend: Put it into Secrets Manager or SSM, and name it under `secrets:`.
    Source: ECS Developer Guide, specifying-sensitive-data. Which names and values look so is bgspec's own judgement.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            environment:
              DB_PASSWORD: hunter2
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: /shop/db-password
    """
    for route, value in env.open_variables:
        name = str(route[-1])
        if name in _AWS or "{{resolve:" in value:  # other rules speak of those
            continue
        if re.search(_TOKENS, value) or (re.search(_NAMES, name) and not _harmless(value)):
            yield Found(
                route,
                f"`{name}` looks like a credential, and stands in the open.",
                "Name it under `secrets:`, from Secrets Manager or SSM.",
            )


def _harmless(value: str) -> bool:
    """Switches, numbers, and where a secret is to be found are nobody's password."""
    words = {"true", "false", "none", "null", "required", "optional", "disabled", "enabled"}
    return len(value) < 4 or value.lower() in words or value.isdigit() or value.startswith(("/", "arn:"))


@rule("BG814", "warning")
def keys_instead_of_the_role(env: Environment) -> Iterator[Found]:
    """AWS keys in a variable take the place of the task's role.

    What: The container gets AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY or AWS_SESSION_TOKEN.
    Why: Every AWS SDK looks there first. `permissions` and the task role that is made of them are never used, and the keys do not rotate.
    Mend: Remove the variable, and name what the application may do under `permissions:`.
    Source: AWS SDKs and Tools Reference Guide, standardized-credentials (environment variables come before container credentials).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              AWS_ACCESS_KEY_ID: /shop/aws-key
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [s3:GetObject]
                resources: ["arn:aws:s3:::shop-pictures/*"]
    """
    for route, name in env.variables:
        if name in _AWS:
            yield Found(
                route,
                f"With `{name}` the application never uses its task role.",
                "Remove it, and name what the application may do under `permissions:`.",
                "key",
            )
