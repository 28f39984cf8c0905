"""Credentials come from where the AWS CLI takes them, must be the spec's account's, and show up nowhere.

The emulator stands in for AWS by `AWS_ENDPOINT_URL`, as any endpoint can: these commands run without `--sandbox`. Whose account a call is
for it reads off the access key.
"""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from tests.deploy.bench import SMALL, Bench, Result

OURS, THEIRS = "111122223333", "444455556666"
KEY, TOKEN = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY", "FwoGZXIvYXdzEXAMPLETOKEN"


@pytest.fixture
def home(bench: Bench, tmp_path: Path) -> Path:
    """A home without any credentials, and AWS on loopback."""
    path = tmp_path / "home"
    (path / ".aws").mkdir(parents=True)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION"):
        bench.patch.delenv(name, raising=False)
    bench.patch.setenv("HOME", str(path))
    bench.patch.setenv("AWS_CONFIG_FILE", str(path / ".aws" / "config"))
    bench.patch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(path / ".aws" / "credentials"))
    bench.patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    bench.patch.setenv("AWS_ENDPOINT_URL", bench.server.url)
    bench.patch.setenv("NO_PROXY", "127.0.0.1")
    bench.spec(SMALL)
    return path


def plan(bench: Bench, *more: str) -> Result:
    return bench.run("plan", str(bench.file), *more)


def environment(bench: Bench, account: str = OURS) -> None:
    bench.patch.setenv("AWS_ACCESS_KEY_ID", account)
    bench.patch.setenv("AWS_SECRET_ACCESS_KEY", KEY)
    bench.patch.setenv("AWS_SESSION_TOKEN", TOKEN)


def configured(home: Path, config: str, credentials: str = "") -> None:
    (home / ".aws" / "config").write_text(config, "utf-8")
    (home / ".aws" / "credentials").write_text(credentials, "utf-8")


BASE = f"[base]\naws_access_key_id = {OURS}\naws_secret_access_key = {KEY}\n"


@pytest.mark.usefixtures("home")
def test_from_the_environment(bench: Bench) -> None:
    environment(bench)
    assert f"account {OURS}" in plan(bench).out


def test_from_a_profile(bench: Bench, home: Path) -> None:
    configured(home, "[profile base]\nregion = eu-west-1\n", BASE)
    assert f"shop-dev in ap-northeast-1, account {OURS}" in plan(bench, "--profile", "base").out
    bench.patch.setenv("AWS_PROFILE", "base")
    assert f"account {OURS}" in plan(bench).out
    unknown = plan(bench, "--profile", "nobody")
    assert unknown.code == 2
    assert "nobody" in unknown.err


def test_from_a_program(bench: Bench, home: Path) -> None:
    told = json.dumps({"Version": 1, "AccessKeyId": OURS, "SecretAccessKey": KEY})
    (home / "told.json").write_text(told, "utf-8")
    configured(home, f"[profile program]\ncredential_process = cat {home / 'told.json'}\n")
    assert f"account {OURS}" in plan(bench, "--profile", "program").out


def test_from_a_role(bench: Bench, home: Path) -> None:
    configured(
        home, f"[profile deployer]\nrole_arn = arn:aws:iam::{THEIRS}:role/deployer\nsource_profile = base\nregion = us-east-1\n", BASE
    )
    assert f"account {THEIRS}" in plan(bench, "--profile", "deployer").out


@pytest.fixture
def portal() -> Iterator[str]:
    """The portal of IAM Identity Center: it gives a role's keys to whoever has a token."""

    class Portal(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            keys = {"accessKeyId": OURS, "secretAccessKey": KEY, "sessionToken": TOKEN, "expiration": 4_000_000_000_000}
            body = json.dumps({"roleCredentials": keys}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = HTTPServer(("127.0.0.1", 0), Portal)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


SSO = f"""\
[profile sso]
sso_start_url = https://shop.awsapps.com/start
sso_region = us-east-1
sso_account_id = {OURS}
sso_role_name = deployer
"""


def test_from_single_sign_on(bench: Bench, home: Path, portal: str) -> None:
    from hashlib import sha1

    configured(home, SSO)
    bench.patch.setenv("AWS_ENDPOINT_URL_SSO", portal)
    cache = home / ".aws" / "sso" / "cache"
    cache.mkdir(parents=True)
    bench.patch.setattr("botocore.credentials.SSOProvider._SSO_TOKEN_CACHE_DIR", str(cache))  # botocore has looked for the home before
    name = sha1(b"https://shop.awsapps.com/start", usedforsecurity=False).hexdigest()
    token = {"accessToken": TOKEN, "expiresAt": "2100-01-01T00:00:00Z", "startUrl": "https://shop.awsapps.com/start", "region": "us-east-1"}
    (cache / f"{name}.json").write_text(json.dumps(token), "utf-8")
    assert f"account {OURS}" in plan(bench, "--profile", "sso").out


def test_without_a_login_the_way_to_one_is_named(bench: Bench, home: Path) -> None:
    configured(home, SSO)
    expired = plan(bench, "--profile", "sso")
    assert expired.code == 3
    assert "aws sso login" in expired.err
    nothing = plan(bench)
    assert nothing.code == 3
    assert "No AWS credentials" in nothing.err


@pytest.mark.usefixtures("home")
def test_another_account_than_the_specs_touches_nothing(bench: Bench) -> None:
    environment(bench, THEIRS)
    bench.spec(SMALL + f'account: "{OURS}"\n')
    for command in ("plan", "apply", "status", "destroy", "release"):
        more = {"apply": ["--yes"], "release": ["continue"], "destroy": ["--confirm", "shop-dev"]}.get(command, [])
        result = bench.run(command, str(bench.file), *more)
        assert result.code == 3
        assert f"these credentials are for account {THEIRS}, the spec says {OURS} ({bench.file}:12)" in result.err
    assert set(bench.calls()) == {"sts:GetCallerIdentity"}


@pytest.mark.usefixtures("home")
def test_another_region_than_the_specs_calls_nothing(bench: Bench) -> None:
    environment(bench)
    bench.patch.setenv("AWS_REGION", "eu-west-1")
    assert "in ap-northeast-1" in plan(bench).out  # the spec's counts
    with bench.world.lock:
        bench.world.requests.clear()
    refused = plan(bench, "--region", "eu-west-1")
    assert refused.code == 2
    assert "is not the spec's ap-northeast-1" in refused.err
    assert bench.calls() == {}


def everything_written(*roots: Path) -> str:
    return "\n".join(path.read_text("utf-8", "replace") for root in roots for path in root.rglob("*") if path.is_file())


@pytest.mark.parametrize("code", ["", "ExpiredTokenException", "AccessDeniedException", "InvalidClientTokenId", "ValidationError"])
def test_credentials_are_shown_and_written_nowhere(bench: Bench, home: Path, code: str) -> None:
    environment(bench)
    if code:

        def refuse(*_: object) -> None:
            raise AwsError(code, f"refused for {OURS}", 403)

        bench.patch.setitem(REGISTRY["cloudformation"].operations, "create_change_set", refuse)
        bench.patch.setitem(REGISTRY["ecs"].operations, "describe_services", refuse)
    bench.patch.setattr("bgspec.deploy.formation.PAUSE", 0.1)
    results = [plan(bench), bench.run("apply", str(bench.file), "--yes"), bench.run("status", str(bench.file))]
    shown = "".join(result.out + result.err for result in results)
    kept = json.dumps(bench.world.state(), default=str) + everything_written(home, bench.directory)
    for secret in (KEY, TOKEN):
        assert secret not in shown
        assert secret not in kept
