"""No valid spec yields a name that is too long, illegal or there twice; what has a name keeps it."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import yaml
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bgspec.compiler import compile_spec
from bgspec.render import Artifact
from tests.corpus import artifacts, compiled, specs
from tests.output import names
from tests.output.cloudformation import Resource, load
from tests.output.environment import Environment, environments, parse
from tests.strategies import as_yaml, sample

# (the property that names it, what AWS takes). Where CloudFormation's schema says it too, both are asked.
NAMES: dict[str, tuple[str, str]] = {
    "ApplicationAutoScaling::ScalingPolicy": ("PolicyName", r"[ -~]{1,256}"),  # bc:application-autoscaling.PolicyName
    "CloudWatch::Alarm": ("AlarmName", r"[ -~]{1,255}"),  # bc:cloudwatch.AlarmName
    "CodeBuild::Project": ("Name", r"[A-Za-z0-9][A-Za-z0-9\-_]{1,149}"),  # bc:codebuild.ProjectName
    "CodeCommit::Repository": ("RepositoryName", r"[A-Za-z0-9._\-]{1,100}(?<!\.git)"),  # cfn
    "CodeDeploy::Application": ("ApplicationName", r"[A-Za-z0-9+=,.@_\-]{1,100}"),  # cfn
    "CodeDeploy::DeploymentConfig": ("DeploymentConfigName", r"(?!CodeDeployDefault)[A-Za-z0-9+=,.@_\-]{1,100}"),  # cfn
    "CodeDeploy::DeploymentGroup": ("DeploymentGroupName", r"[A-Za-z0-9+=,.@_\-]{1,100}"),  # cfn
    "CodePipeline::Pipeline": ("Name", r"[A-Za-z0-9.@\-_]{1,100}"),  # bc:codepipeline.PipelineName
    "CodeStarNotifications::NotificationRule": ("Name", r"[A-Za-z0-9\-_ ]{1,64}"),  # cfn
    "EC2::SecurityGroup": ("GroupName", r"(?!sg-)[a-zA-Z0-9 ._\-:/()#,@\[\]+=&;{}!$*]{1,255}"),  # bc:ec2.CreateSecurityGroupRequest
    "ECR::Repository": ("RepositoryName", r"[a-z][a-z0-9._/\-]{1,255}"),  # bc:ecr.CreateRepositoryRequest: it starts with a letter
    "ECS::Cluster": ("ClusterName", r"[A-Za-z0-9\-]{1,255}"),  # ECS Developer Guide, create-cluster-console-v2
    "ECS::Service": ("ServiceName", r"[A-Za-z0-9\-_]{1,255}"),  # ECS Developer Guide, service_definition_parameters
    "ECS::TaskDefinition": ("Family", r"[A-Za-z0-9\-_]{1,255}"),  # bc:ecs.RegisterTaskDefinitionRequest
    "ElasticLoadBalancingV2::LoadBalancer": ("Name", r"(?!internal-)[A-Za-z0-9]([A-Za-z0-9\-]{0,30}[A-Za-z0-9])?"),  # bc:elbv2
    "ElasticLoadBalancingV2::TargetGroup": ("Name", r"[A-Za-z0-9]([A-Za-z0-9\-]{0,30}[A-Za-z0-9])?"),  # bc:elbv2.CreateTargetGroupInput
    "Events::Rule": ("Name", r"[.\-_A-Za-z0-9]{1,64}"),  # cfn
    "KMS::Alias": ("AliasName", r"alias/[a-zA-Z0-9/_\-]{1,250}"),  # bc:kms.CreateAliasRequest
    "IAM::Role": ("RoleName", r"[\w+=,.@\-]{1,64}"),  # bc:iam.CreateRoleRequest
    "Lambda::Function": ("FunctionName", r"[a-zA-Z0-9\-_]{1,64}"),  # cfn
    "Logs::LogGroup": ("LogGroupName", r"[.\-_/#A-Za-z0-9]{1,512}"),  # cfn
    "S3::Bucket": ("BucketName", r"(?!xn--|sthree-|amzn-s3-demo-)[a-z0-9][a-z0-9\-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)"),
    "SSM::Parameter": ("Name", r"(/[A-Za-z0-9_.\-]{1,}){1,15}"),  # Systems Manager User Guide, sysman-paramstore-su-create
    "SNS::Topic": ("TopicName", r"[A-Za-z0-9\-_]{1,256}"),  # bc:sns.CreateTopicInput
    "ServiceDiscovery::HttpNamespace": ("Name", r"(?!arn:)[!-~]{1,1024}"),  # bc:servicediscovery.NamespaceNameHttp
    "ServiceDiscovery::PrivateDnsNamespace": ("Name", r"(?!arn:)[!-~]{1,253}"),  # bc:servicediscovery.NamespaceNamePrivate
    "Scheduler::Schedule": ("Name", r"[0-9a-zA-Z\-_.]{1,64}"),  # cfn
}

WITHOUT_A_NAME = {
    # AWS calls them by an id that it gives; what looks like a name is another's, or the user's.
    "ApplicationAutoScaling::ScalableTarget",
    "CertificateManager::Certificate",
    "EC2::EIP",
    "EC2::FlowLog",
    "EC2::InternetGateway",
    "EC2::NatGateway",
    "EC2::Route",
    "EC2::RouteTable",
    "EC2::SecurityGroupIngress",
    "EC2::Subnet",
    "EC2::SubnetRouteTableAssociation",
    "EC2::VPC",
    "EC2::VPCEndpoint",
    "EC2::VPCGatewayAttachment",
    "IAM::OIDCProvider",
    "KMS::Key",
    "ElasticLoadBalancingV2::Listener",
    "ElasticLoadBalancingV2::ListenerRule",
    "Route53::RecordSet",
    "S3::BucketPolicy",
    "SNS::TopicPolicy",
    "ServiceDiscovery::Service",  # in a namespace of its environment the service's own name
}


def wrong_names(made: tuple[Artifact, ...], spec: dict[str, Any]) -> list[str]:
    """What is illegal or there twice in a render."""
    found = [sentence for artifact in made if "stacks/" in artifact.path for sentence in _wrong_keys(artifact)]
    everywhere: Counter[tuple[str, ...]] = Counter()
    for env in environments(made, spec):
        named = list(_named(env))
        found += [f"{kind} {name!r} is illegal" for kind, name, pattern in named if not re.fullmatch(pattern, name)]
        found += [sentence for resource in env.region.resources for sentence in _against_the_schema(resource)]
        account = "the tools account" if env.targets else "the account"
        everywhere.update({(kind, name.lower(), account) for kind, name, _ in named if kind in {"stack", *NAMES}})
        here = Counter((kind, name.lower()) for kind, name, _ in named)  # roles differ in more than case (bc:iam.CreateRoleRequest)
        found += [f"{count} of {kind} {name}" for (kind, name), count in here.items() if count > 1]
    found += [f"{name}: {kind} in {count} environments of {where}" for (kind, name, where), count in everywhere.items() if count > 1]
    return found


def _named(env: Environment) -> Iterator[tuple[str, str, str]]:
    """(what, its name, what AWS takes): names of one kind must differ."""
    for path, template in env.templates.items():
        yield "stack", template["Description"].partition(":")[0], r"[a-zA-Z][\-a-zA-Z0-9]{0,127}"
        for section in ("Parameters", "Resources", "Outputs"):
            yield from ((f"{section} of {path}", key, r"[A-Za-z0-9]{1,255}") for key in template.get(section, {}))
    for resource in env.region.resources:
        kind = resource.type.removeprefix("AWS::")
        if kind in NAMES:
            key, pattern = NAMES[kind]
            yield kind, resource.properties[key], pattern
        for action in resource.properties.get("ScheduledActions", []):
            yield f"action of {resource.id}", action["ScheduledActionName"], r"[ -~]{1,256}"
        yield from _named_in_a_pipeline(resource)
        for tag in resource.properties.get("Tags", []):
            if isinstance(tag, dict) and tag["Key"] == "Name":
                yield resource.type, tag["Value"], r".{1,255}"


def _named_in_a_pipeline(resource: Resource) -> Iterator[tuple[str, str, str]]:
    for stage in resource.properties.get("Stages", []):
        yield f"stage of {resource.id}", stage["Name"], r"[A-Za-z0-9.@\-_]{1,100}"
        for action in stage["Actions"]:
            yield f"action of stage {stage['Name']}", action["Name"], r"[A-Za-z0-9.@\-_]{1,100}"
            for artifact in action.get("OutputArtifacts", []):
                yield f"artifact of {resource.id}", artifact["Name"], r"[a-zA-Z0-9_\-]{1,100}"


def _wrong_keys(artifact: Artifact) -> Iterator[str]:
    """Keys that a mapping holds twice: YAML readers take the last and say nothing."""

    def visit(node: yaml.Node) -> Iterator[str]:
        if isinstance(node, yaml.MappingNode):
            keys = Counter(key.value for key, _ in node.value)
            yield from (f"{artifact.path}: {key} twice" for key, count in keys.items() if count > 1)
            for _, value in node.value:
                yield from visit(value)
        elif isinstance(node, yaml.SequenceNode):
            for item in node.value:
                yield from visit(item)

    yield from visit(yaml.compose(artifact.text, Loader=yaml.CSafeLoader))


def _against_the_schema(resource: Resource) -> Iterator[str]:
    for key, (least, most, pattern) in _limits(resource.type).items():
        value = resource.properties.get(key)
        if isinstance(value, str) and not (least <= len(value) <= most and re.search(pattern, value)):
            yield f"{resource.type}.{key}: {value!r} is not {pattern} of {least} to {most}"


@cache
def _limits(kind: str) -> dict[str, tuple[int, int, str]]:
    """The properties of a type that CloudFormation's schema limits and that say how something is called."""
    properties = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", kind).schema["properties"]
    return {
        key: (limits.get("minLength", 0), limits.get("maxLength", 10**6), limits.get("pattern", "").replace(r"\p{Print}", "[ -~]"))
        for key, limits in properties.items()
        if (key.endswith("Name") or key == NAMES.get(kind.removeprefix("AWS::"), ("",))[0]) and {"maxLength", "pattern"} & set(limits)
    }


