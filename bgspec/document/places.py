"""Where values stand: a tree in the shape of the tree of values. Spans are made only when somebody asks for one."""

import re
from typing import NamedTuple, TypeAlias

from yaml.events import AliasEvent, CollectionStartEvent, Event, ScalarEvent

from bgspec.diagnostics import Span

_PROPERTIES = r"(?:[&!]\S*(?:\s+|#.*\n)*)+"

_DEEPEST_INDENT = 256
"""Columns: in a line of a megabyte nobody looks for the beginning again and again."""


class Branch(NamedTuple):
    """A mapping or a sequence."""

    start: CollectionStartEvent
    end: list[Event]
    """Its end, once that has been read (one event)."""
    keys: dict[str, tuple[Event, "Place"]]
    """Of a mapping: the key and what stands below it."""
    items: list["Place"]
    """Of a sequence."""


class Point(NamedTuple):
    """A place as libyaml counts: from 0, in characters."""

    line: int
    column: int
    offset: int


Place: TypeAlias = ScalarEvent | AliasEvent | Branch
"""An alias is its own place only where it leads to nothing; otherwise the place is what it stands for."""


def child(place: Place, step: str | int) -> tuple[Event | None, Place] | None:
    """The key (None in a sequence) and the place one step down; None where there is nothing."""
    if isinstance(place, Branch):
        if isinstance(step, str):
            return place.keys.get(step)
        if 0 <= step < len(place.items):
            return None, place.items[step]
    return None


def span_of_value(text: str, key: Event | None, place: Place) -> Span:
    """The token or flow collection itself. A block collection and an empty value are shown at their key."""
    if isinstance(place, Branch):
        if not place.start.flow_style:
            return span_of_key(text, key, place)
        return _span(_start(text, place.start), _end(place.end[0]))
    span = span_of_event(text, place)
    return span_of_event(text, key) if key is not None and span[:2] == span[2:] else span


def span_of_key(text: str, key: Event | None, place: Place) -> Span:
    """The key in front of a value; without one (a list's item, the whole file) what the value begins with."""
    while key is None and isinstance(place, Branch) and not place.start.flow_style:
        if place.items:
            place = place.items[0]
        else:
            key = next((key for key, _ in place.keys.values()), place.start)
    return span_of_value(text, None, place) if key is None else span_of_event(text, key)


def span_of_event(text: str, event: Event) -> Span:
    """A scalar or an alias, without the anchor and the tag in front of it."""
    start, end = _start(text, event), _end(event)
    if end.line > start.line and end.column == 0:  # a block scalar ends where the next value begins
        *before, last = text[start.offset : end.offset].rstrip(" \t\n").split("\n")
        column = len(last) if before else start.column + len(last)
        return Span(start.line + 1, start.column + 1, start.line + len(before) + 1, column + 1)
    return _span(start, end)


def span_of_node(event: Event) -> Span:
    """A scalar or an alias with its anchor and its tag; one character of what goes over several lines."""
    start, end = _begin(event), _end(event)
    return _span(start, end) if start.line == end.line else span_of_start(event)


def source_of(text: str, event: Event) -> str:
    """A scalar as it is written, without the anchor and the tag in front of it."""
    return text[_start(text, event).offset : _end(event).offset]


def begins_line(text: str, event: Event) -> bool:
    """Whether nothing but blanks and dashes stands in front of an event in its line."""
    start = _begin(event)
    return start.column < _DEEPEST_INDENT and not text[start.offset - start.column : start.offset].strip(" -")


def span_of_start(event: Event) -> Span:
    """One character: where something begins."""
    start = _begin(event)
    return Span(start.line + 1, start.column + 1, start.line + 1, start.column + 2)


def _span(start: Point, end: Point) -> Span:
    return Span(start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def _begin(event: Event) -> Point:
    mark = event.start_mark
    if mark is None:
        raise AssertionError("a parser's events have marks")
    return Point(mark.line, mark.column, mark.index)


def _end(event: Event) -> Point:
    mark = event.end_mark
    if mark is None:
        raise AssertionError("a parser's events have marks")
    return Point(mark.line, mark.column, mark.index)


def _start(text: str, event: Event) -> Point:
    """Behind the anchor and the tag, if there are any."""
    start = _begin(event)
    if getattr(event, "anchor", None) is None and getattr(event, "tag", None) is None:
        return start
    found = re.match(_PROPERTIES, text[start.offset : _end(event).offset])
    if found is None:
        return start
    skipped = found.group()
    lines = skipped.count("\n")
    column = len(skipped) - skipped.rfind("\n") - 1 if lines else start.column + len(skipped)
    return Point(start.line + lines, column, start.offset + found.end())
