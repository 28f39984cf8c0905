"""The only user of Jinja2: runs the templates from their sources, and compiles them for `templating`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, nodes
from jinja2.compiler import CodeGenerator, Frame

from bgspec.cfn import Word
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
    jinja = jinja.overlay()
    jinja.code_generator_class = _Plain
    assert jinja.loader  # noqa: S101  `environment` has set it
    for name in jinja.loader.list_templates():
        if name.endswith(".j2"):
            source, _, _ = jinja.loader.get_source(jinja, name)
            module = jinja.compile(source, name, raw=True, defer_init=True).replace(_RUNTIME, "from bgspec.templating import ", 1)
            (directory / f"{module_name(name)}.py").write_text(module, encoding="utf-8")


class _Plain(CodeGenerator):
    """Writes plain Python where Jinja2 leaves choices to its runtime: a spec asks for a thousand attributes.

    An attribute is an attribute, a call is a call, `finalize` gives text, and a `Word` needs none: it is text already.
    """

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:  # noqa: N802  Jinja2's name
        self.visit(node.node, frame)
        self.write(f".{node.attr}")

    def visit_Call(self, node: nodes.Call, frame: Frame, forward_caller: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002, N802  as above
        self.visit(node.node, frame)
        self.write("(")
        for argument in node.args:
            self.visit(argument, frame)
            self.write(", ")
        self.write(")")

    def _output_child_pre(self, node: nodes.Expr, *_: object) -> None:
        self.write("(" if self._is_word(node) else "finalize(")

    def _output_child_post(self, *_: object) -> None:
        self.write(")")

    def _is_word(self, node: nodes.Expr) -> bool:
        """Whether `node` is what a filter gives that promises a `Word`."""
        made = self.environment.filters[node.name] if isinstance(node, nodes.Filter) else None
        return made is Word or getattr(made, "__annotations__", {}).get("return") is Word
