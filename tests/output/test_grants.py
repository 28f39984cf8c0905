"""What every role is granted is enough for what is done with it, and each grant can be used."""

import json
import re
import warnings
from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

import cfnlint
import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore", ResourceWarning)  # it leaves its own files open
    import parliament

from bgspec.compiler import compile_spec
from tests.corpus import ROOT, artifacts, compiled, specs
from tests.output import docs
from tests.output.cloudformation import load
from tests.output.environment import environments, parse
from tests.output.judgements import HANDLERS, RESOURCES
from tests.output.test_policies import unlisted
from tests.strategies import as_yaml

_SCHEMAS = Path(cfnlint.__file__).parent / "data/schemas"
_COMPANIONS = {
    # ECS Developer Guide, supported-iam-actions-tagging: what is made with tags needs both, and stacks hand their tags on.
    "ecs:RegisterTaskDefinition": ("ecs:TagResource", "iam:PassRole"),
    "ecs:RunTask": ("ecs:TagResource", "iam:PassRole"),
    "ecs:CreateTaskSet": ("iam:PassRole",),
    "ecr:BatchGetImage": ("ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"),
    "ec2:CreateNetworkInterface": ("ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces"),
    "elasticfilesystem:ClientWrite": ("elasticfilesystem:ClientMount",),
    "cloudformation:UpdateStack": ("iam:PassRole",),
    "codedeploy:CreateDeployment": ("codedeploy:GetDeploymentConfig", "codedeploy:RegisterApplicationRevision"),
}
"""What an action is of no use without."""


