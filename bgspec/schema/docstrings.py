"""What the models say about themselves.

Python forgets the strings beneath a class's attributes, and pydantic reads them only where it is told to, at import. Here they are
read from the sources, when a schema or a page is made and at no other time. A docstring is Markdown:

    egress: Literal["endpoints", "nat"] = "endpoints"
    \"\"\"How tasks reach AWS (cfn:AWS::EC2::VPCEndpoint.ServiceName).

    - endpoints: through VPC endpoints, without internet
    - nat: through a NAT gateway
    \"\"\"

A list of `- value: meaning` at its end explains the values; `cfn:` and `bc:` name what the key becomes (see `references`).
"""

import ast
import inspect
import re
import sys
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Any, NamedTuple

from pydantic import BaseModel

_REFERENCE = re.compile(r"\s*\(((?:cfn|bc):[^()\s]+(?:, (?:cfn|bc):[^()\s]+)*)\)")
_MEANING = re.compile(r"^- `?([^`\n]+?)`?: (.+?)(?=\n- |\Z)", re.MULTILINE | re.DOTALL)


class Doc(NamedTuple):
    """A docstring in its parts."""

    text: str = ""
    """Markdown paragraphs, each on one line."""
    meanings: Mapping[str, str] = MappingProxyType({})
    """What each value means."""
    becomes: tuple[str, ...] = ()
    """What it becomes on AWS: `cfn:AWS::ECS::Service.DesiredCount`."""


def of_model(model: type[BaseModel]) -> Doc:
    """What a section says about itself; empty where it says nothing of its own."""
    return parse(model.__dict__.get("__doc__") or "")


def of_field(model: type[BaseModel], name: str) -> Doc:
    """What a key says about itself."""
    for owner in model.__mro__:
        if name in (texts := _texts(owner.__module__).get(owner.__qualname__, {})):
            return parse(texts[name])
    return Doc()


def parse(docstring: str) -> Doc:
    """Take a docstring apart."""
    text = inspect.cleandoc(docstring)
    becomes = tuple(name for found in _REFERENCE.findall(text) for name in found.split(", "))
    text = _REFERENCE.sub("", text)
    start = re.search(r"^- ", text, re.MULTILINE)
    listed = text[start.start() :] if start else ""
    meanings = {value: " ".join(meaning.split()) for value, meaning in _MEANING.findall(listed)}
    prose = text[: start.start()] if start else text
    return Doc("\n\n".join(" ".join(paragraph.split()) for paragraph in prose.strip().split("\n\n")), meanings, becomes)


@cache
def _texts(module: str) -> dict[str, dict[str, str]]:
    """The attribute docstrings of every class of a module."""
    if not module.startswith("bgspec"):
        return {}
    tree = ast.parse(inspect.getsource(sys.modules[module]))
    return {node.name: dict(_attributes(node)) for node in ast.walk(tree) if isinstance(node, ast.ClassDef)}


def _attributes(node: ast.ClassDef) -> list[tuple[str, Any]]:
    found = []
    for statement, following in zip(node.body, node.body[1:], strict=False):
        match statement, following:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(text))):
                found.append((name, text))
            case _:
                pass
    return found
