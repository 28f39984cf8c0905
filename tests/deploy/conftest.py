"""An emulator of its own for every test, in this process, and the commands against it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from bgspec.sandbox.server import Server
from bgspec.sandbox.world import World
from tests.deploy.bench import Bench


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    server = Server(0, World(speed=3000))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    monkeypatch.setenv("BGSPEC_SANDBOX_URL", server.url)
    yield Bench(server, tmp_path)
    server.shutdown()
    server.server_close()
    assert not server.world.failures, server.world.failures
