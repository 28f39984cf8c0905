"""AWS Regions: the partition of each, and what is not offered there.

Sources: botocore's `partitions.json` (partition, DNS suffix) and cfn-lint's provider schemas, one per Region (which resource types
exist); `tests/test_regions.py` compares this table with both. The isolated partitions (aws-iso*) have no public documentation.
"""

from typing import Literal, NamedTuple

Partition = Literal["aws", "aws-cn", "aws-us-gov", "aws-eusc"]

DNS_SUFFIX: dict[Partition, str] = {
    "aws": "amazonaws.com",
    "aws-cn": "amazonaws.com.cn",
    "aws-us-gov": "amazonaws.com",
    "aws-eusc": "amazonaws.eu",
}

_NAMES: dict[Partition, str] = {
    "aws": (
        "af-south-1 ap-east-1 ap-east-2 ap-northeast-1 ap-northeast-2 ap-northeast-3 ap-south-1 ap-south-2"
        " ap-southeast-1 ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7"
        " ca-central-1 ca-west-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1 eu-south-2 eu-west-1 eu-west-2"
        " eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1 sa-east-1 us-east-1 us-east-2 us-west-1 us-west-2"
    ),
    "aws-cn": "cn-north-1 cn-northwest-1",
    "aws-us-gov": "us-gov-east-1 us-gov-west-1",
    "aws-eusc": "eusc-de-east-1",
}

FARGATE_ZONES = {
    "ap-northeast-1": frozenset({"apne1-az1", "apne1-az2", "apne1-az4"}),
    "cn-north-1": frozenset({"cnn1-az1", "cnn1-az2"}),
    "us-west-1": frozenset({"usw1-az1", "usw1-az3"}),
}
"""Where not every zone has Fargate: those that have it (ECS Developer Guide, AWS_Fargate-Regions, Linux containers)."""

REGIONS: dict[str, Partition] = {name: partition for partition, names in _NAMES.items() for name in names.split()}

WITHOUT_CODECOMMIT = frozenset(
    "af-south-1 ap-east-2 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7"
    " ca-west-1 eu-central-2 eu-south-2 il-central-1 me-central-1 mx-central-1".split(),
)
WITHOUT_CONNECTIONS = frozenset(
    "af-south-1 ap-east-1 ap-east-2 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6"
    " ap-southeast-7 ca-west-1 cn-north-1 cn-northwest-1 eu-central-2 eu-south-2 il-central-1 me-central-1 mx-central-1".split(),
)
WITHOUT_NOTIFICATION_RULES = frozenset(
    "af-south-1 ap-east-2 ap-northeast-3 ap-south-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6"
    " ap-southeast-7 ca-west-1 cn-north-1 cn-northwest-1 eu-central-2 eu-south-1 eu-south-2 il-central-1"
    " me-central-1 mx-central-1 us-gov-east-1 us-gov-west-1".split(),
)
WITHOUT_CODEBUILD = frozenset("ap-east-2 ca-west-1 mx-central-1".split())

WITHOUT_ARM_BUILDS = frozenset("af-south-1 ap-southeast-4 eu-central-2 us-gov-east-1 us-gov-west-1".split())
"""Where CodeBuild has no containers on arm64 (CodeBuild User Guide, build-env-ref-compute-types)."""

WITHOUT_BUCKET_NAMESPACE = frozenset({"me-central-1", "me-south-1"})
"""Where no account has a namespace of its own for buckets (S3 User Guide, gpbucketnamespaces)."""

# China and the European Sovereign Cloud name the endpoints of some services with a prefix of their own. Source: AWS CDK,
# aws-ec2/lib/vpc-endpoint.ts, which records `aws ec2 describe-vpc-endpoint-services`; S3's gateway has the ordinary name everywhere.
_CHINA = frozenset(
    "application-autoscaling appmesh-envoy-management athena autoscaling awsconnector backup batch cassandra cloudcontrolapi cloudformation"
    " codedeploy-commands-secure databrew dms ebs ec2 ecr.api ecr.dkr eks elasticache elasticbeanstalk elasticfilesystem"
    " elasticfilesystem-fips emr-containers execute-api fsx imagebuilder iot.data kinesis-streams lambda license-manager monitoring rds"
    " redshift redshift-data sagemaker.api sagemaker.featurestore-runtime sagemaker.runtime securityhub servicecatalog sms sqs states sts"
    " sync-states synthetics transcribe transcribestreaming transfer xray".split(),
)
_PREFIXED: dict[str, tuple[str, frozenset[str]]] = {
    "cn-north-1": ("cn.com.amazonaws", _CHINA | {"iotsitewise.api", "iotsitewise.data"}),
    "cn-northwest-1": ("cn.com.amazonaws", _CHINA | {"account", "polly", "workspaces"}),
    "eusc-de-east-1": ("eu.amazonaws", frozenset({"ecr.api", "ecr.dkr", "execute-api", "securityhub"})),
}


class Region(NamedTuple):
    """A Region and what follows from it alone."""

    name: str
    partition: Partition

    @property
    def dns_suffix(self) -> str:
        return DNS_SUFFIX[self.partition]

    @property
    def bucket_namespaces(self) -> tuple[str, ...]:
        """The namespace of the environment's buckets, or none but the one that all accounts share."""
        return () if self.name in WITHOUT_BUCKET_NAMESPACE else ("account-regional",)

    def endpoint(self, service: str) -> str:
        """The name under which `service` (`ecr.api`, `logs`, …) offers VPC endpoints here."""
        prefix, prefixed = _PREFIXED.get(self.name, ("", frozenset()))
        tail = f"{service}.cn" if self.partition == "aws-cn" and service == "transcribe" else service
        return f"{prefix if service in prefixed else 'com.amazonaws'}.{self.name}.{tail}"


def region(name: str) -> Region:
    """The Region of that name; KeyError for a name that is not in the table."""
    return Region(name, REGIONS[name])
