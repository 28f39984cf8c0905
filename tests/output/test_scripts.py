"""deploy.sh and what CodeBuild runs are scripts that bash reads and shellcheck has nothing to say about."""

import os
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
        yield from phase.get("commands", ())


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


def deployed(directory: Path, made: tuple[Artifact, ...], **given: str) -> subprocess.CompletedProcess:
    """A run of deploy.sh where `aws` only says how it was called, and fails."""
    for artifact in made:
        (directory / artifact.path).parent.mkdir(parents=True, exist_ok=True)
        (directory / artifact.path).write_text(artifact.text, encoding="utf-8")
    aws = directory / "bin/aws"
    aws.parent.mkdir()
    aws.write_text('#!/bin/sh\necho "aws $*" >&2\n[ "$1" = sts ] && echo 111122223333\n')
    aws.chmod(0o755)
    surroundings = {"PATH": f"{aws.parent}:{os.environ['PATH']}", **given}
    return subprocess.run(["bash", directory / "dev/deploy.sh"], capture_output=True, text=True, check=False, env=surroundings)


def test_templates_too_large_for_a_call_ask_for_a_bucket_before_anything_is_done(tmp_path):
    routes = {f"service-{letter}": {"image": {"build": "."}, "port": 80, "routes": [{"path": f"/{letter}"}]} for letter in "abcdefghijkl"}
    made = compiled(as_yaml({"bgspec": 1, "system": "shop", "environment": "dev", "region": "us-east-1", "services": routes}))
    assert max(len(artifact.text) for artifact in made) > 51_200
    asked = deployed(tmp_path / "without", made)
    assert asked.returncode == 1
    assert asked.stderr == "Some templates are too large to go with a call. Name an S3 bucket for them: BUCKET=NAME ./deploy.sh\n"
    assert "--s3-bucket templates" in deployed(tmp_path / "with", made, BUCKET="templates").stderr


def test_a_mistake_would_be_seen():
    (script,) = [artifact.text for artifact in artifacts("article") if artifact.path == "deploy.sh"]
    assert told(script) == ""
    assert "SC2086" in told(script.replace('"$name"', "$name"))
    assert "syntax error" in told(script.replace("then", "than", 1))
    assert "SC2086" in told_of_a_command("echo $HOME")
