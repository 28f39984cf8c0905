"""The two judges of a spec: the schema in an editor, and the compiler's reading of the language."""

from functools import cache
from typing import NamedTuple

import regex
from jsonschema import Draft7Validator, ValidationError, validators

from bgspec.document import parse
from bgspec.overlays import views
from bgspec.schema import schema
from bgspec.spec.read import read


class Complaint(NamedTuple):
    """What a judge has against a spec."""

    route: tuple
    """The keys that lead to it in the file."""
    message: str


def _pattern(validator, wanted, instance, _schema):
    """Patterns as ECMAScript reads them: its `\\p{L}` is unknown to Python's `re`, and its `$` stands at the very end."""
    if validator.is_type(instance, "string") and not regex.search(wanted.removesuffix("$") + r"\Z", instance):
        yield ValidationError(f"{instance!r} does not match {wanted!r}")


@cache
def judge():
    """The validator of the schema as it is made now."""
    return validators.extend(Draft7Validator, {"pattern": _pattern})(schema())


def of_schema(tree):
    """What an editor underlines."""
    return [Complaint(tuple(error.absolute_path), error.message) for error in judge().iter_errors(tree)]


def of_bgspec(data):
    """What `validate` says about a file as a text of the language; what needs knowledge of AWS is not asked."""
    document = parse(data, "spec.yaml")
    environments, problems = views(document)
    problems = [*document.problems, *problems, *(problem for view in environments for problem in read(view.tree).problems)]
    return [
        Complaint(route, f"{problem.code} {problem.message} {problem.help}")
        for problem in problems
        for route in (problem.route, *(route for _, route in problem.related))
    ]
