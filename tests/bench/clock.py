"""Whole processes, timed side by side: one run of each, then again, so that a busy moment strikes all alike."""

import os
import statistics
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


class Quartiles(NamedTuple):
    """What came out of many rounds."""

    low: float
    median: float
    high: float

    def __str__(self) -> str:
        return f"{self.median:.2f} ({self.low:.2f} to {self.high:.2f})"


def quartiles(values: Iterable[float]) -> Quartiles:
    """Of ratios taken within each round: while a machine gets slower or faster, they stay what they are."""
    values = list(values)
    return Quartiles(*statistics.quantiles(values, n=4)) if len(values) > 1 else Quartiles(*values * 3)


class Program(NamedTuple):
    """Something that is measured."""

    name: str
    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str] = MappingProxyType({})
    before: Callable[[], None] | None = None
    """What makes the ground equal before each run, outside the clock."""


class Measured(NamedTuple):
    """The runs of one program."""

    name: str
    seconds: list[float]
    processor: list[float]
    """Seconds of CPU of the same runs, which a busy machine changes less."""
    peak: float
    """The largest resident set in MiB."""

    def ratio(self, other: "Measured") -> "Quartiles":
        """How many times as long this takes as the other."""
        return quartiles(mine / theirs for mine, theirs in zip(self.seconds, other.seconds, strict=True))

    def processor_ratio(self, other: "Measured") -> "Quartiles":
        """The same of the seconds of CPU."""
        return quartiles(mine / theirs for mine, theirs in zip(self.processor, other.processor, strict=True))


def alternate(programs: Sequence[Program], rounds: int) -> dict[str, Measured]:
    """Run all programs `rounds` times, in turns, after one run that warms the caches. A program that fails stops the measurement."""
    measured = {program.name: Measured(program.name, [], [], 0.0) for program in programs}
    for number in range(rounds + 1):
        for program in programs:
            seconds, processor, peak = _once(program)
            before = measured[program.name]
            if number:
                before.seconds.append(seconds)
                before.processor.append(processor)
            measured[program.name] = before._replace(peak=max(before.peak, peak))
    return measured


def _once(program: Program) -> tuple[float, float, float]:
    """Seconds on the clock, seconds of CPU, MiB at the peak."""
    if program.before:
        program.before()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTHON")} | dict(program.environment)
    start = time.perf_counter()
    process = subprocess.Popen(program.command, cwd=program.cwd, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{program.name} failed: {' '.join(program.command)}")
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024
