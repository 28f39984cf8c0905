"""What libyaml says when it stops, in words a newcomer can act on."""

from yaml.error import MarkedYAMLError

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import rules


def explain(error: MarkedYAMLError) -> Diagnostic:
    """The one syntax error that libyaml stopped at."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    problem = error.problem or "unknown"
    return rules.syntax(
        Span(line, column, line, column + 1),
        f"This is not YAML: {problem}.",
        "Check indentation, colons, quotes and brackets.",
    )
