"""CloudFormation's own values, as types: what stands in a template unquoted because bgspec made it.

Everything else that reaches a template is data and is written as a JSON scalar (see `render`), so no text of a user can become syntax.
"""

from typing import NamedTuple


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
