"""What a task is: one description, from which the template's task definition and taskdef.json are both laid out."""

from collections.abc import Iterator

from bgspec.cfn import Node, Setting, Word
from bgspec.spec import EfsVolume
from bgspec.spec import Service as ServiceSpec


def definition(key: str, service: ServiceSpec, family: str, roles: tuple[Node, Node], containers: list[Node]) -> tuple[Setting, ...]:
    """The task definition of the service `key`.

    Args:
        key: the service's name in the spec.
        service: what the spec says.
        family: the name that all its revisions share.
        roles: the execution role's and the task role's ARN.
        containers: see `container.containers`.
    """
    execution_role, task_role = roles
    architecture = "ARM64" if service.image.architecture == "arm64" else "X86_64"
    return (
        Setting("Family", family),
        Setting("RequiresCompatibilities", [Word("FARGATE")]),
        Setting("NetworkMode", Word("awsvpc"), "Every Fargate task has a network interface of its own."),
        Setting("Cpu", str(service.cpu), f"spec: services.{key}.cpu (default 256) and .memory (default: the least for the CPU)"),
        Setting("Memory", str(service.memory or LEAST_MEMORY[service.cpu])),
        Setting(
            "RuntimePlatform",
            (Setting("CpuArchitecture", architecture), Setting("OperatingSystemFamily", Word("LINUX"))),
        ),
        *_ephemeral_storage(key, service),
        Setting("ExecutionRoleArn", execution_role),
        Setting("TaskRoleArn", task_role),
        *_volumes(key, service),
        Setting("ContainerDefinitions", containers),
    )


# The least memory (MiB) that Fargate allows for each CPU size (ECS Developer Guide, fargate-tasks-services).
LEAST_MEMORY = {256: 512, 512: 1024, 1024: 2048, 2048: 4096, 4096: 8192, 8192: 16384, 16384: 32768, 32768: 61440}


def _ephemeral_storage(key: str, service: ServiceSpec) -> Iterator[Setting]:
    if service.ephemeral_storage is not None:
        size = Setting("SizeInGiB", service.ephemeral_storage)
        yield Setting("EphemeralStorage", (size,), f"spec: services.{key}.ephemeral_storage (default: Fargate's 20)")


def _volumes(key: str, service: ServiceSpec) -> Iterator[Setting]:
    volumes: list[Node] = [
        (Setting("Name", name), *(_efs(volume) if isinstance(volume, EfsVolume) else ())) for name, volume in service.volumes.items()
    ]
    if volumes:
        yield Setting("Volumes", volumes, f"What containers share, or find again. (spec: services.{key}.volumes)")


def _efs(volume: EfsVolume) -> Iterator[Setting]:
    """ECS Developer Guide, efs-volumes: with an access point the root directory must be left out, and IAM needs TLS."""
    access_point = volume.access_point
    authorization = (
        *((Setting("AccessPointId", access_point),) if access_point else ()),
        Setting("IAM", Word("ENABLED"), "The task role says what the task may do with it."),
    )
    yield Setting(
        "EFSVolumeConfiguration",
        (
            Setting("FilesystemId", volume.efs),
            *((Setting("RootDirectory", volume.path),) if volume.path and not access_point else ()),
            Setting("TransitEncryption", Word("ENABLED")),
            Setting("AuthorizationConfig", authorization),
        ),
    )
