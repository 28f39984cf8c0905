"""BG8xx: who may do and see what."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.document.rules import shown
from bgspec.plan.load_balancer import ANYWHERE

_DEEPEST = 13
"""Levels of a path: a parameter's own name comes below it, and SSM takes fifteen."""


@rule("BG801", "info")
def test_port_open(env: Environment) -> Iterator[Found]:
    """Everybody can call the test listener.

    What: The test listener of an internet-facing load balancer admits 0.0.0.0/0.
    Why: During a deployment it shows the new version before you have tried it, and outside of one a second door to production.
    Mend: Name those who test: `load_balancer.test.allow: [203.0.113.0/24]`.
    Source: ECS Developer Guide, alb-resources-for-blue-green (the test listener); its rules are yours.

    Fails:
        load_balancer:
          test:
            port: 8080
    Passes:
        load_balancer:
          test:
            port: 8080
            allow: [203.0.113.0/24]
    """
    balancer = env.plan.load_balancer
    if balancer.own and balancer.scheme == "internet-facing" and ANYWHERE in balancer.test.allow:
        yield Found(
            env.written(("load_balancer", "test", "allow"), ("load_balancer", "test"), ("load_balancer",)),
            f"Everybody can see a new version on port {balancer.test.port} before it is released.",
            "Name those who test: `load_balancer.test.allow: [203.0.113.0/24]`.",
            "key",
        )


@rule("BG802")
def dynamic_reference(env: Environment) -> Iterator[Found]:
    """A value would be replaced by CloudFormation.

    What: A value holds `{{resolve:`, the beginning of a dynamic reference.
    Why: CloudFormation puts the secret's value in its place, so it stands in the open: in the task definition, in the console, in logs.
    Mend: Name the secret under `secrets:`; then ECS hands it to the container and nobody else sees it.
    Source: CloudFormation User Guide, dynamic-references; `secrets` of a container definition: bc:ecs.Secret.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            environment:
              DB_PASSWORD: "{{resolve:secretsmanager:shop/db}}"
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db-AbCdEf
    """
    for route, text in env.texts:
        if "{{resolve:" in text:
            yield Found(
                route,
                "CloudFormation would replace this by the secret itself, in the open.",
                "Name the secret under the service's `secrets:`.",
            )


@rule("BG803")
def path_of_aws(env: Environment) -> Iterator[Found]:
    """The path of the published parameters is AWS's, or too deep.

    What: `publish` begins with `/aws` or `/ssm`, or has more than thirteen parts.
    Why: SSM keeps names that begin so, in capital or small letters, for AWS, and a name may have fifteen levels: it refuses the parameters.
    Mend: Begin with the system's name: `/shop/prd`.
    Source: bc:ssm.PutParameterRequest.Name; Systems Manager User Guide, sysman-paramstore-hierarchies.

    Fails:
        publish: /aws/shop
    Passes:
        publish: /shop/prd
    """
    for path in env.plan.published:
        if path.lower().startswith(("/aws", "/ssm")) or path.count("/") > _DEEPEST:
            yield Found(("publish",), f"SSM takes no parameter below {shown(path)}.", "Begin with the system's name: `/shop/prd`.")


@rule("BG804", "warning")
def key_for_nothing(env: Environment) -> Iterator[Found]:
    """Nothing is encrypted with the environment's key.

    What: There is an `encryption.key`, and the environment keeps nothing itself: no pipeline, no registry, no log group of its own.
    Why: The key encrypts what the environment makes. What exists already, such as a repository or a log group that the spec names, has a
        key of its own or none, and does not change. So no key is made.
    Mend: Take the key away, or give the repository and the log group their key where they are made.
    Source: The language itself.

    Fails:
        services:
          web:
            image: {uri: "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop:1"}
            port: 8080
            logs: {group: /house/shop}
        encryption: {key: own}
    Passes:
        services:
          web:
            image: {uri: "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop:1"}
            port: 8080
        encryption: {key: own}
    """
    if env.spec.encryption.key and not env.plan.encrypts:
        yield Found(
            ("encryption", "key"),
            "The environment keeps nothing that this key could encrypt.",
            "Take it away: what exists already is encrypted where it was made.",
        )
