"""Every rule finds what it should where it stands, and nothing else; its page is complete and its examples are true."""

import pytest

from bgspec import checks
from bgspec.overrides import findings as overrides
from bgspec.pages import parse_page
from bgspec.spec import rules as language
from tests.checks.base import HERE, Case, cases, failing, find, told

FAMILIES = {
    "language": "BG2",
    "network": "BG3",
    "existing": "BG35",
    "capacity": "BG34",
    "traffic": "BG4",
    "reach": "BG32",
    "routes": "BG45",
    "listeners": "BG46",
    "protocols": "BG47",
    "task": "BG5",
    "images": "BG51",
    "dependencies": "BG52",
    "containers": "BG52",
    "scaling": "BG53",
    "schedules": "BG54",
    "deployment": "BG6",
    "pipeline": "BG70",
    "builds": "BG73",
    "sources": "BG72",
    "engines": "BG63",
    "github": "BG75",
    "tools": "BG76",
    "neighbours": "BG64",
    "security": "BG80",
    "secrets": "BG81",
    "grants": "BG82",
    "foreign": "BG82",
    "tags": "BG83",
    "limits": "BG90",
    "overrides": "BG95",
}
PAGES = language.FAMILY.pages | checks.FAMILY.pages | overrides.FAMILY.pages
SEVERITIES = language.FAMILY.severities | checks.FAMILY.severities | overrides.FAMILY.severities


def every_case():
    return [pytest.param(case, id=f"{case.rule} {case.title}") for family in FAMILIES for case in cases(family)]


@pytest.mark.parametrize("case", every_case())
def test_a_case_gives_these_findings_there(case: Case):
    found = find(case.spec)
    # Infos are consequences of what was written: only those of the case's own rule count.
    seen = [told(one) for one in found if one.severity != "info" or one.code == case.rule]
    assert seen == list(case.expect), "\n".join(f"{told(one)} {one.message} {one.help}" for one in found)


@pytest.mark.parametrize("code", PAGES)
def test_a_rule_has_failing_and_passing_cases(code):
    of_rule = [case for family in FAMILIES for case in cases(family) if case.rule == code]
    finding = [case for case in of_rule if any(one.startswith(code) for one in case.expect)]
    assert finding, "no case in which it finds something"
    assert any(case not in finding for case in of_rule), "no case in which it finds nothing"


@pytest.mark.parametrize("code", PAGES)
def test_the_examples_of_a_page_are_true(code):
    page = parse_page(PAGES[code])
    found = [one for one in failing(PAGES[code]) if one.severity != "info" or one.code == code]
    assert {one.code for one in found} == {code}
    assert not [one for one in find(page.passes) if one.code == code or one.severity != "info"]


@pytest.mark.parametrize("code", PAGES)
def test_a_finding_is_told_in_two_sentences_that_fit_a_line(code):
    for one in (one for one in failing(PAGES[code]) if one.code == code):
        assert one.severity == SEVERITIES[code]
        for sentence in (one.message, one.help):
            assert sentence[0].isupper() or sentence[0] in "`0123456789"
            assert sentence.endswith((".", "?"))
            assert "\n" not in sentence
            assert len(sentence) <= 160


def test_codes_are_unique_in_order_and_of_their_module():
    assert list(PAGES) == sorted(PAGES)
    assert len(checks.RULES) == len(checks.FAMILY.pages)
    assert all(len(code) == 5 and code[2:].isdigit() for code in PAGES)
    for rule in checks.RULES:
        assert rule.code.startswith(FAMILIES[rule.check.__module__.rpartition(".")[2]])


def test_every_file_of_cases_belongs_to_a_family():
    assert {path.stem for path in HERE.glob("*.yaml")} == set(FAMILIES)


def test_every_source_can_be_looked_up():
    for code, page in PAGES.items():
        source = parse_page(page).source
        assert any(word in source for word in ("Guide", "https://", "bc:", "cfn:", "The language itself", "schemas")), code
