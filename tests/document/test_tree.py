"""What a file means, and what is wrong with it as YAML."""

from pathlib import Path

import pytest
import yaml

from bgspec.diagnostics import Span
from bgspec.document import parse, tree
from bgspec.overlays import View, finding

TESTS = Path(__file__).parents[1]
SPECS = sorted([*TESTS.glob("specs/*.yaml"), *TESTS.glob("data/specs/*.yaml")])


def read(text):
    return parse(text.encode(), "spec.yaml")


def codes(text):
    return [problem.code for problem in read(text).problems]


def shown(document, span):
    """What the caret stands under."""
    assert span.line == span.end_line
    return document.line(span.line)[span.column - 1 : span.end_column - 1]


def test_keys_are_text():
    text = "80: a\ntrue: b\n0123: c\non: d\n1.10: e\nnull: f\n~: g\n'': h\n"
    assert read(text).tree == {"80": "a", "true": "b", "0123": "c", "on": "d", "1.10": "e", "null": "f", "~": "g"}
    assert codes(text) == ["BG112"]  # the empty one


@pytest.mark.parametrize("key", ["[a] :", "{a: 1} :", "? [a]\n:", "? a: 1\n:", "'' :", "*list :", "? |\n:"])
def test_what_is_no_word_is_no_key(key):
    text = f"list: &list [x]\n{key} value\nother: 1\n"
    assert codes(text) == ["BG112"]
    assert read(text).tree == {"list": ["x"], "other": 1}


def test_a_duplicate_key_is_shown_at_both_places_and_the_first_counts():
    document = read("network:\n  zones: 2\n  egress: nat\n  zones: 3\n")
    (problem,) = document.problems
    found = finding(View(document, None, document.tree), problem)
    assert (problem.code, found.span) == ("BG110", Span(4, 3, 4, 8))
    assert found.related == (("first here", Span(2, 3, 2, 8)),)
    assert "line 2" in problem.message
    assert document.tree == {"network": {"zones": 2, "egress": "nat"}}


@pytest.mark.parametrize("text", ["a: 1\n'a': 2\n", "{a: 1, a: 2}", "80: 1\n'80': 2\n", "a: &k k\nb: {*k : 1, k: 2}", "a: 1\na: 1\n"])
def test_a_key_is_the_same_however_it_is_written(text):
    assert codes(text) == ["BG110"]


def test_three_times_the_same_key_are_two_findings_that_name_the_first():
    assert [problem.message for problem in read("a: 1\na: 2\na: 3\n").problems] == ["The key `a` stands here already, in line 1."] * 2


def test_anchors_and_aliases():
    document = read("a: &x {k: 1}\nb: *x\nc: [*x, &y 2, *y]\nd: &k word\n*k : 3\n")
    assert document.problems == ()
    assert document.tree == {"a": {"k": 1}, "b": {"k": 1}, "c": [{"k": 1}, 2, 2], "d": "word", "word": 3}


def test_an_alias_is_located_where_its_value_stands():
    document = read("port: &p 8O80\nweb:\n  port: *p\nmap: &m\n  deep: x\nagain: *m\n")
    assert document.locate(("web", "port")) == Span(1, 10, 1, 14)
    assert document.locate(("web", "port"), "key") == Span(3, 3, 3, 7)
    assert document.locate(("again", "deep")) == Span(5, 9, 5, 10)


def test_merge_keys():
    document = read(
        "base: &base\n  cpu: 256\n  memory: 512\nmore: &more {memory: 1024, count: 2}\n"
        "web:\n  <<: [*base, *more]\n  cpu: 1024\nliteral: {'<<': 1}\nchain: &chain\n  <<: *base\nend: {<<: *chain}\n"
    )
    assert document.problems == ()
    assert document.tree["web"] == {"cpu": 1024, "memory": 512, "count": 2}
    assert document.tree["end"] == document.tree["chain"] == {"cpu": 256, "memory": 512}
    assert document.tree["literal"] == {"<<": 1}
    assert document.locate(("web", "cpu")) == Span(7, 8, 7, 12)
    assert document.locate(("web", "memory")) == Span(3, 11, 3, 14)
    assert document.locate(("web", "count")) == Span(4, 35, 4, 36)
    assert document.locate(("end", "memory"), "key") == Span(3, 3, 3, 9)


