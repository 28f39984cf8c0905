"""Every call that apply makes, spoiled in every way: what is left behind, a plain apply mends.

A scenario is something that apply does; which calls that takes is seen in a run that nothing disturbs. Then each of them is spoiled once
in each way, and each call that changes something at every place where it is made. The gate tries a sample, the same one in every run.
"""

import functools
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from tests.deploy.bench import ARTICLE, SMALL, Bench, emulator, hurry
from tests.deploy.proxy import FAULTS, UNNOTICED, Proxy
from tests.deploy.standing import differences, settle, standing
from tests.deploy.victim import Victim


class Scenario(NamedTuple):
    """What an apply is disturbed in."""

    prepare: Callable[[Bench], None]
    """What stands before, and the spec."""
    options: tuple[str, ...] = ()


def _first(bench: Bench) -> None:
    """The article on an empty account."""
    bench.spec(ARTICLE)


def _change(bench: Bench) -> None:
    """What stands gets other tags, other tasks by a deployment of apply's own, and protection."""
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.spec(SMALL.replace("    port: 80\n", "    port: 80\n    cpu: 512\n") + "tags:\n  Owner: web\n")


def _native(bench: Bench) -> None:
    """A task that ECS itself replaces, by the update of a stack."""
    native = SMALL + "deployment:\n  engine: ecs\n"
    bench.spec(native)
    assert bench.apply().code == 0
    bench.spec(native.replace("    port: 80\n", "    port: 80\n    cpu: 512\n"))


def _anew(bench: Bench) -> None:
    """A stack whose creation failed has to be deleted first: a name in it was taken, and these credentials could not see that."""

    def refuse(*_: object) -> None:
        raise AwsError("AccessDenied", "User is not authorized to perform: iam:GetRole", 403)

    bench.spec(SMALL)
    iam, name = bench.client("iam"), "shop-dev-role-exec-web-01"
    trust = {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(REGISTRY["iam"].operations, "get_role", refuse)
        assert bench.apply().code == 3
    assert "ROLLBACK_COMPLETE" in bench.stacks().values()
    iam.delete_role(RoleName=name)


SCENARIOS = {
    "first": Scenario(_first),
    "change": Scenario(_change, ("--protect",)),
    "native": Scenario(_native),
    "anew": Scenario(_anew),
}
CHANGING = ("Create", "Execute", "Delete", "Set", "Put", "Update", "Initiate", "Upload", "Complete", "Stop", "Continue")
"""How the names of operations begin that change something."""
AT_EVERY_PLACE = ("reset after", "expired token", "killed before", "killed after")
PERHAPS = {"codedeploy:BatchGetDeployments", "ecs:DescribeTasks", "ecs:DescribeTaskDefinition"}
"""Calls that depend on what else goes on at that moment."""


@contextmanager
def stage(scenario: Scenario) -> Iterator[tuple[Bench, Proxy]]:
    """A bench on which the scenario is about to begin, behind a proxy."""
    with tempfile.TemporaryDirectory() as directory, emulator(Path(directory)) as bench, Proxy(bench.server.url) as proxy:
        proxy.slow_down = functools.partial(_slow_down, bench)
        scenario.prepare(bench)
        settle(bench)
        os.environ["BGSPEC_SANDBOX_URL"] = proxy.url
        yield bench, proxy


def _slow_down(bench: Bench, seconds: float) -> None:
    def hurry() -> None:
        bench.world.speed = 3000

    bench.world.speed = 20
    threading.Timer(seconds, hurry).start()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


class Undisturbed(NamedTuple):
    calls: dict[str, int]
    standing: dict[str, Any]


@functools.cache
def undisturbed(name: str) -> Undisturbed:
    """What a run calls that nothing disturbs, and what stands after it."""
    scenario = SCENARIOS[name]
    with stage(scenario) as (bench, proxy):
        result = bench.apply(*scenario.options)
        assert result.code == 0, result.err
        return Undisturbed(dict(sorted(proxy.calls.items())), standing(bench))


class Case(NamedTuple):
    scenario: str
    call: str
    fault: str
    place: int = 0
    """How many calls of the operation are let through before."""


@functools.cache
def cases() -> dict[str, list[Case]]:
    """By scenario, every call with every fault, and those that change something once more at each further place.

    What only looks is tried in the first scenario that does it.
    """
    found: dict[str, list[Case]] = {}
    looks: set[str] = set()
    for name in SCENARIOS:
        found[name] = []
        for call, times in undisturbed(name).calls.items():
            changes = call.partition(":")[2].startswith(CHANGING)
            if changes or call not in looks:
                found[name] += [Case(name, call, fault) for fault in FAULTS]
            if changes:
                found[name] += [Case(name, call, fault, place) for fault in AT_EVERY_PLACE for place in range(1, times)]
            looks.add(call)
    return found


def tried(case: Case) -> None:
    """Disturb, then apply plainly: everything is as after an undisturbed run, and no lock is left."""
    scenario = SCENARIOS[case.scenario]
    fault = FAULTS[case.fault]
    with stage(scenario) as (bench, proxy):
        if fault.kill:
            _killed(bench, proxy, case)
        else:
            proxy.spoil(case.call, fault, skip=case.place)
            result = bench.apply(*scenario.options)
            assert result.code == 0 if case.fault in UNNOTICED else result.code in {0, 3}, result.err
        assert proxy.spoiled or case.place or case.call in PERHAPS, "was never called"
        proxy.spoil()
        bench.world.speed = 3000
        _expire(bench)
        _unhurried(bench, scenario)
        found = list(differences(undisturbed(case.scenario).standing, standing(bench)))
        assert not found, "\n".join(found)


def _unhurried(bench: Bench, scenario: Scenario) -> None:
    """A plain apply. What it finds under way it may refuse to touch; then it is asked again at its end, as it says."""
    result = bench.apply(*scenario.options)
    if result.code == 3 and "Wait for its end" in result.err:
        settle(bench)
        result = bench.apply(*scenario.options)
    assert result.code == 0, result.err


def _killed(bench: Bench, proxy: Proxy, case: Case) -> None:
    """`kill -9` right before or right after a call takes effect. The next run sees that nobody is at it any more."""
    victim: list[Victim] = []
    began = threading.Event()

    def kill() -> None:
        began.wait()
        victim[0].kill()

    proxy.spoil(case.call, FAULTS[case.fault], skip=case.place, kill=kill)
    victim.append(Victim("apply", str(bench.file), "--sandbox", "--yes", *SCENARIOS[case.scenario].options))
    began.set()
    code, said = victim[0].wait()
    assert code == (-signal.SIGKILL if proxy.spoiled else 0), said


def _expire(bench: Bench) -> None:
    """The process of a claim that was left behind is this one, which lives on: so its lease has to end."""
    client = bench.client("ssm")
    for claim in client.get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]:
        value = {**json.loads(claim["Value"]), "until": 0}
        client.put_parameter(Name=claim["Name"], Value=json.dumps(value), Type="String", Overwrite=True)


def _try_all(found: list[Case]) -> None:
    failed = []
    began = time.monotonic()
    for case in found:
        try:
            tried(case)
        except AssertionError as error:
            failed.append(f"{case}:\n{error}")
    print(f"\n{len(found)} cases, {len(failed)} failed, {time.monotonic() - began:.0f} s")
    assert not failed, f"{len(failed)} of {len(found)} failed:\n\n" + "\n\n".join(failed)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_of_spoiled_calls_is_mended(name: str) -> None:
    _try_all(random.Random(name).sample(cases()[name], 3))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_spoiled_call_is_mended(name: str, part: int) -> None:
    _try_all(cases()[name][part::4])
