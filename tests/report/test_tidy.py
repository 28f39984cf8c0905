"""One mistake, one finding, in the order of the file."""

from bgspec.diagnostics import Finding, Span
from bgspec.report import tidy

NAMES = ("stg", "prd", "dev")


def finding(line, environment=None, code="BG301", span=None, severity="error"):
    return Finding("spec.yaml", Span(*(span or (line, 3, line, 9))), code, severity, "M.", "H.", environment)


def test_the_order_is_the_files():
    assert [each.span.line for each in tidy([finding(9), finding(2), finding(5)], ())] == [2, 5, 9]


def test_the_same_twice_is_one():
    assert tidy([finding(1), finding(1)], ()) == [finding(1)]


def test_what_every_environment_has_names_none():
    assert tidy([finding(1, name) for name in NAMES], NAMES) == [finding(1)]


def test_what_some_environments_have_names_them_in_the_files_order():
    assert tidy([finding(1, "dev"), finding(1, "stg")], NAMES) == [finding(1, "stg, dev")]
    assert tidy([finding(1, "prd")], NAMES) == [finding(1, "prd")]


def test_the_only_environment_needs_no_name():
    assert tidy([finding(1, "stg")], ("stg",)) == [finding(1)]


def test_what_the_file_itself_says_is_no_environments():
    assert tidy([finding(1), finding(1, "stg")], NAMES) == [finding(1)]


def test_what_could_not_be_read_is_not_judged_again():
    unread = finding(2, code="BG111", span=(2, 8, 2, 14))
    same, inside, around, beside, above = (
        finding(2, span=span) for span in [(2, 8, 2, 14), (2, 13, 2, 14), (2, 1, 3, 1), (2, 14, 2, 20), (1, 1, 2, 8)]
    )
    assert tidy([unread, same, inside, around, beside, above], ()) == [above, unread, beside]


def test_a_warning_of_the_reader_hides_nothing():
    warning = finding(2, code="BG117", severity="warning")
    assert tidy([warning, finding(2)], ()) == [warning, finding(2)]
