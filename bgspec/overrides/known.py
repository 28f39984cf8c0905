"""What CloudFormation knows of the resources in the templates, and which of it is no override's business."""

import json
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

Form: TypeAlias = Any
"""A scalar's type (`string`, `boolean`, `integer`, `number`), a list with the form of its items, or a mapping with the forms of its keys;
an empty mapping takes anything."""


@cache
def properties() -> dict[str, dict[str, Form]]:
    """What may be written of each type of resource: CloudFormation's schemas, written down by `tests/overrides/docs.py`."""
    loaded: dict[str, dict[str, Form]] = json.loads(Path(__file__).with_name("properties.json").read_text(encoding="utf-8"))
    return loaded


class Reason(NamedTuple):
    """Why a property stays what it is."""

    why: str
    help: str


_NAME = Reason("other stacks and files know the resource by it", "Remove it: a name belongs to bgspec.")
_TIE = Reason("it ties resources together, and other stacks and files hold the other end", "Remove it.")
TWIN = Reason("blue and green are alike, whichever of them has the traffic", "Write the same for the other of the two target groups.")
_TRAFFIC = Reason("only deployments move production traffic", "Remove it: `load_balancer`, `services.NAME.routes` and `deployment` say it.")


def _said(key: str) -> Reason:
    return Reason("the language has words for it, and other values follow from them", f"Write it under `{key}`.")


