"""The containers of a task, as ECS describes them."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, TypeAlias

from bgspec.cfn import Either, Key, Node, Ref, Setting, Value, Word
from bgspec.naming import Names
from bgspec.spec import CloudWatchLogs, ContainerShare, FireLens, HealthCommand, Mount, RoutedLogs, Sidecar, Ulimit
from bgspec.spec import Service as ServiceSpec

Wanted: TypeAlias = ServiceSpec | Sidecar
"""What the spec says of a container."""
Share: TypeAlias = ContainerShare | Sidecar
"""What it says of the container's part of the task."""

ROUTER = "log-router"
"""The name of the container that FireLens adds."""


class Logging(NamedTuple):
    """Where the output of a service's containers goes."""

    days: tuple[int, ...]
    """How many days the service's own log group keeps it; empty where the group exists already."""
    group: str
    group_value: Node
    """The group as a template names it."""
    region: str
    own: CloudWatchLogs | None
    """What else the spec says about CloudWatch Logs."""
    router: tuple[FireLens, ...]


def logging(key: str, service: ServiceSpec, names: Names, region: str) -> Logging:
    """Where the output of the service `key` goes."""
    wanted = service.logs
    if isinstance(wanted, CloudWatchLogs) and wanted.group:
        return Logging((), wanted.group, wanted.group, region, wanted, ())
    group = names.log_group(key)
    days = wanted if isinstance(wanted, int) else wanted.days
    own = wanted if isinstance(wanted, CloudWatchLogs) else None
    router = (wanted.firelens,) if isinstance(wanted, RoutedLogs) else ()
    return Logging((days,), group, Either(Ref("LogGroup"), group), region, own, router)


def secrets_of(service: ServiceSpec) -> list[str]:
    """What all containers of a task take from Secrets Manager and SSM, in the order of the spec."""
    routers = (service.logs.firelens,) if isinstance(service.logs, RoutedLogs) else ()
    return [
        *service.secrets.values(),
        *(value for sidecar in service.sidecars.values() for value in sidecar.secrets.values()),
        *(value for router in routers for value in (*router.secret_options.values(), *router.secrets.values())),
    ]


def containers(  # noqa: PLR0913, PLR0917  what a task is made of
    key: str,
    service: ServiceSpec,
    images: Mapping[str, Node],
    environment: Iterable[tuple[str, str]],
    logs: Logging,
    port_settings: tuple[Setting, ...],
) -> list[Node]:
    """The service's own container, its sidecars, and the log router where there is one.

    `images` are those that are parameters, by container; `port_settings` is what else the mapping of its port says.
    """
    port = service.port
    own = _definition(
        key, images[key], _ports(port, port_settings), service, service.container, tuple(environment), logs, f"services.{key}"
    )
    told = f"PORT is where the application should listen. (spec: services.{key}.port and .environment)" if port else ""
    beside = [_sidecar(key, name, sidecar, images, logs) for name, sidecar in service.sidecars.items()]
    return [_told(own, told), *beside, *(_router(router, logs) for router in logs.router)]


def _told(container: tuple[Setting, ...], comment: str) -> tuple[Setting, ...]:
    return tuple(setting._replace(comment=comment) if setting.key == "Environment" else setting for setting in container)


def _ports(port: int | None, more: tuple[Setting, ...] = ()) -> list[Node]:
    return [(Setting("ContainerPort", port), Setting("Protocol", Word("tcp")), *more)] if port else []


def _sidecar(key: str, name: str, sidecar: Sidecar, images: Mapping[str, Node], logs: Logging) -> tuple[Setting, ...]:
    where = f"services.{key}.sidecars.{name}"
    image = sidecar.image if isinstance(sidecar.image, str) else images[name]
    settings = _definition(name, image, _ports(sidecar.port), sidecar, sidecar, tuple(sidecar.environment.items()), logs, where)
    first, *rest = settings
    first = first._replace(comment=f"spec: {where}")
    if sidecar.essential:
        return (first, *rest)
    optional = Setting("Essential", value=False, comment="It may end without the task ending with it. (default: true)")
    return (first, *(optional if setting.key == "Essential" else setting for setting in rest))


