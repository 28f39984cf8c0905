"""Every call that apply makes, spoiled in every way: what is left behind, a plain apply mends.

The quick suites try a sample, the same one in every run; all of it is marked slow.
"""

import json
import os
import random
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bgspec.deploy import formation
from tests.deploy.bench import ARTICLE, Bench
from tests.deploy.proxy import FAULTS, Fault, Proxy

# What apply calls on an empty account; `test_these_are_the_calls` holds the list against what is seen.
CALLS = """
cloudformation:CreateChangeSet cloudformation:DescribeChangeSet cloudformation:DescribeStackEvents cloudformation:DescribeStacks
cloudformation:ExecuteChangeSet cloudformation:GetStackPolicy cloudformation:SetStackPolicy
codecommit:CreateCommit codecommit:ListBranches
codedeploy:BatchGetDeployments codedeploy:ListDeployments
ecr:BatchCheckLayerAvailability ecr:CompleteLayerUpload ecr:DescribeImages ecr:InitiateLayerUpload ecr:PutImage ecr:UploadLayerPart
ecs:DescribeServices ecs:DescribeTaskDefinition ecs:ListTasks
elbv2:DescribeRules elbv2:DescribeTargetHealth
ssm:DeleteParameter ssm:GetParametersByPath ssm:PutParameter
sts:GetCallerIdentity
""".split()
NOT_ALWAYS = {"codedeploy:BatchGetDeployments", "ecs:DescribeTasks"}
"""Depends on what the pipeline's first run does meanwhile."""
MATRIX = [(call, fault) for call in CALLS for fault in FAULTS]
KILLS = [(call, when) for call in CALLS for when in ("before", "after")]
SAMPLE = random.Random(5).sample(MATRIX, 5)
KILLED = random.Random(5).sample(KILLS, 2)


@pytest.fixture
def proxy(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    found = Proxy(bench.server.url)
    monkeypatch.setenv("BGSPEC_SANDBOX_URL", found.url)
    # What is tried is whether it retries, not how long it waits in between.
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0.01)
    monkeypatch.setattr(formation, "SANDBOX_PAUSE", 0.03)
    bench.spec(ARTICLE)
    yield found
    found.end()


@pytest.fixture(scope="module")
def undisturbed() -> dict[str, object]:
    """What stands after a run that nothing disturbs; made by whichever test comes first."""
    return {}


def standing(bench: Bench) -> dict[str, object]:
    """Everything that exists, without what is different in every run: ids, addresses, times, and what the pipeline's run is at."""
    passing = {"ec2.NetworkInterface", "ecs.tasks", "ecs.revisions", "ecs.definitions", "ecs.services"}
    passing |= {"codepipeline.executions", "codebuild.builds", "codedeploy.deployments", "codepipeline.pipelines"}
    with bench.world.lock:
        everything = json.loads(json.dumps(bench.world.state(), default=_plain))
    found: dict[str, object] = {}
    for tables in everything.values():
        for name, table in tables.items():
            if name == "cloudformation.stacks":
                found[name] = dict(sorted(bench.stacks().items()))
            elif name not in passing:
                records = [json.dumps(record, sort_keys=True) for record in table.values()]
                found[name] = sorted(_SHAPED.sub("*", record) for record in records)
    return found


# Ids of every kind, times, addresses, and the weights of listeners, which the pipeline's first deployment moves.
_SHAPED = re.compile(
    r"[0-9a-fA-F]{8,}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[0-9a-f]{8,}|\d{4}-\d\d-\d\d[T ][\d:.+]*|\d{1,3}(\.\d{1,3}){3}(/\d+)?|\d{9,}"
    r"|\"(Weight|_weights|_uploads|_images|_layers|imageTags|_branches|_commits)\": (\d+|\{[^{}]*\}|\[[^\[\]]*\])"
)


