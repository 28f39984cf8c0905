"""Where no engine can run, the tests say that what is left is weaker; in CI they fail."""

import os
import subprocess
import sys
from pathlib import Path

CHAIN = Path(__file__).with_name("test_chain.py")


def run_without_an_engine(**environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", str(CHAIN), "-k", "becomes_a_running_site", "-p", "no:xdist", "-p", "no:randomly"]
    kept = {name: value for name, value in os.environ.items() if name not in {"CI", "PATH"} and not name.startswith("PYTEST")}
    return subprocess.run(
        command, env={**kept, "PATH": "/nowhere", **environment}, cwd=CHAIN.parents[2], capture_output=True, text=True, check=False
    )


def test_a_developer_is_told_what_was_not_shown() -> None:
    done = run_without_an_engine()
    assert done.returncode == 0, done.stdout
    assert "1 skipped" in done.stdout
    assert "podman, runc, conmon, slirp4netns, docker-registry, htpasswd not installed" in done.stdout
    assert "Only the weaker check speaks for the site" in done.stdout


def test_ci_does_without_the_weaker_check() -> None:
    done = run_without_an_engine(CI="true")
    assert done.returncode == 1, done.stdout
    assert "The image is neither built nor run" in done.stdout
