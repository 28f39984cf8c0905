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
from bgspec.spec import BuiltImage, ImageBuild, Spec
from bgspec.spec import Service as ServiceSpec

_NO_MORE_THAN_WANTED = 100
ACCOUNT_PLACEHOLDER = "<ACCOUNT_ID>"
"""Stands in taskdef.json for an account that the spec does not name; the build puts the real one in."""


class Build(NamedTuple):
    """How an image comes to be, and where it goes."""

    context: str
    """The directory that is sent to the engine, from the root of the source repository."""
    dockerfile: str
    """The Dockerfile's path, from there too."""
    target: tuple[str, ...]
    """The Dockerfile's stage, or none for the last."""
    repository: "Repository"


class Repository(NamedTuple):
    """The ECR repository that an image is pushed to."""

    own: bool
    """Whether the environment makes it."""

    id: Word
    name: str
    uri: Sub
    arn: Sub
    uri_output: Word


class Image(NamedTuple):
    """The image of a container, where it is a parameter of the service's stack: what is no parameter stands in the task definition."""

    container: str
    route: tuple[str, ...]
    """Where the spec says it."""
    builds: tuple[Build, ...]
    """How it is built; nothing where it exists already."""
    uri: str
    """The image that exists already; empty where it is built."""
    parameter: Word
    placeholder: str
    """The word for which a deployment puts the image into taskdef.json, `IMAGE1_NAME`; empty where no deployment changes it."""
    suffix: str
    """What tells its variables in the build's shell from those of the service's own image; nothing for that."""
    artifact: Word
    """The artifact with its imageDetail.json, where it has one of its own."""

    @property
    def written(self) -> str:
        """The image as taskdef.json has it: `<IMAGE1_NAME>` (CP action-reference-ECSbluegreen), or the one that exists."""
        return f"<{self.placeholder}>" if self.placeholder else self.uri


class Secret(NamedTuple):
    """A variable whose value ECS reads elsewhere."""

    name: str
    source: Value
    """What the container definition says (`valueFrom`)."""


class Rolling(NamedTuple):
    """How many tasks run while ECS replaces them one by one, in percent of those that are wanted."""

    minimum: int
    maximum: int
    rebalancing: tuple[Word, ...]
    """Whether ECS moves tasks to other zones, or nothing for its own choice: it does, and begins with a task more than wanted (AWS's CDK
    refuses it together with 100 %: aws-cdk, aws-ecs/lib/fargate/fargate-service.ts)."""


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
    rolling: Rolling
    architecture: Literal["X86_64", "ARM64"]
    images: tuple[Image, ...]
    """The service's own image, and those beside it that are built."""
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
    def image(self) -> Image:
        """The service's own image."""
        return self.images[0]

    @property
    def built(self) -> tuple[tuple[Image, Build], ...]:
        """The images that are built, each with how that is done."""
        return tuple((image, build) for image in self.images for build in image.builds)

    @property
    def brought(self) -> tuple[Image, ...]:
        """The images that a deployment brings."""
        return tuple(image for image in self.images if image.placeholder)

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
    def first_count(self) -> Word:
        """The parameter with the number of tasks that a service of CodeDeploy is made with."""
        return logical_id(self.key, "FirstTaskCount")

    @property
    def first_grace(self) -> Word:
        """The parameter with the grace period that a service of CodeDeploy is made with."""
        return logical_id(self.key, "FirstGracePeriod")

    @property
    def wanted_count(self) -> Word:
        """The output with the number of tasks that the spec wanted when it was last applied."""
        return logical_id(self.key, "TaskCount")

    @property
    def security_group_output(self) -> Word:
        return Word(f"{self.security_group}Id")


def resolve(spec: Spec, names: Names) -> tuple[Service, ...]:
    """Every service of the spec, in its order."""
    called = discovery.called_services(spec)
    return tuple(_service(spec, key, service, names, called=key in called) for key, service in spec.services.items())


def _environment(service: ServiceSpec) -> tuple[tuple[str, str], ...]:
    """PORT tells the application where to listen, so that the spec's `port` is the only place for it."""
    told = {"PORT": str(service.port)} if service.port and "PORT" not in service.secrets else {}
    return tuple({**told, **service.environment}.items())


