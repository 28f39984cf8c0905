"""The hooks for pre-commit run commands that there are, on the files that the public catalogue will know."""

import json
import re

import pytest
import yaml
from typer.testing import CliRunner

from bgspec.cli import app
from tests.corpus import ROOT

HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))}
ENTRY = json.loads((ROOT / "docs/editors.md").read_text(encoding="utf-8").rpartition("```json\n")[2].partition("```")[0])
SPEC = ROOT / "tests/specs/minimal.yaml"


def run(hook, *arguments):
    return CliRunner().invoke(app, [*HOOKS[hook]["entry"].split()[1:], *map(str, arguments)])


@pytest.mark.parametrize("name", ["bgspec.yaml", "bgspec.yml", "prd.bgspec.yaml", "envs/shop.bgspec.yml", "a/b/bgspec.yaml"])
def test_specs_are_found_by_their_names(name):
    assert re.search(HOOKS["bgspec-validate"]["files"], name)
    assert any(re.fullmatch(glob.replace(".", r"\.").replace("*", ".*"), name.rpartition("/")[2]) for glob in ENTRY["fileMatch"])


@pytest.mark.parametrize("name", ["mybgspec.yaml", "bgspec.yaml.bak", "bgspec.schema.json", "values.yaml"])
def test_other_files_are_left_alone(name):
    assert not re.search(HOOKS["bgspec-validate"]["files"], name)


def test_validate_reads_the_files_it_is_given():
    assert run("bgspec-validate", SPEC).exit_code == 0


def test_render_fails_until_the_directory_is_what_the_spec_compiles_to(tmp_path):
    assert run("bgspec-render", SPEC, "--output", tmp_path / "out").exit_code == 1
    assert CliRunner().invoke(app, ["render", str(SPEC), "--output", str(tmp_path / "out")]).exit_code == 0
    assert run("bgspec-render", SPEC, "--output", tmp_path / "out").exit_code == 0
