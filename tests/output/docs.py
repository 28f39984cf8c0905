"""Writes docs/policies.md and docs/checkov.md: `python -m tests.output.docs`."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bgspec.compiler import compile_spec
from bgspec.plan.iam import Role
from tests.corpus import specs
from tests.output.judgements import CHECKOV, POLICIES, Judgement

HEAD = "<!-- Generated from tests/output/judgements.py and from the goldens by `make docs`. -->\n"


def policies() -> str:
    return f"""{HEAD}# Policies

Every role gets exact actions on exact ARNs. `*` stands only where AWS knows no resource for an action, or where the resource does not exist
yet; the reason is the comment above the statement in the template. A role takes 10,240 characters of policy: where ARNs of many services
would not fit, `*` stands for the service's name in them. These are all statements of the examples and the tests with nothing but `*`:

{_table(("Role", "Actions", "Why"), _stars())}

## What parliament says

[parliament](https://github.com/duo-labs/parliament) reads every policy of every golden and of random specs in the tests. What it finds and
what stays:

{_table(("Finding", "About", "Why it stays"), _rows(POLICIES))}
"""


def checkov() -> str:
    return f"""{HEAD}# checkov

[checkov](https://www.checkov.io) reads every template of every golden in the gate (`make test-checkov`). These checks fail, each for a
reason; the gate fails when another one does, and when one of these no longer does.

{_table(("Check", "About", "Why"), _rows(CHECKOV))}
"""


def _stars() -> Iterator[tuple[str, ...]]:
    seen = set()
    for path in specs().values():
        for plan in compile_spec(path.read_bytes(), path.name).plans:
            for role in roles(plan):
                for statement in role.statements:
                    row = (role.service, "<br>".join(f"`{action}`" for action in statement.actions), statement.reason)
                    if statement.resources == ("*",) and not statement.sid.startswith(("Application", "Own")) and row not in seen:
                        seen.add(row)
                        yield row


def roles(value: Any) -> Iterator[Role]:
    """Every role in a plan or a part of it."""
    if isinstance(value, Role):
        yield value
    elif isinstance(value, tuple):
        for item in value:
            yield from roles(item)


def _rows(judgements: tuple[Judgement, ...]) -> Iterator[tuple[str, ...]]:
    return ((f"`{each.finding}`", f"`{each.about}`", each.reason) for each in judgements)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(root: Path = Path()) -> None:
    """Write both files below `root`."""
    (root / "docs/policies.md").write_text(policies(), encoding="utf-8", newline="")
    (root / "docs/checkov.md").write_text(checkov(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
