"""The rendered deploy.sh against the emulator: what it calls besides the AWS CLI, and with the plain AWS CLI from nothing to the end."""

import base64
import os
import shutil
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from botocore.config import Config

from bgspec.sandbox.stand_ins import ENGINE, scripts
from tests.corpus import ROOT
from tests.deploy.bench import ACCOUNT, ARTICLE, REGION, Bench, emulator
from tests.deploy.standing import differences, standing
from tests.deploy.test_sidecars import BUILT
from tests.lacking import lacking

SLEEP = "import time; real = time.sleep; time.sleep = lambda seconds: real(min(seconds, 0.1))\n"
"""The AWS CLI's waiters sleep for 5 and for 30 seconds, whatever is waited for."""


needs_git = pytest.mark.skipif(not shutil.which("git"), reason="no git on this machine")


def environment(bench: Bench, directory: Path) -> dict[str, str]:
    given = scripts(directory)
    return {
        **os.environ,
        **given,
        "PATH": os.pathsep.join([given["PATH"], os.environ["PATH"]]),
        "AWS_ENDPOINT_URL": bench.server.url,
        "AWS_ACCESS_KEY_ID": ACCOUNT,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "NO_PROXY": "*",
    }


def ran(*command: str, env: dict[str, str], cwd: Path, given: str = "") -> str:
    done = subprocess.run(command, env=env, cwd=cwd, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@needs_git
def test_a_push_to_codecommit_is_a_commit_with_the_same_files(bench: Bench, tmp_path: Path) -> None:
    bench.client("codecommit").create_repository(repositoryName="sources")
    work = tmp_path / "work"
    (work / "container").mkdir(parents=True)
    (work / "container" / "Dockerfile").write_bytes(b"FROM scratch\n")
    (work / "bin é.sh").write_bytes(bytes(range(256)))
    (work / "bin é.sh").chmod(0o755)
    env = environment(bench, tmp_path / "bin")
    as_me = ("-c", "user.name=me", "-c", "user.email=me@localhost")
    for command in (("init", "--quiet"), ("add", "--all"), (*as_me, "commit", "--quiet", "--message", "First version")):
        ran("git", *command, env=env, cwd=work)
    url = f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/sources"
    ran("git", "push", "--quiet", url, "HEAD:refs/heads/main", env=env, cwd=work)
    client = bench.client("codecommit")
    tip = client.get_branch(repositoryName="sources", branchName="main")["branch"]["commitId"]
    commit = client.get_commit(repositoryName="sources", commitId=tip)["commit"]
    assert (commit["message"], commit["author"]["name"]) == ("First version\n", "me")
    for path in ("container/Dockerfile", "bin é.sh"):
        assert client.get_file(repositoryName="sources", filePath=path)["fileContent"] == (work / path).read_bytes()


@needs_git
def test_a_refused_push_is_an_error(bench: Bench, tmp_path: Path) -> None:
    env = environment(bench, tmp_path / "bin")
    as_me = ("-c", "user.name=me", "-c", "user.email=me@localhost")
    for command in (("init", "--quiet"), (*as_me, "commit", "--quiet", "--allow-empty", "--message", "nothing")):
        ran("git", *command, env=env, cwd=tmp_path)
    url = f"https://git-codecommit.{REGION}.amazonaws.com/v1/repos/none"
    done = subprocess.run(["git", "push", url, "HEAD:refs/heads/main"], env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "RepositoryDoesNotExistException" in done.stderr


def test_the_engine_pushes_what_it_built(bench: Bench, tmp_path: Path) -> None:
    ecr = bench.client("ecr")
    ecr.create_repository(repositoryName="web")
    env = environment(bench, tmp_path / "bin")
    tag = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/web:first"
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    user, _, password = base64.b64decode(token).decode().partition(":")
    ran(ENGINE, "login", "--username", user, "--password-stdin", tag.partition("/")[0], env=env, cwd=bench.directory, given=password)
    assert subprocess.run([ENGINE, "push", tag], env=env, capture_output=True, check=False).returncode != 0
    options = ("--platform", "linux/arm64", "--build-arg", "COMMIT=first", "--file", "container/Dockerfile", "--tag", tag, "container")
    assert "simulated" in ran(ENGINE, "build", *options, env=env, cwd=bench.directory)
    ran(ENGINE, "push", tag, env=env, cwd=bench.directory)
    (image,) = ecr.describe_images(repositoryName="web")["imageDetails"]
    assert image["imageTags"] == ["first"]


def aws() -> Path:
    """The AWS CLI pins the version of botocore, so it has an environment of its own: `make test-deploy-script` makes it."""
    found = shutil.which(os.environ.get("AWS_CLI") or str(ROOT / ".venvs/awscli/bin/aws"))
    if found is None:
        lacking("no AWS CLI: `make test-deploy-script` makes it")
    return Path(found)


@pytest.mark.slow
@pytest.mark.parametrize("spec", [ARTICLE, BUILT], ids=["one image", "two images"])
def test_it_ends_where_apply_does(bench: Bench, tmp_path: Path, spec: str) -> None:
    bench.spec(spec)
    (bench.directory / "proxy").mkdir()
    (bench.directory / "proxy" / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    assert bench.run("render", str(bench.file), "-o", str(bench.directory)).code == 0
    (tmp_path / "short").mkdir()
    (tmp_path / "other").mkdir()
    (tmp_path / "short" / "sitecustomize.py").write_text(SLEEP, "utf-8")
    env = environment(bench, tmp_path / "bin")
    env |= {"PYTHONPATH": str(tmp_path / "short"), "PATH": os.pathsep.join([str(aws().parent), env["PATH"]])}
    script = str(bench.directory / "deploy.sh")
    assert "http://cf1-stg-alb-01" in ran(script, env=env, cwd=tmp_path)
    assert set(bench.actions().values()) == {"nothing"}
    by_hand = standing(bench)
    with emulator(tmp_path / "other") as other:
        other.spec(spec)
        shutil.copytree(bench.directory / "proxy", other.directory / "proxy")
        assert other.apply().code == 0
        by_apply = standing(other)
    found = [
        difference for difference in differences(by_hand, by_apply) if "/RoleId: " not in difference
    ]  # counted in the order of creation
    assert found == []

    before = bench.calls()
    ran(script, env=env, cwd=tmp_path)  # it can be run again at any time
    assert bench.calls().get("cloudformation:ExecuteChangeSet") == before["cloudformation:ExecuteChangeSet"]


def test_a_sandbox_started_by_hand_holds_what_the_spec_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BGSPEC_SANDBOX_DIR", str(tmp_path))
    monkeypatch.delenv("BGSPEC_SANDBOX_URL", raising=False)
    spec = str(ROOT / "examples/private/bgspec.yaml")
    bgspec = (sys.executable, "-m", "bgspec", "sandbox")
    try:
        url = ran(*bgspec, "start", spec, env=dict(os.environ), cwd=ROOT).strip()
        ssm = boto3.client(
            "ssm",
            endpoint_url=url,
            region_name="us-east-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="-",
            config=Config(proxies={}),
        )
        assert ssm.get_parameter(Name="/ledger/prd/api-key")["Parameter"]["Value"]
        assert (tmp_path / "ledger-prd.bin" / ENGINE).is_file()
    finally:
        ran(*bgspec, "stop", spec, env=dict(os.environ), cwd=ROOT)
    assert [path.suffix for path in tmp_path.iterdir() if path.suffix not in {".lock", ".log"}] == []
