"""What AWS would refuse, or regret, found before AWS is asked. A check is a generator over the Plan; it never defaults."""

from bgspec.diagnostics import Diagnostic
from bgspec.plan import Plan


def run(plan: Plan) -> tuple[Diagnostic, ...]:
    """All findings about a plan."""
    del plan
    return ()
