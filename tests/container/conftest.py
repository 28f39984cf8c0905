"""One engine for the whole run, with the base image in it, and one registry for each test that wants one."""

import fcntl
import hashlib
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container import machine, registry
from tests.container.engine import Engine, missing_tools
from tests.container.workshop import SITE
from tests.lacking import lacking

ROOT = SITE.parent
PREFIX = "bgspec-engine-"  # of the engine's directory


def base_image() -> Path:
    """The archive that .ci/container.sh makes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    recipe = hashlib.sha256((ROOT / ".ci/container.sh").read_bytes()).hexdigest()[:12]
    return cache / "bgspec-test" / f"base-{recipe}.tar"


def why_no_engine() -> str:
    if missing := [*missing_tools(), *(tool for tool in registry.NEEDED if shutil.which(tool) is None)]:
        return f"{', '.join(missing)} not installed"
    if "PYTEST_XDIST_WORKER" in os.environ:
        return "several processes cannot share ports 81 and 82 (make test-container uses one)"
    if os.geteuid() != 0:
        return "not root"
    if not base_image().exists():
        return f"no base image at {base_image()}"
    return ""


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Podman with the base image under the name that the Dockerfile builds from, and nothing else."""
    if reason := why_no_engine():
        lacking(
            f"The image is neither built nor run: {reason}. As root on Debian, .ci/container.sh brings what is missing."
            " Only the weaker check speaks for the site: the system's Apache (test_site.py)."
        )
    # Ports 81 and 82 exist once on a machine: whoever else runs these tests waits.
    with base_image().with_name("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for abandoned in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):  # by a run that was killed
            Engine(abandoned).close()
        before = machine.traces()
        podman = Engine(Path(tempfile.mkdtemp(prefix=PREFIX)))
        try:
            podman("import", "--quiet", str(base_image()), default_base())
            yield podman
        finally:
            podman.close()
        left = machine.traces() - before
        assert not left, f"left on this machine: {sorted(left)}"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """A weaker check must not look like the strong one, so what was skipped is said without being asked."""
    skipped = terminalreporter.stats.get("skipped", [])
    for told in {report.longrepr[2] for report in skipped if "weaker check" in str(report.longrepr)}:
        terminalreporter.write_line(told, yellow=True)


def default_base() -> str:
    """The image that the Dockerfile builds from if nobody says otherwise."""
    found = re.search(r"^ARG BASE_IMAGE=(\S+)$", (SITE / "Dockerfile").read_text(), re.MULTILINE)
    assert found
    return found[1]


@pytest.fixture
def clean_engine(engine: Engine) -> Iterator[Engine]:
    """The engine, and the proof that a test left neither container nor image nor process nor network in it."""
    kept, before = list(engine.images()), machine.traces()
    yield engine
    engine.clean(keep=kept)
    assert engine.containers() == []
    assert list(engine.images()) == kept
    assert engine("network", "ls", "--quiet").split() == ["podman"]  # the default's name; it exists only as a name
    assert machine.traces() - before == set()
