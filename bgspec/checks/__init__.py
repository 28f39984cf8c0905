"""What AWS would refuse, or regret, found before AWS is asked.

A rule is a generator function over an `Environment`, one code each; its docstring is the page that `bgspec explain` shows. It yields the
route of a value, so the finding lands on the user's line. A rule decides nothing: what follows from the spec is in the plan.
"""

from bgspec.checks import (  # noqa: F401  rules are there because their families are imported
    builds,
    capacity,
    containers,
    dependencies,
    deployment,
    engines,
    existing,
    foreign,
    github,
    grants,
    images,
    limits,
    listeners,
    neighbours,
    network,
    pipeline,
    protocols,
    reach,
    routes,
    scaling,
    schedules,
    secrets,
    security,
    sources,
    tags,
    task,
    tools,
    traffic,
)
from bgspec.checks.rule import RULES, Environment, Rule
from bgspec.diagnostics import Diagnostic, Family

__all__ = ["FAMILY", "RULES", "Environment", "Rule", "run"]

RULES.sort()

FAMILY = Family({rule.code: rule.check.__doc__ or "" for rule in RULES}, {rule.code: rule.severity for rule in RULES})


def run(environment: Environment) -> tuple[Diagnostic, ...]:
    """All findings about an environment, in the order of the codes."""
    return tuple(
        Diagnostic(code, severity, found.message, found.help, found.route, found.at, None, found.related)
        for code, severity, check in RULES
        for found in check(environment)
    )
