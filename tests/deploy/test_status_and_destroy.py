"""`status` and `destroy`."""

import json

import pytest

from tests.deploy.bench import ARTICLE, SMALL, Bench
from tests.waiting import until


def destroy(bench: Bench, name: str, *more: str):
    return bench.run("destroy", str(bench.file), "--sandbox", "--confirm", name, *more)


def settled(bench: Bench) -> None:
    """Until the pipeline's first run has ended: whatever deploys, has deployed."""
    client = bench.client("codepipeline")
    name = client.list_pipelines()["pipelines"][0]["name"]
    until(lambda: client.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"][0]["status"] != "InProgress")


def test_status_before_and_after(bench: Bench) -> None:
    bench.spec(SMALL)
    nothing = bench.run("status", str(bench.file), "--sandbox")
    assert nothing.code == 0
    assert "0 of" in nothing.out
    assert "web          does not run yet" in nothing.out
    assert bench.apply().code == 0
    found = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)
    (web,) = found["services"]
    assert (web["running"], web["wanted"], web["colour"]) == (2, 2, "blue")
    assert web["image"] == "public.ecr.aws/nginx/nginx:1.27"
    assert web["healthy"] == {"blue": "2/2", "green": "0/0"}
    assert set(found["stacks"].values()) == {"CREATE_COMPLETE"}
    assert found["addresses"]["production"].startswith("http://")


def test_status_tells_what_runs_on_each_colour(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settled(bench)
    shown = bench.run("status", str(bench.file), "--sandbox").out
    (service,) = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"]
    tip = bench.client("codecommit").get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]["commitId"]
    green = service["colours"]["green"]
    assert (green["running"], green["wanted"], green["tags"]) == (2, 2, [tip[:12]])
    assert f"green       2/2 tasks, 2/2 healthy, cf1-stg-task-fargate-01:2, tagged {tip[:12]}" in shown
    assert [one["status"] for one in service["deployments"]] == ["Succeeded"]
    assert len(shown.splitlines()) <= 24


@pytest.mark.parametrize("deployed", [False, True])
def test_status_tells_the_colours_of_ecs_too(bench: Bench, deployed) -> None:
    native = SMALL + "deployment:\n  engine: ecs\n"
    bench.spec(native)
    assert bench.apply().code == 0
    if deployed:
        bench.spec(native.replace("1.27", "1.28"))
        assert bench.apply().code == 0
    (service,) = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"]
    shown = {colour: (one["running"], one["tags"]) for colour, one in service["colours"].items() if one["running"]}
    assert shown == {service["colour"]: (2, ["1.28" if deployed else "1.27"])}
    assert len(service["deployments"]) == 1 + deployed


def test_destroy_wants_the_name(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    before = bench.stacks()
    assert destroy(bench, "shop").code == 2
    assert bench.run("destroy", str(bench.file), "--sandbox").code == 2
    assert bench.stacks() == before


def test_destroy_keeps_data_unless_told(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settled(bench)
    result = destroy(bench, "cf1-stg")
    assert result.code == 0, result.err
    assert "Kept, because it holds data" in result.err
    assert bench.stacks() == {}
    assert bench.client("ecr").describe_repositories()["repositories"]
    assert bench.client("s3").list_buckets()["Buckets"]
    again = destroy(bench, "cf1-stg", "--delete-data")
    assert again.code == 0, again.err
    assert not bench.client("ecr").describe_repositories()["repositories"]
    assert not bench.client("s3").list_buckets()["Buckets"]
    assert not bench.client("codecommit").list_repositories()["repositories"]
    assert not bench.client("logs").describe_log_groups()["logGroups"]
    assert destroy(bench, "cf1-stg", "--delete-data").code == 0  # nothing is left to do


def test_protected_stacks_are_not_destroyed(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply("--protect").code == 0
    before = bench.stacks()
    result = destroy(bench, "shop-dev", "--delete-data")
    assert result.code == 3
    assert "has termination protection" in result.err
    assert bench.stacks() == before
