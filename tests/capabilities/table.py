"""What people run, by how many do it, and where bgspec's output shows that the language says it."""

import csv
from typing import NamedTuple

from tests.corpus import GOLDEN, ROOT


class Row(NamedTuple):
    id: str
    users: int
    capability: str
    how: str
    """`shown`, `met`, `out`, or `open` where nothing proves it yet."""
    words: str
    """The spec's keys, or the reason."""
    file: str = ""
    text: str = ""

    @property
    def holds(self) -> bool:
        return self.how != "shown" or self.text in (GOLDEN / self.file).read_text(encoding="utf-8")


def table() -> list[Row]:
    cases = {}
    for line in (ROOT / "tests/capabilities/cases.txt").read_text(encoding="utf-8").splitlines():
        key, first, *rest = line.split("|")
        cases[key] = (first, rest[0], "", "") if first in {"met", "out"} else ("shown", first, *rest)
    with (ROOT / "tests/data/capabilities.csv").open(encoding="utf-8", newline="") as file:
        return [
            Row(row["id"], int(row["users"]), row["capability"], *cases.get(row["id"], ("open", "not shown by a test yet")))
            for row in csv.DictReader(file)
        ]


def share(rows: list[Row], *ways: str) -> float:
    return 100 * sum(row.users for row in rows if row.how in ways) / sum(row.users for row in rows)
