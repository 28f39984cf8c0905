"""The services: registry, roles, container, task, and the service itself."""

import posixpath
from typing import Literal, NamedTuple

from bgspec.cfn import Either, GetAtt, Ref, Setting, Sub, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan import cluster, container, discovery, roles, scaling, schedule, target, task
from bgspec.plan.cluster import Share
from bgspec.plan.container import Logging
from bgspec.plan.discovery import Neighbours
from bgspec.plan.iam import ExistingRole, Role, arn
from bgspec.plan.images import ecr_image, watched
from bgspec.plan.scaling import Scaling
from bgspec.plan.schedule import Schedule
from bgspec.plan.target import Target
from bgspec.plan.task import LEAST_MEMORY
from bgspec.regions import REGIONS
from bgspec.spec import BuiltImage, Spec
from bgspec.spec import Service as ServiceSpec

IMAGE_PLACEHOLDER = "IMAGE1_NAME"
"""The word that the deploy action replaces in taskdef.json, there written `<IMAGE1_NAME>` (CP action-reference-ECSbluegreen)."""

ACCOUNT_PLACEHOLDER = "<ACCOUNT_ID>"
"""Stands in taskdef.json for an account that the spec does not name; the build puts the real one in."""


class Image(NamedTuple):
    """How an image comes to be."""

    context: str
    """The directory that is sent to the engine, from the root of the source repository."""
    dockerfile: str
    """The Dockerfile's path, from there too."""
    target: tuple[str, ...]
    """The Dockerfile's stage, or none for the last."""


class Repository(NamedTuple):
    """The ECR repository that an image is pushed to."""

    own: bool
    """Whether the environment makes it."""

    id: Word
    name: str
    uri: Sub
    arn: Sub
    uri_output: Word


class Secret(NamedTuple):
    name: str
    source: Value
    """What the container definition says (`valueFrom`)."""


class Service(NamedTuple):
    """One service with all its names."""

    key: str
    """The service's name in the spec; also the container's name."""
    name: str
    family: str
    logs: Logging
    security_group: Word
    security_group_name: str
    further_groups: tuple[str, ...]
    """The ids of security groups that exist, which its tasks have too."""
    kind: Literal["service", "worker", "task"]
    """Behind the load balancer and replaced blue/green; running without it; or running at its times only."""
    ports: tuple[int, ...]
    """The port on which the container listens, or none."""
    cpu: int
    memory: int
    tasks: int
    """How many tasks run when the service is created."""
    architecture: Literal["X86_64", "ARM64"]
    image: Image | None
    """How the image is built; None where it exists already."""
    repository: Repository | None
    image_uri: str
    """The image that exists already; empty where it is built."""
    image_parameter: Word
    environment: tuple[tuple[str, str], ...]
    """With PORT, unless the spec gives PORT a meaning of its own."""
    secrets: tuple[Secret, ...]
    targets: tuple[Target, ...]
    """Where the load balancer sends its requests, or none."""
    neighbours: Neighbours
    """Whom it calls and who calls it."""
    capacity: tuple[Share, ...]
    """What the tasks run on; empty for ordinary Fargate."""
    schedules: tuple[Schedule, ...]
    """When a task runs that does not run always, or none."""
    scaling: tuple[Scaling, ...]
    """How many tasks run, or none where it is always the same number."""
    execution_role: Role | ExistingRole
    task_role: Role | ExistingRole
    definition: tuple[Setting, ...]
    """The task definition, for the template and for taskdef.json."""
    exec: bool
    """Whether a shell can be opened in a running container."""
    platform_version: Word
    arn: Sub

    @property
    def platform(self) -> str:
        """The processor as container engines call it."""
        return {"X86_64": "linux/amd64", "ARM64": "linux/arm64"}[self.architecture]

    @property
    def target(self) -> Target:
        """The only target of a service that has one; ValueError for a worker."""
        (target,) = self.targets
        return target

    @property
    def execution_roles(self) -> tuple[Role, ...]:
        """The execution role, if its stack makes it."""
        return (self.execution_role,) if isinstance(self.execution_role, Role) else ()

    @property
    def task_roles(self) -> tuple[Role, ...]:
        """The task role, if its stack makes it."""
        return (self.task_role,) if isinstance(self.task_role, Role) else ()

    @property
    def security_group_output(self) -> Word:
        return Word(f"{self.security_group}Id")


