"""The language without pydantic: its core schema, and plain classes in place of the models.

Importing pydantic and building its models costs more than all the rest of `validate`. What they build is a *core schema*, plain data
that pydantic_core executes; it is written down when the package is built (`write`) and loaded as a module.

Both ways lead through `lighten`, so a source tree, where nothing was written down, runs the same schema on the same classes, only
later. What was written down by another version of pydantic_core is not used.
"""

from functools import cache
from importlib import import_module
from types import FunctionType, MethodType
from typing import TYPE_CHECKING, Any, NamedTuple

from bgspec.spec import values
from bgspec.spec.core import VERSION, SchemaValidator

if TYPE_CHECKING:
    from pathlib import Path

_WRITTEN = "bgspec.written.language"
_LEFT_OUT = ("metadata", "copy_default")
"""What pydantic alone needs. And nothing changes after reading: whoever says nothing of a section shares its default with all others."""


class Light:
    """A section that was read: what a model is after validation, its attributes. The slots are where pydantic_core keeps its notes."""

    __slots__ = ("__dict__", "__pydantic_extra__", "__pydantic_fields_set__", "__pydantic_private__")

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in vars(self).items())})"

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    def __hash__(self) -> int:
        """That of its kind: pydantic_core copies a default that has no hash, and nothing changes a section that was read."""
        return hash(type(self))


def light(kind: type, **attributes: object) -> Light:
    """A section with these attributes: the models' default values are written so."""
    made: Light = kind()
    vars(made).update(attributes)
    return made


class Language(NamedTuple):
    """The language, ready to read specs."""

    validator: SchemaValidator
    classes: dict[str, type[Light]]
    """The sections by name: `Network`, `Service`, …"""


@cache
def language() -> Language:
    """The written form where it is there and current, else made from the models."""
    try:
        written = import_module(_WRITTEN)
    except ImportError:
        written = None
    if written is None or written.VERSION != VERSION:
        schema, classes = lighten()
    else:
        schema, classes = written.SCHEMA, written.CLASSES
    return Language(SchemaValidator(schema), classes)


def lighten() -> tuple[dict[str, Any], dict[str, type[Light]]]:
    """The models' core schema with plain classes for models, without what only pydantic itself needs."""
    from bgspec.spec.models import Spec  # noqa: PLC0415  this loads pydantic

    classes: dict[str, type[Light]] = {}

    def class_of(model: type) -> type[Light]:
        return classes.setdefault(model.__name__, type(model.__name__, (Light,), {"__slots__": ()}))

    def plain(node: Any) -> Any:  # noqa: ANN401, PLR0911  a schema is nested data of many types, and each has one answer
        match node:
            case {"type": "model", "cls": model, "schema": schema, **rest}:
                kept = {key: value for key, value in rest.items() if key in {"config", "ref"}}
                return {"type": "model", "cls": class_of(model), "schema": plain(schema), **plain(kept)}
            case {"type": "default", "default": list() | dict() as empty, **rest} if not empty:
                return {"type": "default", "default_factory": type(empty), **plain(rest)}  # a default without a hash is copied in Python
            case dict():
                return {key: plain(value) for key, value in node.items() if key not in _LEFT_OUT}
            case list() | tuple():
                return type(node)(plain(value) for value in node)
            case str() if node.startswith("bgspec."):
                return node.rpartition(":")[0] or node  # a reference: behind the colon stands an address of this process
            case _ if hasattr(node, "model_fields_set"):
                return light(class_of(type(node)), **{name: plain(value) for name, value in vars(node).items()})
            case _:
                return node

    return plain(Spec.__pydantic_core_schema__), classes


def write(path: "Path") -> None:
    """Write the language down as a module. What it names of our own are the functions and tuples of `values`."""
    schema, classes = lighten()
    lines = [
        '"""Written when the package was built; see bgspec/spec/compiled.py."""',
        "from bgspec.spec import values",
        "from bgspec.spec.compiled import Light, light",
        f"VERSION = {VERSION!r}",
        *(f"class {name}(Light): __slots__ = ()" for name in classes),
        f"CLASSES = {{{', '.join(f'{name!r}: {name}' for name in classes)}}}",
        f"SCHEMA = {source(schema)}",
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def source(node: Any) -> str:  # noqa: ANN401, PLR0911  one answer for each kind of node
    """The Python expression that makes this part of a schema again; TypeError for what has none."""
    match node:
        case dict():
            return f"{{{', '.join(f'{source(key)}: {source(value)}' for key, value in node.items())}}}"
        case list():
            return f"[{', '.join(map(source, node))}]"
        case tuple():
            return f"({''.join(f'{source(value)}, ' for value in node)})"
        case None | bool() | int() | float() | str():
            return repr(node)
        case Light():
            return f"light({type(node).__name__}, **{source(vars(node))})"
        case type() if issubclass(node, Light | list | dict):
            return str(node.__name__)
        case MethodType(__self__=owner) if type(owner).__module__ == values.__name__:
            return f"values.{owner!r}.{node.__name__}"
        case FunctionType(__module__=values.__name__):
            return f"values.{node.__name__}"
        case _:
            raise TypeError(f"cannot be written down: {node!r}")
