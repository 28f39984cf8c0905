"""BG5xx: the task and its containers."""

import re
from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.document.rules import shown
from bgspec.spec import CloudWatchLogs, RoutedLogs

# MiB for each CPU size: from, to, step (ECS Developer Guide, fargate-tasks-services); 77 pairs in all.
_MEMORY: dict[int, tuple[int, ...] | range] = {
    256: (512, 1024, 2048),
    512: range(1024, 4097, 1024),
    1024: range(2048, 8193, 1024),
    2048: range(4096, 16385, 1024),
    4096: range(8192, 30721, 1024),
    8192: range(16384, 61441, 4096),
    16384: range(32768, 122881, 8192),
    32768: (61440, 122880, 249856),
}


_PROCESSORS = {"arm64": "arm64", "aarch64": "arm64", "amd64": "x86_64", "x64": "x86_64"}
"""What images' names say, and which processor they mean."""


@rule("BG501")
def cpu_and_memory(env: Environment) -> Iterator[Found]:
    """Fargate does not offer this much memory with this CPU.

    What: `cpu` and `memory` of a service are not one of the 77 pairs that Fargate offers.
    Why: ECS refuses the task definition: "No Fargate configuration exists for given values".
    Mend: Take one of the amounts that the message names, or another `cpu`.
    Source: ECS Developer Guide, fargate-tasks-services, "Task CPU and memory"; bc:ecs.RegisterTaskDefinitionRequest.memory.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 256
            memory: 4096
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 512
            memory: 4096
    """
    for service in env.plan.services:
        allowed = _MEMORY[service.cpu]
        if service.memory not in allowed:
            cpu, memory = ("services", service.key, "cpu"), ("services", service.key, "memory")
            fitting = [size for size, amounts in _MEMORY.items() if service.memory in amounts]
            yield Found(
                env.written(memory, cpu),
                f"Fargate offers no {service.memory} MiB with {service.cpu} CPU units.",
                f"With `cpu: {service.cpu}` use {_amounts(allowed)}{f', or `cpu: {fitting[0]}`' if fitting else ''}.",
                related=(("the CPU", cpu),) if env.wrote(*cpu) else (),
            )


def _amounts(allowed: tuple[int, ...] | range) -> str:
    if isinstance(allowed, range):
        return f"{allowed[0]} to {allowed[-1]} in steps of {allowed.step}"
    return f"{', '.join(map(str, allowed[:-1]))} or {allowed[-1]}"


@rule("BG502")
def variable_twice(env: Environment) -> Iterator[Found]:
    """A variable stands in `environment` and in `secrets`.

    What: One name is both an environment variable in the open and a secret of the same container.
    Why: ECS refuses the task definition: "The secret name must be unique and not shared with any new or existing environment variables".
    Mend: Remove one of the two.
    Source: https://github.com/compose-x/ecs_composex/issues/707 (the reply of the API).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            environment:
              DB_PASSWORD: from-the-vault
            secrets:
              DB_PASSWORD: /shop/db-password
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: /shop/db-password
    """
    for container in env.containers:
        for name in container.spec.environment:
            if name in container.spec.secrets:
                yield Found(
                    (*container.route, "environment", name),
                    f"`{name}` is a secret too; ECS takes a name once.",
                    "Remove one of the two.",
                    "key",
                    (("the secret", (*container.route, "secrets", name)),),
                )


@rule("BG503", "warning")
def architecture_of_tag(env: Environment) -> Iterator[Found]:
    """The image's name speaks of another processor than the task has.

    What: The tag or name of an existing image says `arm64` or `amd64`, but `architecture` says the other.
    Why: The container ends at once with "exec format error", and the deployment fails after its health checks.
    Mend: Set `architecture` to the image's, or take the image for the task's processor.
    Source: bc:ecs.RuntimePlatform.cpuArchitecture; https://github.com/aws-samples/sample-sonic-cdk-agent/issues/10.

    Fails:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1.4-arm64
            port: 8080
    Passes:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1.4-arm64
              architecture: arm64
            port: 8080
    """
    for route, image, architecture in env.images:
        runs = env.spec.services[str(route[1])].image.architecture
        name = image.partition("@")[0].rpartition("/")[2].replace("x86_64", "amd64")
        said = {_PROCESSORS[part] for part in re.split(r"[:._-]", name) if part in _PROCESSORS}
        if said and runs not in said:
            meant = "arm64" if "arm64" in said else "x86_64"
            yield Found(
                route,
                f"This looks like an image for {meant}, but the task runs on {runs}.",
                f"Write `architecture: {meant}`, or use the other image.",
                related=(("the architecture", architecture),) if env.wrote(*architecture) else (),
            )


@rule("BG504")
def path_leaves(env: Environment) -> Iterator[Found]:
    """A path leads out of the repository.

    What: The build's directory or its Dockerfile, taken from the root of the repository, climbs above that root.
    Why: CodeBuild holds the repository and nothing above it: `docker build` ends with "no such file or directory".
    Mend: Write the path from the root of the repository, and move what is needed into it.
    Source: CodePipeline User Guide: the source artifact is the repository; Docker, build context: paths outside of it are not sent.

    Fails:
        services:
          web:
            image:
              build: ../web
            port: 8080
    Passes:
        services:
          web:
            image:
              build: ./web
            port: 8080
    """
    for image, build in env.built:
        route = image.route
        if _above(build.context):
            yield Found((*route, "build"), f"`{build.context}` lies outside of the repository.", "Write a path inside of it, such as `.`.")
        elif _above(build.dockerfile):
            yield Found(
                (*route, "dockerfile"),
                f"`{build.dockerfile}` lies outside of the repository.",
                "Write the Dockerfile's path inside the build's directory.",
                related=(("the build's directory", (*route, "build")),),
            )