# --- any names at all ---

# The words of bgspec's own names and ids: whoever calls a service so comes as near to a collision as can be.
WORDS = """a x1 tg task tasks service services role exec build builds test events pipeline blue green target group listener rule rules
 production cpu memory requests step time alarm alarms hook hooks stack scaling schedule events ask infra image images code
 deploy deployment repository registry after traffic before install security log arn uri id name own first source""".split()  # fmt: skip

services = st.lists(st.sampled_from(WORDS), min_size=1, max_size=6).map(lambda words: "-".join(words)[:32].rstrip("-"))
systems = st.from_regex(r"[a-z][a-z0-9]{0,3}(-[a-z0-9]{1,4}){0,4}", fullmatch=True).filter(lambda name: len(name) <= 20) | st.just("s" * 20)
stages = st.lists(st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True), min_size=1, max_size=2, unique=True)

PIPELINE = {
    "source": {"provider": "codecommit"},
    "build": {"cache": {"s3": ["/root/.npm/**/*"]}},
    "test": {"commands": ["make test"], "vpc": True},
    "approval": {"before": "deploy", "notify": ["a@example.com"]},
    "notifications": {"to": ["a@example.com"]},
}
SCALING = {
    "min": 1,
    "max": 4,
    "cpu": 50,
    "memory": 60,
    "steps": [{"metric": "cpu", "above": 80, "add": 1}, {"metric": "memory", "above": 80, "add": 2}],
    "schedule": [{"at": "cron(0 8 * * ? *)", "min": 2, "max": 4}, {"at": "rate(1 day)", "min": 1, "max": 4}],
}
ALARMS = [{"metric": metric, "above": 1} for metric in ("target-5xx", "target-4xx", "unhealthy-targets", "response-time")]
SMOKE = {"test": [{"path": "/"}]}
DEPLOYMENTS = [
    {
        "shift": {"canary": "7%", "after": "11m"},
        "rollback": {"alarms": ALARMS},
        "hooks": {"after_test_traffic": SMOKE, "after_traffic": SMOKE},
    },
    {"engine": "ecs", "rollback": {"alarms": ALARMS}, "hooks": {"after_test_traffic": SMOKE, "during_traffic": SMOKE}},
]


