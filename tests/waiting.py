"""Waits for what another thread or process does."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def until(look: Callable[[], T], seconds: float = 30, told: Callable[[], object] = lambda: None) -> T:
    """What `look` returns once that is true; AssertionError with what there is to tell when it takes too long."""
    end = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < end, told()
        time.sleep(0.01)
    return found
