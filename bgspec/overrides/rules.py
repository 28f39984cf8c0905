"""Overrides that hit nothing, or what they must not."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bgspec.diagnostics import Diagnostic, Route
from bgspec.overrides import TASK_DEFINITION, findings, known, patching, values
from bgspec.overrides.known import Form

_PSEUDO = ("AWS::AccountId", "AWS::Partition", "AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix")

_FUNCTIONS = f"Write a value, or one of {', '.join(f'`{name}`' for name in values.FUNCTIONS)}."


class _Resource(NamedTuple):
    """A resource of a template, and what its properties can refer to."""

    id: str
    kind: str
    names: tuple[str, ...]
    """Parameters and logical ids of the template."""


def problems(overrides: dict[str, dict[str, dict[str, Any]]], templates: dict[str, str]) -> tuple[Diagnostic, ...]:
    """What is wrong with `overrides:`.

    Args:
        overrides: by stack and logical id.
        templates: every stack's text as it is without them, by the stack's key.
    """
    return tuple(found for key, resources in overrides.items() for found in _stack(key, resources, templates))


def _stack(key: str, resources: dict[str, dict[str, Any]], templates: dict[str, str]) -> Iterator[Diagnostic]:
    if key not in templates:
        yield findings.unknown_stack(("overrides", key), key, list(templates))
        return
    root = patching.read(templates[key])
    made = patching.child(root, "Resources")
    assert isinstance(made, MappingNode)  # noqa: S101  every stack makes something
    ids = [name.value for name, _ in made.value]
    parameters = patching.child(root, "Parameters")
    names = (*ids, *(name.value for name, _ in (parameters.value if isinstance(parameters, MappingNode) else ())))
    for name, properties in resources.items():
        if name not in ids:
            yield findings.unknown_resource(("overrides", key, name), key, name, ids)
            continue
        kind = patching.child(patching.child(made, name), "Type")
        assert isinstance(kind, ScalarNode)  # noqa: S101  every resource has its type
        resource, node = _Resource(name, kind.value, names), patching.child(patching.child(made, name), "Properties")
        route: Route = ("overrides", key, name)
        yield from _value(resource, route, properties, known.properties()[kind.value], node)
        if kind.value == "AWS::ElasticLoadBalancingV2::TargetGroup" and resources.get(_twin(name)) != properties:
            yield findings.not_yours(route, name, known.TWIN)


def _twin(name: str) -> str:
    """The logical id of the other target group of a pair."""
    stem, colour, rest = name.rpartition("Green") if name.endswith("GreenTargetGroup") else name.rpartition("Blue")
    return f"{stem}{'Blue' if colour == 'Green' else 'Green'}{rest}"


def _value(resource: _Resource, route: Route, value: Any, form: Form, node: Node | None) -> Iterator[Diagnostic]:  # noqa: ANN401  any YAML
    """A value, and what stands in the template where it is laid."""
    if value is None:
        yield findings.wrong_value(route, _wanted(form))
    elif values.is_function(value):
        yield from _function(resource, route, value)
        yield from _replaced(resource, route)
    elif isinstance(value, dict) and isinstance(node, SequenceNode) and patching.is_mapping(node):
        yield from _items(resource, route, value, form, node)
    elif isinstance(value, dict) and isinstance(form, dict):
        yield from _keys(resource, route, value, form, node)
    elif isinstance(value, list) and (isinstance(form, list) or form == {}):
        for position, one in enumerate(value):
            yield from _added(resource, (*route, position), one, form[0] if form else {})
        yield from _replaced(resource, route)
    elif not _fits(value, form):
        yield findings.wrong_value(route, _wanted(form))
    elif isinstance(node, ScalarNode) and not node.tag.startswith("!") and node.value == values.node(value, "string"):
        yield findings.changes_nothing(route, str(node.value))
    else:
        yield from _replaced(resource, route)


def _keys(resource: _Resource, route: Route, value: dict[str, Any], form: dict[str, Form], node: Node | None) -> Iterator[Diagnostic]:
    for name, one in value.items():
        if form and name not in form:
            yield findings.unknown_property((*route, name), name, resource.kind, list(form))
        else:
            yield from _value(resource, (*route, name), one, form.get(name, {}), patching.child(node, name))


def _items(resource: _Resource, route: Route, value: dict[str, Any], form: Form, node: SequenceNode) -> Iterator[Diagnostic]:
    """A mapping from positions to what is laid over the items there."""
    for position, one in value.items():
        where, below = (*route, position), values.below(form, position)
        if not position.isdecimal() or int(position) > len(node.value):
            yield findings.no_position(where, position, len(node.value))
        elif int(position) == len(node.value):
            yield from _added(resource, where, one, below)
        else:
            yield from _value(resource, where, one, below, patching.child(node, position))


def _added(resource: _Resource, route: Route, value: Any, form: Form) -> Iterator[Diagnostic]:  # noqa: ANN401  whatever YAML can hold
    """An item of the user's own breaks nothing that bgspec has put beside it."""
    yield from (found for found in _value(resource, route, value, form, None) if found.code != "BG954")


def _replaced(resource: _Resource, route: Route) -> Iterator[Diagnostic]:
    path = tuple(step for step in route[3:] if isinstance(step, str) and not step.isdecimal())
    reason = known.refused(resource.kind, path)
    if reason:
        yield findings.not_yours(route, path[-1], reason)


def _function(resource: _Resource, route: Route, value: dict[str, Any]) -> Iterator[Diagnostic]:
    if resource.id == TASK_DEFINITION:
        yield findings.wrong_value(route, "Write a plain value: taskdef.json says it too.")
        return
    if next(iter(value)) not in values.FUNCTIONS:
        yield findings.wrong_value(route, _FUNCTIONS)
    for target in values.targets(values.node(value, {})):
        if target not in (*resource.names, *_PSEUDO):
            yield findings.wrong_value(route, findings.meant(target, list(resource.names), "The template has"))


def _fits(value: object, form: Form) -> bool:
    match form:
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool)
        case "string":
            return isinstance(value, str | int | float)
        case {}:
            return not form
        case _:
            return False


def _wanted(form: Form) -> str:
    match form:
        case "string":
            return "Write a text."
        case "boolean":
            return "Write `true` or `false`."
        case "integer" | "number":
            return "Write a number."
        case list():
            return "Write a list."
        case _:
            return "Write a mapping, or remove the key." if form else "Write a value, or remove the key."
