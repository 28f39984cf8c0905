"""Ctrl-C, and two at once."""

import os
import re
import signal
import subprocess
import sys
import time

import pytest

from bgspec.deploy.aws import Aws, Target
from bgspec.deploy.lock import HeldError, Lock
from tests.deploy.bench import ACCOUNT, REGION, SMALL, Bench
from tests.waiting import until


def begun(bench: Bench, *files: str, speed: float = 100) -> subprocess.Popen[str]:
    """An apply in a process of its own, with its first stack under way."""
    bench.world.speed = speed
    command = [sys.executable, "-m", "bgspec", "apply", *(files or [str(bench.file)]), "--sandbox", "--yes"]
    process = subprocess.Popen(command, env=dict(os.environ), stderr=subprocess.PIPE, text=True)
    until(lambda: bench.calls().get("cloudformation:ExecuteChangeSet"), 60)
    return process


def claims(bench: Bench) -> list[object]:
    return bench.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]


def test_control_c_ends_in_order_and_the_next_apply_goes_on(bench: Bench) -> None:
    bench.spec(SMALL)
    process = begun(bench)
    bench.world.speed = 1
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Stopping: nothing new begins" in err
    told = re.search("Under way on AWS: (.+)[.] The same command goes on from there", err)
    going = {name for name, status in bench.stacks().items() if status == "CREATE_IN_PROGRESS"}
    assert going == {f"shop-dev-stack-{key}-01" for key in told[1].split(", ")}
    assert "Traceback" not in err
    assert not claims(bench)
    bench.world.speed = 3000
    result = bench.apply()
    assert result.code == 0, result.err
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}


def test_a_second_apply_is_refused_while_one_is_at_it(bench: Bench) -> None:
    bench.spec(SMALL)
    process = begun(bench)
    second = bench.apply()
    assert second.code == 3
    assert "deploys this environment since" in second.err
    bench.world.speed = 3000
    _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err


def lock(bench: Bench, lease: float = 300.0) -> Lock:
    aws = Aws(Target(REGION, sandbox=bench.server.url, account=ACCOUNT))
    return Lock(aws, "shop", "dev", lambda _: None, lease=lease)


def test_a_lock_keeps_others_out_and_is_taken_back(bench: Bench) -> None:
    with lock(bench):
        with pytest.raises(HeldError, match="deploys this environment"), lock(bench):
            pass
        assert len(claims(bench)) == 1
    assert not claims(bench)


def test_a_lock_is_renewed_and_a_dead_one_taken_over(bench: Bench) -> None:
    with lock(bench, lease=0.6) as held:
        time.sleep(1.5)
        assert not held.lost.is_set()
        with pytest.raises(HeldError), lock(bench):
            pass
    dead = lock(bench, lease=0.01)
    dead._write(overwrite=False)  # noqa: SLF001  a run that died right after
    time.sleep(0.02)
    with lock(bench):
        assert len(claims(bench)) == 1
