"""An emulator of its own for every test, in this process, and the commands against it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.bench import Bench, emulator


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with emulator(tmp_path) as found:
        yield found
