"""Writes docs/rules.md, the pages of all rules: `python -m bgspec.explain.docs`."""

from pathlib import Path

from bgspec.catalogue import Entry, catalogue
from bgspec.explain import FAMILIES

FILE = "docs/rules.md"
_HEAD = """\
<!-- Generated from the rules themselves by `make docs`: edit their docstrings. -->
# The rules

Everything that bgspec can find in a spec, before anything is built; what begins with `BG0` only `plan` and `apply` find, because they
ask the account. `bgspec explain CODE` prints one of these pages.

An **error** is what AWS certainly refuses, or what cannot work: nothing is rendered. A **warning** is probably a mistake; where it is
meant, a comment in the line says so: `# bgspec: ignore[BG302] the build needs no VPC`. An **info** is a consequence worth knowing.

An example shows only the part of a spec that matters.
"""


def text() -> str:
    """The whole file."""
    parts = [_HEAD]
    for family, title in FAMILIES.items():
        entries = [entry for entry in catalogue().values() if entry.code.startswith(family)]
        rows = [
            f"| [{entry.code}](#{entry.code.lower()}) | {entry.severity} | {entry.page.title.replace('|', chr(92) + '|')} |"
            for entry in entries
        ]
        parts += [f"## {title}\n", "| Rule | | |\n|---|---|---|", *rows, "", *map(_section, entries)]
    return "\n".join(parts)


def _section(entry: Entry) -> str:
    page = entry.page
    language = "text" if page.fails_is_python else "yaml"
    return f"""\
### {entry.code}

**{page.title}** ({entry.severity})

{page.what}

*Why:* {page.why}

*Mend:* {page.mend}

*Source:* {page.source}

This fails:

```{language}
{page.fails.rstrip()}
```

This passes:

```yaml
{page.passes.rstrip()}
```
"""


def main(root: Path = Path()) -> None:
    """Write the file below `root`."""
    (root / FILE).parent.mkdir(exist_ok=True)
    (root / FILE).write_text(text(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
