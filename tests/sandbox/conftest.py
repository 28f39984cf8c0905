"""An emulator of its own for every test, in this process."""

import threading
from collections.abc import Iterator

import pytest

from bgspec.sandbox.server import Server
from bgspec.sandbox.world import World
from tests.sandbox.harness import Sandbox


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    server = Server(0, World(speed=2000))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield Sandbox(server)
    server.shutdown()
    server.server_close()
    assert not server.world.failures, server.world.failures
