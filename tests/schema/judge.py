"""The schema as a judge: draft-07, with the regular expressions of the engines that run it in editors (ECMAScript's `u` mode)."""

from functools import cache

import regex
from jsonschema import Draft7Validator, ValidationError, validators

from bgspec.schema import schema


def _pattern(validator, wanted, instance, _schema):
    if validator.is_type(instance, "string") and not regex.search(wanted, instance):
        yield ValidationError(f"{instance!r} does not match {wanted!r}")


@cache
def judge():
    """The validator of the schema as it is made now."""
    return validators.extend(Draft7Validator, {"pattern": _pattern})(schema())


def complaints(tree):
    """What the schema has against a tree: a route and a sentence each."""
    return [(tuple(error.absolute_path), error.message) for error in judge().iter_errors(tree)]
