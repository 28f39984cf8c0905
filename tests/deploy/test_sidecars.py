"""A sidecar whose image is built joins an environment that runs."""

import json

from tests.deploy.bench import ARTICLE, Bench
from tests.deploy.test_status_and_destroy import settled

BUILT = ARTICLE.replace("    port: 80\n", "    port: 80\n    sidecars:\n      proxy:\n        image:\n          build: proxy\n")


def status(bench: Bench):
    (service,) = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"]
    return service


def test_a_sidecar_that_is_built_comes_with_a_deployment(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settled(bench)
    before = status(bench)["image"]
    bench.spec(BUILT)
    (bench.directory / "proxy").mkdir()
    result = bench.apply()
    assert result.code == 0, result.err
    assert "image fargate/proxy" in result.err
    service = status(bench)
    assert (service["image"], service["beside"]) == (before, {}), "what runs stays until the pipeline deploys"
    assert "proxy" not in bench.run("status", str(bench.file), "--sandbox").out

    assert bench.apply("--commit").code == 0
    settled(bench)
    client = bench.client("codebuild")
    builds = client.batch_get_builds(ids=client.list_builds_for_project(projectName="cf1-stg-build-fargate-01")["ids"])["builds"]
    failed = [phase["contexts"][0]["message"] for build in builds for phase in build["phases"] if phase.get("phaseStatus") == "FAILED"]
    assert len(failed) == 1
    assert "proxy/Dockerfile: no such file" in failed[0], "nobody has committed it"

    tip = bench.client("codecommit").get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]["commitId"]
    put = {"filePath": "proxy/Dockerfile", "fileContent": b"FROM scratch\n"}
    bench.client("codecommit").create_commit(repositoryName="cf1-stg-repo-01", branchName="main", parentCommitId=tip, putFiles=[put])
    settled(bench)
    service = status(bench)
    assert service["image"] != before
    assert list(service["beside"]) == ["proxy"]
    assert "ecr-fargate.proxy-01@sha256:" in service["beside"]["proxy"]
    assert set(bench.actions().values()) == {"nothing"}
