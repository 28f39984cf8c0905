"""From YAML's events to plain values and their places: one pass that never recurses and never grows without limit."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from yaml.error import YAMLError
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from bgspec.diagnostics import Diagnostic, Route, Span, suggest
from bgspec.document import rules
from bgspec.document.lookalikes import in_plain_scalar, key_without_space
from bgspec.document.places import Branch, Place, span_of_event, span_of_key, span_of_node, span_of_start
from bgspec.document.scalars import resolve
from bgspec.document.text import LARGEST

try:
    from yaml import CSafeLoader as Loader
except ImportError:  # PyYAML was built without libyaml: the same, slower
    from yaml import SafeLoader as Loader  # type: ignore[assignment]

__all__ = ["Built", "Loader", "build", "events"]

DEEPEST = 64
"""Levels of nesting. A spec needs about eight."""
MOST_VALUES = 30_000
"""Scalars, mappings and lists of one file with every alias written out. A spec of a hundred services has 6,000."""
MOST_PROBLEMS = 100
LONGEST_KEY = 256
"""Characters. The longest name AWS allows where a spec has a key is a tag's: 128."""


class Built(NamedTuple):
    """What came of a text."""

    tree: Any
    place: Place | None
    values: int
    problems: tuple[Diagnostic, ...]


class _Anchor(NamedTuple):
    value: Any
    place: Place
    values: int
    characters: int


class _Key(NamedTuple):
    text: str | None
    """None where the key is nothing that could be one: its value is read and dropped."""
    event: Event


class _Open:
    """A mapping or list whose end has not come yet."""

    __slots__ = ("branch", "characters", "key", "merges", "value", "values")

    def __init__(self, event: CollectionStartEvent, values: int, characters: int) -> None:
        self.value: Any = {} if isinstance(event, MappingStartEvent) else []
        self.branch = Branch(event, [], {}, [])
        self.key: _Key | None = None
        self.merges: list[tuple[dict[str, Any], Branch]] = []
        self.values = values
        self.characters = characters


class _UnreadableError(Exception):
    """Ends the reading; never leaves this module."""

    def __init__(self, problem: Diagnostic) -> None:
        super().__init__(problem.message)
        self.problem = problem