def roles(name: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """Every role of a golden with all its statements but those that are the user's own words."""
    for env in environments(artifacts(name), parse(specs()[name].read_text())):
        for role in env.region.all("IAM::Role"):
            statements = [each for policy in role.properties.get("Policies", []) for each in policy["PolicyDocument"]["Statement"]]
            yield role.id, [each for each in statements if not each["Sid"].startswith(("Application", "Own"))]


def actions(statements: list[dict[str, Any]]) -> set[str]:
    return {action for statement in statements for action in statement["Action"]}


@pytest.mark.parametrize("name", specs())
def test_no_action_stands_without_its_companions(name):
    for role, statements in roles(name):
        granted = actions(statements)
        missing = {(one, other) for one in granted & _COMPANIONS.keys() for other in _COMPANIONS[one] if other not in granted}
        assert not missing, role


def test_every_action_with_companions_is_granted_somewhere():
    assert _COMPANIONS.keys() <= {action for name in specs() for _, statements in roles(name) for action in actions(statements)}


def _formats(service: str, action: str) -> Iterator[tuple[str, str]]:
    """The types of resources that an action knows, and what their ARNs look like (Service Authorization Reference)."""
    for part in parliament.iam_definition:
        if part["prefix"] == service:
            shapes = {one["resource"]: one["arn"] for one in part["resources"]}
            for privilege in part["privileges"]:
                if privilege["privilege"] == action:
                    kinds = (one["resource_type"].rstrip("*") for one in privilege["resource_types"])
                    yield from ((kind, shapes[kind]) for kind in kinds if kind in shapes)


@cache
def _fits(action: str, arn: str) -> bool:
    return any(parliament.is_arn_match(kind, re.sub(r"\$\{.*?\}", "*", shape), arn) for kind, shape in _formats(*action.split(":")))


@pytest.mark.parametrize("name", specs())
def test_every_resource_is_one_that_an_action_of_its_statement_knows(name):
    """parliament asks whether an action finds its resource; this asks whether a resource finds an action."""
    known = {(one.finding, one.about) for one in RESOURCES}
    for role, statements in roles(name):
        for statement in statements:
            for resource in set(statement["Resource"]) - {"*"}:
                fitting = [one for one in statement["Action"] if _fits(one, resource) or (one, statement["Sid"]) in known]
                assert fitting, (role, statement["Sid"], resource)


@pytest.mark.parametrize("name", specs())
def test_aws_knows_no_resource_where_the_comment_says_so(name):
    for plan in compile_spec(specs()[name].read_bytes(), name).plans:
        for statement in (one for role in docs.roles(plan) for one in role.statements):
            if re.search("AWS knows no resource for (this|these)", statement.reason):
                assert [action for action in statement.actions if any(_formats(*action.split(":")))] == [], statement.reason


def test_what_is_read_is_decrypted_through_the_service_that_holds_it():
    through = {"ReadSecrets": "secretsmanager", "ReadParameters": "ssm", "ReadFiles": "s3"}
    looked = set()
    for role, statements in roles("encryption"):
        by_sid = {one["Sid"]: one for one in statements}
        asked = {service for sid, service in through.items() if sid in by_sid}
        decrypts = by_sid.get("DecryptSecrets", {"Condition": {"StringEquals": {"kms:ViaService": []}}})
        allowed = {one.partition(".")[0] for one in decrypts["Condition"]["StringEquals"]["kms:ViaService"]}
        assert asked <= allowed, role
        assert bool(allowed) == bool(asked), role
        looked |= asked
    assert looked == set(through.values())


def test_whichever_role_is_the_only_one_that_is_made():
    """An organisation that makes all roles but one: what is granted on roles that are not made is not granted at all."""
    whole = parse(specs()["given-roles"].read_text())
    for route in _given(whole):
        tree = deepcopy(whole)
        *way, last = route
        place = tree
        for key in way:
            place = place[key]
        del place[last]
        for env in environments(compiled(as_yaml(tree)), tree):
            assert unlisted(env) == [], route
            for role in env.region.all("IAM::Role"):
                for policy in role.properties.get("Policies", []):
                    assert all(one["Action"] and one["Resource"] for one in policy["PolicyDocument"]["Statement"]), (route, role.id)


def _given(tree: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the spec names a role."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        if isinstance(value, str) and ":role/" in value:
            yield (*route, key)
        yield from _given(value, (*route, key))


def handlers(kind: str) -> dict[str, list[str]]:
    """What CloudFormation's handlers of a type call, by what they do with it; nothing for the types that have none."""
    place = json.loads((_SCHEMAS / "providers/us-east-1.json").read_text("utf-8"))[kind]
    schema = json.loads((_SCHEMAS / f"resources/{place}.json").read_text("utf-8"))
    return {doing: one.get("permissions", []) for doing, one in schema.get("handlers", {}).items() if doing != "list"}


def _not_called(action: str) -> bool:
    return any(action.startswith(one.finding) for one in HANDLERS)


def test_a_stack_role_may_do_what_the_handlers_of_its_stacks_do():
    looked = set()
    for name in specs():
        for env in environments(artifacts(name), parse(specs()[name].read_text())):
            for role in [each for each in env.region.all("IAM::Role") if each.id == "StackRole"]:
                granted = actions([one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]])
                stacks = {arn.split("/")[-1] for arn in _services(role)}
                kinds = {
                    resource["Type"]
                    for template in env.templates.values()
                    if stacks & {one["Properties"].get("ServiceName") for one in template["Resources"].values()}
                    for resource in template["Resources"].values()
                }
                looked |= kinds
                called = {action for kind in kinds for calls in handlers(kind).values() for action in calls}
                assert {action for action in called - granted if not _not_called(action)} == set(), name
    assert looked == {"AWS::ECS::Service", "AWS::ECS::TaskDefinition", "AWS::IAM::Role", "AWS::Logs::LogGroup"}


def _services(role: Any) -> Iterator[str]:
    for policy in role.properties["Policies"]:
        for statement in policy["PolicyDocument"]["Statement"]:
            yield from (arn for arn in statement["Resource"] if ":service/" in arn)


def test_a_deployer_may_do_what_the_handlers_of_all_types_do():
    policy = json.loads((ROOT / "docs/deployer-policy.json").read_text("utf-8"))
    granted = {action.removesuffix("*") for statement in policy["Statement"] for action in statement["Action"]}
    kinds = {
        resource["Type"]
        for name in specs()
        for artifact in artifacts(name)
        if "stacks/" in artifact.path and artifact.path.endswith(".yaml")
        for resource in load(artifact.text)["Resources"].values()
    }
    called = {action for kind in kinds for calls in handlers(kind).values() for action in calls}
    assert {action for action in called if not action.startswith(tuple(granted)) and not _not_called(action)} == set()


def test_everything_that_is_listed_is_needed():
    """An exception that excuses nothing any more leaves the list."""
    kinds = ("AWS::CertificateManager::Certificate", "AWS::EC2::FlowLog", "AWS::EC2::VPCEndpoint", "AWS::ElasticLoadBalancingV2::Listener")
    kinds += ("AWS::IAM::Role", "AWS::Lambda::Function", "AWS::Logs::LogGroup", "AWS::S3::Bucket")
    called = {action for kind in kinds for calls in handlers(kind).values() for action in calls}
    assert [one.finding for one in HANDLERS if not any(action.startswith(one.finding) for action in called)] == []


@pytest.mark.parametrize(
    "host", ["dkr.ecr.{}.amazonaws.com", "dkr.ecr-fips.{}.amazonaws.com", "dkr-ecr.{}.on.aws", "dkr-ecr-fips.{}.on.aws"]
)
def test_an_image_in_ecr_may_be_pulled_by_whatever_name_its_registry_is_called(host):
    uri = f"444455556666.{host.format('us-west-2')}/shop/web@sha256:{'0' * 64}"
    tree = {
        "bgspec": 1,
        "system": "shop",
        "environment": "prd",
        "region": "us-east-1",
        "network": {"egress": "nat"},
        "services": {"web": {"image": {"uri": uri}, "port": 8080}},
    }
    (env,) = environments(compiled(as_yaml(tree)), tree)
    (role,) = [each for each in env.region.all("IAM::Role") if each.id == "WebExecutionRole"]
    statements = {one["Sid"]: one for one in role.properties["Policies"][0]["PolicyDocument"]["Statement"]}
    assert statements["PullImage"]["Resource"] == ["arn:aws:ecr:us-west-2:444455556666:repository/shop/web"]
    assert "RegistryToken" in statements


@pytest.mark.parametrize("way", ["pipeline: {source: {provider: codecommit}}", "github_actions: {repository: acme/shop, branch: main}"])
@pytest.mark.parametrize("engine", ["codedeploy", "ecs"])
def test_a_role_that_deploys_many_services_fits_into_iam(engine, way):
    many = "\n".join(f"  catalog-{chr(97 + i)}: {{image: {{build: .}}, port: 80, routes: [{{path: /{i}/*}}]}}" for i in range(26))
    text = f"bgspec: 1\nsystem: shop\nenvironment: prd\nregion: us-east-1\naccount: '111122223333'\n{way}\ndeployment: {{engine: {engine}}}"
    text += f"\nservices:\n  web: {{image: {{build: .}}, port: 80}}\n{many}\n"
    (env,) = environments(compiled(text.encode()), parse(text))
    services = {one.properties["ServiceName"] for one in env.region.all("ECS::Service")}
    assert len(services) == 27
    for role in env.region.all("IAM::Role"):
        statements = [one for policy in role.properties.get("Policies", []) for one in policy["PolicyDocument"]["Statement"]]
        assert sum(len(json.dumps(one, separators=(",", ":"))) for one in statements) < 10_000, role.id
        for statement in statements:
            for kind in ("service/shop-prd-cluster-01/shop-prd-service-", "role/shop-prd-role-exec-"):
                patterns = [one for one in statement["Resource"] if kind in one and "*-01" in one]
                assert not patterns or len(statement["Resource"]) < 10, statement  # gathered, not named twice


def test_names_that_cannot_be_gathered_are_told():
    """Roles that stand already are called whatever they are called."""
    role = f"arn:aws:iam::111122223333:role/{'a-path-of-an-organisation/' * 6}a-role-of-its-own"
    many = "\n".join(
        f"  catalog-{chr(97 + i)}: {{image: {{build: .}}, execution_role: {role}-{i}-exec, task_role: {role}-{i}-task}}" for i in range(26)
    )
    text = (
        f"bgspec: 1\nsystem: shop\nenvironment: prd\nregion: us-east-1\npipeline: {{source: {{provider: codecommit}}}}\nservices:\n{many}\n"
    )
    findings = compile_spec(text.encode(), "bgspec.yaml").findings
    assert [(one.code, one.message.partition(" has")[0]) for one in findings if one.severity == "error"] == [
        ("BG904", "The role shop-prd-role-pipeline-01")
    ]
