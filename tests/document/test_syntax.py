"""Why a file is not YAML, in a newcomer's words: one finding for one mistake, the caret under what has to change.

The places are marked in the texts: the caret stands under what is between « and ».
"""

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgspec.document import parse

SYNTAX = [
    ("network:\n«\t»zones: 2\n", "A tab stands where YAML wants spaces."),
    ("network:\n  «\t»zones: 2\n", "A tab stands where YAML wants spaces."),
    ("network:\n  cidr: x\n«\t»zones: 2\n", "A tab stands where YAML wants spaces."),
    ("a: 1\n«\t»\nb: 2\n", "A tab stands where YAML wants spaces."),
    ("«a:1»\nb: 2\n", "A space is missing after the colon of `a:`."),
    ("network:\n  «zones:2»\n  egress: nat\n", "A space is missing after the colon of `zones:`."),
    ("a: 1\n«b:2»\n", "A space is missing after the colon of `b:`."),
    ("network:\n  egress: nat\n  «zones:2»\n", "A space is missing after the colon of `zones:`."),
    ("a: 1\n«services»\n  web: 1\n", "After `services` a colon is missing."),
    ("a: 1\n«foo»\nb: 2\n", "After `foo` a colon is missing."),
    ("«services»\n  web: 1\n", "After `services` a colon is missing."),
    ('a: «"»foo\nb: 2\n', "This quote is never closed."),
    ('a: «"»foo\nb: "x"\n', "This quote is closed only in line 2, and text follows there."),
    ("a: «'»foo\nb: 2\n", "This quote is never closed."),
    ('a: «"»foo\nb: 2\nc: "bar"\nd: 1\n', "This quote is closed only in line 3, and text follows there."),
    ("a: 'it'«s'»\nb: 2\n", "Text follows the closing quote."),
    ('a: "x" «y»\n', "Text follows the closing quote."),
    ("network:\n  zones: 2\n   «egress»: nat\n", "`egress` is indented deeper than the line above, which has a value already."),
    ("a: 1\n  «b»: 2\n", "`b` is indented deeper than the line above, which has a value already."),
    ("network:\n    zones: 2\n  «egress»: nat\n", "`egress` is aligned with nothing above it."),
    ("a: b«:» c\n", "A second colon with a space stands in this line."),
    ("path: /x«:» y\n", "A second colon with a space stands in this line."),
    ("a: «- b»\n", "A list cannot begin in the line of its key."),
    ("a:\n  - x\n  «y: 1»\n", "A key stands among list entries."),
    ("a:\n  y: 1\n  «- x»\n", "A list entry stands among keys."),
    ("a: «[»1, 2\nb: 3\n", "This `[` is never closed."),
    ("a: «[»1, 2\n", "This `[` is never closed."),
    ("a: «{»b: 1\nc: 2\n", "This `{` is never closed."),
    ('a: [1 2, "x" «"»y"]\n', "In front of this a comma is missing."),
    ('a: {b: "1" «c»: 2}\n', "In front of this a comma is missing."),
    ("a: 1]\nb: «]»\n", "Nothing was opened that this `]` could close."),
    ("b: «}»\n", "Nothing was opened that this `}` could close."),
    ("a: [1]«]»\n", "Nothing was opened that this `]` could close."),
    ("a: [1«}»\n", "`[` is closed by `]`, not by `}`."),
    ("{«%» if x %}\na: 1\n{% endif %}\n", "`{%` belongs to a template; this file was not filled in."),
    ("a: «@»foo\n", "A value cannot begin with `@`."),
    ("a: «`»foo`\n", "A value cannot begin with a backtick."),
    ("a: «%»foo\n", "A value cannot begin with `%`."),
    ("a: 1\n«%foo»\n", "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`."),
    ("a: «*»\n", "`*` at the beginning of a value means an alias, and its name is missing."),
    ("paths: [«*»]\n", "`*` at the beginning of a value means an alias, and its name is missing."),
    ("path: «*»/foo\n", "`*` at the beginning of a value means an alias, and its name is missing."),
    ("path: «*».txt\n", "`*` at the beginning of a value means an alias, and its name is missing."),
    ("a: «&» b\n", "`&` at the beginning of a value means an anchor, and its name is missing."),
    ("cmd: «&»& x\n", "`&` at the beginning of a value means an anchor, and its name is missing."),
    ("a: «!foo!bar» x\n", "A spec has no tags such as `!foo!bar`."),
    ('a: "C:«\\p»ath"\n', "`\\p` is no escape that YAML knows."),
    ('a: "«\\x»zz"\n', "Behind `\\x` the number of a character is missing."),
    ('a: "«\\u»d800"\n', "Behind `\\u` the number of a character is missing."),
    ("a: |\n«\t»x\n", "A tab stands where YAML wants spaces."),
    ("a: |\n  x\n «y»\nb: 1\n", "`y` is aligned with nothing above it."),
    ("a: «|foo»\n  x\n", "`|` at the beginning of a value begins a text of several lines; nothing may follow it in its line."),
    ("a: «|0»\n  x\n", "`|` at the beginning of a value begins a text of several lines; nothing may follow it in its line."),
    ("a: «> 5»\n", "`>` at the beginning of a value begins a text of several lines; nothing may follow it in its line."),
    ("a: 1\n«<<<<<<<» HEAD\nb: 2\n=======\nb: 3\n>>>>>>> x\n", "Here begins a merge conflict that was not resolved."),
    ('a: «"»x\n---\nb"\n', "This quote is never closed."),
    ("«%YAML 2.0»\n---\na: 1\n", "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`."),
    ("«%YAML 1.3»\n---\na: 1\n", "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`."),
    ("%YAML 1.2\n«%YAML 1.2»\n---\na: 1\n", "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`."),
    ("«%YAML x»\n---\na: 1\n", "A line that begins with `%` is a directive, and bgspec knows only `%YAML 1.2`."),
    ("%YAML 1.2\n«a: 1»\n", "After a directive comes `---`."),
    ("«:» x\n", "In front of this colon the key is missing."),
    ('«{»"a": 1,\n "b": 2\n', "This `{` is never closed."),
    ('{"a": 1\n «"b": 2}»\n', "In front of this a comma is missing."),
    ('"a" «1»\n', "Text follows the closing quote."),
    ("a: 1\n«b = 2»\nc: 3\n", "A key is followed by a colon, not by `=`."),
    ("a:\n  - x\n  «-y»\n", "A space is missing after the dash."),
    ("a:\n  b:\n  «-x: 1»\n  - y: 2\n", "A space is missing after the dash."),
    ("a:\n  b:\n   «- x»: 1\n  - y: 2\nc:\n  d: 1\n", "`x` is not aligned with `y` in line 4."),
    ("b: &x 1\na: *x «c»\n", "Text follows an alias."),
    ("a: 1, b«:» 2\n", "A second key stands in this line."),
    ("a: #foo\n  b: «[»#x\n", "This `[` is never closed."),
    ("a: &x «&y 1»\n", "This cannot follow what stands in front of it."),
    ("b: &x 1\na: &y «*x»\n", "This cannot follow what stands in front of it."),
    ("services:\nweb:\n  port: 80\n «port»: 3\n", "`port` is aligned with nothing above it."),
    ("a: {b}«:» c\n", "A second colon with a space stands in this line."),
    ("a: [«,»]\n", "In front of this comma a value is missing."),
    ("a: [b: c«:» d]\n", "A colon stands where a comma belongs."),
    ("a: 1\n...\n«foo: 2»\nbar\n", "The document has ended before `foo: 2`."),
]
LOOKALIKES = [
    ("BG112", "a: {«{» x }}\n", "A key must be a word; here stands a list, a mapping or nothing."),
    ("BG112", "a: {«{» x }}/foo\n", "A key must be a word; here stands a list, a mapping or nothing."),
    ("BG118", "a:\n  - x\n   «- y»\n", "This entry is indented deeper than the one above, so YAML takes both for one text."),
    ("BG118", "a: «“x”»\n", "Curly quotes are text to YAML."),
    ("BG118", "a«\uff1a» 1\nb: 2\n", "U+FF1A only looks like a colon; YAML takes it for a letter."),
    ("BG118", "a:«\u3000»1\nb: 2\n", "U+3000 only looks like a space; YAML takes it for a letter."),
    ("BG118", "network:\n«\xa0»\xa0zones: 2\n", "U+00A0 only looks like a space; YAML takes it for a letter."),
    ("BG118", "a:«\xa0»1\nb: 2\n", "U+00A0 only looks like a space; YAML takes it for a letter."),
    ("BG118", "network:\n«\u3000»\u3000zones: 2\n  egress: nat\n", "U+3000 only looks like a space; YAML takes it for a letter."),
    ("BG118", "a: {«b:1», c: 2}\n", "A space is missing after the colon of `b:`."),
    ("BG118", "a: \u300c\u300d\nb: '\u3000x'\n«\u3000»c: 1\n", "U+3000 only looks like a space; YAML takes it for a letter."),
]
BLOCKS = ["a:\n  -x\n  -y\n", "b: 1\n - y\n", "b: -x\n  -y\n", "b:\n  one\n  - two\n"]
FINE = [
    "command: docker run\n  -p 80:80\n  --rm\n",
    "a: x - y\n",
    "a: -x\n",
    "uri:\n  nginx:latest\n",
    "a: {'b:1': null, \"c:d\": x, e:f: 1}\n",
    "a: it\u2019s “quoted” inside\n",
    "a: 「x」\n",
    "a: 全角　空白\n",
    "a: b\uff1ac\n",
    "a: # comment\uff1ax\n  b\n",
]


