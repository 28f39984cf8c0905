"""Findings for people and for programs. A reporter is a pure function from tidy findings to text."""

import os
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Protocol, TextIO, TypeAlias

from bgspec.diagnostics import Finding
from bgspec.document import Document
from bgspec.document.rules import too_many_problems
from bgspec.report.human import human
from bgspec.report.machine import as_github, as_json, as_sarif

__all__ = ["REPORTERS", "Reporter", "Sources", "is_colored", "tidy"]

Sources: TypeAlias = Mapping[str, Document]
"""The documents by name: the report for people shows their lines."""


MOST_ERRORS = 1_000
"""Of a file. Whoever has more mends those first."""


class Reporter(Protocol):
    """What every format is."""

    def __call__(self, findings: Sequence[Finding], sources: Sources, *, color: bool) -> str: ...


REPORTERS: dict[str, Reporter] = {"human": human, "json": as_json, "sarif": as_sarif, "github": as_github}
"""By the name that `--format` takes."""


def is_colored(stream: TextIO) -> bool:
    """Whether findings have colours there: on a terminal, unless the user wants none (https://no-color.org)."""
    return stream.isatty() and not os.environ.get("NO_COLOR")


def tidy(findings: Iterable[Finding], environments: Collection[str]) -> list[Finding]:
    """Findings in the order of the file, one per mistake.

    What several environments have in common is said once; the environments are named unless it is all of them. What
    stands where the file itself could not be read properly is not judged a second time.

    Args:
        findings: of one file.
        environments: the names of all its environments, in the order of the file.
    """
    found: dict[Finding, set[str]] = {}
    for finding in findings:
        found.setdefault(finding._replace(environment=None), set()).add(finding.environment or "")
    unreadable = [finding.span for finding in found if finding.code.startswith("BG1") and finding.severity == "error"]
    kept = []
    for finding, names in found.items():
        if not finding.code.startswith("BG1") and any(
            start < finding.span[2:] and finding.span[:2] < end for start, end in ((span[:2], span[2:]) for span in unreadable)
        ):
            continue
        everywhere = "" in names or names.issuperset(environments)
        named = ", ".join(name for name in environments if name in names)
        kept.append(finding if everywhere else finding._replace(environment=named))
    kept.sort(key=lambda finding: (finding.file, finding.span, finding.code, finding.message))
    return kept if len(kept) <= MOST_ERRORS else _first(kept)


def _first(findings: list[Finding]) -> list[Finding]:
    """As many errors as anybody reads, with everything else that stands in front of the next one."""
    errors = [number for number, finding in enumerate(findings) if finding.severity == "error"]
    if len(errors) <= MOST_ERRORS:
        return findings
    last = errors[MOST_ERRORS]
    stopped = too_many_problems(findings[last].span, MOST_ERRORS)
    return [*findings[:last], findings[last]._replace(code=stopped.code, message=stopped.message, help=stopped.help, related=())]
