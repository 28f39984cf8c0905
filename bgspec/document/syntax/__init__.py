"""What libyaml says when it stops, in words that a newcomer can act on.

libyaml names what its grammar expected ("did not find expected key"); people make a dozen mistakes. Each function of `layout`
and `tokens` knows the mistakes behind one of libyaml's sentences and puts the caret under what has to change.
"""

from collections.abc import Callable

from yaml.error import MarkedYAMLError, YAMLError
from yaml.events import Event, ScalarEvent

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import rules
from bgspec.document.lookalikes import Answer, strange_sign
from bgspec.document.places import span_of_event
from bgspec.document.syntax import layout, tokens
from bgspec.document.syntax.stop import Stop
from bgspec.document.tree import events


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
    opened = (context.line + 1, context.column + 1) if context else None
    stop = Stop(lines, line, column, opened, columns, bracket, last, _quoted(text[: mark.index] if mark else text))
    answer = _strange_sign(stop) or _conflict(stop) or _late_quote(stop)
    for needle, mistakes in _MISTAKES:
        if answer is None and needle in problem:
            answer = mistakes(stop)
    span, message, mend = answer or (
        stop.here(),
        f"This is not YAML: {problem}.",
        "Look for a missing quote, bracket, colon or space here and in the line above.",
    )
    return rules.syntax(span, message, mend)


def _quoted(before: str) -> tuple[Span, str] | None:
    """The last text in quotes that ends in front of the place; libyaml had read it, but said nothing of it yet."""
    found = None
    try:
        for event in events(before):
            if isinstance(event, ScalarEvent):
                found = event
    except YAMLError:
        pass
    return (span_of_event(before, found), found.style) if found and found.style in {"'", '"'} else None


def _late_quote(stop: Stop) -> Answer | None:
    """A quote that was not closed in its line ends at the next one, somewhere below; what follows there makes no sense."""
    if stop.quoted is None:
        return None
    span, _ = stop.quoted
    if span.line == span.end_line or span.end_line != stop.line:
        return None
    return (
        Span(span.line, span.column, span.line, span.column + 1),
        f"This quote is closed only in line {span.end_line}, and text follows there.",
        "Close it in its own line.",
    )


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
    return layout.tab(stop) if stop.char == "\t" else tokens.no_token(stop)


_MISTAKES: tuple[tuple[str, Callable[[Stop], Answer]], ...] = (
    ("tab character", layout.tab),
    ("cannot start any token", _no_token),
    ("could not find expected ':'", layout.expected_colon),
    ("mapping values are not allowed", layout.unexpected_colon),
    ("mapping keys are not allowed", layout.unexpected_colon),
    ("block sequence entries are not allowed", layout.unexpected_dash),
    ("did not find expected key", layout.expected_key),
    ("did not find expected '-' indicator", layout.expected_dash),
    ("did not find expected ',' or", tokens.expected_comma),
    ("did not find expected node content", tokens.expected_content),
    ("unexpected end of stream", tokens.open_quote),
    ("unexpected document indicator", tokens.open_quote),
    ("escape c", tokens.escape),
    ("hexdecimal", tokens.escape),
    ("alphabetic or numeric character", tokens.alias_or_anchor),
    ("expected comment or line break", tokens.block_header),
    ("indentation indicator", tokens.block_header),
    ("tag handle", tokens.tag_handle),
    ("directive", tokens.directive),
    ("incompatible YAML", tokens.directive),
    ("version number", tokens.directive),
    ("expected <document start>", layout.begins_behind_the_end),
)
