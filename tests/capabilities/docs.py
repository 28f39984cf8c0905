"""Writes docs/capabilities.md: `python -m tests.capabilities.docs`."""

import json
from html import escape
from typing import Any

from tests.capabilities.table import Row, share, table
from tests.corpus import ROOT

_HEAD = """\
# Capabilities

What 57 public blue/green environments configure, by how many of them do it, with the lines of a spec that say it and what then stands in
the output. Every row that is *expressed* is a test: the lines are laid over the spec named in the last column, the whole is rendered, and
the output is looked up (tests/capabilities/; `pytest tests/capabilities -k C012`).
"""


def page() -> str:
    rows = table()
    ways = {way: share(rows, way) for way in ("expressed", "by design", "out", "open")}
    told = ", ".join(f"{weight:.1f} % {way}" for way, weight in ways.items() if weight)
    lines = [
        _HEAD,
        f"Of all uses: {told}. Expressed and met by design together: **{share(rows, 'expressed', 'by design'):.1f} %**.",
        "",
        "| id | users | capability | in the spec | in the output |",
        "|---|---|---|---|---|",
    ]
    lines += [f"| {row.id} | {row.users} | {_cell(row.capability)} | {_said(row)} | {_shown(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _said(row: Row) -> str:
    if row.how != "expressed":
        return f"*{row.how}:* {row.why}"
    said = f"{_pre(row.spec.rstrip().split(chr(10)))} on {row.base}" if row.spec else f"nothing: it is always so (on {row.base})"
    return f"{said}<br>*Beside it:* {row.why}" if row.why else said


def _shown(row: Row) -> str:
    files: dict[str, list[str]] = {}
    for file, path, value in row.wanted:
        files.setdefault(file, []).append(": ".join(part for part in (".".join(path), _value(value)) if part))
    return "".join(f"{file}{_pre(lines)}" for file, lines in files.items())


def _value(value: Any) -> str:
    if isinstance(value, str) and value.startswith("…"):
        return value
    if isinstance(value, list) and len(value) == 1:
        return f"[… {_value(value[0])} …]"
    return "not there" if value is None else json.dumps(value, ensure_ascii=False)


def _pre(lines: list[str]) -> str:
    return f"<pre>{'<br>'.join(_cell(line) for line in lines)}</pre>"


def _cell(text: str) -> str:
    return escape(text, quote=False).replace("|", "&#124;").replace("*", "&#42;").replace("`", "&#96;")


if __name__ == "__main__":
    (ROOT / "docs/capabilities.md").write_text(page(), encoding="utf-8")
