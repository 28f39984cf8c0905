"""Every value, key and missing thing has a place in the file."""

import pytest

from bgspec.diagnostics import Span
from bgspec.document import parse

TEXT = """\
# the first line is a comment
bgspec: 1
network:
  cidr: "10.0.0.0/16"
  zones: !!int &z 3
services:
  web:
    command: [sh, -c, 'a b']
    ports:
      - 80
      - name: x
        port: 81
      -
    empty:
    text: |
      one
      two

    folded: "a
      b"
tags: {}
"""
DOCUMENT = parse(TEXT.encode(), "spec.yaml")
WEB = ("services", "web")


def under(route, at="value"):
    span = DOCUMENT.locate(route, at)
    assert span.line == span.end_line
    return span.line, DOCUMENT.line(span.line)[span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize(
    ("route", "line", "text"),
    [
        (("bgspec",), 2, "1"),
        (("network", "cidr"), 4, '"10.0.0.0/16"'),
        (("network", "zones"), 5, "3"),
        ((*WEB, "command"), 8, "[sh, -c, 'a b']"),
        ((*WEB, "command", 2), 8, "'a b'"),
        ((*WEB, "ports", 0), 10, "80"),
        ((*WEB, "ports", 1), 11, "name"),
        ((*WEB, "ports", 1, "port"), 12, "81"),
        (("tags",), 21, "{}"),
        # A block mapping or list is shown at its key, and so is an empty value.
        (("network",), 3, "network"),
        (WEB, 7, "web"),
        ((*WEB, "ports"), 9, "ports"),
        ((*WEB, "empty"), 14, "empty"),
        # The whole file is shown at its first key; what is missing, at the key of what exists.
        ((), 2, "bgspec"),
        (("system",), 2, "bgspec"),
        (("network", "nat"), 3, "network"),
        (("network", "zones", "x", 3), 5, "zones"),
        ((*WEB, "ports", 7), 9, "ports"),
        ((*WEB, "ports", -1), 9, "ports"),
        ((*WEB, "ports", 1, "protocol"), 11, "name"),
        ((*WEB, "command", "x"), 8, "command"),
    ],
)
def test_a_value(route, line, text):
    assert under(route) == (line, text)


@pytest.mark.parametrize(
    ("route", "line", "text"),
    [(("network", "cidr"), 4, "cidr"), ((*WEB, "ports", 0), 10, "80"), ((*WEB, "command"), 8, "command"), (("tags", "x"), 21, "tags")],
)
def test_a_key(route, line, text):
    assert under(route, "key") == (line, text)


def test_texts_of_several_lines():
    assert DOCUMENT.locate((*WEB, "text")) == Span(15, 11, 17, 10)
    assert DOCUMENT.locate((*WEB, "folded")) == Span(19, 13, 20, 9)


def test_an_empty_entry_is_shown_behind_its_dash():
    assert DOCUMENT.locate((*WEB, "ports", 2)) == Span(13, 8, 13, 8)


@pytest.mark.parametrize("data", [b"", b"\xff", b"a: [", b"- x", b"x"])
@pytest.mark.parametrize("route", [(), ("a",), (0,), ("a", 1, "b")])
@pytest.mark.parametrize("at", ["value", "key"])
def test_an_unreadable_file_has_places_too(data, route, at):
    span = parse(data, "x").locate(route, at)
    assert span.line == 1
    assert span.column >= 1
