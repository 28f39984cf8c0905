"""The quick way and the full command line read the same arguments alike."""

import inspect
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from bgspec import cli, commands, quick, write_down
from tests.corpus import ROOT

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


@pytest.mark.parametrize("columns", ["80", "81", "250"])
def test_help_that_was_written_down_is_what_the_full_command_line_says(columns):
    full = "import sys; sys.argv = ['bgspec', '--help']; from bgspec.cli import app; app()"  # typer's own runner is wider than a terminal
    said = subprocess.run([sys.executable, "-c", full], capture_output=True, text=True, cwd=ROOT, env={"COLUMNS": columns}, check=True)
    assert write_down.usage() == said.stdout


@pytest.fixture
def written(monkeypatch):
    monkeypatch.setitem(sys.modules, "bgspec.written", SimpleNamespace(__path__=[]))
    monkeypatch.setitem(sys.modules, "bgspec.written.usage", SimpleNamespace(TEXT="written"))
    monkeypatch.setenv("COLUMNS", "80")


@pytest.mark.usefixtures("written")
def test_help_is_written_down_where_it_looks_the_same(monkeypatch):
    assert quick.usage("/usr/bin/bgspec", ["--help"]) == "written"
    monkeypatch.setenv("COLUMNS", "79")
    assert quick.usage("/usr/bin/bgspec", ["--help"]) is None


@pytest.mark.parametrize(
    ("program", "words"),
    [("bgspec/__main__.py", ["--help"]), ("bgspec", []), ("bgspec", ["validate", "--help"]), ("bgspec", ["--help", "x"])],
)
@pytest.mark.usefixtures("written")
def test_all_other_help_is_laid_out_anew(program, words):
    assert quick.usage(program, words) is None


@pytest.mark.parametrize(("columns", "width"), [("120", 120), ("", 80), ("0", 80), ("-5", 80), ("wide", 80), (" 70 ", 70)])
def test_a_terminal_is_as_wide_as_python_says(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    monkeypatch.setattr("os.get_terminal_size", _no_terminal)
    assert quick.columns() == width == shutil.get_terminal_size().columns


def _no_terminal(*_):
    raise OSError
