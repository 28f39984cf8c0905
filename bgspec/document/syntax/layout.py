"""Mistakes of layout: indentation, tabs, and the spaces behind colons and dashes."""

import re
from collections import Counter
from itertools import pairwise

from bgspec.diagnostics import Span
from bgspec.document import rules
from bgspec.document.lookalikes import Answer, key_without_space
from bgspec.document.syntax.stop import BLANKS, Stop
from bgspec.document.syntax.tokens import left_over

_DASHES = r"^(?:- +)*"
_DASH_WITHOUT_SPACE = r"-[^\s-]"


def tab(stop: Stop) -> Answer:
    line = stop.lines[stop.line - 1]
    column = line.find("\t", stop.column - 1) + 1 or stop.column
    length = len(line[column - 1 :]) - len(line[column - 1 :].lstrip("\t"))
    span = Span(stop.line, column, stop.line, column + max(length, 1))
    return span, "A tab stands where YAML wants spaces.", "Replace it by spaces; two per level are usual."


def _without_colon(span: Span, word: str) -> Answer:
    if re.match(_DASH_WITHOUT_SPACE, word):
        return span, "A space is missing after the dash.", f"Write {rules.shown('- ' + word[1:])}."
    key, equals, value = word.partition("=")
    if equals and key.strip().isidentifier():
        return (
            span,
            "A key is followed by a colon, not by `=`.",
            f"Write {rules.shown(f'{key.strip()}: {value.strip()}')}.",
        )
    key, blank, value = word.partition(" ")
    meant = f"{key}:{blank}{value.lstrip(BLANKS)}"
    return span, f"After {rules.shown(key)} a colon is missing.", f"Write {rules.shown(meant)}."


