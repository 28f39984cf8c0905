"""What a rule is."""

from collections.abc import Callable, Iterator
from typing import Literal, NamedTuple, TypeAlias

from bgspec.checks.environment import Environment
from bgspec.diagnostics import Route, Severity

__all__ = ["RULES", "Check", "Environment", "Found", "Rule", "rule"]


class Found(NamedTuple):
    """What a rule yields: a diagnostic, but for the code and the severity, which are the rule's."""

    route: Route
    message: str
    """One sentence: what is wrong."""
    help: str
    """One sentence: how to mend it."""
    at: Literal["value", "key"] = "value"
    related: tuple[tuple[str, Route], ...] = ()
    """The other halves of a conflict."""


Check: TypeAlias = Callable[[Environment], Iterator[Found]]


class Rule(NamedTuple):
    """A check with its code."""

    code: str
    severity: Severity
    check: Check
    """Its docstring is the rule's page (see `bgspec.pages`)."""


RULES: list[Rule] = []
"""Every rule, in the order in which the modules of this package are imported and written."""


def rule(code: str, severity: Severity = "error") -> Callable[[Check], Check]:
    """Make a generator function a rule.

    An error is what AWS certainly refuses, or what cannot work; a warning is probably a mistake; an info is a consequence worth knowing.
    """

    def register(check: Check) -> Check:
        RULES.append(Rule(code, severity, check))
        return check

    return register
