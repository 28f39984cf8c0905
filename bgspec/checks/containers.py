"""BG523-BG529: the containers of a task side by side: names, ports, volumes, shares, health checks, limits."""

from collections.abc import Iterator

from bgspec.checks.environment import Container
from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.plan.container import ROUTER, Share
from bgspec.spec import EfsVolume, RoutedLogs, Service, Sidecar, Ulimit

_MOST_FILES = 1_048_576


@rule("BG523")
def name_or_port_twice(env: Environment) -> Iterator[Found]:
    """Two containers of a task want the same name or the same port.

    What: A sidecar has the name of the service, or the name of the log router, or a port that another container of the task has.
    Why: The name is how ECS tells containers apart; and all containers of a Fargate task share one network interface with its ports.
    Mend: Give the sidecar another name, or another port.
    Source: bc:ecs.ContainerDefinition.name, bc:ecs.ContainerDefinition.portMappings (awsvpc).

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              proxy:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:1
                port: 8080
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              proxy:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:1
                port: 8081
    """
    for key, service, containers in env.tasks:
        taken = {key, ROUTER} if isinstance(service.logs, RoutedLogs) else {key}
        ports: dict[int, Container] = {}
        for container in containers:
            if isinstance(container.spec, Sidecar) and container.name in taken:
                yield Found(container.route, f"`{container.name}` is the name of another container of this task.", "Choose another.", "key")
            port = container.spec.port
            if port is not None and port in ports:
                yield Found(
                    (*container.route, "port"),
                    f"`{ports[port].name}` listens on port {port} already.",
                    "Use another: the containers of a task share one address.",
                    related=(("the other", (*ports[port].route, "port")),),
                )
            elif port is not None:
                ports[port] = container


@rule("BG524")
def volume_unknown(env: Environment) -> Iterator[Found]:
    """A container mounts a volume that the task does not have.

    What: `mounts` names a volume that is not among the service's `volumes`.
    Why: ECS refuses the task definition: "Unknown volume".
    Mend: Add it to `volumes`: `ephemeral`, or a file system of EFS.
    Source: bc:ecs.MountPoint.sourceVolume; https://github.com/aws/aws-cdk/issues/8885.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            mounts: {scratch: /tmp}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            mounts: {scratch: /tmp}
            volumes: {scratch: ephemeral}
    """
    for key, service, containers in env.tasks:
        for container in containers:
            for name in container.spec.mounts:
                if name not in service.volumes:
                    yield Found(
                        (*container.route, "mounts", name),
                        f"The task has no volume `{name}`.",
                        f"Add `{name}: ephemeral` to `services.{key}.volumes`, or a file system of EFS.",
                        "key",
                    )


@rule("BG525")
def task_too_small(env: Environment) -> Iterator[Found]:
    """The containers want more than their task has.

    What: The CPU units, or the memory, of the containers add up to more than the task's; or a container reserves more memory than it
        may use.
    Why: ECS refuses the task definition.
    Mend: Give the task more, or a container less.
    Source: bc:ecs.ContainerDefinition.cpu, bc:ecs.ContainerDefinition.memory, bc:ecs.ContainerDefinition.memoryReservation.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 256
            container: {cpu: 256}
            sidecars:
              proxy:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:1
                cpu: 64
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            cpu: 256
            container: {cpu: 192}
            sidecars:
              proxy:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:1
                cpu: 64
    """
    for planned in env.plan.services:
        key, service = planned.key, env.spec.services[planned.key]
        shares = list(_shares(key, service))
        for word, unit, limit in (("cpu", "CPU units", planned.cpu), ("memory", "MiB", planned.memory)) if shares else ():
            # What a container may use, or at least reserves, it takes from the task.
            wants = [
                (route, value)
                for route, share in shares
                if (value := share.cpu if word == "cpu" else share.memory or share.memory_reservation) is not None
            ]
            total = sum(value for _, value in wants)
            if total > limit:
                route = wants[-1][0]
                yield Found(
                    env.written((*route, word), (*route, "memory_reservation")),
                    f"The containers want {total} {unit} together; the task has {limit}.",
                    f"Give the task more (`services.{key}.{word}`), or a container less.",
                )
        for route, share in shares:
            if share.memory and share.memory_reservation and share.memory_reservation > share.memory:
                yield Found(
                    (*route, "memory_reservation"),
                    f"It cannot reserve {share.memory_reservation} MiB and use no more than {share.memory}.",
                    f"Use at most {share.memory}.",
                    related=(("the limit", (*route, "memory")),),
                )


def _shares(key: str, service: Service) -> Iterator[tuple[Route, Share]]:
    """What containers want of their task, those that say so."""
    own: Route = ("services", key)
    beside = [((*own, "sidecars", name), sidecar) for name, sidecar in service.sidecars.items()]
    for route, share in (((*own, "container"), service.container), *beside):
        if share.cpu or share.memory or share.memory_reservation:
            yield route, share


