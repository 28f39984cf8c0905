"""The report for people: the sentence, the line it speaks of, a caret under the exact token, and how to mend it."""

from collections.abc import Mapping, Sequence

from bgspec.diagnostics import Finding, Span
from bgspec.document import Document

_WIDEST = 100
"""Terminal columns of a source line; of a longer one the part around the caret is shown."""
_TAB = 4
_STYLES = {
    "error": "\x1b[1;31m",
    "warning": "\x1b[1;33m",
    "info": "\x1b[1;36m",
    "gutter": "\x1b[1;34m",
    "bold": "\x1b[1m",
}


def human(findings: Sequence[Finding], sources: Mapping[str, Document], *, color: bool) -> str:
    """Every finding with its source lines, and a last line that counts them; empty where there is nothing to say."""
    if not findings:
        return ""
    shown = [_finding(finding, sources.get(finding.file), color=color) for finding in findings]
    counts = {severity: sum(finding.severity == severity for finding in findings) for severity in ("error", "warning", "info")}
    total = ", ".join(f"{count} {severity}{'s' * (count > 1)}" for severity, count in counts.items() if count)
    code = next((finding.code for finding in findings if finding.severity == "error"), findings[0].code)
    return "\n".join((*shown, f"{total}. More about a code: bgspec explain {code}\n"))


def _finding(finding: Finding, document: Document | None, *, color: bool) -> str:
    def paint(style: str, text: str) -> str:
        return f"{_STYLES[style]}{text}\x1b[0m" if color else text

    marks = [(finding.span, "^", ""), *((span, "-", sentence) for sentence, span in finding.related)]
    gutter = len(str(max(span.line for span, _, _ in marks)))
    bar = paint("gutter", f"{'':{gutter}} |")
    where = f"{visible(finding.file) if finding.file != '-' else '<stdin>'}:{finding.span.line}:{finding.span.column}"
    environment = f" (environment {visible(finding.environment)})" if finding.environment else ""
    lines = [
        f"{paint(finding.severity, f'{finding.severity}[{finding.code}]')}{paint('bold', ': ' + visible(finding.message))}",
        f"{'':{gutter}}{paint('gutter', '-->')} {where}{environment}",
    ]
    if document is not None and any(document.line(span.line) for span, _, _ in marks):
        lines.append(bar)
        before = 0
        for number in sorted({span.line for span, _, _ in marks}):
            if before and number > before + 1:
                lines.append(paint("gutter", "..."))
            before = number
            here = [mark for mark in marks if mark[0].line == number]
            source, runs = _window(document.line(number), [span for span, _, _ in here])
            lines.append(f"{paint('gutter', f'{number:{gutter}} |')} {source}".rstrip())
            for (_, sign, label), (start, length) in zip(here, runs, strict=True):
                style = finding.severity if sign == "^" else "gutter"
                lines.append(f"{bar} {'':{start}}{paint(style, f'{sign * length} {visible(label)}'.rstrip())}")
        lines.append(bar)
    lines.append(f"{'':{gutter}} {paint('gutter', '=')} {paint('bold', 'help')}: {visible(finding.help)}")
    return "\n".join(lines) + "\n"


def _window(line: str, spans: Sequence[Span]) -> tuple[str, list[tuple[int, int]]]:
    """What a terminal shows of a line, and where each span's run of carets starts in it and how long it is.

    A line that is too wide is cut around the first span.
    """
    left = max(min(spans[0].column - 1 - _WIDEST // 3, len(line) - _WIDEST), 0) if len(line) > _WIDEST else 0
    cells = [_cell(character) for character in line[left : left + _WIDEST]]
    while sum(width for _, width in cells) > _WIDEST:
        cells.pop()
    head, tail = ("…" if left else ""), ("…" if left + len(cells) < len(line) else "")
    at = [len(head)]
    for _, width in cells:
        at.append(at[-1] + width)

    def column(number: int) -> int:
        return at[min(max(number - 1 - left, 0), len(cells))]

    ends = [span.end_column if span.end_line == span.line else len(line.rstrip()) + 1 for span in spans]
    starts = [column(span.column) for span in spans]
    runs = [(start, max(column(end) - start, 1)) for start, end in zip(starts, ends, strict=True)]
    return head + "".join(shown for shown, _ in cells) + tail, runs


def visible(text: str) -> str:
    """Text that cannot move the cursor, change colours or reverse its direction."""
    return text if text.isascii() and text.isprintable() else "".join(shown for shown, _ in map(_cell, text))


def _cell(character: str) -> tuple[str, int]:
    """A character as it is shown, and how many columns of a terminal it takes."""
    if character == "\t":
        return " " * _TAB, _TAB
    if character.isascii():
        return (character, 1) if character.isprintable() else ("\ufffd", 1)
    from unicodedata import category, east_asian_width  # noqa: PLC0415  most files are ASCII

    kind = category(character)
    if kind in {"Mn", "Me"}:
        return character, 0
    if kind[0] == "C" or kind in {"Zl", "Zp"}:
        return "\ufffd", 1
    return character, 2 if east_asian_width(character) in {"W", "F"} else 1
