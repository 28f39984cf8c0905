"""What holds for every file: nothing raises, every tree survives, every value is where the document says."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from yaml import safe_dump

from bgspec.document import parse
from bgspec.overlays import finding, views

TESTS = Path(__file__).parents[1]
SPECS = {path.stem: path.read_bytes() for path in sorted([*TESTS.glob("specs/*.yaml"), *TESTS.glob("data/specs/*.yaml")])}

NUMBERS = st.one_of(st.integers(-(10**16), 10**17), st.floats(-1e6, 1e6).map(lambda number: round(number, 3)))
TRAPS = st.sampled_from(["on", "0123", "1:30", "1e3", "~", "#", "- a", "a: b", "null", "0.50"])
LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
SCALARS = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(LETTERS, max_size=30), TRAPS)
KEYS = st.text(LETTERS, min_size=1, max_size=10)
TREES = st.dictionaries(
    KEYS,
    st.recursive(SCALARS, lambda below: st.one_of(st.lists(below, max_size=4), st.dictionaries(KEYS, below, max_size=4)), max_leaves=20),
    max_size=6,
)
STEPS = st.lists(st.one_of(st.integers(-2, 5), KEYS, st.sampled_from(["services", "web", "port", "network"])), max_size=5).map(tuple)


def leaves(tree, route=()):
    if isinstance(tree, dict | list) and tree:
        for step, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
            yield from leaves(value, (*route, step))
    else:
        yield route, tree


def source(document, span):
    lines = [document.line(number) for number in range(span.line, span.end_line + 1)]
    lines[-1] = lines[-1][: span.end_column - 1]
    return "\n".join([lines[0][span.column - 1 :], *lines[1:]] if len(lines) > 1 else [lines[0][span.column - 1 :]])


def check_places(document):
    """Every leaf's place holds a text that means the leaf."""
    for route, value in leaves(document.tree):
        span = document.locate(route)
        text = source(document, span)
        if value is None and text not in {"null", "~"}:  # an empty value is shown at its key
            continue
        if text.startswith(("|", ">", "---", "...")):  # means itself only where it stands
            assert isinstance(value, str)
            continue
        if "\n" in text and text[0] not in "'\"":
            assert isinstance(value, str)
            continue
        again = f"[{text}]" if "\n" in text else f"- {text}"
        assert parse(again.encode(), "x").tree == [value], (route, text)
        assert document.locate(route, "key").line <= span.line


@given(TREES, st.sampled_from([None, True, False]), st.booleans())
def test_every_tree_survives(tree, flow, unicode):
    text = safe_dump(tree, allow_unicode=unicode, default_flow_style=flow, width=1000, sort_keys=False)
    document = parse(text.encode(), "x")
    assert {problem.code for problem in document.problems} <= ({"BG118", "BG102"} if unicode else set())
    if document.tree is not None:
        assert document.tree == tree
        assert [type(value) for _, value in leaves(document.tree)] == [type(value) for _, value in leaves(tree)]
        check_places(document)


@given(TREES, st.sampled_from(["\r\n", "\r"]), st.sampled_from(["", "\ufeff"]))
def test_line_ends_and_a_byte_order_mark_change_no_tree_and_no_place(tree, end, mark):
    text = safe_dump(tree)
    plain, other = parse(text.encode(), "x"), parse((mark + text.replace("\n", end)).encode(), "x")
    assert (other.tree, other.problems) == (plain.tree, plain.problems)
    for route, _ in leaves(plain.tree):
        assert other.locate(route) == plain.locate(route)


@pytest.mark.parametrize("name", SPECS)
def test_every_value_of_a_spec_is_where_the_document_says(name):
    document = parse(SPECS[name], name)
    assert document.problems == ()
    check_places(document)
    windows = parse(b"\xef\xbb\xbf" + SPECS[name].replace(b"\n", b"\r\n"), name)
    assert windows.tree == document.tree
    assert all(windows.locate(route) == document.locate(route) for route, _ in leaves(document.tree))


def check_findings(data, route=()):
    """Reading ends with a tree, or with findings inside the file; nothing raises."""
    document = parse(data, "x")
    found, problems = views(document)
    every = [*document.problems, *problems]
    assert every or document.tree is not None
    for problem in every:
        assert problem.span.line <= problem.span.end_line
        assert problem.span.column >= 1
        assert problem.message
        assert problem.help
    for view in found:
        assert view.locate(route).line >= 1
        assert view.locate(route, "key").line >= 1
        for problem in every:
            assert finding(view, problem).span == problem.span
    return document


@given(st.binary(max_size=200), STEPS)
def test_no_bytes_make_it_raise(data, route):
    check_findings(data, route)


@given(st.text(alphabet=st.characters(codec="utf-8"), max_size=200), STEPS)
def test_no_text_makes_it_raise(text, route):
    check_findings(text.encode(), route)


PIECES = st.one_of(
    st.sampled_from(["- ", ": ", "? ", "&a ", "*a", "!t ", "<<: *a\n", "|\n", ">-\n", "'", '"', "[", "]", "{", "}", ",", "#", "\n", "  "]),
    st.sampled_from(["\t", "---\n", "...\n", "%YAML 1.1\n", "a", "b: 1\n", "\\", "@", "# bgspec: ignore[BG301] x\n", "null"]),
    st.sampled_from(["\u3000", "\uff1a", "\u201c", "\u201d", "\r", "\ufeff", "\0"]),
)


@given(st.lists(PIECES, max_size=40).map("".join), STEPS)
def test_no_pieces_of_yaml_make_it_raise(text, route):
    check_findings(text.encode(), route)


@st.composite
def mutated(draw):
    """A spec with one to three edits that people and tools make."""
    lines = draw(st.sampled_from(list(SPECS.values()))).decode().split("\n")
    for _ in range(draw(st.integers(1, 3))):
        number = draw(st.integers(0, len(lines) - 1))
        column = draw(st.integers(0, len(lines[number])))
        match draw(st.sampled_from(["delete", "double", "insert", "cut", "indent", "join"])):
            case "delete" if len(lines) > 1:
                del lines[number]
            case "double":
                lines.insert(number, lines[number])
            case "cut":
                lines[number] = lines[number][:column]
            case "indent":
                lines[number] = " " + lines[number]
            case "join" if number + 1 < len(lines):
                lines[number : number + 2] = [lines[number] + lines[number + 1]]
            case _:
                lines[number] = lines[number][:column] + draw(PIECES) + lines[number][column:]
    return "\n".join(lines)


@given(mutated(), STEPS)
@settings(max_examples=300)
def test_a_mutated_spec_is_read_or_located(text, route):
    document = check_findings(text.encode(), route)
    if not document.problems:
        check_places(document)
