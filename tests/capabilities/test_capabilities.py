"""What the table of capabilities claims is in the output."""

from tests.capabilities.docs import page
from tests.capabilities.table import share, table
from tests.corpus import ROOT


def test_what_is_shown_is_in_the_output():
    assert [row.id for row in table() if not row.holds] == []


def test_most_of_what_people_run_is_shown():
    found = share(table(), "shown", "met")
    print(f"shown or met by design: {found:.1f} % of all uses")
    assert found >= 90


def test_the_page_is_current():
    assert (ROOT / "docs/capabilities.md").read_text(encoding="utf-8") == page(), "run `python -m tests.capabilities.docs`"
