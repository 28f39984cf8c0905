"""What bgspec has to say about a spec, and about which part of it.

Everything after the document reader speaks of a *route* (the keys that lead to a value); only the document knows at
which line that stands. So models, plan and checks never carry line numbers.
"""

from collections.abc import Callable, Iterable
from itertools import islice
from typing import Concatenate, Literal, NamedTuple, ParamSpec, TypeAlias

Route: TypeAlias = tuple[str | int, ...]
Severity = Literal["error", "warning", "info"]
Sentences: TypeAlias = tuple[str, str]
"""What is wrong, and how to mend it."""
P = ParamSpec("P")

_LONGEST_TYPO = 64
_MOST_NAMES = 256


class Span(NamedTuple):
    """A piece of the user's file. Lines and columns count from 1, in characters; the end is exclusive."""

    line: int
    column: int
    end_line: int
    end_column: int


class Diagnostic(NamedTuple):
    """One finding that knows *what* it speaks of, not yet where that stands."""

    code: str
    """The rule: `BG` and three digits."""
    severity: Severity
    message: str
    """One sentence: what is wrong."""
    help: str
    """One sentence: how to mend it."""
    route: Route = ()
    """The keys that lead to the value; where the value is missing, to the place where it belongs."""
    at: Literal["value", "key"] = "value"
    """Which token the caret stands under: the value itself or the key in front of it."""
    span: Span | None = None
    """Set only by the document reader, which knows the place already (syntax errors have no route)."""
    related: tuple[tuple[str, Route], ...] = ()
    """The other halves of a conflict: a sentence and a route each."""


class Family(NamedTuple):
    """Findings of one kind. A function words each; its docstring is the page of its code (see `bgspec.pages`)."""

    pages: dict[str, str]
    severities: dict[str, Severity]

    def rule(
        self, code: str, severity: Severity = "error", at: Literal["value", "key"] = "value"
    ) -> Callable[[Callable[P, Sentences]], Callable[Concatenate[Route, P], Diagnostic]]:
        """Make a function that words a finding into one that makes it, and keep its docstring as the code's page."""

        def register(describe: Callable[P, Sentences]) -> Callable[Concatenate[Route, P], Diagnostic]:
            def found(route: Route, /, *args: P.args, **kwargs: P.kwargs) -> Diagnostic:
                message, mend = describe(*args, **kwargs)
                return Diagnostic(code, severity, message, mend, route, at)

            self.pages[code], self.severities[code] = describe.__doc__ or "", severity
            return found

        return register


class Finding(NamedTuple):
    """A diagnostic with its place: what a person or a program is shown."""

    file: str
    span: Span
    code: str
    severity: Severity
    message: str
    help: str
    environment: str | None = None
    """The environment (a key of `environments:`) in which the finding arose; None where there is only one."""
    related: tuple[tuple[str, Span], ...] = ()


def suggest(word: str, allowed: Iterable[str]) -> str | None:
    """The one of `allowed` that was probably meant by `word`; None when nothing is near enough."""
    if len(word) > _LONGEST_TYPO:
        return None
    from difflib import get_close_matches  # noqa: PLC0415 -- only a finding needs it

    lower = {name.lower(): name for name in islice(allowed, _MOST_NAMES)}
    near = get_close_matches(word.lower(), lower, n=1)
    return lower[near[0]] if near else None
