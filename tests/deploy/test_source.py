"""What a pipeline deploys from: compared with the spec, committed on demand, never over somebody else's work."""

import json

from bgspec.deploy import source
from tests.deploy.bench import ARTICLE, Bench
from tests.waiting import until

REPOSITORY, PIPELINE = "cf1-stg-repo-01", "cf1-stg-pipeline-01"
MORE = ARTICLE.replace("memory: 512", "memory: 1024")


def runs(bench: Bench) -> list[str]:
    found = bench.client("codepipeline").list_pipeline_executions(pipelineName=PIPELINE)["pipelineExecutionSummaries"]
    return [one["status"] for one in found]


def at_rest(bench: Bench) -> None:
    until(lambda: runs(bench) and "InProgress" not in runs(bench), 60)


def compared(bench: Bench) -> dict:
    return json.loads(bench.plan("--format", "json").out)["source"]


def commits(bench: Bench) -> int:
    with bench.world.lock:
        return len(bench.world.context("123456789012", "ap-northeast-1").table("codecommit.repositories")[REPOSITORY]["_commits"])


def push(bench: Bench, path: str, content: str) -> str:
    codecommit = bench.client("codecommit")
    head = codecommit.get_branch(repositoryName=REPOSITORY, branchName="main")["branch"]["commitId"]
    return codecommit.put_file(repositoryName=REPOSITORY, branchName="main", filePath=path, fileContent=content, parentCommitId=head)[
        "commitId"
    ]


def test_a_changed_spec_names_the_files_to_commit_and_commits_them_on_demand(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    assert compared(bench)["differs"] == []
    at_rest(bench)
    bench.spec(MORE)
    plan = bench.plan()
    assert "source               main of cf1-stg-repo-01 is not what the spec renders: taskdef.json" in plan.out
    assert commits(bench) == 1  # plan commits nothing
    without = bench.apply()
    assert without.code == 0, without.err
    assert commits(bench) == 1
    before = len(runs(bench))
    result = bench.apply("--commit")
    assert result.code == 0, result.err
    assert "commit" in result.err
    assert commits(bench) == 2
    assert compared(bench)["differs"] == []
    until(lambda: len(runs(bench)) > before)  # and the pipeline begins with it
    at_rest(bench)
    running = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"][0]["revision"]
    definition = bench.client("ecs").describe_task_definition(taskDefinition=running)["taskDefinition"]
    assert definition["memory"] == "1024"


def test_what_somebody_else_committed_meanwhile_is_not_overwritten(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    at_rest(bench)
    bench.spec(MORE)
    looked = source.look

    def interfere(aws, environment):
        found = looked(aws, environment)
        bench.patch.setattr(source, "look", looked)
        push(bench, "taskdef.json", "{}")
        return found

    bench.patch.setattr(source, "look", interfere)
    result = bench.apply("--commit")
    assert result.code == 3
    assert "main of cf1-stg-repo-01 has moved on meanwhile" in result.err
    assert commits(bench) == 2


def test_nothing_is_changed_under_a_pipeline_that_runs(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    at_rest(bench)
    bench.world.speed = 60
    push(bench, "README", "more")
    until(lambda: "InProgress" in runs(bench))
    stacks = bench.stacks()
    bench.spec(MORE)
    refused = bench.apply()
    assert refused.code == 3
    assert "the pipeline is under way since" in refused.err
    assert bench.stacks() == stacks
    bench.spec(ARTICLE)
    assert bench.apply().code == 0  # nothing to change, nothing in the way
    bench.world.speed = 3000
    at_rest(bench)
    bench.spec(MORE)
    assert bench.apply().code == 0


def test_a_source_that_may_not_be_looked_at_stops_nobody(bench: Bench) -> None:
    from bgspec.sandbox.errors import AwsError
    from bgspec.sandbox.services.catalog import REGISTRY

    def refuse(*_: object) -> None:
        raise AwsError("AccessDeniedException", "not authorized", 403)

    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    bench.patch.setitem(REGISTRY["codecommit"].operations, "get_file", refuse)
    plan = bench.plan()
    assert plan.code == 0
    assert "could not be looked at" in plan.out


def test_a_branch_that_is_not_there_is_told(bench: Bench) -> None:
    bench.client("codecommit").create_repository(repositoryName="house")
    bench.spec(ARTICLE.replace("provider: codecommit\n", "provider: codecommit\n    repository: house\n    branch: release\n"))
    assert "house has no branch release: the pipeline begins with the first commit that is pushed there" in bench.plan().out
    assert bench.apply("--commit").code == 0
    assert compared(bench) == {"repository": "house", "branch": "release", "head": "", "differs": [], "there": False}
