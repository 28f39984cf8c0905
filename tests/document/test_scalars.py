"""What was typed survives: a plain scalar becomes a number, a boolean or null only where its text is exactly that."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bgspec.document import parse
from bgspec.document.scalars import resolve

TEXTS = """
on off yes no y n Yes NO On True TRUE False Null NULL None nil
0123 00 007 -0 +1 +1.5 1_000 0x1F 0o17 0b101 1e3 1E3 1e+16 1e-05 .5 5. 1.10 1.0.0 01.5 1,5
1:30 12:30:45 2026-01-01 2026-01-01T00:00:00Z 012345678901 1234567890123456789012345 nan inf -inf .nan .inf
- -- --1 1- ٣ ² ½ = 10% 30s 5m v1 10.0.0.0/16
""".split()
VALUES = {
    "true": True,
    "false": False,
    "null": None,
    "~": None,
    "0": 0,
    "80": 80,
    "-1": -1,
    "111122223333": 111122223333,
    "0.5": 0.5,
    "-0.5": -0.5,
    "1.0": 1.0,
    "-0.0": -0.0,
}


@pytest.mark.parametrize("text", TEXTS)
def test_stays_text(text):
    assert resolve(text) == text
    assert type(resolve(text)) is str


@pytest.mark.parametrize(("text", "value"), VALUES.items())
def test_becomes_a_value(text, value):
    assert resolve(text) == value
    assert type(resolve(text)) is type(value)


BLOCKS, FLOWS = ["key: {}", "- {} # comment"], ["[{}, x]", "{{key: {}}}"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (text, line)
        for text in (*TEXTS, *VALUES)
        for line in (BLOCKS if "," in text else BLOCKS + FLOWS)  # in a flow collection a comma ends a scalar
        if text not in {"-", "="}
    ],
)
def test_a_scalar_means_the_same_everywhere(text, line):
    tree = parse(line.format(text).encode(), "x").tree
    value = next(iter(tree.values())) if isinstance(tree, dict) else tree[0]
    assert (value, type(value)) == (resolve(text), type(resolve(text)))


@pytest.mark.parametrize("text", [*TEXTS, *VALUES, ""])
@pytest.mark.parametrize("quote", ["'", '"'])
def test_quoted_is_always_text(text, quote):
    assert parse(f"key: {quote}{text}{quote}".encode(), "x").tree == {"key": text}


@given(st.one_of(st.text(), st.from_regex(r"[-+]?[0-9._eE]{1,25}", fullmatch=True), st.integers().map(str), st.floats().map(repr)))
@example("9" * 5000)
@example("-")
@example("1.")
def test_nothing_is_lost(text):
    value = resolve(text)
    match value:
        case None:
            assert text in {"", "~", "null"}
        case bool():
            assert text == str(value).lower()
        case int() | float():
            assert str(value) == text
        case _:
            assert value == text