@st.composite
def everything_with_any_name(draw):
    """Specs that make everything that has a name, for services, systems and environments of any."""
    called = draw(st.lists(services, min_size=1, max_size=3, unique=True))
    web = {"image": {"build": "."}, "port": 8080, "scaling": {**SCALING, "requests": 100}, "exec": True}
    written = {
        name: {**web, "health_check": {"path": f"/{number}"}, **({"routes": [{"path": f"/{number}/*"}]} if number else {})}
        for number, name in enumerate(called)
    }
    others = draw(st.lists(services, max_size=2, unique=True).filter(lambda names: not set(names) & set(called)))
    written |= {name: {"image": {"build": "w"}, "scaling": SCALING} for name in others[:1]}
    written |= {name: {"image": {"build": "s"}, "schedule": "rate(1 day)"} for name in others[1:]}
    return {
        "bgspec": 1,
        "system": draw(systems),
        "region": "ap-southeast-1",  # no Region's name is longer
        "services": written,
        "network": {"flow_logs": True},
        "load_balancer": {"scheme": "internal", "access_logs": True, "test": {"allow": ["10.9.0.0/16"]}},
        "cluster": {"exec_logs": True},
        "deployment": draw(st.sampled_from(DEPLOYMENTS)),
        "pipeline": PIPELINE,
        "environments": {stage: {} for stage in draw(stages)},
    }


