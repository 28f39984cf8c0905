"""Mistakes within a line: quotes, brackets, escapes, and signs that cannot begin a value."""

from yaml.events import AliasEvent, CollectionEndEvent

from bgspec.diagnostics import Span
from bgspec.document import rules
from bgspec.document.lookalikes import Answer
from bgspec.document.syntax.stop import Stop

_CLOSE = {"[": "]", "{": "}"}


def no_token(stop: Stop) -> Answer:
    if stop.char == "%" and stop.lines[stop.line - 1][stop.column - 2 : stop.column - 1] == "{":
        return stop.here(), "`{%` belongs to a template; this file was not filled in.", "Render the template first."
    name = "a backtick" if stop.char == "`" else f"`{stop.char}`"
    return stop.here(), f"A value cannot begin with {name}.", "Put the value in quotes."


def left_over(stop: Stop) -> Answer:
    """Something behind a value that had ended."""
    rest = stop.rest(stop.line, stop.column)
    if stop.quoted and stop.quoted[0][2:] <= (stop.line, stop.column) and stop.quoted[0].end_line == stop.line:
        twice = "or write it twice (`''`) inside single quotes" if stop.quoted[1] == "'" else 'or escape it as `\\"`'
        return stop.here(len(rest)), "Text follows the closing quote.", f"Move the closing quote to the end, {twice}."
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


def expected_comma(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    bracket = stop.lines[line - 1][column - 1 : column] or "["
    close = _CLOSE.get(bracket, "]")
    span, word = stop.first(stop.line)
    outer, opening = stop.first(line)
    column_of_key = outer.column + len(opening) - len(opening.lstrip("- "))
    if not "\n".join(stop.lines[stop.line - 1 :])[stop.column - 1 :].strip() or (
        stop.line > line and span.column <= column_of_key and word[:1] not in {"]", "}"}
    ):
        return Span(line, column, line, column + 1), f"This `{bracket}` is never closed.", f"Close it with `{close}`."
    if stop.char in {"]", "}"}:
        return stop.here(), f"`{bracket}` is closed by `{close}`, not by `{stop.char}`.", f"Write `{close}`."
    if stop.char == ":":
        if span.line > line:
            return span, "In front of this a comma is missing.", "End the line above with a comma."
        return stop.here(), "A colon stands where a comma belongs.", "Put text with a colon in quotes."
    return stop.here(), "In front of this a comma is missing.", "Put commas between the entries."


def expected_content(stop: Stop) -> Answer:
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


def open_quote(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    return Span(line, column, line, column + 1), "This quote is never closed.", "Close it at the end of the value."


def escape(stop: Stop) -> Answer:
    start = stop.lines[stop.line - 1].rfind("\\", 0, stop.column) + 1 or stop.column
    escape = stop.lines[stop.line - 1][start - 1 : start + 1]
    known = escape in {"\\x", "\\u", "\\U"}
    return (
        Span(stop.line, start, stop.line, start + 2),
        f"Behind `{escape}` the number of a character is missing." if known else f"`{escape}` is no escape that YAML knows.",
        "Use single quotes, in which a backslash is a backslash, or write it twice.",
    )


def alias_or_anchor(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    mark = stop.lines[line - 1][column - 1 : column]
    kind = "an alias" if mark == "*" else "an anchor"
    return (
        Span(line, column, line, column + 1),
        f"`{mark}` at the beginning of a value means {kind}, and its name is missing.",
        "Put the value in quotes.",
    )


def block_header(stop: Stop) -> Answer:
    line, column = stop.opened or (stop.line, stop.column)
    mark = stop.lines[line - 1][column - 1 : column]
    length = len(stop.rest(line, column))
    return (
        Span(line, column, line, column + max(length, 1)),
        f"`{mark}` at the beginning of a value begins a text of several lines; nothing may follow it in its line.",
        "Put the value in quotes, or begin the text in the next line.",
    )


def tag_handle(stop: Stop) -> Answer:
    rest = stop.rest(stop.line, stop.column).split(" ")[0]
    return (
        stop.here(len(rest)),
        f"A spec has no tags such as {rules.shown(rest)}.",
        "Write the value itself, or quote it.",
    )


def directive(stop: Stop) -> Answer:
    return (
        Span(stop.line, 1, stop.line, len(stop.text(stop.line)) + 1 or 2),
        "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`.",
        "Remove the line, or quote the value.",
    )
