"""What libyaml says when it stops, in words that a newcomer can act on.

libyaml names what its grammar expected ("did not find expected key"); people make a dozen mistakes. Each function here
knows the mistakes behind one of libyaml's sentences and puts the caret under what has to change.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import AliasEvent, CollectionEndEvent, Event, ScalarEvent

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import rules
from bgspec.document.lookalikes import Answer, key_without_space, strange_sign
from bgspec.document.places import span_of_event

_BLANKS = " \t"
"""What YAML calls white space; str.strip() knows more of it."""
_CLOSE = {"[": "]", "{": "}"}
_DASHES = r"^(?:- +)*"


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
    last_span: Span | None
    problem: str

    def text(self, line: int) -> str:
        """A line without the comment and the blanks at its end."""
        found = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        return re.sub(r"(?:^|[ \t])#.*$", "", found).rstrip(_BLANKS)

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
        word = text.lstrip(_BLANKS)
        column = len(text) - len(word) + 1
        return Span(line, column, line, column + max(len(word), 1)), word

    def above(self, line: int) -> int:
        """The nearest line above that says something; 0 where there is none."""
        while line > 1 and self.lines[line - 2].lstrip(_BLANKS)[:1] in {"", "#"}:
            line -= 1
        return line - 1


def explain(error: YAMLError, text: str, columns: tuple[int, ...], bracket: Span | None, last: Event | None) -> Diagnostic:
    """The one syntax error that libyaml stopped at.

    Args:
        error: as libyaml raised it.
        text: the whole file.
        columns: of the mappings and lists that were open (from 1), outermost first.
        bracket: the innermost bracket or brace that was open.
        last: the event before.
    """
    mark = context = None
    problem = str(error)
    if isinstance(error, MarkedYAMLError):
        mark, context, problem = error.problem_mark, error.context_mark, error.problem or problem
    lines = text.split("\n")
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    if line > len(lines):  # behind the end of a file whose last line is not ended
        line, column = len(lines), len(lines[-1]) + 1
    stop = Stop(
        lines,
        line,
        column,
        (context.line + 1, context.column + 1) if context else None,
        columns,
        bracket,
        last,
        span_of_event(text, last) if isinstance(last, ScalarEvent | AliasEvent) else None,
        problem,
    )
    answer = _strange_sign(stop) or _conflict(stop)
    for needle, mistakes in _MISTAKES:
        if answer is None and needle in problem:
            answer = mistakes(stop)
    span, message, mend = answer or (
        stop.here(),
        f"This is not YAML: {problem}.",
        "Look for a missing quote, bracket, colon or space here and in the line above.",
    )
    return rules.syntax(span, message, mend)


def _strange_sign(stop: Stop) -> Answer | None:
    for line in (stop.above(stop.line), stop.line):
        if answer := strange_sign(line, stop.text(line)):
            return answer
    return None


def _conflict(stop: Stop) -> Answer | None:
    for number, line in enumerate(stop.lines[: stop.line], 1):
        if line.startswith("<<<<<<< "):
            span = Span(number, 1, number, 8)
            return span, "Here begins a merge conflict that was not resolved.", "Resolve it; remove the marker lines."
    return None


def _no_token(stop: Stop) -> Answer:
    if stop.char == "\t":
        return _tab(stop)
    if stop.char == "%" and stop.lines[stop.line - 1][stop.column - 2 : stop.column - 1] == "{":
        return stop.here(), "`{%` belongs to a template; this file was not filled in.", "Render the template first."
    name = "a backtick" if stop.char == "`" else f"`{stop.char}`"
    return stop.here(), f"A value cannot begin with {name}.", "Put the value in quotes."


def _tab(stop: Stop) -> Answer:
    line = stop.lines[stop.line - 1]
    column = line.find("\t", stop.column - 1) + 1 or stop.column
    length = len(line[column - 1 :]) - len(line[column - 1 :].lstrip("\t"))
    span = Span(stop.line, column, stop.line, column + max(length, 1))
    return span, "A tab stands where YAML wants spaces.", "Replace it by spaces; two per level are usual."


def _without_colon(span: Span, word: str) -> Answer:
    if re.match(r"-[^\s-]", word):
        return span, "A space is missing after the dash.", f"Write {rules.shown('- ' + word[1:])}."
    key, equals, value = word.partition("=")
    if equals and key.strip().isidentifier():
        return (
            span,
            "A key is followed by a colon, not by `=`.",
            f"Write {rules.shown(f'{key.strip()}: {value.strip()}')}.",
        )
    key = word.partition(" ")[0]
    return span, f"After {rules.shown(key)} a colon is missing.", f"Write `{key[:40]}:`, or indent a text that goes on."


def _expected_colon(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    word = stop.rest(line, column)
    span = Span(line, column, line, column + max(len(word), 1))
    return key_without_space(span, word) or _without_colon(span, word)


def _unexpected_colon(stop: Stop) -> Answer:
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
    if ":" not in entry and entry == word:
        return _without_colon(span, word)
    return (
        Span(stop.line, stop.column - len(key), stop.line, stop.column),
        f"{rules.shown(key)} is indented deeper than the line above, which has a value already.",
        f"Align it with {rules.shown(entry.partition(':')[0])} in column {column}, or remove the value above.",
    )


def _unexpected_dash(stop: Stop) -> Answer:
    return (
        stop.here(len(stop.rest(stop.line, stop.column))),
        "A list cannot begin in the line of its key.",
        "Begin it in the next line, or write it in brackets: `[a, b]`.",
    )


def _expected_key(stop: Stop) -> Answer:
    """Something in a block mapping that is no key: wrongly indented, or left over behind a value."""
    span, word = stop.first(stop.line)
    if span.column < stop.column:
        return _left_over(stop)
    if stop.char == ":":
        return stop.here(), "In front of this colon the key is missing.", "Write the key, or put the text in quotes."
    if word.startswith("- ") or word == "-":
        return span, "A list entry stands among keys.", "Indent it below the key it belongs to, or make it a key."
    return _misplaced(stop, span, word)


def _expected_dash(stop: Stop) -> Answer:
    span, word = stop.first(stop.line)
    if span.column < stop.column:
        return _left_over(stop)
    if stop.columns and stop.columns[-1] == stop.column:
        return span, "A key stands among list entries.", "Begin it with `- `, or align it with the keys above the list."
    return _misplaced(stop, span, word)


def _misplaced(stop: Stop, span: Span, word: str) -> Answer:
    key = word.removeprefix("- ").partition(":")[0]
    above, _ = stop.first(stop.above(stop.line))
    columns = sorted({*stop.columns, above.column} - {span.column})
    return (
        span._replace(end_column=span.column + max(len(word.partition(":")[0]), 1)),
        f"{rules.shown(key)} is aligned with nothing above it.",
        f"It stands in column {span.column}; move it to column {' or '.join(map(str, columns))}.",
    )


def _left_over(stop: Stop) -> Answer:
    """Something behind a value that had ended."""
    rest = stop.rest(stop.line, stop.column)
    if isinstance(stop.last, ScalarEvent) and stop.last.style in {"'", '"'} and stop.last_span:
        opened = stop.last_span
        quote = stop.last.style
        if opened.line != opened.end_line:
            return (
                Span(opened.line, opened.column, opened.line, opened.column + 1),
                f"This quote is closed only in line {opened.end_line}, and text follows there.",
                "Close it in its own line.",
            )
        double = ", or write it twice (`''`) inside single quotes" if quote == "'" else ', or escape it as `\\"`'
        return stop.here(len(rest)), "Text follows the closing quote.", f"Move the closing quote to the end{double}."
    if isinstance(stop.last, AliasEvent):
        return stop.here(len(rest)), "Text follows an alias.", "Remove it, or quote text that begins with `*`."
    if stop.char in {"]", "}"}:
        return stop.here(), f"Nothing was opened that this `{stop.char}` could close.", "Remove it, or quote the text."
    if isinstance(stop.last, CollectionEndEvent):
        return (
            stop.here(len(rest)),
            "Text follows a closing bracket.",
            "Put the whole value in quotes if it is text (a template's `{{ … }}`, for example).",
        )
    return stop.here(len(rest)), "This cannot follow what stands in front of it.", "Put the whole value in quotes."


def _expected_comma(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    bracket = stop.lines[line - 1][column - 1 : column] or "["
    close = _CLOSE.get(bracket, "]")
    span, word = stop.first(stop.line)
    outer, _ = stop.first(line)
    if not "\n".join(stop.lines[stop.line - 1 :])[stop.column - 1 :].strip() or (
        stop.line > line and span.column <= outer.column and word[:1] not in {"]", "}"}
    ):
        return Span(line, column, line, column + 1), f"This `{bracket}` is never closed.", f"Close it with `{close}`."
    if stop.char in {"]", "}"}:
        return stop.here(), f"`{bracket}` is closed by `{close}`, not by `{stop.char}`.", f"Write `{close}`."
    if stop.char == ":":
        if span.line > line:
            return span, "In front of this a comma is missing.", "End the line above with a comma."
        return stop.here(), "A colon stands where a comma belongs.", "Put text with a colon in quotes."
    return stop.here(), "In front of this a comma is missing.", "Put commas between the entries."


def _expected_content(stop: Stop) -> Answer:
    if not stop.char and stop.bracket:
        bracket = stop.lines[stop.bracket.line - 1][stop.bracket.column - 1]
        return stop.bracket, f"This `{bracket}` is never closed.", f"Close it with `{_CLOSE.get(bracket, ']')}`."
    if stop.char == ",":
        return stop.here(), "In front of this comma a value is missing.", "Write it, or remove the comma."
    if stop.char in {"]", "}"}:
        return stop.here(), f"Nothing was opened that this `{stop.char}` could close.", "Remove it, or quote the text."
    if not stop.char:
        return stop.here(), "A value is missing here.", "Write it."
    return stop.here(), f"A value cannot begin with `{stop.char}`.", "Put the value in quotes."


def _quote(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    return Span(line, column, line, column + 1), "This quote is never closed.", "Close it at the end of the value."


def _escape(stop: Stop) -> Answer:
    start = stop.lines[stop.line - 1].rfind("\\", 0, stop.column) + 1 or stop.column
    escape = stop.lines[stop.line - 1][start - 1 : start + 1]
    known = escape in {"\\x", "\\u", "\\U"}
    return (
        Span(stop.line, start, stop.line, start + 2),
        f"Behind `{escape}` the number of a character is missing." if known else f"`{escape}` is no escape that YAML knows.",
        "Use single quotes, in which a backslash is a backslash, or write it twice.",
    )


def _name(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    mark = stop.lines[line - 1][column - 1 : column]
    kind = "an alias" if mark == "*" else "an anchor"
    return (
        Span(line, column, line, column + 1),
        f"`{mark}` at the beginning of a value means {kind}, and its name is missing.",
        "Put the value in quotes.",
    )


def _block_header(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    mark = stop.lines[line - 1][column - 1 : column]
    length = len(stop.rest(line, column))
    return (
        Span(line, column, line, column + max(length, 1)),
        f"`{mark}` at the beginning of a value begins a text of several lines; nothing may follow it in its line.",
        "Put the value in quotes, or begin the text in the next line.",
    )


def _tag_handle(stop: Stop) -> Answer:
    rest = stop.rest(stop.line, stop.column).split(" ")[0]
    return (
        stop.here(len(rest)),
        f"A spec has no tags such as {rules.shown(rest)}.",
        "Write the value itself, or quote it.",
    )


def _directive(stop: Stop) -> Answer:
    return (
        Span(stop.line, 1, stop.line, len(stop.text(stop.line)) + 1 or 2),
        "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`.",
        "Remove the line, or quote the value.",
    )


def _document_start(stop: Stop) -> Answer:
    span, word = stop.first(stop.line)
    if stop.line > 1 and any(line.startswith("%") for line in stop.lines[: stop.line - 1]):
        return span, "After a directive comes `---`.", "Write `---` in a line of its own, or remove the directive."
    if span.column < stop.column:
        return _left_over(stop)
    return span, f"The document has ended before {rules.shown(word)}.", "Remove the line, or give it its place above."


_MISTAKES: tuple[tuple[str, Callable[[Stop], Answer]], ...] = (
    ("tab character", _tab),
    ("cannot start any token", _no_token),
    ("could not find expected ':'", _expected_colon),
    ("mapping values are not allowed", _unexpected_colon),
    ("mapping keys are not allowed", _unexpected_colon),
    ("block sequence entries are not allowed", _unexpected_dash),
    ("did not find expected key", _expected_key),
    ("did not find expected '-' indicator", _expected_dash),
    ("did not find expected ',' or", _expected_comma),
    ("did not find expected node content", _expected_content),
    ("unexpected end of stream", _quote),
    ("unexpected document indicator", _quote),
    ("escape c", _escape),
    ("hexdecimal", _escape),
    ("alphabetic or numeric character", _name),
    ("expected comment or line break", _block_header),
    ("indentation indicator", _block_header),
    ("tag handle", _tag_handle),
    ("directive", _directive),
    ("incompatible YAML", _directive),
    ("version number", _directive),
    ("expected <document start>", _document_start),
)
