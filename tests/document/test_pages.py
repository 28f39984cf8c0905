"""Every page of a code that reading a file can find: complete, and its examples do what it says."""

import ast

import pytest

from bgspec.diagnostics import Diagnostic
from bgspec.document import parse
from bgspec.document.rules import PAGES
from bgspec.overlays import views
from bgspec.pages import parse_page

SILENCES = {code for code in PAGES if code >= "BG130"}


def found(data: str | bytes) -> list[Diagnostic]:
    document = parse(data.encode() if isinstance(data, str) else data, "spec.yaml")
    return [*document.problems, *views(document)[1]]


@pytest.mark.parametrize("code", sorted(PAGES.keys() - SILENCES))
def test_the_failing_example_fails_with_this_code_only_and_the_mended_one_passes(code):
    page = parse_page(PAGES[code])
    fails = eval(compile(ast.parse(page.fails, mode="eval"), code, "eval"), {"__builtins__": {}}) if page.fails_is_python else page.fails
    assert {problem.code for problem in found(fails)} == {code}
    assert found(page.passes) == []


def test_codes_are_sorted():
    assert list(PAGES) == sorted(PAGES)
