"""The language: what a user may write, as frozen pydantic models. This module holds the whole, its neighbours the sections.

Attribute docstrings are the language's documentation: hover text in the editor and docs/language.md come from them.
"""

from typing import Literal

from pydantic import Field

from bgspec.spec.deployment import CodeDeployDeployment, Deployment
from bgspec.spec.load_balancer import LoadBalancer
from bgspec.spec.network import Network, NewNetwork
from bgspec.spec.pipeline import Pipeline
from bgspec.spec.service import Service
from bgspec.spec.types import (
    AccountId,
    EnvironmentName,
    PolicyArn,
    RegionName,
    Section,
    ServiceName,
    SystemName,
    TagKey,
    TagValue,
)


class Spec(Section):
    """One environment."""

    bgspec: Literal[1]
    """The version of the language."""
    system: SystemName
    """The name of the whole: every resource's name begins with it."""
    environment: EnvironmentName
    """The environment's name, the second part of every resource's name: `dev`, `stg`, `prd`."""
    region: RegionName
    """The AWS Region, `ap-northeast-1`."""
    account: AccountId | None = None
    """The twelve digits of the AWS account. With it, nothing is ever deployed to another one."""
    tags: dict[TagKey, TagValue] = Field(default={}, max_length=40)
    """Tags of every resource."""
    permissions_boundary: PolicyArn | None = None
    """A managed policy that bounds what every role of the environment may ever do."""
    network: Network = NewNetwork()
    """The VPC and the way out of it."""
    load_balancer: LoadBalancer = LoadBalancer()
    """The load balancer with its production and its test listener."""
    services: dict[ServiceName, Service] = Field(min_length=1)
    """The services, by name."""
    deployment: Deployment = CodeDeployDeployment()
    """How a new version replaces the old one."""
    pipeline: Pipeline | None = None
    """The pipeline that builds and deploys every commit; without it there is none."""
