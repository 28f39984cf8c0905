"""Findings for people and for programs."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol, TypeAlias

from bgspec.diagnostics import Finding, Span
from bgspec.document import Document

Sources: TypeAlias = Mapping[str, Document]
"""The documents by name: the human report shows their lines."""


class Reporter(Protocol):
    """What every format is: a function of findings that are tidy."""

    def __call__(self, findings: Sequence[Finding], sources: Sources, *, color: bool) -> str: ...


def tidy(findings: Iterable[Finding]) -> list[Finding]:
    """Sort by place; show once what several environments have in common."""
    return sorted(set(findings), key=lambda finding: (finding.file, finding.span, finding.code, finding.message))


def human(findings: Sequence[Finding], sources: Sources, *, color: bool) -> str:
    """For a terminal."""
    del sources, color
    return "".join(
        f"{found.file}:{found.span.line}:{found.span.column}: {found.severity}[{found.code}]: {found.message}\n  = help: {found.help}\n"
        for found in findings
    )


def as_json(findings: Sequence[Finding], sources: Sources, *, color: bool) -> str:
    """A list of objects, one per finding."""
    del sources, color
    return json.dumps([_object(found) for found in findings], indent=2, ensure_ascii=False) + "\n"


def sarif(findings: Sequence[Finding], sources: Sources, *, color: bool) -> str:
    """SARIF 2.1.0: code scanning services read it."""
    del sources, color
    level = {"error": "error", "warning": "warning", "info": "note"}
    results = [
        {
            "ruleId": found.code,
            "level": level[found.severity],
            "message": {"text": f"{found.message} {found.help}"},
            "locations": [{"physicalLocation": {"artifactLocation": {"uri": found.file}, "region": _region(found.span)}}],
        }
        for found in findings
    ]
    run = {"tool": {"driver": {"name": "bgspec"}}, "columnKind": "unicodeCodePoints", "results": results}
    return json.dumps({"version": "2.1.0", "runs": [run]}, indent=2, ensure_ascii=False) + "\n"


def github(findings: Sequence[Finding], sources: Sources, *, color: bool) -> str:
    """Annotations of a GitHub workflow."""
    del sources, color
    command = {"error": "error", "warning": "warning", "info": "notice"}
    return "".join(f"::{command[found.severity]} file={found.file},line={found.span.line}::{found.message}\n" for found in findings)


REPORTERS: dict[str, Reporter] = {"human": human, "json": as_json, "sarif": sarif, "github": github}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _object(found: Finding) -> dict[str, Any]:
    line, column, end_line, end_column = found.span
    shown: dict[str, Any] = {
        "file": found.file,
        "line": line,
        "column": column,
        "end_line": end_line,
        "end_column": end_column,
        "code": found.code,
        "severity": found.severity,
        "message": found.message,
        "help": found.help,
    }
    if found.environment is not None:
        shown["environment"] = found.environment
    if found.related:
        shown["related"] = [{"message": sentence, "line": span.line, "column": span.column} for sentence, span in found.related]
    return shown
