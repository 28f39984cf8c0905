"""The place where libyaml stopped, and what stands around it."""

import re
from typing import NamedTuple

from yaml.events import Event

from bgspec.diagnostics import Span

BLANKS = " \t"
"""What YAML calls white space; str.strip() knows more of it."""


class Stop(NamedTuple):
    """Where libyaml stopped, and what it had read before. Lines and columns count from 1."""

    lines: list[str]
    line: int
    column: int
    opened: tuple[int, int] | None
    """Line and column of the construct that libyaml was in the middle of."""
    columns: tuple[int, ...]
    """The columns of the mappings and lists that are open, outermost first."""
    bracket: Span | None
    """The innermost bracket or brace that is open."""
    last: Event | None
    """What it had read last."""
    quoted: tuple[Span, str] | None
    """The last text in quotes in front of the place, and its quote."""

    def text(self, line: int) -> str:
        """A line without the comment and the blanks at its end."""
        found = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return re.sub(r"(?:^|[ \t])#.*$", "", found).rstrip(BLANKS)

    def rest(self, line: int, column: int) -> str:
        """A line from a column on."""
        return self.text(line)[column - 1 :]

    @property
    def char(self) -> str:
        """The character it stopped at; empty at the end of a line or of the file."""
        return self.lines[self.line - 1][self.column - 1 : self.column] if self.line <= len(self.lines) else ""

    def here(self, length: int = 1) -> Span:
        """The caret where it stopped."""
        return Span(self.line, self.column, self.line, self.column + max(length, 1))

    def first(self, line: int) -> tuple[Span, str]:
        """What stands first in a line, up to its end."""
        text = self.text(line)
        word = text.lstrip(BLANKS)
        column = len(text) - len(word) + 1
        return Span(line, column, line, column + max(len(word), 1)), word

    def above(self, line: int) -> int:
        """The nearest line above that says something; 0 where there is none."""
        while line > 1 and self.lines[line - 2].lstrip(BLANKS)[:1] in {"", "#"}:
            line -= 1
        return line - 1
