"""Properties of a laid-out template replaced and added, line by line, so that every comment around them stays."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bgspec.cfn import Setting
from bgspec.document.tree import Loader
from bgspec.overrides import values
from bgspec.overrides.known import Form

LayOut = Callable[[tuple[Setting, ...]], str]
"""Settings as YAML (`render.settings`)."""


class Change(NamedTuple):
    """A value that takes its place."""

    path: tuple[str, ...]
    """From the root of the template: keys, and positions in lists."""
    value: Any
    form: Form
    route: str
    """Where it stands in the spec."""


def read(template: str) -> Node:
    """A template as YAML's nodes, each with its place."""
    root: Node | None = yaml.compose(template, Loader)
    assert root is not None  # noqa: S101  bgspec has laid it out
    return root


def child(node: Node | None, step: str) -> Node | None:
    """What stands under a key or at a position; None where nothing does."""
    if isinstance(node, MappingNode) and not node.tag.startswith("!"):
        return next((value for key, value in node.value if key.value == step), None)
    if isinstance(node, SequenceNode) and not node.tag.startswith("!") and step.isdecimal() and int(step) < len(node.value):
        found: Node = node.value[int(step)]
        return found
    return None


def is_mapping(node: Node | None) -> bool:
    """A mapping or a list, not a function's arguments: what a mapping in the spec is laid over instead of replacing it."""
    return isinstance(node, MappingNode | SequenceNode) and not node.tag.startswith("!")


def changes(node: Node | None, value: Any, form: Form, path: tuple[str, ...], route: str) -> Iterator[Change]:  # noqa: ANN401  any YAML
    """The single values that an override changes: mappings are laid over mappings and lists, everything else replaces."""
    if isinstance(value, dict) and not values.is_function(value) and is_mapping(node):
        for key, one in value.items():
            yield from changes(child(node, key), one, values.below(form, key), (*path, key), f"{route}.{key}")
    else:
        yield Change(path, value, form, route)


def patch(template: str, wanted: tuple[Change, ...], lay_out: LayOut) -> str:
    """The template with every change made."""
    for change in wanted:
        template = _patched(template, change, lay_out)
    return template


def _patched(template: str, change: Change, lay_out: LayOut) -> str:
    node, depth = read(template), 0
    while (found := child(node, change.path[depth])) is not None and depth < len(change.path) - 1:
        node, depth = found, depth + 1
    value, form = values.node(change.value, change.form), change.form
    for step in reversed(change.path[depth + 1 :]):  # what should hold it is not there either
        value, form = (Setting(values.key(step, {step: form}), value),), {step: form}
    step, lines = change.path[depth], template.split("\n")
    if isinstance(node, SequenceNode):
        _, *block = lay_out((Setting("List", [value]),)).split("\n")
        block = [line.removeprefix("  ") for line in block]
        new = [f"- # spec: {change.route}", block[0].replace("- ", "  ", 1), *block[1:]]
        column = node.start_mark.column
        first = found.start_mark.line if found is not None else _last(node, lines) + 1
    else:
        assert isinstance(node, MappingNode)  # noqa: S101  a change leads through mappings and lists
        old = f", instead of {_short(found, lines)}" if found is not None else ""
        name = values.key(step, {step: form})
        new = lay_out((Setting(name, value, f"spec: {change.route}{old}"),)).split("\n")
        column = node.value[0][0].start_mark.column
        first = next((key.start_mark.line for key, _ in node.value if key.value == step), _last(node, lines) + 1)
    after = _last(found, lines) + 1 if found is not None else first
    head = lines[first][:column] if found is not None and lines[first][:column].strip() else " " * column
    lines[first:after] = [(head if not number else " " * column) + line for number, line in enumerate(new)]
    return "\n".join(lines)


def _last(node: Node, lines: list[str]) -> int:
    """The last line of a value, without the comments and empty lines that follow it."""
    if isinstance(node, MappingNode | SequenceNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last(last[1] if isinstance(last, tuple) else last, lines)
    line: int = node.end_mark.line
    if isinstance(node, ScalarNode) and node.style in {"|", ">"}:  # it ends where the next token begins
        line -= node.end_mark.column == 0
        while not lines[line].strip():
            line -= 1
    return line


def _short(node: Node, lines: list[str]) -> str:
    """A value as it stood, if it is short."""
    start, end = node.start_mark, node.end_mark
    if isinstance(node, ScalarNode) and start.line == end.line:
        return lines[start.line][start.column : end.column]
    return "bgspec's own"
