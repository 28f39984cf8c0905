"""SARIF as OASIS published it: every log is valid against the schema itself, which comes in a package of the npm registry."""

import json

import pytest
from hypothesis import given
from jsonschema import Draft7Validator

from tests.corpus import ROOT
from tests.lacking import lacking
from tests.report.test_formats import ALL, FINDINGS, report

SCHEMA = ROOT / "tests/editor/node_modules/@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json"


@pytest.fixture(scope="module")
def validator():
    if not SCHEMA.exists():
        lacking("the published schema is missing: run .ci/editor.sh")
    return Draft7Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_the_schema_would_see_a_mistake(validator):
    log = json.loads(report("sarif", ALL))
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert list(validator.iter_errors(log))


def test_a_log_is_valid(validator):
    assert not list(validator.iter_errors(json.loads(report("sarif", ALL))))


def test_an_empty_log_is_valid(validator):
    assert not list(validator.iter_errors(json.loads(report("sarif", []))))


@given(FINDINGS)
def test_any_log_is_valid(validator, findings):
    assert not list(validator.iter_errors(json.loads(report("sarif", findings))))