def _service(spec: Spec, key: str, service: ServiceSpec, names: Names, *, called: bool) -> Service:
    family = names.task_family(key)
    images = _images(spec, key, service, names)
    logs = container.logging(key, service, names, spec.region)
    execution_role = roles.execution_role(key, service, names, roles.Locked(_pulled(service, images, logs), spec.encryption.secrets), logs)
    task_role = roles.task_role(key, service, names, cluster.exec_log_group(spec, names))
    named = {image.container: Either(Ref(image.parameter), image.written) for image in images}
    environment = _environment(service)
    containers = container.containers(key, service, named, environment, logs, discovery.port_settings(spec, key, called=called))
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
        rolling=Rolling(
            service.rolling.minimum, service.rolling.maximum, (Word("DISABLED"),) if service.rolling.maximum == _NO_MORE_THAN_WANTED else ()
        ),
        architecture="ARM64" if service.image.architecture == "arm64" else "X86_64",
        images=images,
        environment=environment,
        secrets=tuple(Secret(name, value) for name, value in service.secrets.items()),
        targets=targets,
        neighbours=discovery.neighbours(spec, key, logs, called=called),
        capacity=cluster.capacity(spec, service.capacity),
        schedules=(schedule.resolve(key, service.schedule, names, service.platform_version, (execution_role, task_role)),)
        if service.schedule
        else (),
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


def _images(spec: Spec, key: str, service: ServiceSpec, names: Names) -> tuple[Image, ...]:
    """The service's own image and those of sidecars that are built; what deployments bring is counted from 1."""
    own = service.image
    uri = "" if isinstance(own, BuiltImage) else own.uri
    route, build = ("services", key), own if isinstance(own, BuiltImage) else None
    found = [
        Image(
            container=key,
            route=(*route, "image"),
            builds=(_build(build, logical_id(key), names.repository(key)),) if build else (),
            uri=uri,
            parameter=logical_id(key, "ImageUri"),
            placeholder="",
            suffix="",
            artifact=logical_id(key, "Image"),
        )
    ]
    for name, sidecar in service.sidecars.items():
        if not isinstance(sidecar.image, str):
            stem = logical_id(key, "Sidecar", name)
            found.append(
                Image(
                    container=name,
                    route=(*route, "sidecars", name, "image"),
                    builds=(_build(sidecar.image, stem, names.repository(key, name)),),
                    uri="",
                    parameter=logical_id(stem, "ImageUri"),
                    placeholder="",
                    suffix=f"_{name.upper().replace('-', '_')}",
                    artifact=logical_id(stem, "Image"),
                )
            )
    brought = [image for image in found if image.builds or watched(spec, image.uri)]
    return tuple(image._replace(placeholder=f"IMAGE{brought.index(image) + 1}_NAME") if image in brought else image for image in found)


def _build(wanted: ImageBuild, stem: Word, name: str) -> Build:
    context, dockerfile = _path(wanted.build), _path(wanted.build, wanted.dockerfile)
    return Build(context, dockerfile, (wanted.target,) if wanted.target else (), _repository(wanted.repository, stem, name))


def _repository(existing: str | None, stem: Word, own: str) -> Repository:
    name = existing or own
    return Repository(
        own=existing is None,
        id=logical_id(stem, "Repository"),
        name=name,
        uri=Sub(f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{name}"),
        arn=arn("ecr", f"repository/{name}"),
        uri_output=logical_id(stem, "RepositoryUri"),
    )


def _pulled(service: ServiceSpec, images: tuple[Image, ...], logs: Logging) -> tuple[Value, ...]:
    """The ARNs of the private repositories that the task's images lie in, each once."""
    named = (sidecar.image for sidecar in service.sidecars.values() if isinstance(sidecar.image, str))
    existing = (images[0].uri, *named, *(router.image for router in logs.router))
    built: list[Value] = [build.repository.arn for image in images for build in image.builds]
    return tuple(dict.fromkeys((*built, *(found.arn for uri in existing for found in ecr_image(uri)))))
