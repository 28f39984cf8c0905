"""What the table of capabilities claims: the lines are a spec, and what they say stands in its output, because of them."""

import pytest

from tests.capabilities.docs import page
from tests.capabilities.table import rendered, share, stands, table
from tests.corpus import ROOT

EXPRESSED = [row for row in table() if row.how == "expressed"]


@pytest.mark.parametrize("row", EXPRESSED, ids=lambda row: row.id)
def test_what_the_lines_say_stands_in_the_output(row):
    assert row.wanted
    files = rendered(row.base, row.spec)
    assert [one for one in row.wanted if not stands(files, *one)] == []


@pytest.mark.parametrize("row", [row for row in EXPRESSED if row.spec], ids=lambda row: row.id)
def test_it_stands_there_because_of_the_lines(row):
    files = rendered(row.base, "")
    assert [one for one in row.wanted if not stands(files, *one)], "the spec without these lines holds all of it, too"


def test_most_of_what_people_run_can_be_said():
    found = share(table(), "expressed", "by design")
    print(f"expressed or met by design: {found:.1f} % of all uses")
    assert found >= 95


def test_the_page_is_current():
    assert (ROOT / "docs/capabilities.md").read_text(encoding="utf-8") == page(), "run `python -m tests.capabilities.docs`"