def only(text):
    document = parse(text.encode(), "spec.yaml")
    (problem,) = document.problems
    return document, problem


def check(marked, code, message):
    before, token, _ = marked.replace("»", "«").split("«")
    document, problem = only(marked.replace("«", "").replace("»", ""))
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    assert (problem.code, problem.message) == (code, message)
    assert problem.span == (line, column, line, column + len(token))
    assert problem.help.endswith(".")
    return document


@pytest.mark.parametrize(("marked", "message"), SYNTAX)
def test_syntax(marked, message):
    assert check(marked, "BG106", message).tree is None


@pytest.mark.parametrize(("code", "marked", "message"), LOOKALIKES)
def test_what_only_looks_like_yaml(code, marked, message):
    check(marked, code, message)


@pytest.mark.parametrize("text", BLOCKS)
def test_lines_that_look_like_a_list(text):
    _, problem = only(text)
    assert (problem.code, problem.message) == ("BG118", "These lines are one text to YAML, not a list.")


@pytest.mark.parametrize("text", FINE)
def test_what_looks_odd_and_is_meant(text):
    assert parse(text.encode(), "x").problems == ()


def test_a_merge_conflict_is_named_wherever_reading_stopped():
    _, problem = only("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> branch\n")
    assert (problem.span.line, problem.message) == (2, "Here begins a merge conflict that was not resolved.")


