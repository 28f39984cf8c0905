"""The runner itself: each of CodeBuild's rules by a buildspec that would come out differently without it."""

from pathlib import Path
from typing import Any

import pytest

from tests.container import codebuild

MACHINE = {"PATH": "/usr/bin:/bin"}
OK = ["true"]


def run(tmp_path: Path, buildspec: dict[str, Any], project: dict[str, str] | None = None, **files: str) -> codebuild.Build:
    source = tmp_path / "source"
    source.mkdir()
    for name, content in files.items():
        (source / name).write_text(content)
    (tmp_path / "work").mkdir()
    return codebuild.run({"version": 0.2, **buildspec}, source, tmp_path / "work", project or {}, MACHINE)


def outcome(build: codebuild.Build) -> dict[str, bool]:
    return {phase.name: phase.succeeded for phase in build.phases}


@pytest.mark.parametrize(
    ("failing", "expected"),
    [
        ("install", {"install": False}),
        ("pre_build", {"install": True, "pre_build": False}),
        (
            "build",
            {"install": True, "pre_build": True, "build": False, "post_build": True, "upload_artifacts": True},
        ),
        (
            "post_build",
            {"install": True, "pre_build": True, "build": True, "post_build": False, "upload_artifacts": True},
        ),
    ],
)
def test_what_a_failure_ends(tmp_path: Path, failing: str, expected: dict[str, bool]) -> None:
    phases = {name: {"commands": ["false" if name == failing else "true"]} for name in codebuild.PHASES}
    build = run(tmp_path, {"phases": phases})
    assert outcome(build) == expected
    assert not build.succeeded


def test_on_failure_overrides_the_transitions(tmp_path: Path) -> None:
    phases = {
        "pre_build": {"commands": ["false"], "on-failure": "CONTINUE"},
        "build": {"commands": ["false"], "on-failure": "ABORT"},
        "post_build": {"commands": OK},
    }
    assert [phase.name for phase in run(tmp_path, {"phases": phases}).phases[:3]] == ["install", "pre_build", "build"]


def test_finally_runs_after_a_failure_and_can_fail_the_phase(tmp_path: Path) -> None:
    phases = {
        "pre_build": {
            "commands": ["echo first", "false", "echo never"],
            "finally": ["echo last"],
            "on-failure": "CONTINUE",
        },
        "build": {"commands": OK, "finally": ["exit 3"]},
    }
    build = run(tmp_path, {"phases": phases})
    assert outcome(build)["build"] is False
    lines = build.log.splitlines()
    assert "first" in lines
    assert "last" in lines
    assert "never" not in lines
    assert "exit 3. Reason: exit status 3" in build.phases[2].message


def test_post_build_learns_that_the_build_fails(tmp_path: Path) -> None:
    say = ["echo succeeding=$CODEBUILD_BUILD_SUCCEEDING"]
    phases = {"pre_build": {"commands": say}, "build": {"commands": ["false"]}, "post_build": {"commands": say}}
    lines = run(tmp_path, {"phases": phases}).log.splitlines()
    assert [line for line in lines if line.startswith("succeeding=")] == ["succeeding=1", "succeeding=0"]


def test_what_survives_a_command(tmp_path: Path) -> None:
    commands = [
        "mkdir below && cd below",
        "QUOTED='a \"b\" $c'",
        "greet() { echo hello; }",
        "set -e",
        "pwd; echo $QUOTED",
        "! type greet 2>/dev/null",
        "false; echo went on",
    ]
    build = run(tmp_path, {"env": {"shell": "bash"}, "phases": {"build": {"commands": commands}}})
    assert build.succeeded, build.log
    lines = build.log.splitlines()
    assert str(tmp_path.joinpath("work", "src", "below")) in lines
    assert 'a "b" $c' in lines
    assert "went on" in lines


def test_the_project_wins_and_the_caller_is_not_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FROM_THE_CALLER", "leaks")
    env = {"variables": {"A": "buildspec", "B": 1}, "exported-variables": ["A", "B", "C", "NEVER_SET"]}
    phases = {"build": {"commands": ["C=$A-$B-${FROM_THE_CALLER:-unseen}"]}}
    build = run(tmp_path, {"env": env, "phases": phases}, {"A": "project"})
    assert build.exported == {"A": "project", "B": "1", "C": "project-1-unseen"}


TREE = ["mkdir -p out/deep", "echo 1 > out/a.txt", "echo 2 > out/deep/b.txt", "echo 3 > out/skip.log"]


@pytest.mark.parametrize(
    ("artifact", "names"),
    [
        ({"files": ["out/a.txt"]}, {"out/a.txt"}),
        ({"files": ["a.txt"], "base-directory": "out"}, {"a.txt"}),
        ({"files": ["**/*"], "base-directory": "o*"}, {"a.txt", "deep/b.txt", "skip.log"}),
        ({"files": ["**/*"], "base-directory": "out", "exclude-paths": ["**/*.log"]}, {"a.txt", "deep/b.txt"}),
        ({"files": ["**/*.txt"], "discard-paths": True}, {"a.txt", "b.txt"}),
    ],
)
def test_artifacts(tmp_path: Path, artifact: dict[str, Any], names: set[str]) -> None:
    buildspec = {
        "phases": {"build": {"commands": TREE}},
        "artifacts": {**artifact, "secondary-artifacts": {"two": artifact}},
    }
    artifacts = run(tmp_path, buildspec).artifacts
    assert {name: set(files) for name, files in artifacts.items()} == {codebuild.PRIMARY: names, "two": names}


def test_an_artifact_that_is_not_there_fails_the_build(tmp_path: Path) -> None:
    buildspec = {"phases": {"build": {"commands": ["false"]}}, "artifacts": {"files": ["image.json"]}}
    build = run(tmp_path, buildspec)
    assert outcome(build)["upload_artifacts"] is False
    assert "image.json" in build.phases[-1].message


@pytest.mark.parametrize(
    "buildspec",
    [
        {"phases": {"prebuild": {"commands": OK}}},
        {"phases": {"build": {"command": OK}}},
        {"phases": {"build": {"commands": [{"echo a": "b"}]}}},
        {"phases": {"build": {"commands": OK, "on-failure": "STOP"}}},
        {"phases": {}, "env": {"variables": {"CODEBUILD_X": "1"}}},
        {"phases": {}, "env": {"shell": "fish"}},
        {"phases": {}, "env": {"secrets-manager": {"A": "b"}}},
        {"phases": {}, "artifacts": {"file": ["a"]}},
        {"phases": {}, "artifacts": {"secondary-artifacts": {"a": {"file": ["a"]}}}},
        {"phases": {}, "version": 0.1},
        {"phases": {}, "cache": {}},
    ],
)
def test_what_the_runner_does_not_know_it_refuses(tmp_path: Path, buildspec: dict[str, Any]) -> None:
    with pytest.raises(codebuild.BuildspecError):
        run(tmp_path, buildspec)
