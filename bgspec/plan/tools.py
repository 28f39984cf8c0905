"""The role with which the pipeline of another account deploys here."""

from typing import NamedTuple

from bgspec.cfn import Sub, Word
from bgspec.naming import Names
from bgspec.plan import stack_role
from bgspec.plan.deployment import Deployment
from bgspec.plan.github import deliveries, jobs
from bgspec.plan.iam import Role, Statement
from bgspec.plan.service import Service
from bgspec.spec import Spec


class Tools(NamedTuple):
    account: str
    bucket: str
    key: str
    role: Role
    stack_roles: tuple[Role, ...]
    """The role with which CloudFormation updates services' stacks, or none."""
    stacked: tuple[Service, ...]
    """The services whose stacks are updated."""


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment) -> Tools | None:
    """CodePipeline User Guide, pipelines-create-cross-account: the target account's role, and what it may read in the other."""
    wanted = spec.tools_account
    if wanted is None:
        return None
    built = tuple(jobs(services, deployment))
    stacked = tuple(job.service for job in built if job.way == "stack")
    return Tools(
        account=wanted.account,
        bucket=wanted.bucket,
        key=wanted.key,
        role=Role(
            Word("ToolsRole"),
            names.role("tools"),
            Sub(f"arn:${{AWS::Partition}}:iam::{wanted.account}:root"),
            f"The pipeline of the account {wanted.account} builds and deploys here with it",
            (
                Statement(
                    Word("Artifacts"),
                    "takes what the pipeline of the other account hands on",
                    ("s3:GetObject", "s3:GetObjectVersion"),
                    (Sub(f"arn:${{AWS::Partition}}:s3:::{wanted.bucket}/*"),),
                ),
                Statement(Word("ArtifactKey"), "which is encrypted with this key", ("kms:Decrypt", "kms:DescribeKey"), (wanted.key,)),
                *deliveries(names, built, deployment),
            ),
            principal=Word("AWS"),
        ),
        stack_roles=stack_role.resolve(spec, names, stacked, deployment),
        stacked=stacked,
    )