def _plain(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def mended(bench: Bench, proxy: Proxy, undisturbed: dict[str, object]) -> None:
    """A plain apply ends where an undisturbed one does: nothing twice, no lock left, and nothing left to do."""
    proxy.spoil()
    result = bench.apply()
    assert result.code == 0, result.err
    assert len(bench.stacks()) == 11
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}
    assert set(bench.actions().values()) == {"nothing"}
    images = bench.client("ecr").describe_images(repositoryName="cf1-stg-ecr-fargate-01")["imageDetails"]
    assert sum("first" in image.get("imageTags", ()) for image in images) == 1
    assert not _claims(bench)
    commits = bench.client("codecommit")
    tip = commits.get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]["commitId"]
    assert not commits.get_commit(repositoryName="cf1-stg-repo-01", commitId=tip)["commit"]["parents"]
    found = {name: len(records) for name, records in standing(bench).items()}  # type: ignore[arg-type]
    undisturbed.setdefault("counts", found)
    assert found == undisturbed["counts"]


def _claims(bench: Bench) -> list[object]:
    return bench.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]


def expire(bench: Bench) -> None:
    """The process of a claim that was left behind is this one, which lives on: so its lease has to end."""
    for claim in _claims(bench):
        value = {**json.loads(claim["Value"]), "until": 0}
        bench.client("ssm").put_parameter(Name=claim["Name"], Value=json.dumps(value), Type="String", Overwrite=True)


def spoil(bench: Bench, proxy: Proxy, call: str, fault: str) -> None:
    proxy.spoil(call, FAULTS[fault])
    result = bench.apply()
    assert result.code in {0, 3}, result.err
    if fault in {"throttled", "500", "reset before", "reset after"}:
        assert result.code == 0, result.err  # what retries mend, nobody hears of
    expire(bench)
    if call in NOT_ALWAYS or (call == "codedeploy:ListDeployments" and not proxy.spoiled):
        return
    assert proxy.spoiled


def test_these_are_the_calls(bench: Bench, proxy: Proxy, undisturbed: dict[str, object]) -> None:
    result = bench.apply()
    assert result.code == 0, result.err
    assert set(proxy.calls) - NOT_ALWAYS == set(CALLS) - NOT_ALWAYS
    mended(bench, proxy, undisturbed)


@pytest.mark.parametrize(("call", "fault"), SAMPLE)
def test_a_spoiled_call_is_mended(bench: Bench, proxy: Proxy, undisturbed: dict[str, object], call: str, fault: str) -> None:
    spoil(bench, proxy, call, fault)
    mended(bench, proxy, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "fault"), [case for case in MATRIX if case not in SAMPLE])
def test_every_spoiled_call_is_mended(bench: Bench, proxy: Proxy, undisturbed: dict[str, object], call: str, fault: str) -> None:
    spoil(bench, proxy, call, fault)
    mended(bench, proxy, undisturbed)


def kill(bench: Bench, proxy: Proxy, call: str, when: str) -> None:
    """`kill -9` right before or right after a call takes effect. The next run sees that nobody is at it any more."""
    process: subprocess.Popen[bytes] | None = None
    arguments = [sys.executable, "-m", "bgspec", "apply", str(bench.file), "--sandbox", "--yes"]
    proxy.spoil(call, Fault("killed", 1, reset=when), lambda: process and process.send_signal(signal.SIGKILL))
    process = subprocess.Popen(arguments, env=dict(os.environ), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    process.wait(60)
    assert process.returncode in ({-signal.SIGKILL, 0} if call in NOT_ALWAYS else {-signal.SIGKILL})


@pytest.mark.parametrize(("call", "when"), KILLED)
def test_a_killed_apply_is_continued(bench: Bench, proxy: Proxy, undisturbed: dict[str, object], call: str, when: str) -> None:
    kill(bench, proxy, call, when)
    mended(bench, proxy, undisturbed)


@pytest.mark.slow
@pytest.mark.parametrize(("call", "when"), [case for case in KILLS if case not in KILLED])
def test_every_killed_apply_is_continued(bench: Bench, proxy: Proxy, undisturbed: dict[str, object], call: str, when: str) -> None:
    kill(bench, proxy, call, when)
    mended(bench, proxy, undisturbed)
