"""Writes docs/deployer-policy.json, what a deployer must be allowed: `python -m bgspec.deploy.docs`.

Read off the calls in this package's own source and the types in the templates, so that no call can be missing.
"""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore import xform_name
from botocore.loaders import Loader

FILE = "docs/deployer-policy.json"
_HERE = Path(__file__).parent
_TEMPLATES = _HERE.parent / "templates"

# Where the action's service is not called as boto3 calls it (Service Authorization Reference).
_PREFIX = {"elbv2": "elasticloadbalancing", "resourcegroupstaggingapi": "tag", "service-quotas": "servicequotas"}
# S3's actions are not named after its operations (Service Authorization Reference, Amazon S3).
_S3 = {
    "create_bucket": ("s3:CreateBucket",),
    "delete_bucket": ("s3:DeleteBucket",),
    "delete_object": ("s3:DeleteObject",),
    "delete_objects": ("s3:DeleteObject", "s3:DeleteObjectVersion"),
    "get_object": ("s3:GetObject", "s3:GetObjectVersion"),
    "head_bucket": ("s3:ListBucket",),
    "list_object_versions": ("s3:ListBucketVersions",),
    "put_bucket_lifecycle_configuration": ("s3:PutLifecycleConfiguration",),
    "put_object": ("s3:PutObject",),
}
# What needs no permission (STS API Reference, GetCallerIdentity).
_FREE = {("sts", "get_caller_identity")}
# The service prefixes of the namespaces in templates, where they differ by more than their case.
NAMESPACES = {
    "ApplicationAutoScaling": "application-autoscaling",
    "CertificateManager": "acm",
    "CodeStarNotifications": "codestar-notifications",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
}
# What has no resource to be scoped to (Service Authorization Reference, AWS Systems Manager).
_EVERYWHERE = {"ssm:DescribeParameters"}
# Stands by itself, so that it can be scoped to some secrets, or left out: then keys of secrets are not looked at.
_SECRETS = {"secretsmanager:GetSecretValue"}

# Whoever makes, changes or reads a pipeline hands it its connection (Service Authorization Reference, AWS CodeConnections;
# cfn:AWS::CodePipeline::Pipeline names it among what its handlers call). Both names of the service are asked for
# (CP action-reference-CodestarConnectionSource).
_CONNECTIONS = ("codeconnections", "codestar-connections")

# Who gets the roles that the templates make.
_TRUSTED = "codebuild codedeploy codepipeline ecs ecs-tasks events lambda scheduler vpc-flow-logs".split()


def calls() -> Iterator[tuple[str, str]]:
    """Service and operation of every call in this package."""
    for path in sorted(_HERE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in {"call", "pages"}:
                texts = [argument.value for argument in node.args[:2] if isinstance(argument, ast.Constant)]
                if len(texts) == 2:
                    yield str(texts[0]), str(texts[1])


def actions(service: str, operation: str) -> tuple[str, ...]:
    """The IAM actions behind a call. KeyError for an operation that does not exist."""
    if service == "s3":
        return _S3[operation]
    names = {xform_name(name): name for name in Loader().load_service_model(service, "service-2")["operations"]}
    return (f"{_PREFIX.get(service, service)}:{names[operation]}",)


def namespaces() -> tuple[str, ...]:
    """The service prefixes of everything that the templates make."""
    found = {
        name for path in _TEMPLATES.rglob("*.j2") for name in re.findall(r"Type: \"?AWS::([A-Za-z0-9]+)::[A-Z]", path.read_text("utf-8"))
    }
    return tuple(sorted({NAMESPACES.get(name, name.lower()) for name in found}))


def policy() -> dict[str, Any]:
    """The policy of a deployer."""
    own = sorted({action for call in set(calls()) - _FREE for action in actions(*call)})
    locks = [action for action in own if action.startswith("ssm:") and action not in _EVERYWHERE]
    secrets = [action for action in own if action in _SECRETS]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Sid": "Calls", "Effect": "Allow", "Action": [action for action in own if action not in {*locks, *secrets}], "Resource": "*"},
            {"Sid": "Lock", "Effect": "Allow", "Action": locks, "Resource": "arn:*:ssm:*:*:parameter/bgspec/*"},
            {"Sid": "SecretKeys", "Effect": "Allow", "Action": secrets, "Resource": "*"},
            {
                "Sid": "ThroughCloudFormation",
                "Effect": "Allow",
                "Action": [f"{name}:*" for name in namespaces()],
                "Resource": "*",
                "Condition": {"ForAnyValue:StringEquals": {"aws:CalledVia": ["cloudformation.amazonaws.com"]}},
            },
            {
                "Sid": "Roles",
                "Effect": "Allow",
                "Action": ["iam:PassRole"],
                "Resource": "*",
                "Condition": {"StringEquals": {"iam:PassedToService": [f"{name}.amazonaws.com" for name in _TRUSTED]}},
            },
            {
                "Sid": "Connections",
                "Effect": "Allow",
                "Action": [f"{name}:PassConnection" for name in _CONNECTIONS],
                "Resource": [f"arn:*:{name}:*:*:connection/*" for name in _CONNECTIONS],
                "Condition": {"StringEqualsIfExists": {f"{name}:PassedToService": ["codepipeline.amazonaws.com"] for name in _CONNECTIONS}},
            },
            {
                "Sid": "Images",
                "Effect": "Allow",
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Resource": "*",
            },
        ],
    }


def text() -> str:
    """The whole file."""
    return json.dumps(policy(), indent=2) + "\n"


def main(root: Path = Path()) -> None:
    """Write the file below `root`."""
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(text(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
