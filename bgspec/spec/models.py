"""The language: what a user may write, as frozen pydantic models. This module holds the whole, its neighbours the sections.

Attribute docstrings are the language's documentation: hover text in the editor and docs/language.md come from them.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from bgspec.spec.cluster import Cluster, ClusterChoice, Registry
from bgspec.spec.deployment import CodeDeployDeployment, Deployment
from bgspec.spec.discovery import Discovery, DnsDiscovery
from bgspec.spec.encryption import EncryptionKey
from bgspec.spec.github import GitHubActions
from bgspec.spec.load_balancer import LoadBalancer
from bgspec.spec.network import Network, NewNetwork
from bgspec.spec.pipeline import Pipeline
from bgspec.spec.service import Service
from bgspec.spec.tools import ToolsAccount
from bgspec.spec.types import (
    AccountId,
    EnvironmentName,
    PolicyArn,
    RegionName,
    RolePath,
    Section,
    ServiceName,
    SystemName,
    TagKey,
    TagValue,
    says,
)

StackKey = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[a-z][a-z0-9\-]*$", "Write a stack as its file is named: `load-balancer` for `stacks/load-balancer.yaml`."),
        max_length=64,
    ),
    Field(examples=["load-balancer"]),
]
LogicalId = Annotated[
    str,
    StringConstraints(pattern=says(r"^[A-Za-z0-9]+$", "Write a logical id as it stands under `Resources:`."), max_length=255),
    Field(examples=["LoadBalancer"]),
]
"""cfn:AWS::CloudFormation, "Resources": letters and digits."""
PropertyName = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9]+$", "Write a property as CloudFormation's reference does: `LoadBalancerAttributes`."), max_length=255
    ),
    Field(examples=["Tags"]),
]
ParameterPath = Annotated[
    str,
    StringConstraints(pattern=says(r"^(/[A-Za-z0-9_.\-]+)+$", "Write a path: `/shop/prd`."), max_length=512),
    Field(examples=["/shop/prd"]),
]
Resources = dict[LogicalId, dict[PropertyName, Any]]


class Spec(Section):
    """One environment: everything between a commit and the users' browsers, or several of them in one file."""

    bgspec: Literal[1]
    """The version of the language: `1`. A file keeps its meaning when bgspec is updated."""
    system: SystemName
    """The name of the whole: every resource's name begins with it. It cannot change later without replacing everything."""
    environment: EnvironmentName
    """The environment's name, the second part of every resource's name: `dev`, `stg`, `prd`. A file with several says `environments:`
    instead."""
    region: RegionName
    """The AWS Region in which everything is made, `ap-northeast-1`. What is not offered there is an error before anything is made."""
    account: AccountId | None = None
    """The twelve digits of the AWS account. With it, nothing is ever deployed to another one; without it, to whichever account the
    credentials are for."""
    tags: dict[TagKey, TagValue] = Field(default={}, max_length=40)
    """Tags of every resource, in addition to those that bgspec sets. Tags show who pays and who to ask."""
    permissions_boundary: PolicyArn | None = None
    """A managed policy that bounds what every role of the environment may ever do (cfn:AWS::IAM::Role.PermissionsBoundary)."""
    role_path: RolePath | None = None
    """Where in the account every role of the environment stands, `/delivery/`, for organisations whose policies speak of it; without it at
    `/`. It cannot change later: CloudFormation replaces nothing that has a name of its own (cfn:AWS::IAM::Role.Path)."""
    network: Network = NewNetwork()
    """The VPC and the way out of it: one of the environment's own, or one that exists."""
    load_balancer: LoadBalancer = LoadBalancer()
    """The load balancer with its production and its test listener. It is billed by the hour and by use
    (cfn:AWS::ElasticLoadBalancingV2::LoadBalancer)."""
    cluster: ClusterChoice = Cluster()
    """The ECS cluster: the name of one that exists, or more about the environment's own (cfn:AWS::ECS::Cluster)."""
    registry: Registry = Registry()
    """The ECR repositories of the images that are built (cfn:AWS::ECR::Repository)."""
    encryption: EncryptionKey = EncryptionKey()
    """With which keys everything is encrypted that the environment keeps (cfn:AWS::KMS::Key)."""
    services: dict[ServiceName, Service] = Field(min_length=1, max_length=200)
    """The services, by name. With one of them all requests are its; with several, each says in `routes` which (cfn:AWS::ECS::Service)."""
    discovery: Discovery = DnsDiscovery()
    """How services find each other where one calls another (`connect`): by DNS, or by Service Connect
    (cfn:AWS::ECS::Service.ServiceRegistries)."""
    deployment: Deployment = CodeDeployDeployment()
    """How a new version replaces the old one: what moves the traffic, how fast, and what brings it back
    (cfn:AWS::CodeDeploy::DeploymentGroup)."""
    pipeline: Pipeline | None = None
    """The pipeline that builds and deploys every commit (cfn:AWS::CodePipeline::Pipeline). Without it there is none: `bgspec apply` deploys
    by itself."""
    github_actions: GitHubActions | None = None
    """GitHub Actions instead of a pipeline: the role that a workflow takes, and the workflow (cfn:AWS::IAM::OIDCProvider)."""
    tools_account: ToolsAccount | None = None
    """Another account in which the pipeline stands, and from which it deploys here
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.RoleArn)."""
    publish: ParameterPath | None = None
    """A path for SSM parameters that tell other stacks and scripts what this environment is: `/shop/prd/VpcId`, and so on for every output
    of every stack. Without it there are none (cfn:AWS::SSM::Parameter.Name)."""
    overrides: dict[StackKey, Resources] = {}
    """The escape hatch, for what the language has no word for: properties of resources as bgspec renders them, by the stack's file and the
    logical id. A mapping is laid over what stands there, `0`, `1` and so on over an item of a list; everything else replaces. What hits
    nothing, and what other files rely on, is an error."""
