"""What a rule about the file is: a function that words a finding; its docstring is the page that `explain` shows."""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeAlias

from bgspec.diagnostics import Diagnostic, Severity, Span

P = ParamSpec("P")
Sentences: TypeAlias = tuple[str, str]
"""What is wrong, and how to mend it."""

PAGES: dict[str, str] = {}
"""The page of every code of this family."""

SEVERITIES: dict[str, Severity] = {}


def rule(code: str, severity: Severity = "error") -> Callable[[Callable[P, Sentences]], Callable[Concatenate[Span, P], Diagnostic]]:
    """Make a function that words a finding into one that makes it; keep its docstring as the code's page."""

    def register(describe: Callable[P, Sentences]) -> Callable[Concatenate[Span, P], Diagnostic]:
        def found(span: Span, /, *args: P.args, **kwargs: P.kwargs) -> Diagnostic:
            message, mend = describe(*args, **kwargs)
            return Diagnostic(code, severity, message, mend, span=span)

        PAGES[code], SEVERITIES[code] = describe.__doc__ or "", severity
        return found

    return register


def shown(word: str) -> str:
    """A word of the file in backticks: on one line, and short enough for a sentence."""
    printable = word if word.isprintable() else ascii(word)[1:-1]
    return f"`{printable}`" if len(printable) <= 60 else f"`{printable[:57]}…`"