def resolve(spec: Spec, names: Names) -> tuple[Service, ...]:
    called = discovery.called_services(spec)
    return tuple(_service(spec, key, service, names, called=key in called) for key, service in spec.services.items())


def _environment(service: ServiceSpec) -> tuple[tuple[str, str], ...]:
    """PORT tells the application where to listen, so that the spec's `port` is the only place for it."""
    told = {"PORT": str(service.port)} if service.port and "PORT" not in service.secrets else {}
    return tuple({**told, **service.environment}.items())


def _service(spec: Spec, key: str, service: ServiceSpec, names: Names, *, called: bool) -> Service:
    family = names.task_family(key)
    built = service.image if isinstance(service.image, BuiltImage) else None
    repository = _repository(key, built.repository, names) if built else None
    uri = "" if isinstance(service.image, BuiltImage) else service.image.uri
    logs = container.logging(key, service, names, spec.region)
    beside = (*(sidecar.image for sidecar in service.sidecars.values()), *(router.image for router in logs.router))
    images = (*((repository.arn,) if repository else ()), *_private(uri, *beside))
    execution_role = roles.execution_role(key, service, names, roles.Locked(images, spec.encryption.secrets), logs)
    task_role = roles.task_role(key, service, names, cluster.exec_log_group(spec, names))
    image_parameter = logical_id(key, "ImageUri")
    image = Either(Ref(image_parameter), f"<{IMAGE_PLACEHOLDER}>" if repository or watched(spec, uri) else uri)
    environment = _environment(service)
    containers = container.containers(key, service, image, environment, logs, discovery.port_settings(spec, key, called=called))
    served = service.port and service.load_balancer and not service.schedule
    targets = (target.resolve(key, service, service.port, names),) if service.port and served else ()
    return Service(
        key=key,
        name=names.service(key),
        family=family,
        logs=logs,
        security_group=logical_id(key, "SecurityGroup"),
        security_group_name=names.security_group("task", key),
        further_groups=tuple(service.security_groups),
        kind="task" if service.schedule else "service" if targets else "worker",
        ports=(service.port,) if service.port else (),
        cpu=service.cpu,
        memory=service.memory or LEAST_MEMORY[service.cpu],
        tasks=service.count,
        architecture="ARM64" if service.image.architecture == "arm64" else "X86_64",
        image=Image(_path(built.build), _path(built.build, built.dockerfile), (built.target,) if built.target else ()) if built else None,
        repository=repository,
        image_uri=uri,
        image_parameter=image_parameter,
        environment=environment,
        secrets=tuple(Secret(name, value) for name, value in service.secrets.items()),
        targets=targets,
        neighbours=discovery.neighbours(spec, key, logs, called=called),
        capacity=cluster.capacity(spec, service.capacity),
        schedules=(schedule.resolve(key, service.schedule, names, (execution_role, task_role)),) if service.schedule else (),
        scaling=scaling.resolve(key, service, names, tuple(group for target in targets for group in target.groups)),
        execution_role=execution_role,
        task_role=task_role,
        definition=task.definition(key, service, family, (_named(spec, execution_role), _named(spec, task_role)), containers),
        exec=service.exec,
        platform_version=Word(service.platform_version),
        arn=arn("ecs", f"service/{names.cluster()}/{names.service(key)}"),
    )


def _named(spec: Spec, role: Role | ExistingRole) -> Value | Either:
    """A role as the template and as taskdef.json name it."""
    if isinstance(role, ExistingRole):
        return role.arn
    account = spec.account or ACCOUNT_PLACEHOLDER
    return Either(GetAtt(role.id, "Arn"), f"arn:{REGIONS[spec.region]}:iam::{account}:role/{role.path_and_name}")


def _path(*parts: str) -> str:
    """A path without detours: `./api` and `Dockerfile` are `api/Dockerfile`."""
    return posixpath.normpath(posixpath.join(*parts))


def _repository(key: str, existing: str | None, names: Names) -> Repository:
    name = existing or names.repository(key)
    return Repository(
        own=existing is None,
        id=logical_id(key, "Repository"),
        name=name,
        uri=Sub(f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{name}"),
        arn=arn("ecr", f"repository/{name}"),
        uri_output=logical_id(key, "RepositoryUri"),
    )


def _private(*images: str) -> tuple[Value, ...]:
    """The ARNs of the private repositories among the addresses of existing images, each once."""
    return tuple(dict.fromkeys(found.arn for image in images for found in ecr_image(image)))
