"""Bytes become text, or a finding that says where they do not."""

import pytest

from bgspec.diagnostics import Span
from bgspec.document import parse
from bgspec.document.text import LARGEST


def only(data):
    (problem,) = parse(data, "spec.yaml").problems
    return problem


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_other_unicode_encodings_are_named_or_located(encoding):
    problem = only("bgspec: 1\n".encode(encoding))
    assert problem.code in {"BG101", "BG102"}
    assert problem.span.line == 1
    if encoding == "utf-16":
        assert "UTF-16" in problem.message


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_byte_that_is_not_utf8_is_located_in_characters(mark, end):
    problem = only(mark + "name: 事務所".encode() + end + "# é ".encode() + b"\xe9" + end)
    assert (problem.code, problem.span) == ("BG101", Span(2, 5, 2, 6))
    assert "0xE9" in problem.message


@pytest.mark.parametrize("character", ["\0", "\x07", "\x1b", "\x7f", "\x85", "\x9f", "\u2028", "\u2029", "\ufeff", "\ufffe", "\uffff"])
def test_characters_that_must_not_stand_in_a_spec(character):
    problem = only(f"a: 1\nb: x{character * 3}y\n".encode())
    assert (problem.code, problem.span) == ("BG102", Span(2, 5, 2, 8))
    assert f"U+{ord(character):04X}" in problem.message


def test_every_one_is_shown_up_to_a_limit():
    document = parse(b"a: \x01\nb: \x02\n", "x")
    assert [problem.span.line for problem in document.problems] == [1, 2]
    assert document.tree is None
    assert len(parse(b"a\x01" * 1000, "x").problems) == 20


def test_the_largest_file():
    filler = b"#" * (LARGEST - 5)
    assert parse(b"a: 1\n" + filler, "x").problems == ()
    assert only(b"a: 1\n" + filler + b"#").code == "BG103"


def test_other_scripts_and_pictures_are_fine():
    text = "owner: 事務所 🚀 é\nspace: 'a\u00a0\u3000b'\ntab: 'a\tb'\n"
    document = parse(text.encode(), "x")
    assert document.problems == ()
    assert document.tree == {"owner": "事務所 🚀 é", "space": "a\u00a0\u3000b", "tab": "a\tb"}
    assert document.locate(("owner",)) == Span(1, 8, 1, 15)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_line_ends_and_a_byte_order_mark_change_nothing(end, mark):
    text = "a: 1\nb: |\n  two\n  lines\nc: 'x\n\n  y'\n"
    plain, other = parse(text.encode(), "x"), parse((mark + text.replace("\n", end)).encode(), "x")
    assert other.tree == plain.tree == {"a": 1, "b": "two\nlines\n", "c": "x\ny"}
    for key in plain.tree:
        assert other.locate((key,)) == plain.locate((key,))
        assert other.line(1) == "a: 1"


@pytest.mark.parametrize("number", [-1, 0, 3, 10**9])
def test_a_line_that_is_not_there_is_empty(number):
    assert parse(b"a: 1\n", "x").line(number) == ""


@pytest.mark.parametrize("text", ['a: "b\\0c"\n', 'a: ["\\x00"]\n', '{"\\u0000": a}\n'])
def test_a_nul_is_found_behind_its_escape(text):
    (problem,) = parse(text.encode(), "x").problems
    assert (problem.code, problem.message) == ("BG102", "A NUL (U+0000) must not stand in a spec.")
    assert problem.span == (1, text.index('"') + 1, 1, text.rindex('"') + 2)
