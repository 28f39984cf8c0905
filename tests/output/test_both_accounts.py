"""The two halves of an environment whose pipeline stands in a tools account let each other in, and nobody else."""

import json

import pytest

from tests.corpus import artifacts, specs
from tests.output.environment import Environment, environments, parse

NAME = "two-accounts"
HALVES = [env for env in environments(artifacts(NAME), parse(specs()[NAME].read_text())) if env.targets]


def allows(document: dict, action: str) -> list[dict]:
    """The statements of a policy that let another account do something."""
    found = [one for one in document["Statement"] if one["Effect"] == "Allow" and "AWS" in one["Principal"]]
    return [one for one in found if action in one["Action"]]


def admitted(statement: dict) -> tuple[str, list[str]]:
    """The account that a statement lets in, and as which roles."""
    return statement["Principal"]["AWS"], statement["Condition"]["ArnEquals"]["aws:PrincipalArn"]


def actions(env: Environment) -> list[dict]:
    (pipeline,) = env.region.all("CodePipeline::Pipeline")
    return [action for stage in pipeline.properties["Stages"] for action in stage["Actions"]]


@pytest.mark.parametrize("tools", HALVES)
def test_the_deploy_actions_take_a_role_that_trusts_the_pipeline_alone(tools):
    (pipeline,) = tools.region.all("CodePipeline::Pipeline")
    taken = {action["RoleArn"] for action in actions(tools) if action["ActionTypeId"]["Category"] == "Deploy"}
    (role,) = taken
    found = next(one for one in tools.target.region.all("IAM::Role") if one.attributes["Arn"] == role)
    (statement,) = found.properties["AssumeRolePolicyDocument"]["Statement"]
    assert admitted(statement) == ("arn:aws:iam::444455556666:root", [pipeline.properties["RoleArn"]])
    assert not [action["Name"] for action in actions(tools) if "RoleArn" in action and action["ActionTypeId"]["Category"] != "Deploy"]


@pytest.mark.parametrize("tools", HALVES)
def test_that_role_reads_the_artifacts_and_the_other_half_lets_it(tools):
    account = tools.target.region.account
    (pipeline,) = tools.region.all("CodePipeline::Pipeline")
    store = pipeline.properties["ArtifactStore"]
    role = next(one for one in tools.target.region.all("IAM::Role") if "-role-tools-" in one.properties["RoleName"])
    mine = {one["Sid"]: one for policy in role.properties["Policies"] for one in policy["PolicyDocument"]["Statement"]}
    assert mine["Artifacts"]["Resource"] == [f"arn:aws:s3:::{store['Location']}/*"]
    guest = (f"arn:aws:iam::{account}:root", [role.attributes["Arn"]])
    policies = [one.properties["PolicyDocument"] for one in tools.region.all("S3::BucketPolicy")]
    keys = tools.region.all("KMS::Key")
    if not keys:  # both stand there already
        assert mine["ArtifactKey"]["Resource"] == [store["EncryptionKey"]["Id"]]
        assert "Condition" not in mine["ArtifactKey"]
        assert not [one for policy in policies for one in allows(policy, "s3:GetObject")]
        return
    (key,), (alias,) = keys, tools.region.all("KMS::Alias")
    assert store["EncryptionKey"]["Id"] == key.attributes["Arn"]
    assert mine["ArtifactKey"]["Condition"] == {"ForAnyValue:StringEquals": {"kms:ResourceAliases": [alias.properties["AliasName"]]}}
    assert mine["ArtifactKey"]["Resource"] == ["arn:aws:kms:eu-central-1:444455556666:key/*"]
    assert [admitted(one) for policy in policies for one in allows(policy, "s3:GetObject")] == [guest]
    assert [admitted(one) for one in allows(key.properties["KeyPolicy"], "kms:Decrypt")] == [guest]


@pytest.mark.parametrize("tools", HALVES)
def test_each_build_pushes_to_its_own_repository_and_is_let_in(tools):
    for project in tools.region.all("CodeBuild::Project"):
        variables = {one["Name"]: one["Value"] for one in project.properties["Environment"].get("EnvironmentVariables", ())}
        if "REPOSITORY_NAME" not in variables:
            continue
        repository = tools.target.one("ECR::Repository", RepositoryName=variables["REPOSITORY_NAME"])
        (statement,) = repository.properties["RepositoryPolicyText"]["Statement"]
        assert admitted(statement) == ("arn:aws:iam::444455556666:root", [project.properties["ServiceRole"]])
        role = next(one for one in tools.region.all("IAM::Role") if one.attributes["Arn"] == project.properties["ServiceRole"])
        (push,) = [one for one in role.properties["Policies"][0]["PolicyDocument"]["Statement"] if one["Sid"] == "PushImage"]
        assert push["Resource"] == [repository.attributes["Arn"]]
        assert set(push["Action"]) == set(statement["Action"])
        assert '--registry-id "$AWS_ACCOUNT_ID"' in tools.source(project.properties["Source"]["BuildSpec"])


@pytest.mark.parametrize("tools", HALVES)
def test_neither_half_needs_a_value_of_the_other(tools):
    for env in (tools, tools.target):
        made = {key for template in env.templates.values() for key in template.get("Outputs", {})}
        asked = {key for template in env.templates.values() for key, one in template.get("Parameters", {}).items() if "Default" not in one}
        assert asked - made <= set(env.given)


@pytest.mark.parametrize("tools", HALVES)
def test_roles_are_bounded_by_a_policy_of_their_account(tools):
    for env in (tools, tools.target):
        for role in env.region.all("IAM::Role"):
            assert role.properties["PermissionsBoundary"].split(":")[4] == env.region.account, role.id


def test_the_path_of_roles_is_known_to_the_other_half():
    (tools,) = [env for env in HALVES if env.target.region.account == "222233334444"]
    assert ":role/delivery/shop-prd-role-tools-01" in json.dumps(actions(tools))
    assert all(":role/delivery/" in role.attributes["Arn"] for role in tools.region.all("IAM::Role"))
