"""Warnings and infos that the file itself silences, at their line and with a reason."""

from collections.abc import Collection, Iterable, Mapping

from bgspec.diagnostics import Finding
from bgspec.document import Document
from bgspec.document.rules import silence_of_error, silence_unused

_ACCOUNT = "BG0"
"""What only the account can tell: a spec by itself never knows whether such a silence is used."""


def silence(findings: Iterable[Finding], documents: Mapping[str, Document], checked: Collection[str]) -> list[Finding]:
    """What is left of the findings, and what is wrong with the silences.

    Args:
        findings: of all documents and environments.
        documents: by name.
        checked: the names of the documents that went through every check. Of the others nobody knows whether a silence
            would have been used.
    """
    by_place: dict[tuple[str, int, str], list[Finding]] = {}
    findings = list(findings)
    for found in findings:
        by_place.setdefault((found.file, found.span.line, found.code), []).append(found)
    silenced: set[tuple[str, int, str]] = set()
    doubtful: list[Finding] = []
    for name, document in documents.items():
        for quiet in document.silences:
            place = (name, quiet.target, quiet.code)
            hit = by_place.get(place, ())
            if any(found.severity != "error" for found in hit):
                silenced.add(place)
                continue
            if hit:
                problem = silence_of_error(quiet.span, quiet.code)
            elif name in checked and not quiet.code.startswith(_ACCOUNT):
                problem = silence_unused(quiet.span, quiet.code)
            else:
                continue
            doubtful.append(Finding(name, quiet.span, problem.code, problem.severity, problem.message, problem.help))
    kept = [found for found in findings if found.severity == "error" or (found.file, found.span.line, found.code) not in silenced]
    return [*kept, *doubtful]
