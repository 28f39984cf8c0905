"""CloudFormation's own values, as types: what stands in a template unquoted because bgspec made it.

Everything else that reaches a template is data and is written as a JSON scalar (see `render`), so no text of a user can become syntax.
"""

from typing import NamedTuple, TypeAlias, Union


class Word(str):
    """An identifier that bgspec built from checked parts (a logical id, a key): stands bare in a template."""

    __slots__ = ()


class Ref(str):
    """The value of a parameter or the id of a resource: `!Ref Name`."""

    __slots__ = ()


class Sub(str):
    """A text in which CloudFormation fills `${AWS::AccountId}` and its like: `!Sub "…"`. Never holds a user's text unescaped."""

    __slots__ = ()


class GetAtt(NamedTuple):
    """An attribute of a resource: `!GetAtt Resource.Attribute`."""

    resource: str
    attribute: str


Value = str | Ref | Sub | GetAtt


class Either(NamedTuple):
    """A value that a template takes from CloudFormation and a file beside it must say itself."""

    template: Value
    file: str


class Key(str):
    """A key that a user has written: it stays as it is, whatever the property names around it become."""

    __slots__ = ()


class Setting(NamedTuple):
    """A property with its value: what is laid out as YAML in a template and as JSON for an API (see `render.settings`, `files.api`).

    A key that is data and no property's name is a `Key`.
    """

    key: str
    value: "Node"
    comment: str = ""
    """What there is to say about it; empty where it speaks for itself."""


Node: TypeAlias = Union[Value, int, Either, tuple["Setting", ...], list["Node"]]  # noqa: UP007  it names itself
"""A scalar, a mapping (a plain tuple of settings) or a sequence (a list)."""
