"""Many environments by one command."""

import re
import signal
import subprocess
import time
from pathlib import Path

from bgspec.deploy import fleet
from bgspec.deploy.aws import Aws, Target
from tests.deploy.bench import SMALL, Bench
from tests.deploy.test_interrupt import begun, claims


def specs(bench: Bench, count: int) -> list[str]:
    """So many environments, the first called e0."""
    paths = []
    for number in range(count):
        path = bench.directory / f"e{number}.yaml"
        path.write_text(SMALL.replace("environment: dev", f"environment: e{number}"), "utf-8")
        paths.append(str(path))
    return paths


def test_all_of_them_are_applied_and_a_failure_stays_its_own(bench: Bench) -> None:
    files = specs(bench, 3)
    broken = Path(files[1])
    broken.write_text(broken.read_text("utf-8").replace("nginx:1.27", "broken:1"), "utf-8")
    bench.world.broken_images = {"broken:1": "pull"}
    result = bench.run("apply", *files, "--sandbox", "--yes")
    assert result.code == 3
    assert "2 of 3 environments are as their specs say" in result.err
    assert re.search(r"^  shop-e1 +\d+:\d\d  3 of 7 steps are not done: service-web, deployment, deploy web$", result.err, re.MULTILINE)
    assert re.search(r"^ +\d:\d\d  shop-e2 +cluster +created$", result.err, re.MULTILINE)
    assert "shop-e0    ok      web: 2 of 2 tasks run" in result.err
    states = bench.stacks()
    assert {state for name, state in states.items() if "-e1-" not in name} == {"CREATE_COMPLETE"}
    assert not claims(bench)
    bench.world.broken_images = {}
    again = bench.run("apply", *files, "--sandbox", "--yes")
    assert again.code == 0, again.err
    assert "3 of 3 environments are as their specs say" in again.err


def test_the_same_environment_twice_is_refused(bench: Bench) -> None:
    files = specs(bench, 2)
    result = bench.run("apply", *files, files[0], "--sandbox", "--yes")
    assert result.code == 2
    assert "shop-e0 was given more than once" in result.err
    assert not bench.stacks()


def test_nobody_there_to_ask_changes_nothing(bench: Bench) -> None:
    result = bench.run("apply", *specs(bench, 2), "--sandbox")
    assert result.code == 2
    assert "shop-e0 in ap-northeast-1" in result.err
    assert "shop-e1 in ap-northeast-1" in result.err
    assert "give --yes" in result.err
    assert not bench.stacks()


def test_errors_of_all_specs_are_told_before_anything_is_touched(bench: Bench) -> None:
    files = specs(bench, 3)
    for file in files[:2]:
        Path(file).write_text(SMALL + "oops: 1\n", "utf-8")
    result = bench.run("apply", *files, "--sandbox", "--yes")
    assert result.code == 1
    assert f"{files[0]}:12" in result.err
    assert f"{files[1]}:12" in result.err
    assert bench.calls() == {}


def test_no_more_than_so_many_are_under_way_and_all_have_their_turn(bench: Bench, monkeypatch) -> None:
    monkeypatch.setattr(fleet, "AT_ONCE", 2)
    under_way, most, begun = set(), 0, []
    run = fleet._run  # noqa: SLF001  what is counted

    def counted(job, *arguments, **more):
        nonlocal most
        name = job.environment.name
        begun.append(name)
        under_way.add(name)
        most = max(most, len(under_way))
        try:
            return run(job, *arguments, **more)
        finally:
            under_way.discard(name)

    monkeypatch.setattr(fleet, "_run", counted)
    result = bench.run("apply", *specs(bench, 5), "--sandbox", "--yes")
    assert result.code == 0, result.err
    assert most == 2
    assert begun == [f"shop-e{number}" for number in range(5)]


def test_many_accounts_share_what_is_known_of_the_services(bench: Bench) -> None:
    def models(region: str, account: str):
        return Aws(Target(region, None, bench.server.url, account))._session._session.get_component("data_loader")  # noqa: SLF001  60 MB

    assert models("eu-west-1", "111122223333") is models("eu-central-1", "444455556666")


def begun_slowly(bench: Bench, files: list[str]) -> subprocess.Popen[str]:
    """So slowly that none ends meanwhile on any machine."""
    bench.world.quotas |= {"L-F678F1CE": 20}
    return begun(bench, *files, speed=5)


def test_control_c_ends_all_of_them_in_order(bench: Bench) -> None:
    files = specs(bench, 10)
    process = begun_slowly(bench, files)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert "Stopping: nothing new begins" in err
    assert "0 of 10 environments are as their specs say" in err, err
    assert re.search(r"^  shop-e9 +not begun$", err, re.MULTILINE)
    assert "Traceback" not in err
    assert not claims(bench)
    bench.world.speed = 3000
    result = bench.run("apply", *files[:2], "--sandbox", "--yes")
    assert result.code == 0, result.err


def test_control_c_twice_leaves_at_once_and_the_next_apply_goes_on(bench: Bench) -> None:
    files = specs(bench, 3)
    process = begun_slowly(bench, files)
    with bench.world.lock:  # AWS does not answer: whoever waits for it cannot end in order
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        assert "Stopping" in _until(process, "Stopping")
        assert process.poll() is None
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
    assert process.returncode == 130
    bench.world.speed = 3000
    result = bench.run("apply", *files, "--sandbox", "--yes")
    assert result.code == 0, result.err
    assert not claims(bench)
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}


def _until(process: subprocess.Popen[str], text: str) -> str:
    """What is said until this is."""
    return next(line for line in process.stderr if text in line)


def test_a_killed_run_over_many_is_continued(bench: Bench) -> None:
    files = specs(bench, 3)
    process = begun_slowly(bench, files)
    process.kill()
    process.communicate(timeout=60)
    assert claims(bench)
    bench.world.speed = 3000
    result = bench.run("apply", *files, "--sandbox", "--yes")
    assert result.code == 0, result.err
    assert not claims(bench)
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}


def test_what_is_refused_is_told_with_its_reason_and_the_others_go_on(bench: Bench) -> None:
    files = specs(bench, 2)
    assert bench.run("apply", *files, "--sandbox", "--yes").code == 0
    Path(files[0]).write_text(Path(files[0]).read_text("utf-8") + "load_balancer:\n  test:\n    port: 9090\n", "utf-8")
    Path(files[1]).write_text(Path(files[1]).read_text("utf-8") + "tags:\n  Owner: web\n", "utf-8")
    result = bench.run("apply", *files, "--sandbox", "--yes")
    assert result.code == 3
    assert re.search(r"^shop-e0    traffic +REFUSED +TestListener would be sent again", result.err, re.MULTILINE)
    assert re.search(r"^  shop-e0 .* Nothing was changed: what is refused above has to be decided first", result.err, re.MULTILINE)
    assert "1 of 2 environments are as their specs say" in result.err
    assert re.search(r"shop-e1 +network +changed$", result.err, re.MULTILINE)
