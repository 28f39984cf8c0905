"""Specs in pieces: a case or an example shows only what matters, the rest comes from here, below it, so lines keep their numbers."""

import ast
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from bgspec.compiler import compile_spec
from bgspec.diagnostics import Finding
from bgspec.pages import evaluate, example, parse_page

HERE = Path(__file__).resolve().parent

REST = {
    "bgspec": "bgspec: 1\n",
    "system": "system: shop\n",
    "environment": "environment: dev\n",
    "region": "region: us-east-1\n",
    "services": "services:\n  web:\n    image: {build: .}\n    port: 8080\n",
}


class Case(NamedTuple):
    """A piece of a spec and what is found in it."""

    rule: str
    title: str
    spec: str
    expect: tuple[str, ...]
    """`BG301 2:9` for each finding: the code, the line and the column."""


@cache
def cases(family: str) -> tuple[Case, ...]:
    """The cases of a family, from its file."""
    loaded: list[dict[str, Any]] = yaml.safe_load((HERE / f"{family}.yaml").read_text(encoding="utf-8"))
    return tuple(Case(str(one["rule"]), str(one["case"]), text(one), tuple(one["expect"])) for one in loaded)


def text(case: dict[str, Any]) -> str:
    """`spec` as it stands, or `python`: literals joined by `+` and repeated by `*`, as in a page."""
    return str(case["spec"]) if "spec" in case else str(evaluate(ast.parse(case["python"], mode="eval").body))


def complete(piece: str) -> str:
    """A whole spec: what the piece does not say is added at its end."""
    present = {line.partition(":")[0] for line in piece.splitlines() if line[:1].isalpha()}
    if "environments" in present:
        present.add("environment")
    return piece + "".join(text for key, text in REST.items() if key not in present)


def failing(page: str) -> list[Finding]:
    """What is found in a page's failing example."""
    return find(example(parse_page(page)).decode())


def find(piece: str) -> list[Finding]:
    """All findings about a piece of a spec."""
    return list(compile_spec(complete(piece).encode(), "spec.yaml").findings)


def told(found: Finding) -> str:
    """A finding as a case writes it."""
    return f"{found.code} {found.span.line}:{found.span.column}"
