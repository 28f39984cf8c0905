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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from botocore import xform_name

from bgspec.deploy import docs
from tests.deploy.bench import Bench, Result, emulator, hurry
from tests.deploy.proxy import FAULTS, UNNOTICED, Proxy
from tests.deploy.scenarios import OTHERS, PERHAPS, SCENARIOS, changes
from tests.deploy.standing import differences, settle, standing
from tests.deploy.victim import Victim

AT_EVERY_PLACE = ("reset after", "expired token", "killed before", "killed after")


@contextmanager
def stage(name: str) -> Iterator[tuple[Bench, Proxy]]:
    """A bench on which the scenario is about to begin, behind a proxy."""
    with tempfile.TemporaryDirectory() as directory, emulator(Path(directory)) as bench, Proxy(bench.server.url) as proxy:
        proxy.slow_down = functools.partial(_slow_down, bench)
        SCENARIOS[name].prepare(bench)
        settle(bench)
        bench.world.speed = SCENARIOS[name].speed
        os.environ["BGSPEC_SANDBOX_URL"] = proxy.url
        bench.patch.setenv("AWS_ENDPOINT_URL", proxy.url)
        yield bench, proxy


def _slow_down(bench: Bench, seconds: float) -> None:
    def hurry() -> None:
        bench.world.speed = 3000

    bench.world.speed = 20
    threading.Timer(seconds, hurry).start()


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    hurry(monkeypatch)


def command(bench: Bench, name: str) -> tuple[str, ...]:
    return "apply", str(bench.file), "--yes", *SCENARIOS[name].options


class Undisturbed(NamedTuple):
    calls: dict[str, int]
    standing: dict[str, Any]


@functools.cache
def undisturbed(name: str) -> Undisturbed:
    """What a run calls that nothing disturbs, and what stands after it."""
    with stage(name) as (bench, proxy):
        result = bench.run(*command(bench, name))
        assert result.code == SCENARIOS[name].code, result.err
        return Undisturbed(dict(sorted(proxy.calls.items())), standing(bench))


class Case(NamedTuple):
    scenario: str
    call: str
    fault: str
    place: int = 0
    """How many calls of the operation are let through before."""


@functools.cache
def cases(name: str) -> list[Case]:
    """Every call that the scenario brings with every fault, and those that change something once more at each further place."""
    scenario = SCENARIOS[name]
    brings = scenario.brings.split()
    found = [Case(name, call, fault) for call in brings for fault in FAULTS]
    for call, times in undisturbed(name).calls.items():
        if changes(call) and (call in brings or call.startswith(scenario.again)):
            found += [Case(name, call, fault) for fault in FAULTS if call not in brings]
            found += [Case(name, call, fault, place) for fault in AT_EVERY_PLACE for place in range(1, times)]
    return found


def tried(case: Case) -> None:
    """Disturb, then apply plainly: everything is as after an undisturbed run, and no lock is left."""
    scenario = SCENARIOS[case.scenario]
    fault = FAULTS[case.fault]
    with stage(case.scenario) as (bench, proxy):
        if fault.kill:
            _killed(bench, proxy, case)
        else:
            proxy.spoil(case.call, fault, skip=case.place)
            result = bench.run(*command(bench, case.scenario))
            assert result.code in ({scenario.code} if case.fault in UNNOTICED else {0, 3}), result.err
        assert proxy.spoiled or case.place or case.call in PERHAPS, "was never called"
        proxy.spoil()
        bench.world.speed = 3000
        _expire(bench)
        result = _unhurried(bench, case.scenario)
        assert result.code == scenario.code, result.err
        found = list(differences(undisturbed(case.scenario).standing, standing(bench)))
        assert not found, "\n".join(found)


def _unhurried(bench: Bench, name: str) -> Result:
    """A plain apply. What it finds under way it may refuse to touch; then it is asked again at its end, as it says."""
    result = bench.run(*command(bench, name))
    if result.code == 3 and "Wait for its end" in result.err:
        settle(bench)
        result = bench.run(*command(bench, name))
    return result


def _killed(bench: Bench, proxy: Proxy, case: Case) -> None:
    """`kill -9` right before or right after a call takes effect. The next run sees that nobody is at it any more."""
    victim: list[Victim] = []
    began = threading.Event()

    def kill() -> None:
        began.wait()
        victim[0].kill()

    proxy.spoil(case.call, FAULTS[case.fault], skip=case.place, kill=kill)
    victim.append(Victim(*command(bench, case.scenario)))
    began.set()
    code, said = victim[0].wait()
    assert code == (-signal.SIGKILL if proxy.spoiled else SCENARIOS[case.scenario].code), said


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


def test_every_call_of_the_deployers_policy_is_spoiled() -> None:
    """What apply may call, some scenario brings; what none brings, another command calls."""
    brought = [call for scenario in SCENARIOS.values() for call in scenario.brings.split()]
    others = [call for calls in OTHERS.values() for call in calls.split()]
    assert len({*brought, *others}) == len(brought) + len(others)
    assert {_as_python_calls_it(call) for call in (*brought, *others)} == set(docs.calls())


def _as_python_calls_it(call: str) -> tuple[str, str]:
    service, _, operation = call.partition(":")
    return service, xform_name(operation)


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_sample_of_spoiled_calls_is_mended(name: str) -> None:
    scenario, calls = SCENARIOS[name], undisturbed(name).calls
    assert set(scenario.brings.split()) - PERHAPS <= calls.keys()
    others = {call for calls in OTHERS.values() for call in calls.split()}
    assert not others & calls.keys()
    _try_all(random.Random(name).sample(cases(name), 1))


@pytest.mark.slow
@pytest.mark.parametrize("part", range(4))
@pytest.mark.parametrize("name", SCENARIOS)
def test_every_spoiled_call_is_mended(name: str, part: int) -> None:
    _try_all(cases(name)[part::4])