def _definition(  # noqa: PLR0913, PLR0917  what a container is made of
    name: str,
    image: Node,
    ports: list[Node],
    wanted: Wanted,
    share: Share,
    environment: tuple[tuple[str, str], ...],
    logs: Logging,
    where: str,
) -> tuple[Setting, ...]:
    return (
        Setting("Name", name),
        Setting("Image", image),
        Setting("Essential", value=True),
        *_share(share, where),
        *_process(wanted, where),
        *_some("PortMappings", ports),
        *_environment(environment),
        *_some(
            "EnvironmentFiles",
            [(Setting("Type", Word("s3")), Setting("Value", file)) for file in wanted.environment_files],
            "ECS reads these with the execution role when a task starts; what Environment says counts more.",
        ),
        *_secrets("Secrets", wanted.secrets.items()),
        *_surroundings(wanted, where),
        *_health(wanted.health, where),
        Setting("LogConfiguration", _log_configuration(name, logs)),
    )


def _environment(variables: Iterable[tuple[str, str]]) -> Iterator[Setting]:
    return _some("Environment", [(Setting("Name", name), Setting("Value", value)) for name, value in variables])


def _some(name: str, values: list[Node], comment: str = "") -> Iterator[Setting]:
    """A list, where there is something in it."""
    if values:
        yield Setting(name, values, comment)


def _share(share: Share, where: str) -> Iterator[Setting]:
    """bc:ecs.ContainerDefinition: all three are the container's part of the task."""
    for name, key in (("Cpu", "cpu"), ("Memory", "memory"), ("MemoryReservation", "memory_reservation")):
        value = getattr(share, key)
        if value is not None:
            yield Setting(name, value, f"spec: {where}{'' if isinstance(share, Sidecar) else '.container'}.{key}")


def _process(wanted: Wanted, where: str) -> Iterator[Setting]:
    if wanted.entrypoint is not None:
        yield Setting("EntryPoint", list(wanted.entrypoint), f"Instead of the image's ENTRYPOINT. (spec: {where}.entrypoint)")
    if wanted.command is not None:
        yield Setting("Command", list(wanted.command), f"Instead of the image's CMD. (spec: {where}.command)")
    if wanted.user is not None:
        yield Setting("User", wanted.user, f"Instead of the image's USER. (spec: {where}.user)")
    if wanted.working_directory is not None:
        yield Setting("WorkingDirectory", wanted.working_directory, f"Instead of the image's WORKDIR. (spec: {where}.working_directory)")


def _secrets(name: str, secrets: Iterable[tuple[str, Value]]) -> Iterator[Setting]:
    values: list[Node] = [(Setting("Name", key), Setting("ValueFrom", value)) for key, value in secrets]
    return _some(name, values, "ECS reads these with the execution role when a task starts.")


def _surroundings(wanted: Wanted, where: str) -> Iterator[Setting]:
    """What the container has around it: other containers, volumes, limits of the kernel, time to start and to end."""
    yield from _some(
        "DependsOn",
        [(Setting("ContainerName", name), Setting("Condition", Word(condition.upper()))) for name, condition in wanted.depends_on.items()],
        f"It starts when these are as far. (spec: {where}.depends_on)",
    )
    yield from _some("MountPoints", [_mount(name, mount) for name, mount in wanted.mounts.items()], f"spec: {where}.mounts")
    yield from _some("Ulimits", [_ulimit(name, limit) for name, limit in wanted.ulimits.items()], f"spec: {where}.ulimits")
    if wanted.read_only:
        yield Setting(
            "ReadonlyRootFilesystem", value=True, comment=f"What it must write goes to a volume. (spec: {where}.read_only, default false)"
        )
    if wanted.init or (isinstance(wanted, ServiceSpec) and wanted.exec):
        init = Setting("InitProcessEnabled", value=True)
        yield Setting(
            "LinuxParameters",
            (init,),
            f"A first process that ends zombies and passes signals on. (spec: {where}.init; .exec brings one too)",
        )
    for name, key in (("StartTimeout", "start_timeout"), ("StopTimeout", "stop_timeout")):
        value = getattr(wanted, key)
        if value is not None:
            yield Setting(name, value, f"seconds (spec: {where}.{key})")


