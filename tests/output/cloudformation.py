"""A small CloudFormation for tests: reads a render's stacks, deploys them one after another, and knows what would then exist.

It knows no more than the templates say: it resolves parameters, `Ref`, `GetAtt`, `Sub` and their like, and gives every resource the
identifiers that AWS would give it, so that a name in one file can be compared with an ARN in another.
"""

import re
from collections.abc import Callable, Iterator
from hashlib import blake2s
from typing import Any, NamedTuple

import yaml

from bgspec.regions import region as region_of

ACCOUNT = "111122223333"

Properties = dict[str, Any]


class _Loader(yaml.CSafeLoader):
    """YAML with CloudFormation's short tags."""


def _short(loader: yaml.CSafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt":
        value = value.split(".", 1) if isinstance(value, str) else value
    return {"Ref" if suffix == "Ref" else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _short)


def load(text: str) -> dict[str, Any]:
    """A template as plain data, short tags written out."""
    template: dict[str, Any] = yaml.load(text, Loader=_Loader)
    return template


class Resource(NamedTuple):
    """Something that exists after the stacks are deployed."""

    stack: str
    id: str
    type: str
    properties: Properties
    """With every function resolved."""
    ref: str
    attributes: dict[str, Any]
    raw: dict[str, Any]
    """As it stands in the template."""


class Stack(NamedTuple):
    name: str
    template: dict[str, Any]
    parameters: dict[str, str]
    outputs: dict[str, str]


class Region:
    """One Region of one account: what is deployed in it."""

    def __init__(self, name: str, account: str = ACCOUNT) -> None:
        where = region_of(name)
        self.account = account
        self.pseudo = {
            "AWS::AccountId": account,
            "AWS::Region": name,
            "AWS::Partition": where.partition,
            "AWS::URLSuffix": where.dns_suffix,
            "AWS::NoValue": None,
        }
        self.stacks: dict[str, Stack] = {}
        self.resources: list[Resource] = []

    def deploy(self, name: str, template: dict[str, Any], given: dict[str, str]) -> None:
        """Make a stack; ValueError for what CloudFormation would refuse."""
        declared = template.get("Parameters", {})
        if unknown := set(given) - set(declared):
            raise ValueError(f"{name}: parameters that the template does not have: {sorted(unknown)}")
        parameters = {key: declared[key].get("Default") for key in declared} | given
        if missing := [key for key, value in parameters.items() if value is None]:
            raise ValueError(f"{name}: no value for {missing}")
        scope = {
            key: value.split(",") if declared[key]["Type"].startswith(("List<", "CommaDelimitedList")) else value
            for key, value in parameters.items()
        }
        making = _Making(self, name, template["Resources"], scope)
        self.resources += [making.resource(key) for key in template["Resources"]]
        outputs = {key: making.resolve(output["Value"]) for key, output in template.get("Outputs", {}).items()}
        self.stacks[name] = Stack(name, template, parameters, outputs)

    def all(self, kind: str) -> list[Resource]:
        """The resources of a type, `ECS::Service`."""
        return [resource for resource in self.resources if resource.type == f"AWS::{kind}"]

    def arn(self, service: str, resource: str, *, region: bool = True, account: bool = True) -> str:
        where = self.pseudo["AWS::Region"] if region else ""
        return f"arn:{self.pseudo['AWS::Partition']}:{service}:{where}:{self.account if account else ''}:{resource}"

    def arns(self) -> Iterator[str]:
        """An ARN of everything that exists, and of what will exist in it: objects, log streams, task sets, revisions."""
        for resource in self.resources:
            known = {resource.ref, *(value for value in resource.attributes.values() if isinstance(value, str))}
            for arn in known:
                if arn.startswith("arn:"):
                    yield arn.removesuffix(":*")
                    yield from _inside(resource, arn)
        yield from (self.arn("codedeploy", f"deploymentconfig:{name}") for name in PREDEFINED_CONFIGS)

    def identify(self, stack: str, key: str, kind: str, properties: Properties) -> tuple[str, dict[str, Any]]:
        """What `Ref` and `GetAtt` give (CloudFormation Template Reference, "Return values" of each type)."""
        kind = kind.removeprefix("AWS::")
        unique = f"{stack}/{key}"
        if kind in INSIDE:
            owner, before, after = INSIDE[kind]
            ref = arn = f"{properties[owner].replace(f':{before}/', f':{after}/')}/{_hash(unique)}"
        elif kind in ARNS:
            service, pattern, reference = ARNS[kind]
            name = pattern.format(
                **{"name": unique, "Path": "/", **{item: value for item, value in properties.items() if isinstance(value, str)}}
            )
            arn = self.arn(service, name, region=service not in {"iam", "s3", "route53"}, account=service not in {"s3", "route53"})
            ref = arn if reference is None else properties.get(reference, unique)
        else:
            arn, ref = "", f"{PREFIXES.get(kind, kind.rpartition('::')[2].lower())}-{_hash(unique)}"
        attributes = {"Arn": arn} if arn else {}
        words = self._words(properties) | {"ref": ref, "arn": arn}
        return ref, attributes | {name: form.format(**words) for name, form in ATTRIBUTES.get(kind, {}).items()}

    def _words(self, properties: Properties) -> dict[str, str]:
        words = {key: value for key, value in properties.items() if isinstance(value, str)}
        return words | {"region": self.pseudo["AWS::Region"], "suffix": self.pseudo["AWS::URLSuffix"], "account": self.account}


class _Making:
    """A stack while it is made: resources come into being when something refers to them."""

    def __init__(self, region: Region, name: str, raw: dict[str, Any], scope: dict[str, Any]) -> None:
        self.region, self.name, self.raw, self.scope = region, name, raw, scope
        self.made: dict[str, Resource] = {}
        self.functions: dict[str, Callable[[Any], Any]] = {
            "Ref": self.ref,
            "Fn::Sub": self.sub,
            "Fn::GetAtt": lambda value: self.attribute(*value),
            "Fn::GetAZs": lambda _: [f"{region.pseudo['AWS::Region']}{zone}" for zone in "abcdef"],
            "Fn::Select": lambda value: self.resolve(value[1])[int(value[0])],
            "Fn::Split": lambda value: self.resolve(value[1]).split(value[0]),
            "Fn::Join": lambda value: value[0].join(self.resolve(value[1])),
        }

    def resource(self, key: str) -> Resource:
        if key not in self.made:
            if key not in self.raw:
                raise ValueError(f"{self.name}: nothing is called {key}")
            raw = self.raw[key]
            properties = self.resolve(raw.get("Properties", {}))
            ref, attributes = self.region.identify(self.name, key, raw["Type"], properties)
            self.made[key] = Resource(self.name, key, raw["Type"], properties, ref, attributes, raw)
        return self.made[key]

    def resolve(self, value: Any) -> Any:
        """A value with every function in it replaced by what it gives."""
        if isinstance(value, dict):
            if len(value) == 1 and (function := self.functions.get(next(iter(value)))):
                return function(next(iter(value.values())))
            return {key: item for key, item in ((key, self.resolve(item)) for key, item in value.items()) if item is not None}
        return [self.resolve(item) for item in value] if isinstance(value, list) else value

    def ref(self, key: str) -> Any:
        if key in self.region.pseudo:
            return self.region.pseudo[key]
        return self.scope[key] if key in self.scope else self.resource(key).ref

    def attribute(self, key: str, path: str) -> Any:
        found = self.resource(key)
        if path not in found.attributes:
            raise ValueError(f"{self.name}: {found.type} has no attribute {path}")
        return found.attributes[path]

    def sub(self, value: Any) -> str:
        text, own = (value, {}) if isinstance(value, str) else value
        own = {key: self.resolve(item) for key, item in own.items()}

        def fill(match: re.Match[str]) -> str:
            key = match[1]
            if key.startswith("!"):
                return f"${{{key[1:]}}}"
            filled = own[key] if key in own else self.attribute(*key.split(".", 1)) if "." in key else self.ref(key)
            if not isinstance(filled, str):
                raise TypeError(f"{self.name}: ${{{key}}} is no text")
            return filled

        return re.sub(r"\$\{([^}]*)\}", fill, text)


def _hash(text: str) -> str:
    return blake2s(text.encode()).hexdigest()[:17]


def _inside(resource: Resource, arn: str) -> Iterator[str]:
    match resource.type:
        case "AWS::S3::Bucket":
            yield f"{arn}/some/object"
        case "AWS::Logs::LogGroup":
            yield f"{arn.removesuffix(':*')}:log-stream:some"
        case "AWS::ECS::Service":
            yield f"{arn.replace(':service/', ':task-set/')}/ecs-svc/1"
            yield f"{arn.replace(':service/', ':service-deployment/')}/1"
        case "AWS::CodePipeline::Pipeline":
            group = f"{arn.replace(':codepipeline:', ':logs:').rpartition(':')[0]}:log-group:/aws/codepipeline/{resource.ref}"
            yield group  # CodePipeline makes it for Commands actions
            yield f"{group}:log-stream:some"
        case "AWS::ECS::TaskDefinition":
            yield arn.rpartition(":")[0]  # the newest revision
        case "AWS::ECS::Cluster":
            yield f"{arn.replace(':cluster/', ':task/')}/1"
        case "AWS::ElasticLoadBalancingV2::LoadBalancer":
            yield f"{arn.replace(':loadbalancer/', ':listener-rule/')}/listener/rule"


PREDEFINED_CONFIGS = (
    "CodeDeployDefault.ECSAllAtOnce",
    "CodeDeployDefault.ECSCanary10Percent5Minutes",
    "CodeDeployDefault.ECSCanary10Percent15Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
    "CodeDeployDefault.ECSLinear10PercentEvery3Minutes",
)
"""CodeDeploy User Guide, deployment-configurations."""

# (service, the ARN's last part, the property that Ref gives; None where Ref gives the ARN)
ARNS: dict[str, tuple[str, str, str | None]] = {
    "CertificateManager::Certificate": ("acm", "certificate/{name}", None),
    "CloudWatch::Alarm": ("cloudwatch", "alarm:{AlarmName}", "AlarmName"),
    "CodeBuild::Project": ("codebuild", "project/{Name}", "Name"),
    "CodeCommit::Repository": ("codecommit", "{RepositoryName}", "id"),
    "CodeDeploy::Application": ("codedeploy", "application:{ApplicationName}", "ApplicationName"),
    "CodeDeploy::DeploymentConfig": ("codedeploy", "deploymentconfig:{DeploymentConfigName}", "DeploymentConfigName"),
    "CodeDeploy::DeploymentGroup": ("codedeploy", "deploymentgroup:{ApplicationName}/{DeploymentGroupName}", "DeploymentGroupName"),
    "CodePipeline::Pipeline": ("codepipeline", "{Name}", "Name"),
    "CodeStarNotifications::NotificationRule": ("codestar-notifications", "notificationrule/{name}", None),
    "ECR::Repository": ("ecr", "repository/{RepositoryName}", "RepositoryName"),
    "ECS::Cluster": ("ecs", "cluster/{ClusterName}", "ClusterName"),
    "ECS::Service": ("ecs", "service/{Cluster}/{ServiceName}", None),
    "ECS::TaskDefinition": ("ecs", "task-definition/{Family}:1", None),
    "ElasticLoadBalancingV2::LoadBalancer": ("elasticloadbalancing", "loadbalancer/app/{Name}/1", None),
    "ElasticLoadBalancingV2::TargetGroup": ("elasticloadbalancing", "targetgroup/{Name}/1", None),
    "Events::Connection": ("events", "connection/{Name}", "Name"),
    "Events::Rule": ("events", "rule/{Name}", "Name"),
    "IAM::OIDCProvider": ("iam", "oidc-provider/{name}", None),
    "IAM::Role": ("iam", "role{Path}{RoleName}", "RoleName"),
    "KMS::Key": ("kms", "key/{name}", "id"),
    "Lambda::Function": ("lambda", "function:{FunctionName}", "FunctionName"),
    "Logs::LogGroup": ("logs", "log-group:{LogGroupName}:*", "LogGroupName"),
    "S3::Bucket": ("s3", "{BucketName}", "BucketName"),
    "SNS::Topic": ("sns", "{TopicName}", None),
    "ServiceDiscovery::HttpNamespace": ("servicediscovery", "namespace/{name}", "id"),
    "ServiceDiscovery::PrivateDnsNamespace": ("servicediscovery", "namespace/{name}", "id"),
    "ServiceDiscovery::Service": ("servicediscovery", "service/{name}", "id"),
    "Scheduler::Schedule": ("scheduler", "schedule/default/{Name}", "Name"),
    "SQS::Queue": ("sqs", "{QueueName}", "id"),
}

# the property that names what it is a part of, and how the owner's ARN becomes its own
INSIDE = {
    "ElasticLoadBalancingV2::Listener": ("LoadBalancerArn", "loadbalancer", "listener"),
    "ElasticLoadBalancingV2::ListenerRule": ("ListenerArn", "listener", "listener-rule"),
}

PREFIXES = {
    "EC2::SecurityGroup": "sg",
    "EC2::RouteTable": "rtb",
    "EC2::VPCEndpoint": "vpce",
    "EC2::InternetGateway": "igw",
    "EC2::NatGateway": "nat",
}
"""How identifiers begin that are not made of the type's name."""

ATTRIBUTES: dict[str, dict[str, str]] = {
    "CodeCommit::Repository": {
        "Name": "{RepositoryName}",
        "CloneUrlHttp": "https://git-codecommit.{region}.{suffix}/v1/repos/{RepositoryName}",
    },
    "EC2::EIP": {"AllocationId": "eipalloc-{ref}", "PublicIp": "198.51.100.1"},
    "EC2::NatGateway": {"NatGatewayId": "{ref}"},
    "EC2::SecurityGroup": {"GroupId": "{ref}", "VpcId": "{VpcId}"},
    "EC2::Subnet": {"SubnetId": "{ref}", "AvailabilityZone": "{region}a"},
    "EC2::VPC": {"VpcId": "{ref}", "CidrBlock": "{CidrBlock}"},
    "ECR::Repository": {"RepositoryUri": "{account}.dkr.ecr.{region}.{suffix}/{RepositoryName}"},
    "ECS::Service": {"Name": "{ServiceName}", "ServiceArn": "{arn}"},
    "ElasticLoadBalancingV2::Listener": {"ListenerArn": "{arn}"},
    "ElasticLoadBalancingV2::ListenerRule": {"RuleArn": "{arn}"},
    "ElasticLoadBalancingV2::LoadBalancer": {
        "LoadBalancerArn": "{arn}",
        "DNSName": "{Name}.{region}.elb.{suffix}",
        "LoadBalancerFullName": "app/{Name}/1",
        "LoadBalancerName": "{Name}",
        "CanonicalHostedZoneID": "Z1",
    },
    "ElasticLoadBalancingV2::TargetGroup": {"TargetGroupFullName": "targetgroup/{Name}/1", "TargetGroupName": "{Name}"},
    "ServiceDiscovery::HttpNamespace": {"Id": "{ref}"},
    "ServiceDiscovery::PrivateDnsNamespace": {"Id": "{ref}"},
    "S3::Bucket": {"DomainName": "{ref}.s3.{suffix}"},
}