# What would break what all files of a render hold together, or an environment that runs. Whatever is not here may be overridden.
REFUSED: dict[str, dict[str, Reason]] = {
    "AWS::ApplicationAutoScaling::ScalableTarget": {"ResourceId": _TIE, "ScalableDimension": _TIE, "ServiceNamespace": _TIE},
    "AWS::ApplicationAutoScaling::ScalingPolicy": {
        "PolicyName": _NAME,
        **dict.fromkeys(("ResourceId", "ScalableDimension", "ScalingTargetId", "ServiceNamespace"), _TIE),
    },
    "AWS::CloudWatch::Alarm": {"AlarmName": _NAME},
    "AWS::CodeBuild::Project": {
        "Name": _NAME,
        **dict.fromkeys(("Artifacts", "ServiceRole", "Source.Type", "VpcConfig.VpcId"), _TIE),
        "Source.BuildSpec": _said("pipeline.build.buildspec"),
        "Environment.EnvironmentVariables": _said("pipeline.build.environment"),
    },
    "AWS::CodeCommit::Repository": {"RepositoryName": _NAME},
    "AWS::CodeDeploy::Application": {"ApplicationName": _NAME, "ComputePlatform": _TIE},
    "AWS::CodeDeploy::DeploymentConfig": {
        "DeploymentConfigName": _NAME,
        "ComputePlatform": _TIE,
        "TrafficRoutingConfig": _said("deployment.shift"),
    },
    "AWS::CodeDeploy::DeploymentGroup": {
        **dict.fromkeys(("ApplicationName", "DeploymentGroupName"), _NAME),
        **dict.fromkeys(("DeploymentStyle", "ECSServices", "ServiceRoleArn"), _TIE),
        "LoadBalancerInfo": _TRAFFIC,
        "DeploymentConfigName": _said("deployment.shift"),
    },
    "AWS::CodePipeline::Pipeline": {
        "Name": _NAME,
        **dict.fromkeys(("ArtifactStore", "ArtifactStores", "RoleArn", "Stages.Name", "Stages.Actions.Name"), _TIE),
        **dict.fromkeys((f"Stages.Actions.{name}" for name in ("Configuration", "InputArtifacts", "OutputArtifacts")), _TIE),
    },
    "AWS::CodeStarNotifications::NotificationRule": {"Name": _NAME, "Resource": _TIE},
    "AWS::EC2::FlowLog": {"LogGroupName": _NAME, "ResourceId": _TIE},
    "AWS::EC2::NatGateway": {"AllocationId": _TIE, "SubnetId": _TIE},
    "AWS::EC2::Route": {"RouteTableId": _TIE},
    "AWS::EC2::RouteTable": {"VpcId": _TIE},
    "AWS::EC2::SecurityGroup": {"GroupName": _NAME, "VpcId": _TIE},
    "AWS::EC2::SecurityGroupIngress": {"GroupId": _TIE, "GroupName": _TIE},
    "AWS::EC2::Subnet": {"CidrBlock": _said("network"), "AvailabilityZone": _said("network.zones"), "VpcId": _TIE},
    "AWS::EC2::SubnetRouteTableAssociation": {"RouteTableId": _TIE, "SubnetId": _TIE},
    "AWS::EC2::VPC": {"CidrBlock": _said("network.cidr")},
    "AWS::EC2::VPCEndpoint": dict.fromkeys(("PrivateDnsEnabled", "ServiceName", "VpcEndpointType", "VpcId"), _TIE),
    "AWS::EC2::VPCGatewayAttachment": {"InternetGatewayId": _TIE, "VpcId": _TIE},
    "AWS::ECR::Repository": {"RepositoryName": _NAME},
    "AWS::ECS::Cluster": {"ClusterName": _NAME},
    "AWS::ECS::Service": {
        "ServiceName": _NAME,
        **dict.fromkeys(("Cluster", "SchedulingStrategy", "TaskDefinition"), _TIE),
        "LaunchType": _said("services.NAME.capacity"),
        "CapacityProviderStrategy": _said("services.NAME.capacity"),
        "LoadBalancers": _TRAFFIC,
        "DeploymentController": _said("deployment.engine"),
        **dict.fromkeys(("DeploymentConfiguration.Strategy", "DeploymentConfiguration.LifecycleHooks"), _said("deployment")),
        "NetworkConfiguration": _said("network"),
    },
    "AWS::ECS::TaskDefinition": {
        "Family": _NAME,
        **dict.fromkeys(("NetworkMode", "RequiresCompatibilities"), _TIE),
        "Cpu": _said("services.NAME.cpu"),
        "Memory": _said("services.NAME.memory"),
        "RuntimePlatform.CpuArchitecture": _said("services.NAME.image.architecture"),
        "ExecutionRoleArn": _said("services.NAME.execution_role"),
        "TaskRoleArn": _said("services.NAME.task_role"),
        "ContainerDefinitions.Name": _said("services.NAME.sidecars"),
        "ContainerDefinitions.Image": _said("services.NAME.image"),
        "ContainerDefinitions.PortMappings": _said("services.NAME.port"),
    },
    "AWS::ElasticLoadBalancingV2::Listener": {
        "DefaultActions": _TRAFFIC,
        "LoadBalancerArn": _TIE,
        "Port": _said("load_balancer"),
        "Protocol": _said("load_balancer"),
    },
    "AWS::ElasticLoadBalancingV2::ListenerRule": {
        "Actions": _TRAFFIC,
        "ListenerArn": _TIE,
        "Conditions": _said("services.NAME.routes"),
        "Priority": _said("services.NAME.routes"),
    },
    "AWS::ElasticLoadBalancingV2::LoadBalancer": {"Name": _NAME, "Type": _TIE, "Scheme": _said("load_balancer.scheme")},
    "AWS::ElasticLoadBalancingV2::TargetGroup": {
        "Name": _NAME,
        **dict.fromkeys(("TargetType", "Targets", "VpcId"), _TIE),
        "Port": _said("services.NAME.port"),
        "Protocol": _TIE,
    },
    "AWS::Events::Rule": {"Name": _NAME},
    "AWS::IAM::Role": {"RoleName": _NAME, "Path": _said("role_path"), "PermissionsBoundary": _said("permissions_boundary")},
    "AWS::KMS::Alias": {"AliasName": _NAME, "TargetKeyId": _TIE},
    "AWS::Lambda::Function": {"FunctionName": _NAME, **dict.fromkeys(("Code", "Handler", "Role"), _TIE)},
    "AWS::Logs::LogGroup": {"LogGroupName": _NAME},
    "AWS::Route53::RecordSet": {"Name": _NAME, "AliasTarget": _TIE},
    "AWS::S3::Bucket": {"BucketName": _NAME, "BucketNamePrefix": _NAME, "BucketNamespace": _NAME},
    "AWS::S3::BucketPolicy": {"Bucket": _TIE},
    "AWS::SNS::Topic": {"TopicName": _NAME, "FifoTopic": _NAME},
    "AWS::SNS::TopicPolicy": {"Topics": _TIE},
    "AWS::ServiceDiscovery::HttpNamespace": {"Name": _NAME},
    "AWS::ServiceDiscovery::PrivateDnsNamespace": {"Name": _NAME, "Vpc": _TIE},
    "AWS::ServiceDiscovery::Service": {"Name": _NAME, "NamespaceId": _TIE},
    "AWS::SSM::Parameter": {"Name": _NAME},
    "AWS::Scheduler::Schedule": {"Name": _NAME, "GroupName": _NAME},
}


def refused(kind: str, path: tuple[str, ...]) -> Reason | None:
    """Why what stands at `path` (names only, no positions) of a resource stays what it is, all of it or a part; None where it need not."""
    for dotted, reason in REFUSED.get(kind, {}).items():
        steps = tuple(dotted.split("."))
        if all(one == other for one, other in zip(steps, path, strict=False)):
            return reason
    return None
