"""What the emulated services answer: one module for each, with the handlers named as AWS names the operations."""

from bgspec.sandbox.services import (
    cloudformation,
    cloudformation_changes,
    codebuild,
    codecommit,
    codedeploy,
    codedeploy_deployments,
    codepipeline,
    ec2,
    ecr,
    ecs,
    elbv2,
    elbv2_listeners,
    events,
    iam,
    lambda_,
    logs,
    s3,
    s3_objects,
    ssm,
    sts,
)
from bgspec.sandbox.services.registry import Service

_SERVICES = (
    cloudformation_changes.cloudformation,
    codebuild.codebuild,
    codecommit.codecommit,
    codedeploy.codedeploy,
    codepipeline.codepipeline,
    ec2.ec2,
    ecr.ecr,
    ecs.ecs,
    elbv2.elbv2,
    events.events,
    iam.iam,
    lambda_.lambda_service,
    logs.logs,
    s3.s3,
    ssm.ssm,
    sts.sts,
)
REGISTRY: dict[str, Service] = {service.name: service for service in _SERVICES}

__all__ = ["REGISTRY", "cloudformation", "codedeploy_deployments", "elbv2_listeners", "s3_objects"]
