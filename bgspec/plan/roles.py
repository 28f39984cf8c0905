"""The two roles of a task: the one with which ECS starts it, and the application's own."""

from collections.abc import Iterator
from typing import NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.container import Logging, Wanted, secrets_of
from bgspec.plan.encryption import of_secrets
from bgspec.plan.iam import ANY, Condition, ExistingRole, Role, Statement, arn
from bgspec.spec import EfsVolume
from bgspec.spec import Service as ServiceSpec


class Locked(NamedTuple):
    """What a task needs before it runs."""

    images: tuple[Value, ...]
    """The ARNs of the private repositories that its images lie in."""
    keys: list[str]
    """The keys with which its secrets are encrypted."""


def execution_role(key: str, service: ServiceSpec, names: Names, locked: Locked, logs: Logging) -> Role | ExistingRole:
    """What ECS itself needs to start the task (ECS Developer Guide, task_execution_IAM_role)."""
    if service.execution_role:
        return ExistingRole(service.execution_role)
    return Role(
        logical_id(key, "ExecutionRole"),
        names.role("exec", key),
        "ecs-tasks.amazonaws.com",
        f"ECS starts tasks of {key} with it: pulls the image, writes logs, reads secrets",
        (
            Statement(
                Word("WriteLogs"),
                "the awslogs driver opens a stream for each task and writes to it",
                ("logs:CreateLogStream", "logs:PutLogEvents"),
                (arn("logs", f"log-group:{logs.group}:*"),),
            ),
            *_pull(locked.images),
            *_read(service),
            *of_secrets(locked.keys, *(("secretsmanager", "ssm") if secrets_of(service) else ()), *(("s3",) if _files(service) else ())),
        ),
    )


def _pull(images: tuple[Value, ...]) -> Iterator[Statement]:
    if images:
        yield Statement(
            Word("RegistryToken"),
            "a token is for the whole registry: AWS knows no resource for this action",
            ("ecr:GetAuthorizationToken",),
            ANY,
        )
        yield Statement(
            Word("PullImage"),
            "Fargate pulls the image",
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            images,
        )


def _read(service: ServiceSpec) -> Iterator[Statement]:
    """Secrets, parameters and environment files of all containers, each once."""
    references = secrets_of(service)
    secrets: list[Value] = [secret_arn(value) for value in references if ":secretsmanager:" in value]
    if secrets:
        yield Statement(
            Word("ReadSecrets"), "ECS puts secrets into the environment", ("secretsmanager:GetSecretValue",), tuple(dict.fromkeys(secrets))
        )
    parameters = [parameter_arn(value) for value in references if ":secretsmanager:" not in value]
    if parameters:
        yield Statement(
            Word("ReadParameters"), "ECS puts parameters into the environment", ("ssm:GetParameters",), tuple(dict.fromkeys(parameters))
        )
    if files := _files(service):
        buckets = dict.fromkeys(file.partition("/")[0] for file in files)
        yield Statement(Word("ReadFiles"), "ECS reads the environment files", ("s3:GetObject",), files)
        yield Statement(Word("FindFiles"), "and asks in which Region they lie", ("s3:GetBucketLocation",), tuple(buckets))


def _files(service: ServiceSpec) -> tuple[str, ...]:
    """The environment files of all containers."""
    containers: tuple[Wanted, ...] = (service, *service.sidecars.values())
    return tuple(dict.fromkeys(file for container in containers for file in container.environment_files))


def secret_arn(value: str) -> str:
    """`…:secret:name-AbCdEf:json-key:stage:id` without what selects a part of the secret."""
    return ":".join(value.split(":")[:7])


def parameter_arn(value: str) -> Value:
    """The ARN of a parameter that is given by its ARN or by its name."""
    return value if value.startswith("arn:") else arn("ssm", f"parameter/{value.removeprefix('/')}")


def task_role(key: str, service: ServiceSpec, names: Names, exec_logs: tuple[str, ...]) -> Role | ExistingRole:
    """What the application itself may do (ECS Developer Guide, task-iam-roles: the conditions keep other accounts' tasks out)."""
    if service.task_role:
        return ExistingRole(service.task_role)
    return Role(
        logical_id(key, "TaskRole"),
        names.role("task", key),
        "ecs-tasks.amazonaws.com",
        f"What the application in {key} may do on AWS",
        (
            *(
                Statement(
                    Word(f"Application{number}"),
                    f"services.{key}.permissions",
                    tuple(permission.actions),
                    tuple(permission.resources),
                )
                for number, permission in enumerate(service.permissions, 1)
            ),
            *_file_systems(service),
            *_exec(service, exec_logs),
        ),
        (
            Condition("StringEquals", "aws:SourceAccount", (Sub("${AWS::AccountId}"),)),
            Condition("ArnLike", "aws:SourceArn", (arn("ecs", "*"),)),
        ),
    )


def _file_systems(service: ServiceSpec) -> Iterator[Statement]:
    """EFS User Guide, iam-access-control-nfs-efs."""
    volumes = [volume for volume in service.volumes.values() if isinstance(volume, EfsVolume)]
    for number, volume in enumerate(volumes, 1):
        points = (arn("elasticfilesystem", f"access-point/{volume.access_point}"),) if volume.access_point else ()
        yield Statement(
            Word(f"Volume{number}"),
            "mounts this file system" + (" through this access point" if points else ""),
            ("elasticfilesystem:ClientMount", *(() if volume.read_only else ("elasticfilesystem:ClientWrite",))),
            (arn("elasticfilesystem", f"file-system/{volume.efs}"),),
            (Condition("StringEquals", "elasticfilesystem:AccessPointArn", points),) if points else (),
        )


def _exec(service: ServiceSpec, logs: tuple[str, ...]) -> Iterator[Statement]:
    """ECS Developer Guide, ecs-exec."""
    if service.exec:
        yield Statement(
            Word("Exec"),
            "the agent beside a container opens the channels of a shell; AWS knows no resource for these actions",
            (
                "ssmmessages:CreateControlChannel",
                "ssmmessages:CreateDataChannel",
                "ssmmessages:OpenControlChannel",
                "ssmmessages:OpenDataChannel",
            ),
            ANY,
        )
        for group in logs:
            yield Statement(
                Word("ExecLogs"),
                "the agent writes down what happens in a shell",
                ("logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"),
                (arn("logs", f"log-group:{group}:*"),),
            )
            yield Statement(
                Word("FindExecLogs"), "looks for that log group: AWS knows no resource for this action", ("logs:DescribeLogGroups",), ANY
            )