def expected_colon(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    word = stop.rest(line, column)
    span = Span(line, column, line, column + max(len(word), 1))
    return key_without_space(span, word) or _without_colon(span, word)


def unexpected_colon(stop: Stop) -> Answer:
    """A colon where no key may stand: two in one line, or a line that the value above swallowed."""
    span, _ = stop.first(stop.line)
    before = stop.lines[stop.line - 1][span.column - 1 : stop.column - 1]
    if len(before) > 1024:
        return span, "A key may have no more than 1,024 characters.", "Look for a missing line break or quote."
    if re.search(r"\S:\s.*,\s+\S+$", before):
        return stop.here(), "A second key stands in this line.", "Give each key a line of its own."
    if re.search(r"\S:\s", before):
        mend = "Put the value in quotes, or give the second key a line of its own."
        return stop.here(), "A second colon with a space stands in this line.", mend
    if upper := stop.above(stop.line):
        return _swallowed(stop, re.sub(_DASHES, "", before), upper)
    return stop.here(), "A colon stands where no key can be.", "Put the text in front of it in quotes."


def _swallowed(stop: Stop, key: str, upper: int) -> Answer:
    """YAML took this line's key for more text of the line above."""
    span, word = stop.first(upper)
    entry = re.sub(_DASHES, "", word)
    column = span.end_column - len(entry)
    if answer := key_without_space(span._replace(column=column), entry):
        return answer
    if re.match(_DASH_WITHOUT_SPACE, word):
        return _without_colon(span, word)
    if not re.search(r":(?: |$)", entry) and (entry == word or stop.column - len(key) == column):
        return _without_colon(span._replace(column=column), entry)
    return _out_of_step(stop) or (
        Span(stop.line, stop.column - len(key), stop.line, stop.column),
        f"{rules.shown(key)} is indented deeper than the line above, which has a value already.",
        f"Align it with {rules.shown(entry.partition(':')[0])} in column {column}, or remove the value above.",
    )


def unexpected_dash(stop: Stop) -> Answer:
    return (
        stop.here(len(stop.rest(stop.line, stop.column))),
        "A list cannot begin in the line of its key.",
        "Begin it in the next line, or write it in brackets: `[a, b]`.",
    )


def expected_key(stop: Stop) -> Answer:
    """Something in a block mapping that is no key: wrongly indented, or left over behind a value."""
    span, word = stop.first(stop.line)
    if span.column < stop.column:
        return left_over(stop)
    if stop.char == ":":
        return stop.here(), "In front of this colon the key is missing.", "Write the key, or put the text in quotes."
    if word.startswith("- ") or word == "-":
        above, upper = stop.first(stop.above(stop.line))
        if above.column == span.column and re.match(_DASH_WITHOUT_SPACE, upper):
            return _without_colon(above, upper)
        if answer := _out_of_step(stop):
            return answer
        return span, "A list entry stands among keys.", "Indent it below the key it belongs to, or make it a key."
    return _misplaced(stop, span, word)


def expected_dash(stop: Stop) -> Answer:
    span, word = stop.first(stop.line)
    if span.column < stop.column:
        return left_over(stop)
    if stop.columns and stop.columns[-1] == stop.column:
        return span, "A key stands among list entries.", "Begin it with `- `, or align it with the keys above the list."
    return _misplaced(stop, span, word)


def _misplaced(stop: Stop, span: Span, word: str) -> Answer:
    above, upper = stop.first(stop.above(stop.line))
    if re.match(_DASH_WITHOUT_SPACE, upper):
        return _without_colon(above, upper)
    key = _key(word)
    columns = sorted({*stop.columns, above.column} - {span.column})
    return _out_of_step(stop) or (
        span._replace(end_column=span.column + max(len(word.partition(":")[0]), 1)),
        f"{rules.shown(key)} is aligned with nothing above it.",
        f"It stands in column {span.column}; move it to column {' or '.join(map(str, columns))}.",
    )


def begins_behind_the_end(stop: Stop) -> Answer:
    """Something that is no part of the mapping before it: further left than its first key, or behind `...`."""
    span, word = stop.first(stop.line)
    if span.column < stop.column:
        return left_over(stop)
    if answer := _out_of_step(stop):
        return answer
    if stop.line > 1 and any(line.startswith("%") for line in stop.lines[: stop.line - 1]):
        return span, "After a directive comes `---`.", "Write `---` in a line of its own, or remove the directive."
    return span, f"The document has ended before {rules.shown(word)}.", "Remove the line, or give it its place above."


def _out_of_step(stop: Stop) -> Answer | None:
    """The line above that breaks the step of the file's indentation, where this one keeps it: its neighbours are misread."""
    step = _step(stop.lines)
    here, word = stop.first(stop.line)
    if (here.column - 1) % step:
        return None
    odd: tuple[Span, str] | None = None
    number = stop.above(stop.line)
    while number:
        span, upper = stop.first(number)
        if (span.column - 1) % step:
            odd = (span, upper) if odd is None or span.column < odd[0].column else odd
        elif span.column < here.column:
            break
        number = stop.above(number)
    if odd is None:
        return None
    span, upper = odd
    low = span.column - (span.column - 1) % step
    return (
        span._replace(end_column=span.column + max(len(upper.partition(":")[0]), 1)),
        f"{rules.shown(_key(upper))} is not aligned with {rules.shown(_key(word))} in line {stop.line}.",
        f"It stands in column {span.column}; move it to column {low} or {low + step}.",
    )


def _key(word: str) -> str:
    return word.removeprefix("- ").partition(":")[0]


def _step(lines: list[str]) -> int:
    """The number of columns of which most lines' indentation is a multiple; of several the largest."""
    indents = Counter(len(line) - len(line.lstrip(BLANKS)) for line in lines if line.lstrip(BLANKS)[:1] not in {"", "#"})
    steps = {below - above for above, below in pairwise(sorted(indents)) if below - above > 1} or {2}
    return max(steps, key=lambda step: (sum(lines for indent, lines in indents.items() if indent % step == 0), step))
