"""What the two everyday commands may load. Time is noise; a module that is loaded for nothing is not."""

import json
import subprocess
import sys

import pytest

from bgspec.write_down import write_down
from tests.corpus import ROOT

ARTICLE = str(ROOT / "examples/article/bgspec.yaml")

# Runs a command as an installed package does, with what the build hook writes down, and prints the modules that it loaded.
PROGRAM = """
import json, sys
before = set(sys.modules)
import bgspec
bgspec.__path__.append(sys.argv[1])
sys.argv = ["bgspec", *sys.argv[2:]]
from bgspec.__main__ import main
code = main()
print(json.dumps({"code": code, "modules": sorted(set(sys.modules) - before)}))
"""
HEAVY = {
    "pydantic",
    "pydantic_core",  # the package; its extension is all that runs
    "typing_extensions",
    "jinja2",
    "typer",
    "click",
    "rich",
    "boto3",
    "botocore",
    "hypothesis",
    "difflib",
    "asyncio",
    "email",
    "http",
    "unittest",
}
FOR_FILES = {"pathlib", "urllib", "ipaddress", "hashlib", "copy"}
"""What `render` needs to write, and `validate` does not."""


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    directory = tmp_path_factory.mktemp("built")
    write_down(directory / "written")
    return directory


def _loaded(built, *arguments):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(built), *arguments],
        check=True,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT)},
    )
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["code"] == 0, done.stderr
    return set(told["modules"])


def test_validate_loads_nothing_heavy(built):
    loaded = _loaded(built, "validate", ARTICLE)
    assert not loaded & (HEAVY | FOR_FILES)
    assert not {
        name
        for name in loaded
        if name.startswith(("bgspec.schema", "bgspec.deploy", "bgspec.sandbox", "bgspec.cli", "bgspec.render", "bgspec.writer"))
    }


def test_render_loads_nothing_heavy(built, tmp_path):
    assert not _loaded(built, "render", ARTICLE, "-o", str(tmp_path)) & HEAVY


def test_help_is_written_down(built):
    assert not _loaded(built, "--help") & {"typer", "shutil", "bgspec.commands"}


def test_help_does_not_load_the_compiler(built):
    assert not _loaded(built, "validate", "--help") & {"bgspec.compiler", "bgspec.plan", "yaml", "rich", "boto3"}
