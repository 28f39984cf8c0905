"""AWS's own service models, as botocore ships them: every message the emulator reads or writes has its shape from here."""

import functools
from typing import Any

import botocore.loaders
import botocore.model
from botocore import xform_name

from bgspec.sandbox.errors import AwsError

# The name in the credential scope of a signature -> botocore's name of the service.
SERVICES = {
    "acm": "acm",
    "application-autoscaling": "application-autoscaling",
    "cloudformation": "cloudformation",
    "codebuild": "codebuild",
    "codecommit": "codecommit",
    "codeconnections": "codeconnections",
    "codedeploy": "codedeploy",
    "codepipeline": "codepipeline",
    "codestar-connections": "codestar-connections",
    "codestar-notifications": "codestar-notifications",
    "ec2": "ec2",
    "ecr": "ecr",
    "ecs": "ecs",
    "elasticfilesystem": "efs",
    "elasticloadbalancing": "elbv2",
    "events": "events",
    "iam": "iam",
    "kms": "kms",
    "lambda": "lambda",
    "logs": "logs",
    "monitoring": "cloudwatch",
    "route53": "route53",
    "s3": "s3",
    "scheduler": "scheduler",
    "secretsmanager": "secretsmanager",
    "servicediscovery": "servicediscovery",
    "servicequotas": "service-quotas",
    "sns": "sns",
    "sqs": "sqs",
    "ssm": "ssm",
    "sts": "sts",
    "tagging": "resourcegroupstaggingapi",
}

_LOADER = botocore.loaders.Loader()


@functools.cache
def model(service: str) -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(_LOADER.load_service_model(service, "service-2"), service)


@functools.cache
def paginators(service: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = _LOADER.load_service_model(service, "paginators-1")["pagination"]
    except botocore.loaders.UnknownServiceError:
        return {}
    return found


@functools.cache
def operation(service: str, name: str) -> botocore.model.OperationModel:
    """The operation by AWS's name (`CreateCluster`) or Python's (`create_cluster`)."""
    known = _operations(service)
    if name not in known:
        raise AwsError("InvalidAction", f"{service} has no operation {name}.")
    return model(service).operation_model(known[name])


@functools.cache
def _operations(service: str) -> dict[str, str]:
    names = model(service).operation_names
    return {name: name for name in names} | {xform_name(name): name for name in names}


def check(shape: botocore.model.Shape, value: Any, path: str = "") -> None:
    """Refuse what a service refuses from its model alone: missing members, values outside an enumeration or a range."""
    kind = shape.type_name
    if kind == "structure":
        for name in shape.required_members:
            if value.get(name) is None:
                raise AwsError("ValidationException", f"Missing required parameter {_join(path, name)}.")
        for name, member in value.items():
            if member is not None and name in shape.members:
                check(shape.members[name], member, _join(path, name))
    elif kind == "list":
        _check_range(shape, len(value), path, "length")
        for index, item in enumerate(value, 1):
            check(shape.member, item, f"{path}.{index}")
    elif kind == "map":
        for name, item in value.items():
            check(shape.value, item, _join(path, name))
    else:
        _check_scalar(shape, value, path)


def _check_scalar(shape: botocore.model.Shape, value: Any, path: str) -> None:
    kind = shape.type_name
    if kind == "string":
        if shape.enum and value not in shape.enum:
            allowed = ", ".join(shape.enum)
            raise AwsError(
                "ValidationException",
                f"1 validation error detected: Value '{value}' at '{path}' failed to satisfy constraint: "
                f"Member must satisfy enum value set: [{allowed}]",
            )
        _check_range(shape, len(value), path, "length")
    elif kind in {"integer", "long", "float", "double"}:
        _check_range(shape, value, path, "value")


def _check_range(shape: botocore.model.Shape, size: float, path: str, what: str) -> None:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None and size < low:
        relation = f"{what} greater than or equal to {low}"
    elif high is not None and size > high:
        relation = f"{what} less than or equal to {high}"
    else:
        return
    raise AwsError(
        "ValidationException",
        f"1 validation error detected: Value at '{path}' failed to satisfy constraint: Member must have {relation}",
    )


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def project(shape: botocore.model.Shape, value: Any) -> Any:
    """The part of a record that this shape shows: records hold everything, answers only what their shape has."""
    if value is None:
        return None
    kind = shape.type_name
    if kind == "structure":
        found = ((name, project(member, value.get(name))) for name, member in shape.members.items() if name in value)
        return {name: item for name, item in found if item is not None}
    if kind == "list":
        return [project(shape.member, item) for item in value]
    if kind == "map":
        return {name: project(shape.value, item) for name, item in value.items()}
    return value