@pytest.mark.parametrize("text", ["web: {<<: 1}", "web: {<<: [x]}", "web: {<<: [[]]}", "a: &a x\nweb: {<<: *a}", "web: {<<: }"])
def test_only_mappings_merge(text):
    assert codes(text) == ["BG116"]


def test_two_merge_keys_are_one_too_many():
    (problem,) = read("a: &a {x: 1}\nb: &b {y: 1}\nc:\n  <<: *a\n  <<: *b\n").problems
    assert (problem.code, problem.help) == ("BG110", "Write both as one list: `<<: [*a, *b]`.")


@pytest.mark.parametrize(
    ("text", "near"),
    [("common: &common 1\ntags: *comon\n", "Did you mean `*common`?"), ("tags: *common\n", "Mark a value above with `&common`")],
)
def test_an_alias_without_its_anchor(text, near):
    document = read(text)
    (problem,) = document.problems
    assert (problem.code, shown(document, problem.span)[0]) == ("BG114", "*")
    assert near in problem.help


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: {c: *a}}", "a: &a\n  <<: *a\n", "&a {k: *a}", "a: &a {*a : 1}"])
def test_an_alias_inside_its_own_value(text):
    assert codes(text) == ["BG115"]


@pytest.mark.parametrize("value", ["!Sub x", "!!str 80", "! x", "!<tag:a,b> x", "!Ref [a]", "!GetAtt {a: b}", "&a !Sub x", "!Sub &a x"])
def test_a_tag_is_refused_once_and_the_value_read(value):
    document = read(f"key: {value}\n")
    (problem,) = document.problems
    assert problem.code == "BG111"
    assert document.tree["key"] is not None


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n", "---\n...\n", "~", "null\n"])
def test_nothing(text):
    assert codes(text) == ["BG107"]
    assert read(text).tree is None


@pytest.mark.parametrize("text", ["- a\n- b\n", "[]", "text", "80", "'quoted'", "a:1"])
def test_no_mapping(text):
    assert codes(text) == ["BG108"]


def test_an_empty_mapping_is_a_mapping():
    assert (read("{}").tree, codes("{}")) == ({}, [])


@pytest.mark.parametrize("text", ["a: 1\n---\nb: 2\n", "---\na: 1\n---\n", "---\n---\na: 1\n", "a: 1\n...\n---\nb: [\n"])
def test_a_second_document_is_refused_where_it_begins(text):
    document = read(text)
    (problem,) = document.problems
    assert (problem.code, shown(document, problem.span)) == ("BG109", "-")


@pytest.mark.parametrize("text", ["--- # comment\na: 1\n...\n", "%YAML 1.2\n---\na: 1\n", "a: 1\n...\n# end\n"])
def test_one_document_with_its_markers_is_fine(text):
    assert (read(text).tree, codes(text)) == ({"a": 1}, [])


def test_yaml_1_1_is_read_as_1_2_with_a_warning():
    document = read("%YAML 1.1\n---\na: on\n")
    assert [(problem.code, problem.severity) for problem in document.problems] == [("BG117", "warning")]
    assert document.tree == {"a": "on"}


def test_all_problems_are_found_in_one_run():
    assert codes("a: 1\na: 2\nb: !Sub x\nc: *d\n? [e]\n: 1\nf: \u201cx\u201d\ng: {h:1}\n") == [
        "BG110",
        "BG111",
        "BG114",
        "BG112",
        "BG118",
        "BG118",
    ]


def test_what_was_found_before_a_syntax_error_is_not_lost():
    assert codes("a: 1\na: 2\nb: 'x\n") == ["BG110", "BG106"]


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_without_libyaml_the_same_is_read(spec, monkeypatch):
    data = spec.read_bytes()
    fast = parse(data, "x")
    monkeypatch.setattr(tree, "Loader", yaml.SafeLoader)
    slow = parse(data, "x")
    assert (slow.tree, slow.problems, slow.values) == (fast.tree, fast.problems, fast.values)


@pytest.mark.parametrize("text", ["a: [1", "a: 'x", "a: b: c", "a:\n\tb: 1", "a: *", "%YAML 3.0\n---\na: 1"])
def test_without_libyaml_a_syntax_error_is_located_too(text, monkeypatch):
    monkeypatch.setattr(tree, "Loader", yaml.SafeLoader)
    assert codes(text) == ["BG106"]
