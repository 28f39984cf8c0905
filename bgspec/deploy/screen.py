"""Progress on a terminal: every step in its place with what happens to it now, and above it what must be read."""

import threading
import time
from collections.abc import Iterator, Mapping
from typing import TextIO

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from bgspec.deploy.show import Show, clock

_MARKS = {"waits": "·", "done": "✓", "failed": "✗", "stopped": "■", "left": "-"}
_STYLES = {"waits": "dim", "under way": "bold", "done": "green", "failed": "red", "stopped": "yellow", "left": "yellow"}
_TURNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_EVERY = 0.125
"""Seconds between two pictures."""


class _Step:
    """One row."""

    def __init__(self, usual: float) -> None:
        self.state = "waits"
        self.text = ""
        self.usual = usual
        self.begun = 0.0
        self.ended = 0.0

    def turn(self, state: str) -> None:
        self.state = state
        now = time.monotonic()
        if state == "under way":
            self.begun = now
        else:
            self.ended = now
        if state == "left":
            self.text = "not begun"

    @property
    def seconds(self) -> float:
        return (self.ended or time.monotonic()) - self.begun if self.begun else 0.0

    @property
    def mark(self) -> Text:
        turning = _TURNING[int(time.monotonic() / _EVERY) % len(_TURNING)]
        return Text(_MARKS.get(self.state, turning), _STYLES[self.state])


class Screen(Show):
    """A table that is drawn again and again; nothing of it but the last picture stays."""

    def __init__(self, stream: TextIO, *, many: bool = False) -> None:
        super().__init__(stream, many=many)
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._environments: dict[str, dict[str, _Step]] = {}
        self._changing = threading.RLock()
        self._live: Live | None = None

    def line(self, text: str = "") -> None:
        self._console.print(Text.from_ansi(text), soft_wrap=True)  # findings come with colours of their own

    def say(self, environment: str, who: str, text: str, *, loud: bool = False) -> None:
        with self._changing:
            step = self._environments.get(environment, {}).get(who)
            if step:
                step.text = text.partition("\n")[0]
        if loud or step is None:
            whose = f"{environment}  " if self._many else ""
            failed = text.startswith("FAILED") or " failed: " in text
            self._console.print(Text(f"{whose}{who}  {text}", "red" if failed else ""), soft_wrap=True)

    def steps(self, environment: str, usual: Mapping[str, float]) -> None:
        with self._changing:
            self._environments[environment] = {who: _Step(seconds) for who, seconds in usual.items()}
            if self._live is None:
                self._live = Live(
                    console=self._console,
                    get_renderable=self._picture,
                    refresh_per_second=1 / _EVERY,
                    redirect_stdout=False,
                    redirect_stderr=False,
                    vertical_overflow="visible",
                )
                self._live.start()

    def turn(self, environment: str, who: str, state: str) -> None:
        with self._changing:
            step = self._environments.get(environment, {}).get(who)
            if step:
                step.turn(state)

    def end(self, environment: str) -> None:
        del environment
        if not self._many:
            self.close()  # what comes now stands below the table

    def close(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def leave(self) -> None:
        if self._live is not None:  # the cursor, which a live picture hides
            self._stream.write("\x1b[?25h\n")
            self._stream.flush()

    def _picture(self) -> Group:
        with self._changing:
            room = max(self._console.height - 3, 4)
            table = Table.grid(padding=(0, 1), expand=True)
            for column in ({}, {}, {"ratio": 1}, {"justify": "right"}, {}):
                table.add_column(no_wrap=True, overflow="ellipsis", **column)
            rows = list(self._of_many() if self._many else self._of_one())
            for row in rows[:room]:
                table.add_row(*row)
            return Group(table, Text(self._sum(len(rows) - room), "dim"))

    def _of_one(self) -> Iterator[tuple[Text, ...]]:
        """Every step, or, where there are too many for the terminal, those that are not yet or no longer to be waited for last."""
        ((_, steps),) = self._environments.items()
        shown = list(steps.items())
        if len(shown) > self._console.height - 3:
            rank = {"failed": 0, "under way": 1, "stopped": 2, "left": 3, "waits": 4, "done": 5}
            shown.sort(key=lambda item: rank[item[1].state])
        for who, step in shown:
            yield step.mark, Text(who, _STYLES[step.state]), Text(step.text), *_times(step)

    def _of_many(self) -> Iterator[tuple[Text, ...]]:
        """The environments that are under way; those that have failed have been told above."""
        for environment, steps in self._environments.items():
            now = [(who, step) for who, step in steps.items() if step.state == "under way"]
            if now:
                done = sum(step.state == "done" for step in steps.values())
                words = "  ".join(f"{who}: {step.text}" for who, step in now)
                begun = min(step.begun for step in steps.values() if step.begun)
                elapsed = clock(time.monotonic() - begun)
                yield now[0][1].mark, Text(environment, "bold"), Text(f"{done}/{len(steps)}  {words}"), Text(elapsed), Text()

    def _sum(self, hidden: int) -> str:
        steps = [step for found in self._environments.values() for step in found.values()]
        parts = [f"{sum(step.state == 'done' for step in steps)} of {len(steps)} steps done"]
        for state in ("failed", "stopped", "left"):
            count = sum(step.state == state for step in steps)
            parts += [f"{count} {state}"] if count else []
        parts += [f"{hidden} more not shown"] if hidden > 0 else []
        return f"{', '.join(parts)}  {clock(time.monotonic() - self._start)}"


def _times(step: _Step) -> tuple[Text, Text]:
    elapsed = clock(step.seconds) if step.begun else ""
    usual = f"usually {clock(step.usual)} on AWS" if step.usual and step.state == "under way" else ""
    return Text(elapsed), Text(usual, "dim")
