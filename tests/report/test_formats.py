"""The formats for programs, each read by something that did not write it."""

import json
import re
from urllib.parse import unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sarif_pydantic import Sarif

from bgspec.catalogue import catalogue
from bgspec.diagnostics import Finding, Span
from bgspec.report import REPORTERS

FIRST = Finding("spec.yaml", Span(3, 5, 3, 9), "BG110", "error", "A: 100%, b.", "C\nd.", None, (("first", Span(1, 2, 1, 4)),))
SECOND = Finding("dir/two words.yaml", Span(1, 1, 2, 4), "BG117", "warning", "事 <x>.", "E.", "stg")
THIRD = Finding("/abs/a,b:c.yaml", Span(7, 1, 7, 1), "BG301", "info", "F.", "G.")
ALL = [FIRST, SECOND, THIRD]

TEXTS = st.text(st.characters(codec="utf-8"), max_size=30)
SPANS = st.tuples(st.integers(1, 99), st.integers(1, 99), st.integers(0, 3), st.integers(0, 9)).map(
    lambda four: Span(four[0], four[1], four[0] + four[2], four[1] + four[3])
)
FINDINGS = st.lists(
    st.builds(
        Finding,
        st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20),
        SPANS,
        st.sampled_from(list(catalogue())),
        st.sampled_from(["error", "warning", "info"]),
        TEXTS,
        TEXTS,
        st.none() | TEXTS.filter(bool),
        st.lists(st.tuples(TEXTS, SPANS), max_size=2).map(tuple),
    ),
    max_size=5,
)


def report(name, findings):
    return REPORTERS[name](findings, {}, color=False)


def test_json():
    assert json.loads(report("json", ALL)) == [
        {
            "file": "spec.yaml",
            "line": 3,
            "column": 5,
            "end_line": 3,
            "end_column": 9,
            "code": "BG110",
            "severity": "error",
            "message": "A: 100%, b.",
            "help": "C\nd.",
            "related": [{"line": 1, "column": 2, "end_line": 1, "end_column": 4, "message": "first"}],
        },
        {
            "file": "dir/two words.yaml",
            "line": 1,
            "column": 1,
            "end_line": 2,
            "end_column": 4,
            "code": "BG117",
            "severity": "warning",
            "message": "事 <x>.",
            "help": "E.",
            "environment": "stg",
        },
        {
            "file": "/abs/a,b:c.yaml",
            "line": 7,
            "column": 1,
            "end_line": 7,
            "end_column": 1,
            "code": "BG301",
            "severity": "info",
            "message": "F.",
            "help": "G.",
        },
    ]


def test_nothing():
    assert report("json", []) == "[]\n"
    assert json.loads(report("sarif", []))["runs"][0]["results"] == []
    assert report("github", []) == ""


def unknown(model):
    """The properties that the models of SARIF do not know, at any depth."""
    if isinstance(model, list):
        return [name for each in model for name in unknown(each)]
    if not hasattr(model, "model_extra"):
        return []
    extra = list(model.model_extra or {})
    return extra + [name for field in type(model).model_fields for name in unknown(getattr(model, field))]


def check_sarif(findings):
    log = json.loads(report("sarif", findings))
    assert unknown(Sarif.model_validate(log)) == ["columnKind"]  # SARIF 2.1.0, §3.14.17: missing in those models
    (run,) = log["runs"]
    codes = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    for finding, result in zip(findings, run["results"], strict=True):
        assert codes[result["ruleIndex"]] == result["ruleId"] == finding.code
        place = result["locations"][0]["physicalLocation"]
        uri = urlsplit(place["artifactLocation"]["uri"])
        assert (uri.scheme, uri.netloc, uri.query, uri.fragment) == ("file" if finding.file.startswith("/") else "", "", "", "")
        assert unquote(uri.path) == finding.file
        assert tuple(place["region"].values()) == finding.span
        assert len(result.get("relatedLocations", [])) == len(finding.related)
    return run


def test_sarif():
    run = check_sarif(ALL)
    assert [result["level"] for result in run["results"]] == ["error", "warning", "note"]
    assert run["results"][1]["message"]["text"] == "事 <x>. (environment stg) E."
    assert run["tool"]["driver"]["rules"][0]["shortDescription"]["text"] == "A key stands twice in one mapping."
    assert run["columnKind"] == "unicodeCodePoints"


@given(FINDINGS)
def test_any_finding_is_sarif(findings):
    check_sarif(findings)


@given(FINDINGS)
def test_any_finding_survives_json(findings):
    for finding, shown in zip(findings, json.loads(report("json", findings)), strict=True):
        assert (shown["file"], shown["message"], shown["help"]) == (finding.file, finding.message, finding.help)
        assert Span(shown["line"], shown["column"], shown["end_line"], shown["end_column"]) == finding.span


def annotations(text):
    """The annotations as the runner takes them apart (actions/runner, src/Runner.Common/ActionCommand.cs)."""

    def plain(value, escapes):
        for escape, character in (*escapes, ("%25", "%")):
            value = value.replace(escape, character)
        return value

    data = [("%0D", "\r"), ("%0A", "\n")]
    for line in text.split("\n")[:-1]:
        command, properties, message = re.fullmatch(r"::(error|warning|notice) ([^:]*)::(.*)", line, re.DOTALL).groups()
        pairs = [part.split("=", 1) for part in properties.split(",")]
        yield command, {name: plain(value, [*data, ("%3A", ":"), ("%2C", ",")]) for name, value in pairs}, plain(message, data)


def test_github():
    assert report("github", ALL) == (
        "::error file=spec.yaml,line=3,endLine=3,col=5,endColumn=9,title=BG110::A: 100%25, b. C%0Ad.\n"
        "::warning file=dir/two words.yaml,line=1,endLine=2,title=BG117::事 <x>. (environment stg) E.\n"
        "::notice file=/abs/a%2Cb%3Ac.yaml,line=7,endLine=7,col=1,endColumn=1,title=BG301::F. G.\n"
    )


@given(FINDINGS)
def test_any_finding_is_an_annotation(findings):
    for finding, (_, properties, message) in zip(findings, annotations(report("github", findings)), strict=True):
        assert properties["file"] == finding.file
        assert properties["line"] == str(finding.span.line)
        assert message.startswith(finding.message)
        assert message.endswith(finding.help)


@pytest.mark.parametrize("name", ["json", "sarif", "github"])
def test_programs_get_no_colours(name):
    assert REPORTERS[name](ALL, {}, color=True) == report(name, ALL)
