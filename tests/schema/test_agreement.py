"""The schema and the compiler give the same verdict."""

import pytest
from jsonschema import Draft7Validator, FormatChecker
from judge import complaints, judge

from bgspec.document import parse
from tests.corpus import specs


def test_the_schema_is_one():
    Draft7Validator.check_schema(judge().schema, FormatChecker([]))  # its patterns are ECMAScript's


@pytest.mark.parametrize("name", specs())
def test_good_specs_are_good(name):
    assert complaints(parse(specs()[name].read_bytes(), name).tree) == []
