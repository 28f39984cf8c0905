"""Whatever a user writes stands in a finding as one short line of text, and nothing raises."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgspec.compiler import compile_spec

HOSTILE = (
    "a\nb",
    "\x1b[31mred",
    "`x`",
    "x" * 5000,
    "${AWS::AccountId}",
    "{{ plan }}",
    "\u202e",
    "<script>",
    "|",
    "[key]",
    "<word>",
    "9" * 5000,
    "",
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(HOSTILE),
    lambda below: st.lists(below, max_size=2) | st.dictionaries(st.sampled_from(HOSTILE[:-1]), below, max_size=2),
    max_leaves=4,
)
BASE = {"bgspec": 1, "system": "s", "environment": "e", "region": "us-east-1", "services": {"web": {"image": {"build": "."}, "port": 80}}}


def found(tree: object):
    text = json.dumps(tree)  # YAML that holds any character, escaped
    return compile_spec(text.encode(), "spec.yaml").findings


def check(tree: object) -> None:
    for one in found(tree):
        for sentence in (one.message, one.help, *(said for said, _ in one.related)):
            assert sentence
            assert "\n" not in sentence
            assert "\x1b" not in sentence
            assert len(sentence) < 500


@pytest.mark.parametrize("text", HOSTILE)
def test_as_a_key_and_as_a_value(text):
    if text:
        check({**BASE, text: 1})
        check({**BASE, "services": {text: BASE["services"]["web"]}})
        check({**BASE, "tags": {text: "x"}})
        check({**BASE, "services": {"web": {**BASE["services"]["web"], "environment": {text: "x"}, text: "y"}}})
    check({**BASE, "system": text, "region": text, "load_balancer": {"allow": text, "scheme": text}, "deployment": text})
    check({**BASE, "services": {"web": {"image": text, "port": text, "environment": {"PORT": text, "TOKEN": text}}}})


@given(st.dictionaries(st.sampled_from([*BASE, "network", "load_balancer", "deployment", "pipeline", "tags"]), VALUES))
def test_any_values_anywhere_at_the_top(tree):
    check({**BASE, **tree})


@given(
    st.dictionaries(
        st.sampled_from(
            ["image", "port", "cpu", "memory", "environment", "secrets", "health_check", "routes", "permissions", "logs", "schedule"]
        ),
        VALUES,
    )
)
def test_any_values_anywhere_in_a_service(service):
    check({**BASE, "services": {"web": {**BASE["services"]["web"], **service}}})
