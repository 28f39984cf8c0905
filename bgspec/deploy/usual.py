"""How long it usually takes on AWS to make a stack: so that whoever waits knows whether to worry.

AWS publishes no such times. The numbers are experience, rounded up, and nothing is decided by them.
"""

import re
from collections.abc import Mapping

_SECONDS: Mapping[str, float] = {
    "AWS::CertificateManager::Certificate": 180,  # with DNS validation
    "AWS::CloudWatch::Alarm": 5,
    "AWS::CodePipeline::Pipeline": 5,
    "AWS::EC2::EIP": 15,
    "AWS::EC2::InternetGateway": 20,
    "AWS::EC2::NatGateway": 110,
    "AWS::EC2::VPC": 15,
    "AWS::EC2::VPCEndpoint": 80,
    "AWS::ECS::CapacityProvider": 30,
    "AWS::ECS::Cluster": 10,
    "AWS::ECS::Service": 180,  # two Fargate tasks: pulled, started, healthy
    "AWS::EFS::FileSystem": 15,
    "AWS::EFS::MountTarget": 90,
    "AWS::ElasticLoadBalancingV2::LoadBalancer": 150,
    "AWS::Events::Rule": 60,
    "AWS::IAM::ManagedPolicy": 20,
    "AWS::IAM::Policy": 20,
    "AWS::IAM::Role": 25,
    "AWS::Lambda::Function": 15,
    "AWS::S3::Bucket": 25,
    "AWS::ServiceDiscovery::PrivateDnsNamespace": 60,
}
_ELSE = 5.0
_AROUND = 10.0
"""The change set, and CloudFormation's own beginning and end."""

_RESOURCE = re.compile(r"^  (\w+):\n    Type: \"?(AWS::\w+::\w+)", re.MULTILINE)
_WORD = re.compile(r"\w+")


def seconds(template: str) -> float:
    """Seconds to make a stack: its longest chain of resources, where one waits for those that it names.

    Args:
        template: as bgspec writes it, a resource two spaces in.
    """
    template = template.partition("\nOutputs:")[0]
    found = list(_RESOURCE.finditer(template))
    ends = (*(match.start() for match in found[1:]), len(template))
    types = {match[1]: match[2] for match in found}
    named = {match[1]: types.keys() & _WORD.findall(template, match.end(), end) for match, end in zip(found, ends, strict=False)}
    known: dict[str, float] = {}

    def until(resource: str) -> float:
        if resource not in known:
            known[resource] = 0.0  # a word that only looks like a reference must not lead round in a circle
            own = _SECONDS.get(types[resource], _ELSE)
            known[resource] = own + max(map(until, sorted(named[resource] - {resource})), default=0.0)
        return known[resource]

    return _AROUND + max(map(until, types), default=0.0)
