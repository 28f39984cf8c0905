"""Text that only looks like YAML's own signs: a full-width space, a curly quote, a dash or colon without its space.

YAML takes all of it for text, without a word. What was meant is clear enough to say so.
"""

import re

from yaml.events import ScalarEvent

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import rules
from bgspec.document.places import begins_line, source_of, span_of_event

_SPACES = "\u00a0\u2000-\u200b\u202f\u3000"
_CURLY = "(?s)[\u2018\u201a\u201c\u201e\u00ab].*[\u2019\u201c\u201d\u00bb]"
_STRANGE = rf"(?a) *(?:- +)*(?:[\w.-]+(?:(?P<colon>\uff1a)|:(?P<after>[{_SPACES}]))|(?P<space>[{_SPACES}]))"
_KEY_WITHOUT_SPACE = r"([A-Za-z_][\w.-]*):((?!//|:)\S.*)"

Answer = tuple[Span, str, str]
"""Where the caret stands, what is wrong, how to mend it."""


def strange_sign(number: int, line: str, column: int = 1) -> Answer | None:
    """A space or a colon of another script where YAML's own would have a meaning: at the beginning of a line's text.

    Args:
        number: of the line, from 1.
        line: the line, from `column` on.
        column: from 1.
    """
    if line.isascii() or (found := re.match(_STRANGE, line)) is None:
        return None
    group = found.lastgroup or "space"
    kind = "colon" if group == "colon" else "space"
    return (
        Span(number, column + found.start(group), number, column + found.end(group)),
        f"U+{ord(found[group]):04X} only looks like a {kind}; YAML takes it for a letter.",
        f"Replace it by an ordinary {kind}.",
    )


def spaced(word: str) -> str | None:
    """`zones: 2` for `zones:2`, which YAML takes for one word; None for anything else."""
    found = re.fullmatch(_KEY_WITHOUT_SPACE, word)
    return f"{found[1]}: {found[2]}" if found else None


def key_without_space(span: Span, word: str) -> Answer | None:
    """A key whose colon has no space behind it. `span` is the word's."""
    if (meant := spaced(word)) is None:
        return None
    key = meant.partition(" ")[0]
    return span, f"A space is missing after the colon of {rules.shown(key)}.", f"Write {rules.shown(meant)}."


def in_plain_scalar(text: str, event: ScalarEvent) -> Diagnostic | None:
    """What an unquoted scalar was probably meant to be."""
    value = event.value
    if not value.isascii():
        span = span_of_event(text, event)
        if re.fullmatch(_CURLY, value):
            return rules.lookalike(
                span,
                "Curly quotes are text to YAML.",
                "Use straight ones; around curly ones that belong to the text, too.",
            )
        answer = strange_sign(span.line, value, span.column)
        if answer and (answer[0].column == span.column or begins_line(text, event)):
            return rules.lookalike(*answer)
    if " -" in value or value[:1] == "-":
        first, *later = source_of(text, event).split("\n")
        dashes = [line for line in map(str.lstrip, later) if line.startswith("-")]
        every_line_has_one = first.startswith("-") and len(dashes) == len(later)
        if any(line.startswith("- ") for line in dashes) or (dashes and every_line_has_one):
            if answer := _deeper_entry(text, event, later):
                return rules.lookalike(*answer)
            return rules.lookalike(
                span_of_event(text, event),
                "These lines are one text to YAML, not a list.",
                "Begin the list in the line below its key, with a space after each dash; or put the text in quotes.",
            )
    return None


def _deeper_entry(text: str, event: ScalarEvent, later: list[str]) -> Answer | None:
    """An entry of a list whose dash stands further right than that of the entry above, which takes it for more of its text."""
    span = span_of_event(text, event)
    before = text[: event.start_mark.index].rpartition("\n")[2] if event.start_mark else ""
    if before.strip(" ") != "-" or not later[0].lstrip().startswith("- "):
        return None
    column = len(later[0]) - len(later[0].lstrip()) + 1
    return (
        Span(span.line + 1, column, span.line + 1, len(later[0].rstrip()) + 1),
        "This entry is indented deeper than the one above, so YAML takes both for one text.",
        f"Move its dash from column {column} to column {before.index('-') + 1}.",
    )
