"""What a rule about the file is: a function that words a finding; its docstring is the page that `explain` shows."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec

from bgspec.diagnostics import Diagnostic, Family, Sentences, Severity, Span

P = ParamSpec("P")
FAMILY = Family({}, {})


def rule(code: str, severity: Severity = "error") -> Callable[[Callable[P, Sentences]], Callable[Concatenate[Span, P], Diagnostic]]:
    """As `Family.rule`, for what stands at a place that the reader knows already."""

    def register(describe: Callable[P, Sentences]) -> Callable[Concatenate[Span, P], Diagnostic]:
        made = FAMILY.rule(code, severity)(describe)

        def found(span: Span, /, *args: P.args, **kwargs: P.kwargs) -> Diagnostic:
            return made((), *args, **kwargs)._replace(span=span)

        return found

    return register


def shown(word: str) -> str:
    """A word of the file in backticks: on one line, and short enough for a sentence."""
    printable = word if word.isprintable() else ascii(word)[1:-1]
    return f"`{printable}`" if len(printable) <= 60 else f"`{printable[:57]}…`"
