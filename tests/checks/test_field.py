"""Mistakes from the field: each is found at its line, or cannot be written."""

import re
from typing import Any

import pytest
import yaml

from tests.checks.base import HERE, find, text, told


def mistakes(name: str) -> list[dict[str, Any]]:
    return yaml.safe_load((HERE / "field" / f"{name}.yaml").read_text(encoding="utf-8"))


EVERY = [(name, mistake) for name in ("seeded", "threads") for mistake in mistakes(name)]


@pytest.mark.parametrize(
    "mistake", [pytest.param(mistake, id=f"{mistake.get('thread', name)} {mistake['what']}") for name, mistake in EVERY]
)
def test_a_mistake_is_found_at_its_line(mistake):
    found = [one for one in find(text(mistake)) if one.severity != "info"]
    assert [told(one) for one in found] == mistake["expect"], "\n".join(f"{told(one)} {one.message} {one.help}" for one in found)
    assert mistake["expect"]
    if mistake.get("impossible"):
        assert all(one.severity == "error" for one in found)


def test_all_twenty_that_were_seeded_are_here():
    assert len(mistakes("seeded")) == 20


def test_the_threads_are_named_and_many():
    threads = [mistake["thread"] for mistake in mistakes("threads")]
    assert len(set(threads)) == len(threads) >= 40
    assert all(re.fullmatch(r"[\w.-]+/[\w.-]+#\d+", thread) for thread in threads)
