"""Runs templates that Jinja2 compiled when the package was built, without loading Jinja2.

Importing Jinja2 costs as much as all the rest of `render`. Its compiler turns a template into an ordinary Python module that asks little
of its runtime: the names below, in Jinja2's spelling. `write` keeps these modules (the build hook calls it); a source tree, where there
are none, runs the same templates on Jinja2 itself. `tests/output/test_templating.py` compares the two, byte for byte.
"""

from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from types import SimpleNamespace
from typing import Any, NoReturn

# What a compiled template imports from its runtime and never needs here.
Markup = Namespace = TemplateNotFound = TemplateReference = Undefined = escape = markup_join = None

missing = type("missing", (), {})()


class TemplateRuntimeError(LookupError):
    """A template asks for something that is not there: a bug in the template."""


def internalcode(function: Callable[..., Any]) -> Callable[..., Any]:
    return function


def identity(value: object) -> object:
    return value


def str_join(parts: Iterable[object]) -> str:
    return "".join(map(str, parts))


class LoopContext:
    """`loop` inside a `for`."""

    def __init__(self, items: Iterable[Any], undefined: object) -> None:
        del undefined
        self._items = list(items)
        self.index0 = -1

    def __iter__(self) -> Iterator[tuple[Any, "LoopContext"]]:
        for self.index0, item in enumerate(self._items):  # noqa: B020  the loop's own state is what is asked for
            yield item, self

    @property
    def first(self) -> bool:
        return self.index0 == 0

    @property
    def last(self) -> bool:
        return self.index0 == len(self._items) - 1

    @property
    def index(self) -> int:
        return self.index0 + 1


def Macro(environment: object, function: Callable[..., str], *about: object) -> Callable[..., str]:  # noqa: N802  Jinja2's name
    """A macro: a function that is given all its arguments."""
    del environment, about
    return function


class _Context:
    """The variables of one rendering."""

    autoescape = False

    def __init__(self, variables: dict[str, Any]) -> None:
        self.vars = variables
        self.exported_vars: set[str] = set()

    @property
    def eval_ctx(self) -> "_Context":
        """Itself; kept as an attribute it would be a cycle, and a whole plan would wait for the garbage collector."""
        return self

    def resolve_or_missing(self, name: str) -> Any:  # noqa: ANN401  whatever the caller gave
        return self.vars.get(name, missing)


class _Template:
    """A compiled template."""

    def __init__(self, module: Any) -> None:  # noqa: ANN401  a module has no type of its own
        self._root = module.root
        self._macros: object = None

    def render(self, variables: dict[str, Any]) -> str:
        return "".join(self._root(_Context(dict(variables))))

    def _get_default_module(self, context: object = None) -> object:
        """The template as a namespace of its macros, which know no variables but their arguments."""
        del context
        if self._macros is None:
            own = _Context({})
            "".join(self._root(own))
            self._macros = SimpleNamespace(**{name: own.vars[name] for name in own.exported_vars})
        return self._macros


class Templates:
    """The templates of a package of compiled modules, found by their names."""

    def __init__(self, package: str, *, finalize: Callable[[Any], object], filters: dict[str, Callable[..., Any]]) -> None:
        self._package = package
        self._loaded: dict[str, _Template] = {}
        self.finalize = finalize
        self.filters = filters
        self.concat = "".join

    def get_template(self, name: str, parent: str | None = None) -> _Template:
        del parent
        if name not in self._loaded:
            module = import_module(f"{self._package}.{module_name(name)}")
            # Compiled templates look for these among their globals.
            vars(module).update(environment=self, finalize=self.finalize)
            self._loaded[name] = _Template(module)
        return self._loaded[name]

    @staticmethod
    def getitem(value: Any, key: Any) -> Any:  # noqa: ANN401  as in any template
        return value[key]

    @staticmethod
    def undefined(hint: str = "", name: str = "") -> NoReturn:
        raise TemplateRuntimeError(hint or f"{name!r} is undefined")


def module_name(template: str) -> str:
    """`stacks/load-balancer.yaml.j2` is `stacks_load_balancer_yaml_j2`."""
    return "".join(letter if letter.isalnum() else "_" for letter in template)
