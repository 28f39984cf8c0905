"""The ten messages of the README are those of today, and each is one finding."""

import pytest

from tests.checks import docs
from tests.checks.base import find
from tests.corpus import ROOT


@pytest.mark.parametrize("mistake", docs.MISTAKES, ids=lambda mistake: mistake.title)
def test_one_mistake_is_one_finding(mistake):
    assert [one.code for one in find(mistake.piece) if one.severity != "info"] == [mistake.code]
    shown = docs.message(mistake)
    assert "= help: " in shown
    assert "^" in shown


def test_there_are_ten_and_the_readme_shows_them():
    assert len(docs.MISTAKES) == 10
    readme = (ROOT / docs.FILE).read_text(encoding="utf-8")
    assert all(docs.message(mistake) in readme for mistake in docs.MISTAKES), "run `make docs`"
    assert docs.text(readme) == readme, "run `make docs`"