def check(spec: dict[str, Any]) -> None:
    compilation = compile_spec(as_yaml(spec), "spec.yaml")
    assume(not compilation.errors)
    assert wrong_names(compilation.artifacts(), spec) == []


@settings(max_examples=12)
@given(everything_with_any_name())
def test_whatever_things_are_called_every_name_is_legal_and_there_once(spec):
    check(spec)


@pytest.mark.slow
@settings(max_examples=300)
@given(everything_with_any_name())
def test_whatever_things_are_called_every_name_is_legal_and_there_once_many(spec):
    check(spec)


def test_the_longest_names_of_all():
    longest = {letter * 32: {"image": {"build": "."}, "port": 80, "routes": [{"path": f"/{letter}"}]} for letter in "abc"}
    spec = {"bgspec": 1, "system": "s" * 20, "environment": "e" * 10, "region": "ap-southeast-1", "services": longest, "pipeline": PIPELINE}
    assert wrong_names(compiled(as_yaml(spec)), spec) == []


@pytest.mark.parametrize("name", specs())
def test_the_goldens_names_are_legal_and_there_once(name):
    assert wrong_names(artifacts(name), parse(specs()[name].read_text())) == []


@pytest.mark.slow
def test_the_names_of_random_specs_are_legal_and_there_once():
    for tree in sample(100):
        assert wrong_names(compiled(as_yaml(tree)), tree) == [], tree


def test_every_kind_of_resource_is_looked_at():
    made = {resource.type for name in specs() for env in environments(artifacts(name), {}) for resource in env.region.resources}
    assert made == {f"AWS::{kind}" for kind in NAMES.keys() | WITHOUT_A_NAME}


# --- what has a name keeps it ---


@pytest.mark.parametrize("name", names.RECORDED)
def test_what_runs_is_never_renamed_or_replaced(name):
    """A line that is gone or different is something that `apply` would replace, or lose, wherever it runs: CONTRIBUTING.md, "A name"."""
    recorded, made = names.read(name), names.lines(name)
    gone = [line for line in recorded if line not in made]
    assert gone == [], "this would replace what runs"
    assert recorded == made, "run `make bless`: it records what is new"


def test_a_new_name_is_not_blessed(monkeypatch, tmp_path):
    recorded = names.read("article")
    assert len(recorded) > 50
    monkeypatch.setattr(names, "PLACE", tmp_path)
    (tmp_path / "article.txt").write_text("\n".join(recorded[:-1]).replace("cf1-stg-tg-fargate-01", "cf1-stg-tg-fargate-03"))
    with pytest.raises(ValueError, match="cf1-stg-tg-fargate-03"):
        names.bless("article")
    (tmp_path / "article.txt").write_text("\n".join(recorded[:-1]))
    names.bless("article")
    assert names.read("article") == recorded


def test_no_record_is_an_orphan():
    assert sorted(path.stem for path in names.PLACE.iterdir()) == sorted(names.RECORDED)


@pytest.mark.parametrize(("region", "namespace"), [("me-south-1", None), ("me-central-1", None), ("ap-southeast-1", "account-regional")])
def test_buckets_are_in_the_accounts_own_namespace_where_the_region_has_one(region, namespace):
    """S3 User Guide, gpbucketnamespaces: a name ends in `-an` in that namespace, and nowhere else."""
    spec = f"""
        bgspec: 1
        system: shop
        environment: dev
        region: {region}
        load_balancer: {{access_logs: true}}
        services: {{web: {{image: {{build: .}}, port: 80}}}}
        pipeline: {{source: {{provider: s3}}, build: {{cache: {{s3: [/root/.m2]}}}}}}
    """
    made = [load(one.text)["Resources"] for one in compiled(spec.encode()) if one.path.endswith(".yaml") and "stacks/" in one.path]
    buckets = [one["Properties"] for stack in made for one in stack.values() if one["Type"] == "AWS::S3::Bucket"]
    assert len(buckets) == 4
    assert {bucket.get("BucketNamespace") for bucket in buckets} == {namespace}
    assert {bucket["BucketName"]["Fn::Sub"].endswith("-an") for bucket in buckets} == {bool(namespace)}
