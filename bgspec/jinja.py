"""The only user of Jinja2: runs the templates from their sources, and compiles them for `templating`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from bgspec.templating import module_name

# The only import of a compiled template, which `templating` serves instead.
_RUNTIME = "from jinja2.runtime import "


def environment(*, finalize: Callable[[Any], object], filters: dict[str, Callable[..., Any]]) -> Environment:
    """Templates with an unknown name in them fail rather than print nothing."""
    jinja = Environment(
        loader=PackageLoader("bgspec"),
        undefined=StrictUndefined,
        finalize=finalize,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  what is made is YAML, JSON and shell, never HTML; `finalize` is the escaping
    )
    jinja.filters.update(filters)
    return jinja


def compile_templates(jinja: Environment, directory: Path) -> None:
    """Write each template as a Python module that runs on `templating`, and a package around them."""
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "__init__.py").write_text("", encoding="utf-8")
    assert jinja.loader  # noqa: S101  `environment` has set it
    for name in jinja.loader.list_templates():
        if name.endswith(".j2"):
            source, _, _ = jinja.loader.get_source(jinja, name)
            module = jinja.compile(source, name, raw=True, defer_init=True)
            (directory / f"{module_name(name)}.py").write_text(_lean(module), encoding="utf-8")


def _lean(module: str) -> str:
    """A compiled template that looks up less: `finalize` and `getattr` are asked a thousand times for a spec, and `finalize` gives text."""
    module = module.replace(_RUNTIME, "from bgspec.templating import ", 1)
    return module.replace("str(environment.finalize(", "(finalize(").replace("environment.getattr(", "attribute(")
