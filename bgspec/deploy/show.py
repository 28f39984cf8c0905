"""What the deploy step says while it works: a line for each thing that happens, on standard error.

On a terminal `bgspec.deploy.screen` shows the same in place: what is under way, and above it only what must be read.
"""

import os
import sys
import threading
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Protocol, TextIO


class Tell(Protocol):
    """Takes what happens to one step, in words; `loud` where nobody may miss it."""

    def __call__(self, text: str, *, loud: bool = False) -> None: ...


class Show:
    """Lines with the seconds since the beginning in front. Threads may speak at the same time."""

    def __init__(self, stream: TextIO | None = None, *, many: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._many = many
        self._start = time.monotonic()
        self._lock = threading.RLock()

    def voice(self, environment: str) -> "Voice":
        """What speaks of one environment."""
        return Voice(self, environment)

    def line(self, text: str = "") -> None:
        """Something about the whole."""
        with self._lock:
            self._stream.write(f"{text}\n")
            self._stream.flush()

    def about(self, environment: str, text: str) -> None:
        """Something about one environment, in one or several lines."""
        self.line("\n".join(f"{environment}  {line}".rstrip() for line in text.split("\n")) if self._many else text)

    def say(self, environment: str, who: str, text: str, *, loud: bool = False) -> None:
        """What happens to a step."""
        del loud  # every line is read later, if at all
        whose = f"{environment:<16} " if self._many else ""
        self.line(f"{clock(time.monotonic() - self._start):>7}  {whose}{who:<16} {text}")

    def steps(self, environment: str, usual: Mapping[str, float]) -> None:
        """What is going to be done, each step with the seconds that it usually takes on AWS, 0 where that is not known."""

    def turn(self, environment: str, who: str, state: str) -> None:
        """A step is `under way`, `done`, `failed`, `stopped` or `left`."""

    def end(self, environment: str) -> None:
        """All steps of an environment have ended."""

    def close(self) -> None:
        """Nothing more is going to happen."""

    def leave(self) -> None:
        """The process ends at once: whatever was done to the terminal is undone."""


class Voice:
    """Speaks of one environment."""

    def __init__(self, show: Show, environment: str) -> None:
        self._show = show
        self._environment = environment

    def line(self, text: str) -> None:
        self._show.about(self._environment, text)

    def say(self, who: str, text: str, *, loud: bool = False) -> None:
        self._show.say(self._environment, who, text, loud=loud)

    def teller(self, who: str) -> Tell:
        """What speaks of one step."""

        def tell(text: str, *, loud: bool = False) -> None:
            self.say(who, text, loud=loud)

        return tell

    def steps(self, usual: Mapping[str, float]) -> None:
        self._show.steps(self._environment, usual)

    def turn(self, who: str, state: str) -> None:
        self._show.turn(self._environment, who, state)

    def end(self) -> None:
        self._show.end(self._environment)


def on(stream: TextIO, *, many: bool = False) -> Show:
    """The way to show progress that fits: in place on a terminal, in lines elsewhere and in CI, where logs are read later."""
    terminal = stream.isatty() and os.environ.get("TERM", "dumb") != "dumb" and not os.environ.get("CI")
    if not terminal:
        return Show(stream, many=many)
    from bgspec.deploy.screen import Screen  # noqa: PLC0415  rich is for terminals only

    return Screen(stream, many=many)


def moment(iso: str) -> str:
    """A moment of AWS's for people, in UTC and to the second: `2026-11-23 12:38:19 UTC`."""
    return f"{datetime.fromisoformat(iso).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def clock(seconds: float) -> str:
    """Minutes and seconds: `1:05`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"
