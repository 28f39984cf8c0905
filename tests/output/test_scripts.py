"""deploy.sh and what CodeBuild runs are scripts that bash reads and shellcheck has nothing to say about."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from bgspec.render import Artifact
from tests.corpus import artifacts, compiled, specs
from tests.output.environment import parse
from tests.strategies import Tree, as_yaml, sample

SHELLCHECK = Path(sys.executable).with_name("shellcheck")

NOT_FOR_ONE_COMMAND = "--exclude=SC2034,SC2154"  # a variable goes from one command to another


def told(script: str, *options: str) -> str:
    """What bash and shellcheck say of a script; nothing if it is well."""
    read = subprocess.run(["bash", "-n"], input=script.encode(), capture_output=True, check=False)
    checked = subprocess.run([SHELLCHECK, "--shell=bash", *options, "-"], input=script.encode(), capture_output=True, check=False)
    return (read.stderr + checked.stdout + checked.stderr).decode()


@cache
def told_of_a_command(command: str) -> str:
    return told(command, NOT_FOR_ONE_COMMAND)


def commands(artifact: Artifact) -> Iterator[str]:
    for phase in parse(artifact.text)["phases"].values():
        yield from phase["commands"]


def findings(made: tuple[Artifact, ...], users: frozenset[str] = frozenset()) -> Iterator[str]:
    """What is wrong with the scripts of a render, but for commands that the user wrote."""
    for artifact in made:
        name = artifact.path.rpartition("/")[2]
        if name == "deploy.sh":
            yield told(artifact.text)
        elif name == "workflow.yml":
            steps = (step for job in parse(artifact.text)["jobs"].values() for step in job["steps"])
            yield from (told(step["run"]) for step in steps if "run" in step)
        elif name.startswith(("buildspec", "testspec")):
            yield from (told_of_a_command(command) for command in commands(artifact) if command not in users)


def written(tree: Tree) -> frozenset[str]:
    pipeline = tree.get("pipeline") or {}
    return frozenset([*pipeline.get("build", {}).get("test", []), *(pipeline.get("test") or {}).get("commands", [])])


@pytest.mark.parametrize("name", specs())
def test_the_goldens_scripts_are_well(name):
    assert [text for text in findings(artifacts(name)) if text] == []


def test_the_scripts_of_random_specs_are_well():
    for tree in sample(8):
        assert [text for text in findings(compiled(as_yaml(tree)), written(tree)) if text] == [], tree


@pytest.mark.slow
def test_the_scripts_of_many_random_specs_are_well():
    for tree in sample(80):
        assert [text for text in findings(compiled(as_yaml(tree)), written(tree)) if text] == [], tree


def test_a_mistake_would_be_seen():
    (script,) = [artifact.text for artifact in artifacts("article") if artifact.path == "deploy.sh"]
    assert told(script) == ""
    assert "SC2086" in told(script.replace('"$name"', "$name"))
    assert "syntax error" in told(script.replace("then", "than", 1))
    assert "SC2086" in told_of_a_command("echo $HOME")
