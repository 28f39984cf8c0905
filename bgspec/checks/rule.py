"""What a rule is, and what it sees."""

from collections.abc import Callable, Iterator
from typing import Any, Literal, NamedTuple, TypeAlias

from bgspec.diagnostics import Route, Severity
from bgspec.plan import Plan
from bgspec.spec import Spec


class Environment(NamedTuple):
    """One environment as the rules see it: what was written, what it means, and what was decided."""

    spec: Spec
    plan: Plan
    tree: dict[str, Any]
    """The file's values, with the overlay laid over the rest: what is not in it, nobody wrote."""

    def wrote(self, *route: str | int) -> bool:
        """Whether the user wrote something there; otherwise its value is a default."""
        value: Any = self.tree
        for step in route:
            try:
                value = value[step]
            except (KeyError, IndexError, TypeError):
                return False
        return True

    def written(self, *routes: Route) -> Route:
        """The first of `routes` that the user wrote: a conflict between values stands where one of them is in the file."""
        return next((route for route in routes if self.wrote(*route)), routes[0])


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
