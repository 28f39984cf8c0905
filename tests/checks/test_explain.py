"""Every code has its page, and docs/rules.md is what the pages say."""

import re

import pytest

from bgspec import explain
from bgspec.catalogue import catalogue
from bgspec.errors import UsageError
from bgspec.explain import docs
from tests.corpus import ROOT


@pytest.mark.parametrize("code", catalogue())
def test_a_page_says_everything_and_fits_a_terminal(code):
    text = explain.explain(code)
    page = catalogue()[code].page
    assert text.startswith(f"{code} (")
    for part in (page.title, page.fails.splitlines()[0], page.passes.splitlines()[0]):
        assert part in text
    longest = max(len(line) for line in text.splitlines() if "https://" not in line and not line.startswith("    "))
    assert longest <= 100


def test_a_code_is_found_however_it_is_typed():
    assert explain.explain("bg306") == explain.explain("306") == explain.explain("BG306")


@pytest.mark.parametrize(("typed", "near"), [("BG36", "BG3"), ("BG3O6", "BG306"), ("certificate", "BG463"), ("NAT gateway", "BG305")])
def test_near_rules_are_named(typed, near):
    with pytest.raises(UsageError, match=near):
        explain.explain(typed)


def test_what_is_near_to_nothing_leads_to_the_list():
    with pytest.raises(UsageError, match="explain --all"):
        explain.explain("xyzzy")


def test_the_overview_has_a_line_for_every_rule():
    listed = re.findall(r"^  (BG\d{3})  (?:error|warning|info) ", explain.overview(), re.MULTILINE)
    assert listed == list(catalogue())


def test_the_committed_rules_are_current(tmp_path):
    docs.main(tmp_path)
    assert (ROOT / docs.FILE).read_text(encoding="utf-8") == (tmp_path / docs.FILE).read_text(encoding="utf-8"), "run `make docs`"
