"""The rendered buildspec by the runner, with an engine and a registry that only write down what they are asked.

What the commands do to images is test_chain.py's; here it is which commands run at all, and with which words.
"""

import json
from pathlib import Path

import pytest
import yaml

from tests.container import codebuild
from tests.container.workshop import SPEC, render_to

COMMIT = "3f1c0ffee0ddba11c0de5eedfacade0123456789"
PROJECT = {
    "AWS_ACCOUNT_ID": "111122223333",
    "AWS_REGION": "ap-northeast-1",
    "CODEBUILD_RESOLVED_SOURCE_VERSION": COMMIT,
    "REPOSITORY_NAME": "shop",
    "REPOSITORY_URI": "registry.test/shop",
}
DIGEST = f"sha256:{'0' * 64}"
ABSENT = "An error occurred (ImageNotFoundException) when calling the DescribeImages operation: no such image"
DENIED = "An error occurred (AccessDeniedException) when calling the DescribeImages operation: not authorized"

DOCKER = """#!/bin/bash
[ "$1" != push ] || touch "$HOME/pushed"
printf '%s\\n' "docker ${*@Q}" >> "$HOME/asked"
"""
AWS = f"""#!/bin/bash
[ "$2" != get-login-password ] || exec echo secret
if [ -e "$HOME/pushed" ]; then echo {DIGEST}; else echo "$ANSWER" >&2; exit 254; fi
"""


def build(
    root: Path,
    spec: str = SPEC,
    answer: str = ABSENT,
    project: dict[str, str] = PROJECT,
    buildspec: str = "buildspec.yml",
) -> tuple[codebuild.Build, list[str]]:
    """Runs a buildspec of ``spec``; gives also what Docker was asked, login and version aside."""
    for tool, lines in (("docker", DOCKER), ("aws", AWS)):
        (root / "tools").mkdir(exist_ok=True)
        (root / "tools" / tool).write_text(lines)
        (root / "tools" / tool).chmod(0o755)
    render_to(root / "source" / yaml.safe_load(spec)["pipeline"].get("files", "."), spec)
    (root / "work").mkdir()
    machine = {"PATH": f"{root}/tools:/usr/bin:/bin", "HOME": str(root), "ANSWER": answer}
    done = codebuild.run(yaml.safe_load((root / "source" / buildspec).read_text()), root / "source", root / "work", project, machine)
    asked = (root / "asked").read_text().splitlines() if (root / "asked").exists() else []
    return done, [line for line in asked if line.split()[1] in {"'build'", "'push'"}]


def test_a_new_commit_is_built_and_pushed_under_its_id(tmp_path: Path) -> None:
    done, asked = build(tmp_path)
    assert done.succeeded, done.log
    image = "registry.test/shop:3f1c0ffee0dd"
    assert asked == [
        f"docker 'build' '--file' 'container/Dockerfile' '--build-arg' 'COMMIT=3f1c0ffee0dd' '--tag' '{image}' 'container'",
        f"docker 'push' '{image}'",
    ]
    files = done.artifacts[codebuild.PRIMARY]
    assert json.loads(files["imageDetail.json"]) == {"ImageURI": f"registry.test/shop@{DIGEST}"}
    assert b"<ACCOUNT_ID>" not in files["taskdef.json"]


def test_a_commit_that_has_its_image_is_only_deployed(tmp_path: Path) -> None:
    (tmp_path / "pushed").touch()
    done, asked = build(tmp_path)
    assert done.succeeded, done.log
    assert asked == []
    assert json.loads(done.artifacts[codebuild.PRIMARY]["imageDetail.json"]) == {"ImageURI": f"registry.test/shop@{DIGEST}"}


def test_a_registry_that_does_not_answer_is_not_an_absent_image(tmp_path: Path) -> None:
    done, asked = build(tmp_path, answer=DENIED)
    assert [phase.name for phase in done.phases] == ["install", "pre_build"]
    assert DENIED in done.log
    assert asked == []


def test_a_pipeline_that_names_no_commit_is_said(tmp_path: Path) -> None:
    done, asked = build(tmp_path, project={**PROJECT, "CODEBUILD_RESOLVED_SOURCE_VERSION": ""})
    assert not done.succeeded
    assert "the pipeline names no commit" in done.log
    assert asked == []


def test_what_is_built_comes_from_the_spec(tmp_path: Path) -> None:
    spec = yaml.safe_load(SPEC)
    spec["services"]["fargate"]["image"] = {"build": "./web/site", "dockerfile": "docker/Prod.Dockerfile", "target": "run"}
    done, asked = build(tmp_path, yaml.safe_dump(spec))
    assert done.succeeded, done.log
    assert asked[0].startswith("docker 'build' '--file' 'web/site/docker/Prod.Dockerfile' '--target' 'run'")
    assert asked[0].endswith(" 'web/site'")


@pytest.mark.parametrize("environment", ["stg", "prd"])
def test_each_environment_hands_on_its_own_files(tmp_path: Path, environment: str) -> None:
    spec = yaml.safe_load(SPEC)
    del spec["environment"]
    spec["environments"] = {"stg": {}, "prd": {"services": {"fargate": {"cpu": 1024, "memory": 2048}}}}
    done, _ = build(tmp_path, yaml.safe_dump(spec), buildspec=f"{environment}/buildspec.yml")
    assert done.succeeded, done.log
    task = json.loads(done.artifacts[codebuild.PRIMARY]["taskdef.json"])
    assert task["cpu"] == {"stg": "256", "prd": "1024"}[environment]


def test_the_files_may_lie_in_a_folder_of_the_source(tmp_path: Path) -> None:
    spec = yaml.safe_load(SPEC)
    spec["pipeline"]["files"] = "ops/aws"
    done, asked = build(tmp_path, yaml.safe_dump(spec), buildspec="ops/aws/buildspec.yml")
    assert done.succeeded, done.log
    assert asked[0].endswith(" 'container'")
    assert set(done.artifacts[codebuild.PRIMARY]) == {"appspec.yaml", "taskdef.json", "imageDetail.json"}
