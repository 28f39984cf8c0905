"""Comments that silence a finding at its line: `# bgspec: ignore[BG305] reason`.

Behind a value such a comment speaks of its own line; in a line of its own, of the next line that is not a comment.
"""

import re
from bisect import bisect_right
from typing import NamedTuple

from yaml.events import DocumentEndEvent, ScalarEvent

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import rules
from bgspec.document.tree import events

_WORDS = ("ignore", "silence", "disable", "noqa")
"""What people write who mean such a comment; only the first is right."""
_INTENT = rf"(?i)(?<!\S)#[ \t]*bgspec\b[ \t]*:?[ \t]*(?:{'|'.join(_WORDS)})\b.*"
_SILENCE = r"#[ \t]*bgspec:[ \t]*ignore\[[ \t]*(BG\d{3}(?:[ \t]*,[ \t]*BG\d{3})*)[ \t]*\](?:[ \t]+(.*))?"
_MOST = 1_000
"""Comments in one file. Each may cost a finding, and nobody reads as many."""
_CODE = r"BG\d{3}"


class Silence(NamedTuple):
    """One code in such a comment."""

    code: str
    span: Span
    """Where the code stands."""
    target: int
    """The line whose findings it silences."""


def find_silences(text: str) -> tuple[tuple[Silence, ...], tuple[Diagnostic, ...]]:
    """The silences of a text that is YAML, in its order, and what is wrong with their wording."""
    lower = text.lower()
    candidates = list(re.finditer(_INTENT, text)) if any(word in lower for word in _WORDS) else []
    if not candidates:
        return (), ()
    lines = text.split("\n")
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    inside, below = _scalars(text, starts), _below(lines)
    silences: list[Silence] = []
    problems: list[Diagnostic] = []
    for found in candidates:
        position = bisect_right(inside, (found.start(), len(text))) - 1
        if position >= 0 and found.start() < inside[position][1]:
            continue  # a `#` inside a text begins no comment
        number = bisect_right(starts, found.start())
        column = found.start() - starts[number - 1] + 1
        comment = found.group().rstrip()
        whole = Span(number, column, number, column + len(comment))
        if len(silences) + len(problems) > _MOST:
            problems.append(rules.silence_malformed(whole, f"A file may have {_MOST} such comments: mend some findings."))
            break
        if (written := re.fullmatch(_SILENCE, comment)) is None:
            problems.append(rules.silence_malformed(whole, "Write `# bgspec: ignore[BG305] reason`."))
            continue
        if not (written[2] or "").strip():
            problems.append(rules.silence_without_reason(whole))
        target = number if lines[number - 1][: column - 1].strip() else below[number]
        for code in re.finditer(_CODE, written[1]):
            start = column + written.start(1) + code.start()
            silences.append(Silence(code.group(), Span(number, start, number, start + len(code.group())), target))
    return tuple(silences), tuple(problems)


def _below(lines: list[str]) -> list[int]:
    """For each line (from 1) the next one below that is neither empty nor a comment; the last where there is none."""
    found = list(range(len(lines) + 1))
    for number in range(len(lines) - 1, 0, -1):
        found[number] = number + 1 if lines[number].lstrip()[:1] not in {"", "#"} else found[number + 1]
    return found


def _scalars(text: str, starts: list[int]) -> list[tuple[int, int]]:
    """From where to where the texts reach in which a `#` begins no comment, in their order."""
    found = []
    for event in events(text):
        if isinstance(event, DocumentEndEvent):
            break
        if isinstance(event, ScalarEvent) and event.start_mark and event.end_mark:
            start, end = event.start_mark.index, event.end_mark.index
            if event.style in {"|", ">"}:  # a comment may follow the indicator
                start = starts[event.start_mark.line + 1]
            found.append((start, end))
    return found
