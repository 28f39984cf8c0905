"""Writes docs/capabilities.md: `python -m tests.capabilities.docs`."""

from tests.capabilities.table import share, table
from tests.corpus import ROOT


def page() -> str:
    rows = table()
    lines = [
        "# Capabilities",
        "",
        "What 57 public blue/green environments configure, by how many of them do, and how a spec says it. Rows that are *shown* are",
        "proven by a test in the rendered output; *open* rows are not proven by a test yet.",
        "",
        f"Shown or met by design: {share(rows, 'shown', 'met'):.1f} % of all uses.",
        "",
        "| id | users | capability | how | in the spec, or why | seen in |",
        "|---|---|---|---|---|---|",
    ]
    lines += [f"| {r.id} | {r.users} | {r.capability.replace('|', '/')} | {r.how} | {r.words} | {r.file} |" for r in rows]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    (ROOT / "docs/capabilities.md").write_text(page(), encoding="utf-8")
