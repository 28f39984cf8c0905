"""pydantic_core without its package's `__init__`.

That declares the types of all schemas, which takes longer than everything that `validate` does. The extension behind it needs none of
them; whoever imports pydantic_core itself, before or after, gets the same classes from the same extension.
"""

import sys
from importlib.machinery import PathFinder
from importlib.util import module_from_spec
from typing import TYPE_CHECKING, Any

__all__ = ["VERSION", "PydanticCustomError", "PydanticKnownError", "SchemaValidator", "ValidationError"]


def _extension() -> Any:  # noqa: ANN401  the extension has no type of its own
    package = PathFinder.find_spec("pydantic_core")
    found = package and PathFinder.find_spec("pydantic_core._pydantic_core", package.submodule_search_locations)
    if "pydantic_core" in sys.modules or not (found and found.loader):
        import pydantic_core  # noqa: PLC0415  the usual way, where it is loaded already or lies in no directory

        return pydantic_core
    module = module_from_spec(found)
    found.loader.exec_module(module)
    return module


if TYPE_CHECKING:
    from pydantic_core import PydanticCustomError, PydanticKnownError, SchemaValidator, ValidationError

    VERSION: str
else:
    _core = _extension()
    VERSION = _core.__version__
    PydanticCustomError, PydanticKnownError = _core.PydanticCustomError, _core.PydanticKnownError
    SchemaValidator, ValidationError = _core.SchemaValidator, _core.ValidationError