@pytest.mark.parametrize("words", ["mapping values", "did not find", "could not find", "scanning", "parsing", "token", "expected <"])
def test_nothing_of_libyamls_language_is_left(words):
    assert not any(words in message for _, message in SYNTAX)


STEP = "a:\n  b:\n    c: 1\n"


@pytest.mark.parametrize(
    ("marked", "line"),
    [
        (f" «system»: x\nregion: y\n{STEP}", 2),
        (f"{STEP}web:\n   «image»:\n     build: x\n  port: 80\n", 7),
        (f"{STEP}web:\n  port: 80\n   «cpu»: 256\n  memory: 512\n", None),
        (f"{STEP}web:\n «port»: 80\n  cpu: 256\n", 6),
        (f"{STEP}web:\n  - path: x\n   «port»: 80\n", None),
        ("web:\n    image:\n        build: x\n   «port»: 80\n", None),
    ],
)
def test_the_line_that_breaks_the_files_step_is_blamed(marked, line):
    key = marked.split("«")[1].split("»")[0]
    text = marked.replace("«", "").replace("»", "")
    document, problem = only(text)
    assert document.line(problem.span.line)[problem.span.column - 1 : problem.span.end_column - 1] == key
    if line:
        assert f"in line {line}." in problem.message


TESTS = Path(__file__).parents[1]
SPECS = sorted([*TESTS.glob("specs/*.yaml"), *TESTS.glob("data/specs/*.yaml")])
PLAIN = r"( *(?:- )?[\w.-]+): ([^\"'\[{|&*#>\s][^#]*)"


def mistakes(line):
    """What people do to a line, by name."""
    indent, body = re.fullmatch(r"( *)(.*)", line).groups()
    if not body or body.startswith("#"):
        return
    if indent:
        yield "tab", "\t" * (len(indent) // 2) + body
        yield "shifted", line[1:]
    yield "shifted", f" {line}"
    if body.startswith("- "):
        yield "dash", line.replace("- ", "-", 1)
    if "]" in body and "[" in body:
        yield "bracket", line.replace("]", "", 1)
    if found := re.fullmatch(PLAIN, line):
        key, value = found.groups()
        yield "space", f"{key}:{value}"
        yield "colon", f"{key} {value}"
        yield "equals", f"{key} = {value}"
        yield "quote", f'{key}: "{value}'
        yield "quote", f"{key}: '{value}"
        yield "sign", f"{key}: @{value}"
        yield "sign", f"{key}: *{value}"
        yield "twice", f"{line}\n{line}"
        yield "strange", f"{key}:\u3000{value}"
        yield "strange", f"{key}\uff1a {value}"


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_a_mistake_is_found_at_its_line(spec):
    """A mistake in any line of a spec gives one finding, at that line, unless what is left is YAML all the same."""
    lines = spec.read_text().split("\n")
    elsewhere = []
    for number, line in enumerate(lines, 1):
        for name, wrong in mistakes(line):
            document = parse("\n".join([*lines[: number - 1], wrong, *lines[number:]]).encode(), "x")
            places = [problem.span.line for problem in document.problems]
            if places and places != [number + (name == "twice")]:
                elsewhere.append((name, number, wrong, document.problems))
    assert elsewhere == []


@given(st.text(alphabet="ab:-[]{}'\"&*!|>%#,? \n\t@`\\", max_size=60))
def test_every_file_gets_findings_inside_itself(text):
    document = parse(text.encode(), "x")
    lines = text.split("\n")
    assert document.problems or document.tree is not None
    for problem in document.problems:
        line, column, end_line, end_column = problem.span
        assert 1 <= line <= end_line <= len(lines)
        assert (line, column) <= (end_line, end_column)
        assert column <= len(lines[line - 1]) + 1
        assert end_column <= len(lines[end_line - 1]) + 2
        assert problem.message
        assert problem.help
