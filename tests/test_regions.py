"""The table of Regions against botocore's partitions and cfn-lint's provider schemas."""

import pytest
from botocore.loaders import Loader
from cfnlint.helpers import REGIONS as CLOUDFORMATION
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from bgspec.regions import (
    DNS_SUFFIX,
    REGIONS,
    WITHOUT_CODEBUILD,
    WITHOUT_CODECOMMIT,
    WITHOUT_CONNECTIONS,
    WITHOUT_NOTIFICATION_RULES,
    Region,
)
from bgspec.spec.region_names import REGION_NAMES

PARTITIONS = {part["id"]: part for part in Loader().load_data("partitions")["partitions"]}


def test_every_region_is_in_its_partition_and_has_its_name():
    for region, partition in REGIONS.items():
        assert PARTITIONS[partition]["regions"][region]["description"] == REGION_NAMES[region]
    assert list(REGION_NAMES) == list(REGIONS)


def test_no_region_is_missing():
    offered = {region for part in DNS_SUFFIX for region in PARTITIONS[part]["regions"]}
    assert set(REGIONS) == offered & set(CLOUDFORMATION)  # what is only announced has no CloudFormation yet


def test_every_partition_has_its_suffix():
    assert {name: PARTITIONS[name]["outputs"]["dnsSuffix"] for name in DNS_SUFFIX} == DNS_SUFFIX


def without(resource):
    return {region for region in REGIONS if resource not in PROVIDER_SCHEMA_MANAGER.get_resource_types(region)}


@pytest.mark.parametrize(
    ("resource", "table"),
    [
        ("AWS::CodeCommit::Repository", WITHOUT_CODECOMMIT),
        ("AWS::CodeConnections::Connection", WITHOUT_CONNECTIONS),
        ("AWS::CodeStarNotifications::NotificationRule", WITHOUT_NOTIFICATION_RULES),
        ("AWS::CodeBuild::Project", WITHOUT_CODEBUILD),
    ],
)
def test_what_is_not_offered_where(resource, table):
    assert without(resource) == set(table)


@pytest.mark.parametrize(
    ("where", "service", "name"),
    [
        ("eu-west-1", "ecr.api", "com.amazonaws.eu-west-1.ecr.api"),
        ("us-gov-west-1", "ecr.dkr", "com.amazonaws.us-gov-west-1.ecr.dkr"),
        ("cn-north-1", "ecr.dkr", "cn.com.amazonaws.cn-north-1.ecr.dkr"),
        ("cn-north-1", "lambda", "cn.com.amazonaws.cn-north-1.lambda"),
        ("cn-north-1", "logs", "com.amazonaws.cn-north-1.logs"),
        ("cn-north-1", "s3", "com.amazonaws.cn-north-1.s3"),
        ("cn-north-1", "polly", "com.amazonaws.cn-north-1.polly"),
        ("cn-northwest-1", "polly", "cn.com.amazonaws.cn-northwest-1.polly"),
        ("cn-northwest-1", "transcribe", "cn.com.amazonaws.cn-northwest-1.transcribe.cn"),
        ("eusc-de-east-1", "ecr.api", "eu.amazonaws.eusc-de-east-1.ecr.api"),
        ("eusc-de-east-1", "ecr.dkr", "eu.amazonaws.eusc-de-east-1.ecr.dkr"),
        ("eusc-de-east-1", "logs", "com.amazonaws.eusc-de-east-1.logs"),
    ],
)
def test_endpoints_have_the_names_that_ec2_lists(where, service, name):
    """AWS CDK, aws-ec2/lib/vpc-endpoint.ts, and its tests."""
    assert Region(where, REGIONS[where]).endpoint(service) == name