@rule("BG526")
def health_command_form(env: Environment) -> Iterator[Found]:
    """The health command does not say how it is run.

    What: The first word of `health.command` is neither `CMD` nor `CMD-SHELL`.
    Why: ECS takes it for the way in which the rest is run, and refuses the task definition when it is another word.
    Mend: Put `CMD-SHELL` in front of a line for the container's shell, `CMD` in front of a program and its arguments.
    Source: bc:ecs.HealthCheck.command.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            health:
              command: [curl, -f, "http://localhost:8080/"]
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            health:
              command: [CMD, curl, -f, "http://localhost:8080/"]
    """
    for container in env.containers:
        health = container.spec.health
        if health and health.command[0] not in {"CMD", "CMD-SHELL"}:
            yield Found(
                (*container.route, "health", "command", 0),
                f"`{health.command[0]}` does not say how the command is run.",
                "Begin with `CMD-SHELL` and a line for the shell, or with `CMD`, a program and its arguments.",
            )


@rule("BG527")
def limits_that_cannot_be(env: Environment) -> Iterator[Found]:
    """A limit of the kernel that cannot be set.

    What: `soft` is larger than `hard` in one of the `ulimits`, or `nofile` is above 1,048,576.
    Why: The kernel refuses the one, Fargate the other, and the container does not start.
    Mend: Raise `hard`, or lower `soft`; use at most 1048576 for `nofile`.
    Source: bc:ecs.Ulimit; setrlimit(2): https://man7.org/linux/man-pages/man2/setrlimit.2.html; ECS Developer Guide,
        fargate-tasks-services ("You can set the values of both limits up to 1048576").

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            ulimits:
              nofile: {soft: 100000, hard: 65535}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            ulimits:
              nofile: {soft: 65535, hard: 100000}
    """
    for container in env.containers:
        for name, limit in container.spec.ulimits.items():
            route = (*container.route, "ulimits", name)
            if isinstance(limit, Ulimit) and limit.soft > limit.hard:
                yield Found(
                    (*route, "soft"),
                    f"The soft limit {limit.soft} is above the hard one, {limit.hard}.",
                    "Raise `hard`, or lower `soft`.",
                    related=(("the hard limit", (*route, "hard")),),
                )
            elif name == "nofile" and (limit.hard if isinstance(limit, Ulimit) else limit) > _MOST_FILES:
                yield Found(
                    (*route, "hard") if isinstance(limit, Ulimit) else route,
                    f"Fargate lets a process open {_MOST_FILES:,} files at most.",
                    f"Use at most {_MOST_FILES}.",
                )


@rule("BG528")
def shell_without_writing(env: Environment) -> Iterator[Found]:
    """A shell cannot be opened where nothing can be written.

    What: `exec` together with `read_only`.
    Why: The agent that opens the shell has to write into the container; ECS Exec does not support a read-only root file system.
    Mend: Choose one of the two.
    Source: ECS Developer Guide, ecs-exec, "Considerations".

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            exec: true
            read_only: true
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            exec: true
    """
    for _, service, containers in env.tasks:
        for container in containers:
            if service.exec and container.spec.read_only:
                yield Found(
                    (*container.route, "read_only"),
                    "No shell can be opened in a container that cannot write.",
                    "Take `exec` or `read_only` away.",
                    related=(("the shell", ("services", containers[0].name, "exec")),),
                )


@rule("BG529")
def said_in_vain(env: Environment) -> Iterator[Found]:
    """A thing that exists is not changed from here.

    What: `permissions` for a `task_role` that exists, or `path` beside an `access_point` of EFS.
    Why: bgspec does not touch what it has not made: the permissions would never be given. An access point brings its own directory, and
        ECS refuses another one beside it.
    Mend: Give the permissions where the role is made; leave `path` away.
    Source: The language itself, existing things are named, not changed; bc:ecs.EFSAuthorizationConfig.accessPointId.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            task_role: arn:aws:iam::111122223333:role/web
            permissions:
              - actions: [s3:GetObject]
                resources: [arn:aws:s3:::shop/*]
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            task_role: arn:aws:iam::111122223333:role/web
    """
    for key, service in env.spec.services.items():
        route: Route = ("services", key)
        if service.task_role and service.permissions:
            yield Found(
                (*route, "permissions"),
                "The role exists already, so these permissions would never be given to it.",
                "Give them where the role is made, or leave `task_role` away.",
                "key",
                (("the role", (*route, "task_role")),),
            )
        for name, volume in service.volumes.items():
            if isinstance(volume, EfsVolume) and volume.access_point and volume.path:
                yield Found(
                    (*route, "volumes", name, "path"),
                    "The access point brings a directory of its own.",
                    "Leave `path` away.",
                    related=(("the access point", (*route, "volumes", name, "access_point")),),
                )
