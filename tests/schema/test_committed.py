"""The repository's copy of what the models say is the text they make today."""

from pathlib import Path

import pytest

from bgspec.schema.docs import FILES

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", FILES)
def test_the_committed_copy_is_current(path):
    assert (ROOT / path).read_text(encoding="utf-8") == FILES[path](), f"{path} is out of date: run `python -m bgspec.schema.docs`"