def _above(path: str) -> bool:
    return path == ".." or path.startswith("../")


@rule("BG505", "warning")
def image_that_moves(env: Environment) -> Iterator[Found]:
    """An image's tag does not say which version it is.

    What: An existing image has the tag `latest`, or none, which means `latest`.
    Why: The tag moves. A task that starts tomorrow may run another version than its neighbours, and a rollback to this task definition
        does not bring the old version back.
    Mend: Name the version, or the digest: `IMAGE:1.4.2`, `IMAGE@sha256:…`.
    Source: ECS Developer Guide, deployment-type-ecs (ECS resolves a tag to a digest for one deployment); bc:ecs.ContainerDefinition.image.

    Fails:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:latest
            port: 8080
    Passes:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1.4.2
            port: 8080
    """
    for route, image, _ in env.images:
        name = image.rpartition("/")[2]
        if "@" not in name and name.partition(":")[2] in {"", "latest"}:
            yield Found(
                route,
                "This tag moves: nobody can say which version runs, or go back to it.",
                "Name a version or a digest.",
            )


@rule("BG506", "warning")
def port_that_nobody_asks(env: Environment) -> Iterator[Found]:
    """The container is told another port than the load balancer asks.

    What: `environment` gives PORT another number than the service's `port`.
    Why: Most frameworks listen where PORT says. The load balancer asks the other port, no task is ever healthy, and the deployment fails.
    Mend: Remove PORT: bgspec sets it to the service's `port` by itself.
    Source: The language itself; docs/language.md, `services.NAME.port`. That PORT means this is a convention (https://12factor.net/port-binding).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            environment:
              PORT: 3000
    Passes:
        services:
          web:
            image: {build: .}
            port: 3000
    """
    for service in env.served:
        told, asked = dict(service.environment).get("PORT"), service.target.port
        if told is not None and told != str(asked):
            yield Found(
                ("services", service.key, "environment", "PORT"),
                f"The container is told to listen on {shown(told)}, but the load balancer asks {asked}.",
                "Remove it: bgspec sets PORT to the service's `port`.",
                related=(("the port", ("services", service.key, "port")),),
            )


@rule("BG507", "warning")
def variable_of_ecs(env: Environment) -> Iterator[Found]:
    """A variable takes the place of one that ECS sets.

    What: `environment` or `secrets` has a name under which ECS tells the container where its credentials and its metadata are.
    Why: AWS SDKs find the task role through it: with another value, calls fail with "unable to locate credentials".
    Mend: Choose another name.
    Source: ECS Developer Guide, task-iam-roles (AWS_CONTAINER_CREDENTIALS_RELATIVE_URI) and task-metadata-endpoint-v4-fargate.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            environment:
              ECS_CONTAINER_METADATA_URI_V4: http://localhost
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            environment:
              METADATA_URI: http://localhost
    """
    taken = ("AWS_CONTAINER_CREDENTIALS_", "AWS_EXECUTION_ENV", "ECS_CONTAINER_METADATA_", "ECS_AGENT_URI")
    for route, name in env.variables:
        if name.startswith(taken):
            yield Found(route, f"`{name}` is set by ECS; the application needs its value.", "Choose another name.", "key")


@rule("BG508")
def router_of_another_kind(env: Environment) -> Iterator[Found]:
    """The log router's image is of another kind.

    What: `firelens.type` is `fluentd`, and no `image` is named.
    Why: AWS has a ready image for Fluent Bit only, and that is the default: it does not understand what ECS writes for Fluentd.
    Mend: Name an image with Fluentd, or leave `type` away.
    Source: ECS Developer Guide, firelens-using-fluentbit (the image is `aws-for-fluent-bit`; for Fluentd there is none of AWS's).

    Fails:
        network: {egress: nat}
        services:
          web:
            image: {build: .}
            port: 8080
            logs:
              firelens: {type: fluentd}
    Passes:
        network: {egress: nat}
        services:
          web:
            image: {build: .}
            port: 8080
            logs:
              firelens: {type: fluentd, image: "docker.io/fluent/fluentd:v1.18"}
    """
    for key, service in env.spec.services.items():
        router: Route = ("services", key, "logs", "firelens")
        if isinstance(service.logs, RoutedLogs) and service.logs.firelens.type == "fluentd" and not env.wrote(*router, "image"):
            yield Found(
                (*router, "type"),
                "Without an `image` the router is Fluent Bit, which does not understand what ECS writes for Fluentd.",
                "Name an `image` with Fluentd, or leave `type` away.",
            )


@rule("BG509")
def two_beginnings(env: Environment) -> Iterator[Found]:
    """A message begins in two ways.

    What: `logs` has both `datetime_format` and `multiline_pattern`.
    Why: The awslogs driver takes one of them, and containers with both do not start.
    Mend: Keep the one that fits: a regular expression can say what a format of times says, and more.
    Source: bc:ecs.LogConfiguration.options ("You cannot configure both"); https://github.com/moby/moby/pull/30891.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            logs: {days: 30, datetime_format: "%Y-%m-%d", multiline_pattern: "^[0-9]"}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            logs: {days: 30, multiline_pattern: "^[0-9]"}
    """
    for key, service in env.spec.services.items():
        if isinstance(service.logs, CloudWatchLogs) and service.logs.datetime_format and service.logs.multiline_pattern:
            route: Route = ("services", key, "logs")
            yield Found(
                (*route, "multiline_pattern"),
                "The log driver takes one way to tell where a message begins.",
                "Remove it, or `datetime_format`.",
                "key",
                (("the other", (*route, "datetime_format")),),
            )
