"""A tree of plain values to a Spec, or to everything that is wrong with it at once."""

from typing import Any, NamedTuple

from bgspec.diagnostics import Diagnostic
from bgspec.spec import Spec
from bgspec.spec.compiled import language
from bgspec.spec.core import ValidationError


class Reading(NamedTuple):
    """What came of a tree."""

    spec: Spec | None
    """None where the tree is no spec."""
    problems: tuple[Diagnostic, ...]


def read(tree: dict[str, Any]) -> Reading:
    """Check a tree against the language; all problems at once, each with its route in the tree."""
    try:
        return Reading(language().validator.validate_python(tree), ())
    except ValidationError as error:
        from bgspec.spec.mistakes import explain  # noqa: PLC0415  only a wrong spec needs it, and it needs pydantic's models

        return Reading(None, explain(error.errors(include_url=False, include_input=False), tree))
