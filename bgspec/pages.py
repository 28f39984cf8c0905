"""How the page of a rule is written: what `explain` prints and docs/rules.md is made of.

A page is the docstring of the function that makes the finding:

    A key stands twice in one mapping.

    What: What the rule looks for.
    Why: Why that fails, on AWS or before.
    Mend: How to mend it.
    Source: Where this is known from.

    Fails:
        zones: 2
        zones: 3
    Passes:
        zones: 3

The two examples are run by the tests. `Fails (Python):` holds an expression for a text or bytes that cannot be shown.
"""

import ast
from inspect import cleandoc
from textwrap import dedent
from typing import Any, NamedTuple

_PARAGRAPHS = ("What", "Why", "Mend", "Source")
_EXAMPLES = ("Fails", "Fails (Python)", "Passes")


class Page(NamedTuple):
    """A page in its parts."""

    title: str
    what: str
    why: str
    mend: str
    source: str
    fails: str
    """YAML, or a Python expression (see `fails_is_python`) for a text or bytes."""
    passes: str
    """YAML."""
    fails_is_python: bool


def parse_page(text: str) -> Page:
    """Take a page apart.

    Raises:
        ValueError: a part is missing, empty, unknown or given twice.
    """
    title, _, body = cleandoc(text).partition("\n\n")
    parts: dict[str, list[str]] = {}
    current: list[str] | None = None
    for line in body.split("\n"):
        head, colon, rest = line.partition(":")
        if colon and head in (*_PARAGRAPHS, *_EXAMPLES):
            if head in parts:
                raise ValueError(f"{title!r}: {head} stands twice")
            parts[head] = current = [rest.strip()]
        elif current is not None and (not line or line[0] == " "):
            current.append(line)
        else:
            raise ValueError(f"{title!r}: this belongs to no part: {line!r}")
    python = "Fails (Python)" in parts
    paragraphs = [" ".join(" ".join(parts.get(name, ())).split()) for name in _PARAGRAPHS]
    fails, passes = (
        dedent("\n".join(parts.get(name, ())[1:])).strip("\n") + "\n" for name in ("Fails (Python)" if python else "Fails", "Passes")
    )
    missing = [name for name, part in zip((*_PARAGRAPHS, "Fails", "Passes"), (*paragraphs, fails, passes), strict=True) if not part.strip()]
    if missing or not title or "\n" in title:
        raise ValueError(f"{title!r}: without {', '.join(missing) or 'a title of one line'}")
    what, why, mend, source = paragraphs
    return Page(title, what, why, mend, source, fails, passes, python)


def example(page: Page) -> bytes:
    """The failing example as a file."""
    if not page.fails_is_python:
        return page.fails.encode()
    value = evaluate(ast.parse(f"({page.fails})", mode="eval").body)
    return value if isinstance(value, bytes) else str(value).encode()


def evaluate(node: ast.expr) -> Any:  # noqa: ANN401 -- text, bytes or a number
    """Literals joined by `+` and repeated by `*`: enough for a file that cannot be shown, and nothing that can harm."""
    match node:
        case ast.BinOp(left, ast.Add(), right):
            return evaluate(left) + evaluate(right)
        case ast.BinOp(left, ast.Mult(), right):
            return evaluate(left) * evaluate(right)
        case _:
            return ast.literal_eval(node)
