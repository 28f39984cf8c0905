"""The pipeline in one account deploys into the other, and each half is the business of its account."""

from pathlib import Path
from typing import Any

import pytest

from bgspec.sandbox.world import Context
from tests.deploy.bench import Bench
from tests.deploy.standing import settle

HERE, TOOLS, OTHER = "111122223333", "444455556666", "999999999999"
SPEC = f"""\
bgspec: 1
system: shop
environment: stg
region: ap-northeast-1
account: "{HERE}"
network: {{egress: public}}
services:
  web:
    image: {{build: container}}
    port: 80
  mail:
    image: {{build: container}}
tools_account:
  account: "{TOOLS}"
pipeline:
  source: {{provider: codecommit}}
"""


@pytest.fixture
def applied(bench: Bench) -> Bench:
    bench.spec(SPEC)
    result = bench.apply()
    assert result.code == 0, result.err
    return bench


def context(bench: Bench, account: str) -> Context:
    return bench.world.context(account, "ap-northeast-1")


def execution(bench: Bench) -> dict[str, Any]:
    settle(bench, TOOLS, "ap-northeast-1")
    (found,) = context(bench, TOOLS).table("codepipeline.executions").values()
    return found


def connected(bench: Bench, directory: Path, *accounts: str) -> None:
    """Credentials for these accounts: of the first by themselves, of each as the profile of its number."""
    config = directory / "config"
    config.write_text("".join(f"[profile {one}]\naws_access_key_id = {one}\naws_secret_access_key = -\n" for one in accounts), "utf-8")
    for name, value in {
        "AWS_ACCESS_KEY_ID": accounts[0],
        "AWS_SECRET_ACCESS_KEY": "-",
        "AWS_CONFIG_FILE": str(config),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_ENDPOINT_URL": bench.server.url,
        "NO_PROXY": "127.0.0.1",
    }.items():
        bench.patch.setenv(name, value)


def test_the_first_run_of_the_pipeline_deploys_across(applied: Bench) -> None:
    assert execution(applied)["status"] == "Succeeded", execution(applied)
    settle(applied, HERE, "ap-northeast-1")
    for service in context(applied, HERE).table("ecs.services").values():
        running = service.get("taskDefinition", "")
        assert not running.endswith(":1"), service["serviceName"]
    (deployment,) = context(applied, HERE).table("codedeploy.deployments").values()
    assert deployment["status"] == "Succeeded"
    assert not context(applied, TOOLS).table("ecs.services")
    assert not context(applied, HERE).table("codepipeline.pipelines")


def test_a_role_that_trusts_nobody_there_stops_the_run(bench: Bench) -> None:
    bench.spec(SPEC)
    assert bench.run("apply", str(bench.file), "--sandbox", "--yes").code == 0
    with bench.world.lock:
        context(bench, HERE).shared("iam.roles").pop("shop-stg-role-tools-01")
    assert execution(bench)["status"] == "Failed"


def test_each_account_gets_its_half(applied: Bench, tmp_path: Path) -> None:
    execution(applied)
    settle(applied, HERE, "ap-northeast-1")
    connected(applied, tmp_path, HERE, TOOLS)
    mine = applied.run("apply", str(applied.file), "--yes")
    assert mine.code == 0, mine.err
    assert "traffic" in mine.err
    assert "pipeline   " not in mine.err
    assert f"The other one is in account {TOOLS}: bgspec apply {applied.file} --profile PROFILE" in mine.err
    theirs = applied.run("apply", str(applied.file), "--yes", "--profile", TOOLS)
    assert theirs.code == 0, theirs.err
    assert "pipeline   " in theirs.err
    assert "traffic" not in theirs.err
    assert f"The other one is in account {HERE}" in theirs.err
    both = applied.run("apply", str(applied.file), "--yes", "--tools-profile", TOOLS)
    assert both.code == 0, both.err
    assert both.err.index("traffic") < both.err.index("pipeline   ")
    assert "The other one" not in both.err


def test_credentials_of_a_third_account_are_refused(applied: Bench, tmp_path: Path) -> None:
    connected(applied, tmp_path, OTHER)
    result = applied.run("apply", str(applied.file), "--yes")
    assert result.code == 3
    assert f"account {OTHER}, the spec says {HERE} or, for the pipeline, {TOOLS}" in result.err


def test_destroy_takes_both_away(applied: Bench) -> None:
    execution(applied)
    settle(applied, HERE, "ap-northeast-1")
    result = applied.run("destroy", str(applied.file), "--sandbox", "--confirm", "shop-stg", "--delete-data")
    assert result.code == 0, result.err
    for account in (HERE, TOOLS):
        assert {stack["StackStatus"] for stack in context(applied, account).call("cloudformation", "describe_stacks")["Stacks"]} <= {
            "DELETE_COMPLETE"
        }