class _Builder:
    def __init__(self, text: str) -> None:
        self.text = text
        self.open: list[_Open] = []
        self.anchors: dict[str, _Anchor | None] = {}  # None: its end has not come yet
        self.root: tuple[Any, Place] | None = None
        self.values = 0
        self.characters = 0
        self.problems: list[Diagnostic] = []
        self.last: Event | None = None

    def read(self, events: Iterable[Event]) -> None:
        started = False
        for event in events:
            self.last = event
            if isinstance(event, ScalarEvent):
                self.scalar(event)
            elif isinstance(event, CollectionStartEvent):
                self.start(event)
            elif isinstance(event, CollectionEndEvent):
                self.end(event)
            elif isinstance(event, AliasEvent):
                self.alias(event)
            elif isinstance(event, DocumentStartEvent):
                if started:
                    self.report(rules.second_document(span_of_start(event)))
                    return
                started = True
                if event.version == (1, 1):
                    self.report(rules.old_yaml(span_of_start(event)))

    def scalar(self, event: ScalarEvent) -> None:
        self.count(1, event)
        if event.tag is not None:
            self.report(rules.tag(span_of_node(event), event.tag))
        text = event.value
        if not event.style and (not text.isascii() or "-" in text) and (problem := in_plain_scalar(self.text, event)):
            self.report(problem)
        value = text if event.style else resolve(text)
        if event.style == '"' and "\0" in text:
            self.report(rules.forbidden_character(span_of_node(event), "\0"))
        if event.anchor is not None:
            self.anchors[event.anchor] = _Anchor(value, event, 1, len(event.value))
        if self.at_key():
            self.key(event.value, event)
        else:
            self.put(value, event)

    def start(self, event: CollectionStartEvent) -> None:
        if len(self.open) == DEEPEST:
            raise _UnreadableError(rules.too_deep(span_of_start(event), DEEPEST))
        if event.tag is not None:
            self.report(rules.tag(span_of_node(event), event.tag))
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if self.at_key():
            self.key(None, event)
        self.open.append(_Open(event, self.values, self.characters))
        self.count(1, event)

    def end(self, event: CollectionEndEvent) -> None:
        closed = self.open.pop()
        branch, value = closed.branch, closed.value
        branch.end.append(event)
        if closed.merges:
            _merge(value, branch, closed.merges)
        if branch.start.anchor is not None:
            self.anchors[branch.start.anchor] = _Anchor(value, branch, self.values - closed.values, self.characters - closed.characters)
        if self.open and (key := self.open[-1].key) is not None and key.event is branch.start:
            return  # it stood where a key belongs
        self.put(value, branch)

    def alias(self, event: AliasEvent) -> None:
        name = event.anchor or ""
        if name not in self.anchors:
            near = suggest(name, self.anchors)
            self.report(rules.unknown_alias(span_of_event(self.text, event), name, near))
        elif (target := self.anchors[name]) is None:
            self.report(rules.endless_alias(span_of_event(self.text, event), name))
        else:
            self.count(target.values, event)
            self.characters += target.characters
            if self.characters > LARGEST:
                raise _UnreadableError(rules.too_many_values(span_of_event(self.text, event), MOST_VALUES))
            if self.at_key():
                self.key(target.place.value if isinstance(target.place, ScalarEvent) else None, event)
            else:
                self.put(target.value, target.place)
            return
        if self.at_key():
            self.open[-1].key = _Key(None, event)
        else:
            self.put(None, event)

    def at_key(self) -> bool:
        """Whether the next node is a mapping's key."""
        return bool(self.open) and self.open[-1].key is None and isinstance(self.open[-1].value, dict)

    def key(self, text: str | None, event: Event) -> None:
        if not text:
            self.report(rules.key_not_text(span_of_node(event)))
            text = None
        elif len(text) > LONGEST_KEY:
            self.report(rules.key_too_long(span_of_node(event), len(text), LONGEST_KEY))
            text = None
        self.open[-1].key = _Key(text, event)

    def put(self, value: Any, place: Place) -> None:  # noqa: ANN401 -- any YAML value
        if not self.open:
            self.root = value, place
            return
        top = self.open[-1]
        if isinstance(top.value, list):
            top.value.append(value)
            top.branch.items.append(place)
            return
        if top.key is None:
            raise AssertionError("a value without a key")  # at_key() was asked before
        (text, event), top.key = top.key, None
        if text is None:
            return
        if text in top.branch.keys:
            span, route = span_of_event(self.text, event), (*self.route(), text)
            first = span_of_event(self.text, top.branch.keys[text][0])
            self.report(rules.duplicate_key(span, text, first.line)._replace(route=route, at="key", related=(("first here", route),)))
        else:
            top.branch.keys[text] = event, place
            if text == "<<" and not getattr(event, "style", None):
                self.merge(value, place, event)
            else:
                top.value[text] = value
                if (
                    ":" in text
                    and isinstance(place, ScalarEvent)
                    and not (place.value or place.style)
                    and (answer := key_without_space(span_of_node(event), text))
                ):
                    self.report(rules.lookalike(*answer))

    def merge(self, value: Any, place: Place, event: Event) -> None:  # noqa: ANN401 -- any YAML value
        sources = list(zip(value, place.items, strict=True)) if isinstance(value, list) and isinstance(place, Branch) else [(value, place)]
        for source, where in sources:
            if not isinstance(source, dict) or not isinstance(where, Branch):
                if not isinstance(where, AliasEvent):  # an alias to nothing is a finding already
                    self.report(rules.merge_no_mapping(span_of_event(self.text, event)))
            else:
                self.open[-1].merges.append((source, where))

    def report(self, problem: Diagnostic) -> None:
        self.problems.append(problem)
        if len(self.problems) > MOST_PROBLEMS and problem.span:
            raise _UnreadableError(rules.too_many_problems(problem.span, MOST_PROBLEMS))

    def count(self, values: int, event: Event) -> None:
        self.values += values
        if self.values > MOST_VALUES:
            raise _UnreadableError(rules.too_many_values(span_of_node(event), MOST_VALUES))

    def columns(self) -> tuple[int, ...]:
        """Of the block mappings and lists that are open, from 1, outermost first."""
        starts = (part.branch.start for part in self.open)
        return tuple(span_of_start(start).column for start in starts if not start.flow_style)

    def bracket(self) -> Span | None:
        """Of the innermost flow mapping or list that is open."""
        starts = [part.branch.start for part in self.open if part.branch.start.flow_style]
        return span_of_event(self.text, starts[-1]) if starts else None

    def route(self) -> Route:
        """Where the next value belongs."""
        steps = (len(part.value) if isinstance(part.value, list) else part.key and part.key.text for part in self.open)
        return tuple(step for step in steps if step is not None)


def _merge(value: dict[str, Any], branch: Branch, merges: list[tuple[dict[str, Any], Branch]]) -> None:
    """YAML's merge: what is written in the mapping itself wins, then the first source that has the key."""
    own = dict(value)
    value.clear()
    for source, where in merges:
        for key, inherited in source.items():
            value.setdefault(key, inherited)
            branch.keys.setdefault(key, where.keys[key])
    value.update(own)


def events(text: str) -> Iterator[Event]:
    """YAML's events in the order of the text, as far as it is YAML."""
    return iter(Loader(text).get_event, None)


def build(text: str) -> Built:
    """The tree of the text's only document, and everything that is wrong with it as YAML."""
    builder = _Builder(text)
    try:
        builder.read(events(text))
    except YAMLError as error:
        from bgspec.document import syntax  # noqa: PLC0415  only a file that is not YAML needs it

        stopped = syntax.explain(error, text, builder.columns(), builder.bracket(), builder.last)
        line = stopped.span.line if stopped.span else 0
        before = [problem for problem in builder.problems if problem.span and problem.span.line <= line]  # the rest comes of the mistake
        if not any(problem.span and line <= problem.span.end_line for problem in before):
            before.append(stopped)  # otherwise the earlier finding names the mistake
        return Built(None, None, 0, tuple(before))
    except _UnreadableError as error:
        return Built(None, None, 0, (*builder.problems, error.problem))
    tree, place = builder.root or (None, None)
    if tree is None:
        if not builder.problems:
            builder.problems.append(rules.empty(Span(1, 1, 1, 1)))
    elif place is not None and not isinstance(tree, dict):
        kind = "a list" if isinstance(tree, list) else "one value"
        builder.problems.append(rules.no_mapping(span_of_key(text, None, place), kind))
    return Built(tree, place, builder.values, tuple(builder.problems))
