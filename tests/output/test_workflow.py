"""What a workflow of GitHub Actions names is what the stacks make, and only its own jobs can take its role."""

import json

import pytest

from tests.corpus import artifacts, specs
from tests.output.environment import Environment, environments, parse

NAMED = [name for name in specs() if any(made.path.endswith("workflow.yml") for made in artifacts(name))]


def deployed(names: list[str]) -> list[tuple[Environment, dict]]:
    """Every environment of these goldens, and its workflow."""
    found = []
    for name in names:
        made = {artifact.path: artifact.text for artifact in artifacts(name)}
        for env in environments(artifacts(name), parse(specs()[name].read_text())):
            root = next(iter(env.templates)).partition("stacks/")[0]
            if f"{root}workflow.yml" in made:
                found.append((env, parse(made[f"{root}workflow.yml"])))
    return found


def steps(workflow: dict) -> list[dict]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


OWN = [(env, workflow) for env, workflow in deployed(NAMED) if not env.is_users("arn:aws:iam::111122223333:role/github")]


@pytest.mark.parametrize(("env", "workflow"), OWN)
def test_it_takes_the_role_that_is_made(env, workflow):
    (taken,) = {step["with"]["role-to-assume"] for step in steps(workflow) if "configure-aws-credentials" in step.get("uses", "")}
    role = env.one("IAM::Role", RoleName=taken.rpartition("/")[2])
    (statement,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    (condition,) = statement["Condition"].items()
    subject = condition[1]["token.actions.githubusercontent.com:sub"]
    environment = next(iter(workflow["jobs"].values())).get("environment")
    assert condition[0] == "StringEquals"
    assert "*" not in json.dumps(subject)
    assert subject[0].endswith(f":environment:{environment}" if environment else f":ref:refs/heads/{workflow['on']['push']['branches'][0]}")
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    own = env.region.all("IAM::OIDCProvider")
    assert [provider.properties["Url"] for provider in own] in ([], ["https://token.actions.githubusercontent.com"])
    assert statement["Principal"]["Federated"] in {
        *(provider.ref for provider in own),
        f"arn:aws:iam::{env.region.account}:oidc-provider/token.actions.githubusercontent.com",
    }


@pytest.mark.parametrize(("env", "workflow"), deployed(NAMED))
def test_what_it_names_is_there(env, workflow):
    services = {one.properties["ServiceName"]: one for one in env.region.all("ECS::Service")}
    groups = {
        (one.properties["ApplicationName"], one.properties["DeploymentGroupName"]) for one in env.region.all("CodeDeploy::DeploymentGroup")
    }
    stacks = {template["Description"].partition(":")[0] for template in env.templates.values()}
    for step in steps(workflow):
        said = {**step.get("with", {}), **step.get("env", {})}
        if "service" in said:
            assert services[said["service"]].properties["Cluster"] == said["cluster"]
        if "codedeploy-application" in said:
            assert (said["codedeploy-application"], said["codedeploy-deployment-group"]) in groups
        if said.get("REPOSITORY_NAME", "acme/shipper") != "acme/shipper":  # which exists
            assert env.one("ECR::Repository", RepositoryName=said["REPOSITORY_NAME"])
        if "STACK" in said:
            assert said["STACK"] in stacks
            assert env.is_users(said["ROLE"]) or env.one("IAM::Role", RoleName=said["ROLE"].rpartition("/")[2])
        if "task-definition-family" in said:
            assert env.one("ECS::TaskDefinition", Family=said["task-definition-family"])


def test_it_reads_files_that_are_rendered():
    made = {artifact.path for artifact in artifacts("example-github-oidc")}
    ((_, workflow),) = deployed(["example-github-oidc"])
    read = {step["with"]["codedeploy-appspec"] for step in steps(workflow) if "codedeploy-appspec" in step.get("with", {})}
    read |= {word for step in steps(workflow) for word in step.get("run", "").split() if word.endswith("taskdef.json")}
    assert {path.removeprefix("deploy/") for path in read} <= made
    assert read
