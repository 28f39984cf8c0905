"""The quick way and the full command line read the same arguments alike."""

import inspect

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bgspec import cli, commands, quick

SIGNATURES = {name: inspect.signature(getattr(commands, name)) for name in ("validate", "render")}
WORDS = [
    "a.yaml",
    "b.yaml",
    "-",
    "--env",
    "--env=stg",
    "stg",
    "--format",
    "json",
    "--format=human",
    "--format=xml",
    "-o",
    "out",
    "--output=out",
]
WORDS += ["--check", "--force", "--help", "--bogus", "-x", "", "--", "--env="]


@settings(max_examples=400, deadline=None)
@given(st.sampled_from(["validate", "render"]), st.lists(st.sampled_from(WORDS), max_size=6))
def test_both_ways_read_alike(command, words):
    read = quick.parse([command, *words])
    if read is None:
        return  # the full command line decides
    expected = _bind(command, read[1])
    seen = []

    def record(*args, **kwargs):
        seen.append(_bind(command, kwargs, args))
        return 0

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(commands, command, record)
        result = CliRunner().invoke(cli.app, [command, *words])
    assert result.exit_code == 0, result.output
    assert seen == [expected]


def _bind(command, kwargs, args=()):
    """The arguments by name, with the defaults filled in."""
    bound = SIGNATURES[command].bind(*args, **kwargs)
    bound.apply_defaults()
    return bound.arguments


@pytest.mark.parametrize(
    "words", [["validate", "a.yaml"], ["render", "a.yaml", "-o", "out", "--check"], ["validate", "-", "--format=json"]]
)
def test_plain_command_lines_take_the_quick_way(words):
    assert quick.parse(words) is not None


@pytest.mark.parametrize(
    "words", [[], ["--help"], ["validate"], ["validate", "--help"], ["render", "a.yaml"], ["validate", "a", "--format", "xml"]]
)
def test_what_needs_explaining_does_not(words):
    assert quick.parse(words) is None
