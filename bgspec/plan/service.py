"""The services: registry, roles, container, task, and the service itself."""

import posixpath
from typing import Literal, NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan import schedule, target
from bgspec.plan.iam import ANY, Condition, Role, Statement, arn
from bgspec.plan.schedule import Schedule
from bgspec.plan.target import Target
from bgspec.spec import BuiltImage, Spec
from bgspec.spec import Service as ServiceSpec

# The least memory (MiB) that Fargate allows for each CPU size (ECS Developer Guide, fargate-tasks-services).
LEAST_MEMORY = {256: 512, 512: 1024, 1024: 2048, 2048: 4096, 4096: 8192, 8192: 16384, 16384: 32768, 32768: 61440}

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
    """An ECR repository of the environment's own."""

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
    log_group: str
    log_days: int
    security_group: Word
    security_group_name: str
    kind: Literal["service", "worker", "task"]
    """Behind the load balancer and replaced blue/green; running without being called; or running at its times only."""
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
    schedules: tuple[Schedule, ...]
    """When a task runs that does not run always, or none."""
    execution_role: Role
    task_role: Role
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
    def security_group_output(self) -> Word:
        return Word(f"{self.security_group}Id")


def resolve(spec: Spec, names: Names) -> tuple[Service, ...]:
    return tuple(_service(key, service, names) for key, service in spec.services.items())


def _environment(service: ServiceSpec) -> tuple[tuple[str, str], ...]:
    """PORT tells the application where to listen, so that the spec's `port` is the only place for it."""
    told = {"PORT": str(service.port)} if service.port and "PORT" not in service.secrets else {}
    return tuple({**told, **service.environment}.items())


def _service(key: str, service: ServiceSpec, names: Names) -> Service:
    family = names.task_family(key)
    log_group = names.log_group(key)
    built = service.image if isinstance(service.image, BuiltImage) else None
    repository = _repository(key, names) if built else None
    execution_role = _execution_role(key, service, names, repository)
    task_role = _task_role(key, service, names)
    return Service(
        key=key,
        name=names.service(key),
        family=family,
        log_group=log_group,
        log_days=service.logs,
        security_group=logical_id(key, "SecurityGroup"),
        security_group_name=names.security_group("task", key),
        kind="task" if service.schedule else "service" if service.port else "worker",
        ports=(service.port,) if service.port else (),
        cpu=service.cpu,
        memory=service.memory or LEAST_MEMORY[service.cpu],
        tasks=service.count,
        architecture="ARM64" if service.image.architecture == "arm64" else "X86_64",
        image=Image(_path(built.build), _path(built.build, built.dockerfile), (built.target,) if built.target else ()) if built else None,
        repository=repository,
        image_uri="" if isinstance(service.image, BuiltImage) else service.image.uri,
        image_parameter=logical_id(key, "ImageUri"),
        environment=_environment(service),
        secrets=tuple(Secret(name, value) for name, value in service.secrets.items()),
        targets=(target.resolve(key, service, service.port, names),) if service.port and not service.schedule else (),
        schedules=(schedule.resolve(key, service.schedule, names, (execution_role, task_role)),) if service.schedule else (),
        execution_role=execution_role,
        task_role=task_role,
        arn=arn("ecs", f"service/{names.cluster()}/{names.service(key)}"),
    )


def _path(*parts: str) -> str:
    """A path without detours: `./api` and `Dockerfile` are `api/Dockerfile`."""
    return posixpath.normpath(posixpath.join(*parts))


def _repository(key: str, names: Names) -> Repository:
    name = names.repository(key)
    return Repository(
        id=logical_id(key, "Repository"),
        name=name,
        uri=Sub(f"${{AWS::AccountId}}.dkr.ecr.${{AWS::Region}}.${{AWS::URLSuffix}}/{name}"),
        arn=arn("ecr", f"repository/{name}"),
        uri_output=logical_id(key, "RepositoryUri"),
    )


def _execution_role(key: str, service: ServiceSpec, names: Names, repository: Repository | None) -> Role:
    """What ECS itself needs to start the task (ECS Developer Guide, task_execution_IAM_role)."""
    pull = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
    images = (repository.arn,) if repository else _registry_of(service)
    statements = [
        Statement(
            Word("WriteLogs"),
            "the awslogs driver opens a stream for each task and writes to it",
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (arn("logs", f"log-group:{names.log_group(key)}:*"),),
        ),
    ]
    if images:
        statements += [
            Statement(
                Word("RegistryToken"),
                "a token is for the whole registry: AWS knows no resource for this action",
                ("ecr:GetAuthorizationToken",),
                ANY,
            ),
            Statement(Word("PullImage"), "Fargate pulls the image", pull, images),
        ]
    secrets = [value for value in service.secrets.values() if ":secretsmanager:" in value]
    if secrets:
        resources: tuple[Value, ...] = tuple(_secret_arn(value) for value in secrets)
        statements.append(
            Statement(Word("ReadSecrets"), "ECS puts secrets into the environment", ("secretsmanager:GetSecretValue",), resources)
        )
    parameters = [value for value in service.secrets.values() if ":secretsmanager:" not in value]
    if parameters:
        resources = tuple(_parameter_arn(value) for value in parameters)
        statements.append(Statement(Word("ReadParameters"), "ECS puts parameters into the environment", ("ssm:GetParameters",), resources))
    return Role(
        logical_id(key, "ExecutionRole"),
        names.role("exec", key),
        "ecs-tasks.amazonaws.com",
        f"ECS starts tasks of {key} with it: pulls the image, writes logs, reads secrets",
        tuple(statements),
    )


def _registry_of(service: ServiceSpec) -> tuple[Value, ...]:
    """The ARN of the private repository that an existing image lies in, or nothing for a public one."""
    assert not isinstance(service.image, BuiltImage)  # noqa: S101  the caller has asked
    host, _, path = service.image.uri.partition("/")
    account, _, rest = host.partition(".dkr.ecr.")
    if not rest:
        return ()
    region = rest.partition(".")[0]
    name = path.partition("@")[0].partition(":")[0]
    return (Sub(f"arn:${{AWS::Partition}}:ecr:{region}:{account}:repository/{name}"),)


def _secret_arn(value: str) -> str:
    """`…:secret:name-AbCdEf:json-key:stage:id` without what selects a part of the secret."""
    return ":".join(value.split(":")[:7])


def _parameter_arn(value: str) -> Value:
    return value if value.startswith("arn:") else arn("ssm", f"parameter/{value.removeprefix('/')}")


def _task_role(key: str, service: ServiceSpec, names: Names) -> Role:
    """What the application itself may do (ECS Developer Guide, task-iam-roles: the conditions keep other accounts' tasks out)."""
    return Role(
        logical_id(key, "TaskRole"),
        names.role("task", key),
        "ecs-tasks.amazonaws.com",
        f"What the application in {key} may do on AWS",
        tuple(
            Statement(
                Word(f"Application{number}"),
                f"services.{key}.permissions",
                tuple(permission.actions),
                tuple(permission.resources),
            )
            for number, permission in enumerate(service.permissions, 1)
        ),
        (
            Condition("StringEquals", "aws:SourceAccount", (Sub("${AWS::AccountId}"),)),
            Condition("ArnLike", "aws:SourceArn", (arn("ecs", "*"),)),
        ),
    )
