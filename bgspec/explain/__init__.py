"""The pages of all rules: what `bgspec explain` prints."""

from textwrap import indent, wrap

from bgspec.catalogue import Entry, catalogue
from bgspec.errors import UsageError

FAMILIES = {
    "BG0": "The account",
    "BG1": "The file",
    "BG2": "The language",
    "BG3": "The network",
    "BG4": "The traffic",
    "BG5": "The task",
    "BG6": "The deployment",
    "BG7": "The pipeline",
    "BG8": "Security",
    "BG9": "Limits and cost",
}
"""What the codes that begin so are about."""

_WIDTH = 88


def explain(wanted: str) -> str:
    """The page of a rule as text for a terminal.

    Raises:
        UsageError: there is no such rule; the message names near ones.
    """
    entries = catalogue()
    code = f"BG{wanted}" if wanted.isdigit() else wanted.upper()
    if code not in entries:
        near = _near(wanted, code)
        hint = "".join(f"\n  {entry.code}  {entry.page.title}" for entry in near)
        raise UsageError(f"there is no rule {wanted!r}" + (f"; near it are:{hint}" if near else ": `bgspec explain --all` lists them"))
    severity, page = entries[code][1:]
    paragraphs = {"What": page.what, "Why": page.why, "Mend": page.mend, "Source": page.source}
    shown = [_paragraph(head, text) for head, text in paragraphs.items()]
    examples = [f"{head}:\n\n{indent(text, '    ')}" for head, text in (("This fails", page.fails), ("This passes", page.passes))]
    return "\n".join((f"{code} ({severity}): {page.title}\n", *shown, *examples))


def overview() -> str:
    """All rules, one in a line, by family."""
    lines = []
    for family, title in FAMILIES.items():
        entries = [entry for entry in catalogue().values() if entry.code.startswith(family)]
        lines += [f"{title}:", *(f"  {entry.code}  {entry.severity:7}  {entry.page.title}" for entry in entries), ""]
    return "\n".join(lines)


def _near(wanted: str, code: str) -> list[Entry]:
    """Rules that are called almost so, or speak of that."""
    entries = catalogue()
    if code[:2] == "BG" and code[2:3].isdigit():
        from difflib import get_close_matches  # noqa: PLC0415  only where a code is mistyped

        return [entries[found] for found in get_close_matches(code, entries, 4)]
    return [entry for entry in entries.values() if wanted.lower() in f"{entry.page.title} {entry.page.what}".lower()][:8]


def _paragraph(head: str, text: str) -> str:
    margin = " " * 8
    return "\n".join(wrap(text, _WIDTH, initial_indent=f"{head + ':':8}", subsequent_indent=margin, break_on_hyphens=False)) + "\n"
