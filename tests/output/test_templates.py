"""Templates lay out and never choose, and whatever they insert is a scalar, a comment or a shell's word of its own."""

import re
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from jinja2 import nodes

from bgspec import render
from bgspec.jinja import environment
from bgspec.spec import shape
from tests.corpus import ROOT

PLACE = ROOT / "bgspec/templates"
TEMPLATES = sorted(path.relative_to(PLACE).as_posix() for path in PLACE.rglob("*.j2"))
JINJA = environment(finalize=render.scalar, filters=render.FILTERS)

# --- they never choose ---

# All that a template is made of: no comparison, no `and`, no test, no `x if y else z`, no include.
ALLOWED = {
    *("Template", "Output", "TemplateData", "For", "If", "Macro", "Import", "AssignBlock"),
    *("Name", "Getattr", "Getitem", "Slice", "Const", "Not", "Concat", "Filter", "Call", "Tuple"),
}
CONDITIONS = (nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Not)
"""What an `if` may ask: whether there is something."""
KINDS = {*(kind.tag[1:-1] for kind in shape.at(("pipeline", "source"))), "ecs", "engine"}
"""What of the language only the plan knows."""


def everything(node: nodes.Node) -> Iterator[nodes.Node]:
    yield node
    for child in node.iter_child_nodes():
        yield from everything(child)


def parsed(name: str) -> nodes.Template:
    return JINJA.parse((PLACE / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_never_chooses(name):
    found = list(everything(parsed(name)))
    assert {type(node).__name__ for node in found} <= ALLOWED
    assert all(isinstance(node.test, CONDITIONS) and not node.elif_ for node in found if isinstance(node, nodes.If))
    assert {node.name for node in found if isinstance(node, nodes.Filter)} <= set(render.FILTERS)
    words = {node.name for node in found if isinstance(node, nodes.Name)} | {node.attr for node in found if isinstance(node, nodes.Getattr)}
    words |= {str(node.value) for node in found if isinstance(node, nodes.Const)}
    assert not words & KINDS


def test_a_choice_would_be_seen():
    for text in ("{% if a == 1 %}{% endif %}", "{{ a if b }}", "{% if a and b %}{% endif %}", "{% if a is none %}{% endif %}"):
        assert {type(node).__name__ for node in everything(JINJA.parse(text))} - ALLOWED


def test_every_filter_is_used():
    used = {node.name for name in TEMPLATES for node in everything(parsed(name)) if isinstance(node, nodes.Filter)}
    assert used == set(render.FILTERS)


# --- what they insert ---


class Inserted(NamedTuple):
    """A `{{ … }}` with what stands before it in its line."""

    template: str
    before: str
    expression: str

    @property
    def filters(self) -> list[str]:
        return re.findall(r"\|\s*(\w+)", self.expression)

    @property
    def in_a_comment(self) -> bool:
        return self.before.lstrip().startswith("#")


def inserted(name: str) -> Iterator[Inserted]:
    before, tokens = "", iter(JINJA.lex((PLACE / name).read_text(encoding="utf-8")))
    for _, kind, text in tokens:
        if kind == "data":
            before = text.rpartition("\n")[2] if "\n" in text else before + text
        elif kind == "variable_begin":
            expression = ""
            for _, inner, part in tokens:
                if inner == "variable_end":
                    break
                expression += part
            yield Inserted(name, before, expression.strip())
            before += "…"


# What goes into the output as it is. Everything here is bgspec's own text.
RAW = {
    "out": "the directory of the deploy artifact, a constant",
    "tag": "how the commit becomes a tag, a constant",
    "artifact": "the name of a pipeline's artifact, made of a service's name: letters and digits",
    "detail": "as above",
    "image.artifact": "as above",
    "image.suffix": "made of a container's name, of which BG510 sees to it that it is lower-case words with hyphens",
    "image.variable": "as above",
    "image.title": "holds such a name",
    "image.container": "a service's name, or such a one",
    "image.written": "a placeholder: a constant and a number",
    "image.placeholder": "as above",
    "parameter": "a parameter of bgspec's own",
    "value": "a constant, or an image's address, whose pattern knows neither quotes nor percent signs",
    "account_placeholder": "a constant",
    "plan.region.dns_suffix": "of the table of Regions",
    "files.template": "a file's name of bgspec's own",
    "files.parameters": "a file's name of bgspec's own",
    "name": "a language of CodeBuild's images, one of the language's own words",
    "test": "a test as Python's literal, made by the plan with JSON",
    "code | indent(10)": "the function's source, a file of bgspec's",
}

# Words of bgspec's own in a shell's line: logical ids, words, numbers.
BARE = {"id", "image.parameter", "listener.scheme", "listener.port"}

# Numbers inside of a text.
NUMBERS = {"subnet.zone", "registry.keep"}


@pytest.mark.parametrize("name", TEMPLATES)
def test_what_stands_raw_is_laid_out_by_a_macro_or_listed(name):
    for one in inserted(name):
        if "raw" in one.filters:
            plain = re.sub(r"\s*\|\s*raw$", "", one.expression)
            made = re.match(r"([mt]\.)?\w+\(", plain) or re.match(r"service\.(definition|neighbours\.(settings|off)) \| settings", plain)
            assert made or plain in RAW, one


def test_no_list_of_exceptions_is_longer_than_it_must_be():
    expressions = {one.expression for name in TEMPLATES for one in inserted(name)}
    assert {f"{plain} | raw" for plain in RAW} <= expressions
    assert expressions >= BARE | NUMBERS


@pytest.mark.parametrize("name", [name for name in TEMPLATES if name.startswith("stacks/") or "/" not in name])
def test_in_a_template_a_value_stands_alone(name):
    """As a whole YAML scalar, behind CloudFormation's short functions, as the beginning of a key, or in a comment."""
    for one in inserted(name):
        alone = re.search(r"(^\s*|: |- |!Ref |!GetAtt )$", one.before)
        assert alone or one.in_a_comment or one.expression in NUMBERS or "raw" in one.filters, one


@pytest.mark.parametrize("name", ["files/deploy.sh.j2", "files/buildspec.yml.j2", "files/testspec.yml.j2"])
def test_in_a_script_a_value_is_a_word_of_its_own(name):
    for one in inserted(name):
        alone = name.endswith("spec.yml.j2") and re.search(r"^\s*(- |…: )$", one.before)  # a whole YAML scalar of the user's
        quoted = one.filters[-1:] in (["shell"], ["raw"], ["comment"])
        assert one.in_a_comment or alone or quoted or one.expression in BARE, one


def test_a_comment_ends_with_its_line():
    """Whatever stands in a comment is one line: finalised as JSON, or made so by `comment`."""
    for name in TEMPLATES:
        for one in inserted(name):
            if one.in_a_comment and not re.match(r"m\.\w+\(", one.expression):  # a macro begins on a line of its own
                assert not {"raw", "pretty", "settings", "shell"} & set(one.filters), one
