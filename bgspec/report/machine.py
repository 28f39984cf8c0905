"""Findings for programs: JSON, SARIF 2.1.0 and GitHub's workflow annotations."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from bgspec import __version__
from bgspec.diagnostics import Finding, Span
from bgspec.document import Document

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {"error": "error", "warning": "warning", "info": "note"}
_COMMAND = {"error": "error", "warning": "warning", "info": "notice"}


def as_json(findings: Sequence[Finding], sources: Mapping[str, Document], *, color: bool) -> str:
    """A list with one object for each finding."""
    del sources, color
    return _text([_object(finding) for finding in findings])


def as_sarif(findings: Sequence[Finding], sources: Mapping[str, Document], *, color: bool) -> str:
    """A SARIF 2.1.0 log with one run, https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html."""
    del sources, color
    codes = sorted({finding.code for finding in findings})
    results = []
    for finding in findings:
        result = {
            "ruleId": finding.code,
            "ruleIndex": codes.index(finding.code),
            "level": _LEVEL[finding.severity],
            "message": {"text": _sentences(finding)},
            "locations": [_location(finding.file, finding.span)],
        }
        if finding.related:
            result["relatedLocations"] = [
                {"id": number, **_location(finding.file, span), "message": {"text": sentence}}
                for number, (sentence, span) in enumerate(finding.related)
            ]
        if finding.environment:
            result["properties"] = {"environment": finding.environment}
        results.append(result)
    driver = {"name": "bgspec", "version": __version__, "rules": [_rule(code) for code in codes]}
    run = {"tool": {"driver": driver}, "columnKind": "unicodeCodePoints", "results": results}
    return _text({"$schema": _SARIF_SCHEMA, "version": "2.1.0", "runs": [run]})


def as_github(findings: Sequence[Finding], sources: Mapping[str, Document], *, color: bool) -> str:
    """Annotations of a GitHub workflow, one line each.

    Source: https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands; the escapes are those
    of actions/toolkit, packages/core/src/command.ts. Columns are for annotations of one line only.
    """
    del sources, color
    lines = []
    for finding in findings:
        span = finding.span
        places: dict[str, object] = {"file": finding.file, "line": span.line, "endLine": span.end_line}
        if span.line == span.end_line:
            places |= {"col": span.column, "endColumn": span.end_column}
        places["title"] = finding.code
        properties = ",".join(f"{name}={_escape(str(value), ':,')}" for name, value in places.items())
        lines.append(f"::{_COMMAND[finding.severity]} {properties}::{_escape(_sentences(finding))}\n")
    return "".join(lines)


def _text(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def _object(finding: Finding) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "file": finding.file,
        **finding.span._asdict(),
        "code": finding.code,
        "severity": finding.severity,
        "message": finding.message,
        "help": finding.help,
    }
    if finding.environment is not None:
        shown["environment"] = finding.environment
    if finding.related:
        shown["related"] = [{**span._asdict(), "message": sentence} for sentence, span in finding.related]
    return shown


def _sentences(finding: Finding) -> str:
    """What is wrong, where that is not clear from the line, and how to mend it."""
    environment = f" (environment {finding.environment})" if finding.environment else ""
    return f"{finding.message}{environment} {finding.help}"


def _location(file: str, span: Span) -> dict[str, Any]:
    from urllib.parse import quote  # noqa: PLC0415  only SARIF speaks of URIs

    region = {"startLine": span.line, "startColumn": span.column, "endLine": span.end_line, "endColumn": span.end_column}
    uri = quote(file)
    return {"physicalLocation": {"artifactLocation": {"uri": f"file://{uri}" if uri.startswith("/") else uri}, "region": region}}


def _rule(code: str) -> dict[str, Any]:
    from bgspec.catalogue import catalogue  # noqa: PLC0415  only SARIF carries the pages along

    _, severity, page = catalogue()[code]
    return {
        "id": code,
        "shortDescription": {"text": page.title},
        "fullDescription": {"text": page.what},
        "help": {"text": f"{page.why} {page.mend}"},
        "defaultConfiguration": {"level": _LEVEL[severity]},
    }


def _escape(text: str, more: str = "") -> str:
    return "".join(f"%{ord(character):02X}" if character in "%\r\n" + more else character for character in text)
