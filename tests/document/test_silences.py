"""`# bgspec: ignore[BG305] reason`: what it silences, and what is wrong with it."""

import pytest

from bgspec.diagnostics import Finding, Span
from bgspec.document import parse
from bgspec.silences import silence


def read(text):
    return parse(text.encode(), "spec.yaml")


def finding(line, code="BG301", severity="warning", environment=None):
    return Finding("spec.yaml", Span(line, 1, line, 2), code, severity, "M.", "H.", environment)


def left(text, *findings, checked=True):
    document = read(text)
    found = silence(findings, {"spec.yaml": document}, {"spec.yaml"} if checked else ())
    return [(each.code, each.span.line) for each in found]


def test_behind_a_value_it_speaks_of_its_own_line():
    text = "a: 1\nb: 2  # bgspec: ignore[BG301] the office only\nc: 3\n"
    assert left(text, finding(1), finding(2), finding(3), finding(2, "BG302")) == [("BG301", 1), ("BG301", 3), ("BG302", 2)]


def test_in_a_line_of_its_own_it_speaks_of_the_next_that_is_no_comment():
    text = "# bgspec: ignore[BG301] reason\n# more\n\n# bgspec: ignore[BG302] reason\na: 1\nb: 2\n"
    assert left(text, finding(5), finding(5, "BG302"), finding(6)) == [("BG301", 6)]


def test_several_codes():
    text = "a: 1  # bgspec: ignore[BG301, BG302,BG303] reason\n"
    assert left(text, finding(1), finding(1, "BG302", "info")) == [("BG132", 1)]


def test_behind_another_comment():
    assert left("a: 1  # the office # bgspec: ignore[BG301] reason\n", finding(1)) == []


def test_in_one_environment_it_is_used_in_all():
    text = "a: 1  # bgspec: ignore[BG301] reason\n"
    assert left(text, finding(1, environment="stg"), finding(1, environment="prd")) == []


def test_an_error_cannot_be_silenced():
    text = "a: 1  # bgspec: ignore[BG301] reason\n"
    assert left(text, finding(1, severity="error")) == [("BG301", 1), ("BG133", 1)]


def test_unused_is_known_only_once_everything_was_checked():
    text = "a: 1  # bgspec: ignore[BG301] reason\n"
    assert left(text) == [("BG132", 1)]
    assert left(text, checked=False) == []


def test_an_unused_silence_is_shown_at_its_code():
    (found,) = silence([], {"x": parse(b"a: 1  # bgspec: ignore[BG301] reason\n", "x")}, {"x"})
    assert (found.file, found.span, found.severity) == ("x", Span(1, 24, 1, 29), "warning")


def test_another_files_findings_are_not_silenced():
    document = read("a: 1  # bgspec: ignore[BG301] reason\n")
    other = finding(1)._replace(file="other.yaml")
    assert silence([other], {"spec.yaml": document}, ()) == [other]


@pytest.mark.parametrize(
    "comment",
    [
        "# bgspec: ignore",
        "# bgspec: ignore BG301",
        "# bgspec: ignore[]",
        "# bgspec: ignore[BG3] x",
        "# bgspec: ignore[305] x",
        "# bgspec: ignore[BG301 BG302] x",
        "# bgspec: ignore[BG301",
        "# bgspec: ignore[bg301] x",
        "# bgspec: ignore[BG301]x",
        "# bgspec ignore[BG301] x",
        "# BGSPEC: IGNORE[BG301] x",
        "# bgspec: disable[BG301] x",
        "# bgspec: noqa",
    ],
)
def test_what_was_meant_as_one_and_is_not(comment):
    document = read(f"a: 1  {comment}\n")
    assert document.silences == ()
    (problem,) = document.problems
    assert (problem.code, problem.severity, problem.span) == ("BG130", "warning", Span(1, 7, 1, 7 + len(comment)))


@pytest.mark.parametrize("comment", ["#bgspec:ignore[BG301]", "# bgspec: ignore[ BG301 ]", "#  bgspec: ignore[BG301]  "])
def test_without_a_reason_it_works_and_is_a_finding(comment):
    text = f"a: 1  {comment}\n"
    assert [problem.code for problem in read(text).problems] == ["BG131"]
    assert left(text, finding(1)) == []


@pytest.mark.parametrize("comment", ["# bgspec: 1", "# bgspec", "# see bgspec: ignored files", "# bgspecs: ignore[BG301] x"])
def test_ordinary_comments(comment):
    document = read(f"{comment}\na: 1  {comment}\n")
    assert (document.silences, document.problems) == ((), ())


@pytest.mark.parametrize(
    "text",
    [
        "a: '# bgspec: ignore[BG301] x'\n",
        'a: "x # bgspec: ignore[BG301] x"\n',
        'a: "x\n  # bgspec: ignore[BG301] x\n  y"\n',
        "a: |\n  # bgspec: ignore[BG301] x\n",
        "a: >-\n  x\n\n  # bgspec: ignore[BG301] x\n\nb: 1\n",
        "a: x# bgspec: ignore[BG301] x\n",
        "- |\n # bgspec: ignore[BG301] x\n",
    ],
)
def test_in_a_text_it_is_text(text):
    assert read(text).silences == ()


def test_beside_block_texts_it_is_a_comment():
    text = "a: |  # bgspec: ignore[BG301] x\n  one\n# bgspec: ignore[BG302] y\nb: >\n  two\n\n  # text\n# bgspec: ignore[BG303] z\n"
    document = read(text)
    assert [(each.code, each.target) for each in document.silences] == [("BG301", 1), ("BG302", 4), ("BG303", 9)]


def test_an_unreadable_file_silences_nothing():
    assert read("a: [  # bgspec: ignore[BG301] x\n").silences == ()


def test_a_file_of_nothing_else_is_bounded():
    document = read("a: 1\n" + "# bgspec: ignore[BG301] x\n" * 5000)
    assert len(document.silences) + len(document.problems) <= 1002
