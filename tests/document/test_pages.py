"""Every page of a code that reading a file can find: complete, and its examples do what it says."""

import pytest

from bgspec.diagnostics import Finding
from bgspec.document import parse
from bgspec.document.rules import FAMILY
from bgspec.overlays import views
from bgspec.pages import example, parse_page
from bgspec.silences import silence


def found(data: bytes) -> list[Finding]:
    document = parse(data, "spec.yaml")
    _, problems = views(document)
    located = [
        Finding("spec.yaml", problem.span, problem.code, problem.severity, problem.message, problem.help)
        for problem in (*document.problems, *problems)
    ]
    return silence(located, {"spec.yaml": document}, {"spec.yaml"})


@pytest.mark.parametrize("code", sorted(FAMILY.pages))
def test_the_failing_example_fails_with_this_code_and_the_mended_one_passes(code):
    page = parse_page(FAMILY.pages[code])
    codes = [problem.code for problem in found(example(page))]
    assert code in codes
    if code not in {"BG119", "BG131", "BG133"}:  # those speak of other findings
        assert set(codes) == {code}
    assert found(page.passes.encode()) == []


def test_codes_are_of_one_family():
    assert all(code.startswith("BG1") and len(code) == 5 for code in FAMILY.pages)


def test_a_page_with_a_part_missing_is_refused():
    with pytest.raises(ValueError, match="without Why"):
        parse_page("Title.\n\nWhat: x\nMend: y\nSource: z\n\nFails:\n    a\nPasses:\n    b\n")


def test_a_page_with_a_part_given_twice_is_refused():
    with pytest.raises(ValueError, match="What stands twice"):
        parse_page("Title.\n\nWhat: x\nWhat: y\n")
