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

ROOT = SITE.parent


def base_image() -> Path:
    """The archive that .ci/container.sh makes."""
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    recipe = hashlib.sha256((ROOT / ".ci/container.sh").read_bytes()).hexdigest()[:12]
    return cache / "bgspec-test" / f"base-{recipe}.tar"


def why_no_engine() -> str:
    if missing := [*missing_tools(), *(tool for tool in registry.NEEDED if shutil.which(tool) is None)]:
        return f"{', '.join(missing)} not installed"
    if os.geteuid() != 0:
        return "not root"
    if not base_image().exists():
        return f"no base image at {base_image()}"
    return ""


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Podman with the base image under the name that the Dockerfile builds from, and nothing else."""
    if reason := why_no_engine():
        reason = f"the image is not built and not run here: {reason} (.ci/container.sh prepares a Debian machine as root)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(f"{reason}. The weaker check in test_site.py is all that speaks for it.")
    # Ports 81 and 82 exist once on a machine: whoever else runs these tests waits.
    with base_image().with_name("lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        before = machine.traces()
        podman = Engine(Path(tempfile.mkdtemp(prefix="bgspec-")))
        try:
            podman("import", "--quiet", str(base_image()), default_base())
            yield podman
        finally:
            podman.close()
        left = machine.traces() - before
        assert not left, f"left on this machine: {sorted(left)}"


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
