"""One process for each name: found again, started once by many, gone after stop, replaced after a crash."""

import json
import os
import signal
import subprocess
import sys

import pytest

from bgspec import sandbox
from tests.waiting import until


@pytest.fixture(autouse=True)
def own_directory(tmp_path, monkeypatch):
    monkeypatch.setenv("BGSPEC_SANDBOX_DIR", str(tmp_path))
    monkeypatch.delenv("BGSPEC_SANDBOX_URL", raising=False)
    yield tmp_path
    for state in tmp_path.glob("*.json"):
        sandbox.stop(state.stem)


def test_it_is_found_again_and_gone_after_stop():
    url = sandbox.start("one")
    assert sandbox.url("one") == url == sandbox.start("one")
    assert sandbox.url("two") is None
    assert sandbox.settings(url, speed=123)["speed"] == 123
    assert sandbox.stop("one") is True
    assert sandbox.url("one") is None
    assert sandbox.stop("one") is False


def test_many_starts_at_once_give_one_process():
    code = "from bgspec import sandbox; print(sandbox.start('race'))"
    racers = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = [racer.communicate(timeout=60)[0].strip() for racer in racers]
    assert all(racer.returncode == 0 for racer in racers)
    assert len(set(answers)) == 1
    assert sandbox.url("race") == answers[0]


def test_a_killed_one_is_replaced(own_directory):
    first = sandbox.start("crash")
    os.kill(json.loads((own_directory / "crash.json").read_text())["pid"], signal.SIGKILL)
    until(lambda: sandbox.url("crash") is None)
    second = sandbox.start("crash")
    assert sandbox.url("crash") == second
    assert first.startswith("http://127.0.0.1:")


def test_the_environment_names_another(monkeypatch):
    monkeypatch.setenv("BGSPEC_SANDBOX_URL", "http://127.0.0.1:9/")
    assert sandbox.start("any") == sandbox.url("any") == "http://127.0.0.1:9"
    assert sandbox.stop("any") is False


@pytest.mark.parametrize("name", ["", "../x", "a b", "-x"])
def test_a_name_is_no_path(name):
    with pytest.raises(sandbox.SandboxError):
        sandbox.start(name)
