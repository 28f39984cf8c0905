"""The report for people, as a person sees it."""

import re
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgspec.diagnostics import Finding, Span
from bgspec.document import parse
from bgspec.report import REPORTERS
from bgspec.report.human import human

TEXT = """\
bgspec: 1
network:
  zones: 2
  egress: nat
  zones: 3
owner: 事務所の人 # 注
list: [a,
  b]
"""


def finding(span, severity="error", related=(), **kwargs):
    return Finding("spec.yaml", Span(*span), "BG301", severity, "Something is wrong.", "Mend it.", related=related, **kwargs)


def shown(*findings, text=TEXT, color=False):
    return human(findings, {"spec.yaml": parse(text.encode(), "spec.yaml")}, color=color)


def test_nothing_to_say_is_nothing():
    assert shown() == ""


def test_a_finding():
    assert shown(finding((3, 10, 3, 11))) == (
        "error[BG301]: Something is wrong.\n"
        " --> spec.yaml:3:10\n"
        "  |\n"
        "3 |   zones: 2\n"
        "  |          ^\n"
        "  |\n"
        "  = help: Mend it.\n"
        "\n"
        "1 error. More about a code: bgspec explain BG301\n"
    )


def test_several_findings_are_counted():
    report = shown(finding((1, 1, 1, 7)), finding((2, 1, 2, 8)), finding((3, 3, 3, 8), "warning"), finding((4, 3, 4, 9), "info"))
    assert report.endswith("\n\n2 errors, 1 warning, 1 info. More about a code: bgspec explain BG301\n")
    assert "\n\nwarning[BG301]: Something is wrong.\n" in report


def test_the_other_half_of_a_conflict_is_shown_beside_it():
    report = shown(finding((5, 3, 5, 8), related=(("first here", Span(3, 3, 3, 8)), ("and", Span(4, 3, 4, 9)))))
    assert report.split("\n")[2:-4] == [
        "  |",
        "3 |   zones: 2",
        "  |   ----- first here",
        "4 |   egress: nat",
        "  |   ------ and",
        "5 |   zones: 3",
        "  |   ^^^^^",
        "  |",
    ]


def test_lines_far_apart_have_a_gap_between_them():
    report = shown(finding((5, 3, 5, 8), related=(("first here", Span(3, 3, 3, 8)),)))
    assert "\n  |   ----- first here\n...\n5 |" in report


def test_two_marks_in_one_line_have_a_row_each():
    report = shown(finding((3, 10, 3, 11), related=(("of this", Span(3, 3, 3, 8)),)))
    assert "3 |   zones: 2\n  |          ^\n  |   ----- of this\n" in report


def test_the_environment_is_named():
    assert " --> spec.yaml:3:10 (environment stg)\n" in shown(finding((3, 10, 3, 11), environment="stg"))


def test_standard_input_has_a_name():
    assert " --> <stdin>:1:1\n" in human([finding((1, 1, 1, 2))._replace(file="-")], {}, color=False)


def test_without_its_source_a_finding_is_still_complete():
    assert human([finding((1, 1, 1, 2))], {}, color=False).startswith(
        "error[BG301]: Something is wrong.\n --> spec.yaml:1:1\n  = help: Mend it.\n"
    )


def test_wide_characters_keep_the_caret_under_the_token():
    assert f"6 | owner: 事務所の人 # 注\n  | {' ' * 7}{'^' * 10}\n" in shown(finding((6, 8, 6, 13)))
    assert f"6 | owner: 事務所の人 # 注\n  | {' ' * 20}{'^' * 2}\n" in shown(finding((6, 16, 6, 17)))


def test_accents_that_combine_take_no_room():
    assert f"1 | e\u0301te\u0301: x\n  | {' ' * 5}^\n" in shown(finding((1, 8, 1, 9)), text="e\u0301te\u0301: x\n")


def test_a_tab_is_shown_as_spaces():
    assert "1 | a:    b\n  |       ^\n" in shown(finding((1, 4, 1, 5)), text="a:\tb\n")


def test_a_token_of_several_lines_is_marked_up_to_the_end_of_its_first():
    assert "7 | list: [a,\n  |       ^^^\n" in shown(finding((7, 7, 8, 5)))


@pytest.mark.parametrize("span", [(3, 11, 3, 11), (3, 99, 3, 100), (8, 5, 8, 5)])
def test_a_place_at_the_end_or_beyond_has_one_caret(span):
    (row,) = [line for line in shown(finding(span)).split("\n") if "^" in line]
    assert row.count("^") == 1


def test_where_there_is_no_text_there_is_no_empty_frame():
    assert "|" not in shown(finding((1, 1, 1, 1)), text="")
    assert "|" not in shown(finding((99, 1, 99, 2)))


def test_a_long_line_is_cut_around_the_caret():
    line = "a: [" + ", ".join(f"item{number:03}" for number in range(300)) + "]"
    start = line.index("item150") + 1
    report = shown(finding((1, start, 1, start + 7)), text=line + "\n")
    source, carets = report.split("\n")[3:5]
    assert source.startswith("1 | …")
    assert source.endswith("…")
    assert len(source) <= 110
    assert source[carets.index("^") : carets.rindex("^") + 1] == "item150"


@pytest.mark.parametrize("start", [1, 5, 50, 99, 100, 101, 500, 2999, 3000])
def test_a_token_that_is_longer_than_the_window_does_not_widen_it(start):
    report = shown(finding((1, start, 1, 3001)), text="x" * 3000 + "\n")
    assert max(map(len, report.split("\n"))) <= 110


def test_colours_are_only_paint():
    findings = [finding((5, 3, 5, 8), related=(("first here", Span(3, 3, 3, 8)),)), finding((6, 8, 6, 13), "warning")]
    painted = shown(*findings, color=True)
    assert "\x1b[1;31merror[BG301]\x1b[0m" in painted
    assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == shown(*findings)


def harmless(report):
    return all(character == "\n" or category(character)[0] != "C" for character in report)


@pytest.mark.parametrize("text", ["\x1b[2J", "\x07", "\u202e", "\u2066", "\u200b", "\x9b31m", "\r", "\n", "\x00", "\ud800"])
def test_nothing_reaches_the_terminal_that_it_would_obey(text):
    place = Span(1, 1, 1, 2)
    bad = Finding(f"{text}.yaml", place, "BG301", "error", f"A {text}.", f"B {text}.", f"c{text}", ((f"d{text}", place),))
    report = human([bad], {bad.file: parse(f"a: {text}".encode(errors="replace"), bad.file)}, color=False)
    good = shown(finding(place, related=(("d", place),)))
    assert harmless(report)
    assert report.count("\n") == good.count("\n")


SPANS = st.builds(
    lambda line, column, lines, columns: Span(line, column, line + lines, column + columns if not lines else columns + 1),
    st.integers(1, 12),
    st.integers(1, 300),
    st.integers(0, 3),
    st.integers(0, 300),
)


@given(st.text(max_size=400), st.lists(SPANS, min_size=1, max_size=4), st.sampled_from(sorted(REPORTERS)))
def test_any_place_in_any_text_can_be_shown(text, spans, name):
    first, *others = spans
    findings = [finding(first, related=tuple((text[:20], span) for span in others))]
    report = REPORTERS[name](findings, {"spec.yaml": parse(text.encode(errors="replace"), "spec.yaml")}, color=False)
    if name == "human":
        assert harmless(report)
        assert "= help: Mend it." in report