def _mount(name: str, mount: str | Mount) -> tuple[Setting, ...]:
    path, read_only = (mount, False) if isinstance(mount, str) else (mount.path, mount.read_only)
    return (
        Setting("SourceVolume", name),
        Setting("ContainerPath", path),
        Setting("ReadOnly", read_only),
    )


def _ulimit(name: str, limit: int | Ulimit) -> tuple[Setting, ...]:
    soft, hard = (limit, limit) if isinstance(limit, int) else (limit.soft, limit.hard)
    return (Setting("Name", Word(name)), Setting("SoftLimit", soft), Setting("HardLimit", hard))


def _health(health: HealthCommand | None, where: str) -> Iterator[Setting]:
    if health is not None:
        yield Setting(
            "HealthCheck",
            (
                Setting("Command", list(health.command)),
                Setting("Interval", health.interval, "seconds"),
                Setting("Timeout", health.timeout),
                Setting("Retries", health.retries),
                Setting("StartPeriod", health.start_period),
            ),
            f"ECS runs it in the container; a HEALTHCHECK in the image means nothing to it. (spec: {where}.health)",
        )


def _log_configuration(name: str, logs: Logging) -> tuple[Setting, ...]:
    """Source: bc:ecs.LogConfiguration.options."""
    if logs.router and name != ROUTER:
        router = logs.router[0]
        return (
            Setting("LogDriver", Word("awsfirelens"), "To the log router beside it, which sends it on."),
            *([Setting("Options", tuple(Setting(Key(key), value) for key, value in router.options.items()))] if router.options else ()),
            *_secrets("SecretOptions", router.secret_options.items()),
        )
    own = logs.own
    waiting = own is not None and own.mode == "blocking"
    buffered = "A slow log service must never stop the site: lines wait in a buffer, and the oldest are lost if it overflows."
    options = [
        Setting("awslogs-group", logs.group_value),
        Setting("awslogs-region", Either(Ref("AWS::Region"), logs.region)),
        Setting("awslogs-stream-prefix", name),
        Setting("mode", Word("blocking"), "No line is ever lost: if the log service is slow, so is the container.")
        if waiting
        else Setting("mode", Word("non-blocking"), buffered),
    ]
    if not waiting:
        options.append(Setting("max-buffer-size", Word("25m")))
    if own is not None and own.datetime_format:
        options.append(Setting("awslogs-datetime-format", own.datetime_format, "With what a message of several lines begins."))
    if own is not None and own.multiline_pattern:
        options.append(Setting("awslogs-multiline-pattern", own.multiline_pattern, "With what a message of several lines begins."))
    return (Setting("LogDriver", Word("awslogs")), Setting("Options", tuple(options)))


def _router(router: FireLens, logs: Logging) -> tuple[Setting, ...]:
    """ECS Developer Guide, firelens-taskdef; bc:ecs.FirelensConfiguration. Fargate reads configuration files from the image only."""
    options = [Setting("enable-ecs-log-metadata", "true", "Each line says from which task it comes.")]
    if router.config:
        options += [Setting("config-file-type", Word("file")), Setting("config-file-value", router.config)]
    return (
        Setting("Name", Word(ROUTER), "Takes the output of the others and sends it on. (spec: logs.firelens)"),
        Setting("Image", router.image),
        Setting("Essential", value=True, comment="Without it nothing would be logged."),
        Setting("MemoryReservation", router.memory_reservation),
        *_environment(router.environment.items()),
        *_secrets("Secrets", router.secrets.items()),
        Setting("FirelensConfiguration", (Setting("Type", Word(router.type)), Setting("Options", tuple(options)))),
        Setting("LogConfiguration", _log_configuration(ROUTER, logs)),
    )
