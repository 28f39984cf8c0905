"""The article's environment, from nothing to a swap and back to nothing."""

import subprocess
import sys
from pathlib import Path

import pytest

from bgspec.sandbox.services import ecr
from tests.sandbox.environment import Environment

SPEC = """\
bgspec: 1
system: cf1
environment: stg
region: ap-northeast-1
network: {cidr: 10.0.0.0/16, zones: 2, egress: endpoints}
load_balancer: {production: {port: 81}, test: {port: 82}}
services:
  fargate:
    image: {build: container}
    port: 80
    health_check: {path: /test.html}
deployment: {engine: codedeploy, shift: all-at-once, terminate_after: 5m}
pipeline:
  source: {provider: codecommit, branch: main}
"""


@pytest.fixture
def environment(sandbox, tmp_path):
    (tmp_path / "spec.yaml").write_text(SPEC)
    subprocess.run([sys.executable, "-m", "bgspec", "render", str(tmp_path / "spec.yaml"), "-o", str(tmp_path / "out")], check=True)
    return Environment(sandbox, tmp_path / "out")


def _commit(sandbox, directory: Path, parent: str | None = None, note: str = "first") -> str:
    files = {name: (directory / name).read_bytes() for name in ("buildspec.yml", "appspec.yaml", "taskdef.json")}
    files |= {"container/Dockerfile": f"FROM scratch # {note}".encode()}
    extra = {"parentCommitId": parent} if parent else {}
    made = sandbox.client("codecommit").create_commit(
        repositoryName="cf1-stg-repo-01", branchName="main", commitMessage=note,
        putFiles=[{"filePath": path, "fileContent": content} for path, content in files.items()], **extra,
    )  # fmt: skip
    return made["commitId"]


def _weights(sandbox, arn: str) -> dict[str, int]:
    listener = sandbox.client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"][0]
    groups = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
    return {group["TargetGroupArn"].split("/")[1]: group["Weight"] for group in groups}


def test_from_nothing_to_a_swap_and_back_to_nothing(sandbox, environment):
    for name in environment.names():
        more = {}
        if name.startswith("service-"):
            ecr.push(sandbox.world.context("123456789012", "ap-northeast-1"), "cf1-stg-ecr-fargate-01", "first")
            more = {"parameters": {"FargateImageUri": environment.outputs["FargateRepositoryUri"] + ":first"}}
        if name == "build":
            first = _commit(sandbox, environment.directory)
        assert environment.deploy(name, **more)["StackStatus"] == "CREATE_COMPLETE"

    pipeline = sandbox.client("codepipeline")

    def statuses() -> list[str | None]:
        state = pipeline.get_pipeline_state(name="cf1-stg-pipeline-01")
        return [stage.get("latestExecution", {}).get("status") for stage in state["stageStates"]]

    sandbox.until(lambda: statuses() == ["Succeeded"] * 3)
    production, test = environment.outputs["ProductionListenerArn"], environment.outputs["TestListenerArn"]
    green = {"cf1-stg-tg-fargate-02": 100, "cf1-stg-tg-fargate-01": 0}
    assert _weights(sandbox, production) == _weights(sandbox, test) == green
    service = sandbox.client("ecs").describe_services(cluster="cf1-stg-cluster-01", services=["cf1-stg-service-fargate-01"])["services"][0]
    assert service["taskDefinition"].endswith("cf1-stg-task-fargate-01:2")
    assert service["runningCount"] == service["desiredCount"] == 2
    images = sandbox.client("ecr").describe_images(repositoryName="cf1-stg-ecr-fargate-01")["imageDetails"]
    assert {tag for image in images for tag in image["imageTags"]} == {"first", first[:12]}

    # A push starts the pipeline through EventBridge, and production goes back to the first pair of the two.
    _commit(sandbox, environment.directory, first, "second")
    sandbox.until(lambda: _weights(sandbox, production) == {"cf1-stg-tg-fargate-01": 100, "cf1-stg-tg-fargate-02": 0})
    sandbox.until(lambda: statuses() == ["Succeeded"] * 3)

    for name in reversed(environment.names()):
        stack = sandbox.delete(f"env-{name}")
        assert stack["StackStatus"] == "DELETE_COMPLETE", sandbox.failed(stack["StackId"])
    assert sandbox.client("ec2").describe_vpcs()["Vpcs"] == []
    assert sandbox.client("ec2").describe_network_interfaces()["NetworkInterfaces"] == []
