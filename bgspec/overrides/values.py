"""What a user wrote under `overrides:`, as what the templates are laid out from."""

import re
from typing import Any

from bgspec.cfn import GetAtt, Key, Node, Ref, Setting, Sub
from bgspec.overrides.known import Form

FUNCTIONS = ("Ref", "Fn::GetAtt", "Fn::Sub")
"""CloudFormation's functions that may stand for a value, in their long form: `{Ref: ArtifactBucket}`."""

_FILLED = re.compile(r"\$\{([A-Za-z0-9:]+)(?:\.[A-Za-z0-9.]+)?\}")
"""What a `Sub` fills in; `${!this}` it leaves alone."""

_BARE = re.compile(r"(?!(?:On|Off|Yes|No|True|False|Null|Y|N|ON|OFF|YES|NO|TRUE|FALSE|NULL)$)[A-Z][A-Za-z0-9]*")
"""A key that YAML takes for nothing but a text."""


def is_function(value: object) -> bool:
    """Whether a mapping is a function of CloudFormation, one that bgspec takes or not."""
    return isinstance(value, dict) and len(value) == 1 and all(key == "Ref" or key.startswith("Fn::") for key in value)


def node(value: Any, form: Form) -> Node:  # noqa: ANN401  whatever YAML can hold
    """A value that was written, as a node of a template. A number where the schema wants a text is a text."""
    if isinstance(value, dict):
        return _function(value) if is_function(value) else mapping(value, form)
    if isinstance(value, list):
        item = form[0] if isinstance(form, list) else {}
        return [node(one, item) for one in value]
    if form == "string" and not isinstance(value, str):
        return str(value).lower() if isinstance(value, bool) else str(value)
    scalar: Node = value
    return scalar


def mapping(value: dict[str, Any], form: Form) -> tuple[Setting, ...]:
    return tuple(Setting(key(name, form), node(one, below(form, name))) for name, one in value.items())


def key(name: str, form: Form) -> str:
    """A property's name stands bare; a key that is data is a `Key`."""
    return name if isinstance(form, dict) and name in form and _BARE.fullmatch(name) else Key(name)


def below(form: Form, name: str) -> Form:
    """The form of what stands under a key or at a position."""
    if isinstance(form, list):
        return form[0]
    return form.get(name, {}) if isinstance(form, dict) else {}


def _function(value: dict[str, Any]) -> Node:
    ((name, argument),) = value.items()
    match name, argument:
        case "Ref", str():
            return Ref(argument)
        case "Fn::Sub", str():
            return Sub(argument)
        case "Fn::GetAtt", [str() as resource, str() as attribute]:
            return GetAtt(resource, attribute)
        case "Fn::GetAtt", str():
            resource, _, attribute = argument.partition(".")
            return GetAtt(resource, attribute)
        case _:
            return mapping(value, {})


def targets(function: Node) -> list[str]:
    """The parameters and resources that a function names."""
    match function:
        case GetAtt():
            return [function.resource]
        case Ref():
            return [str(function)]
        case Sub():
            return _FILLED.findall(function)
        case _:
            return []
