"""A spec in a directory, an emulator, and the commands between them."""

import contextlib
import io
import json
import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import boto3
import pytest
from botocore.config import Config
from botocore.retries.standard import ExponentialBackoff

from bgspec.__main__ import main
from bgspec.deploy import formation
from bgspec.sandbox.server import Server
from bgspec.sandbox.world import World

ACCOUNT, REGION = "123456789012", "ap-northeast-1"

ARTICLE = """\
bgspec: 1
system: cf1
environment: stg
region: ap-northeast-1
load_balancer:
  production:
    port: 81
  test:
    port: 82
services:
  fargate:
    image:
      build: container
    port: 80
    cpu: 256
    memory: 512
    health_check:
      path: /test.html
pipeline:
  source:
    provider: codecommit
"""

# Without a pipeline and without endpoints nothing but apply deploys, and every stack is small.
SMALL = """\
bgspec: 1
system: shop
environment: dev
region: ap-northeast-1
network:
  egress: public
services:
  web:
    image:
      uri: public.ecr.aws/nginx/nginx:1.27
    port: 80
"""


class Result(NamedTuple):
    code: int
    out: str
    err: str


class Bench:
    def __init__(self, server: Server, directory: Path) -> None:
        self.server = server
        self.world = server.world
        self.directory = directory
        self.file = directory / "bgspec.yaml"
        self.patch = pytest.MonkeyPatch()
        """Undone with the emulator."""
        self._clients: dict[tuple[str, str], Any] = {}
        (directory / "container").mkdir()
        (directory / "container" / "Dockerfile").write_text("FROM scratch\n", "utf-8")

    def spec(self, text: str) -> None:
        self.file.write_text(text, "utf-8")

    def run(self, *arguments: str) -> Result:
        """A command line, in this process."""
        out, err = io.StringIO(), io.StringIO()
        with _called_with(["bgspec", *arguments]), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = main()
        assert "Traceback" not in err.getvalue()
        assert code != 70, err.getvalue()
        return Result(code, out.getvalue(), err.getvalue())

    def apply(self, *more: str) -> Result:
        return self.run("apply", str(self.file), "--sandbox", "--yes", *more)

    def plan(self, *more: str) -> Result:
        return self.run("plan", str(self.file), "--sandbox", *more)

    def actions(self) -> dict[str, str]:
        """What the plan says of every stack."""
        found = json.loads(self.plan("--format", "json").out)
        return {stack["stack"]: stack["action"] for stack in found["stacks"]}

    def client(self, service: str, region: str = REGION) -> Any:
        if (service, region) not in self._clients:
            self._clients[service, region] = _SESSION.client(
                service,
                endpoint_url=self.server.url,
                region_name=region,
                aws_access_key_id=ACCOUNT,
                aws_secret_access_key="-",
                config=Config(proxies={}),
            )
        return self._clients[service, region]

    def stacks(self) -> dict[str, str]:
        return {stack["StackName"]: stack["StackStatus"] for stack in self.client("cloudformation").describe_stacks()["Stacks"]}

    def calls(self) -> dict[str, int]:
        """How often each operation was called since the beginning."""
        with self.world.lock:
            return dict(self.world.requests)

    def weights(self, stack: str, output: str = "ProductionListenerArn") -> dict[str, int]:
        """The weights of a listener's default action by the last two characters of the target group's name."""
        found = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"][0]
        arn = next(one["OutputValue"] for one in found["Outputs"] if one["OutputKey"] == output)
        action = self.client("elbv2").describe_listeners(ListenerArns=[arn])["Listeners"][0]["DefaultActions"][0]
        groups = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
        return {group["TargetGroupArn"].split("/")[1][-2:]: group.get("Weight", 1) for group in groups}


_SESSION = boto3.Session()
"""Its loaded models serve all clients."""


class _Session:
    """What `Aws` makes its clients from, of which many are made here."""

    def __init__(self, botocore_session: object, **credentials: str) -> None:  # noqa: ARG002  boto3's signature
        self._credentials = credentials

    def client(self, service: str, **options: Any) -> Any:
        return _SESSION.client(service, **self._credentials, **options)


def hurry(patch: pytest.MonkeyPatch) -> None:
    """No long pauses between retries and between looks, and one session: many runs in little time."""
    patch.setattr("bgspec.deploy.aws.boto3.Session", _Session)
    patch.setattr(ExponentialBackoff, "delay_amount", lambda *_: 0.01)
    patch.setattr(formation, "SANDBOX_PAUSE", 0.02)
    patch.setattr(formation, "PAUSE", 0.02)


@contextlib.contextmanager
def emulator(directory: Path, speed: float = 3000) -> Iterator[Bench]:
    """An emulator in this process, a directory for a spec, and the environment that names the one to the commands."""
    server = Server(0, World(speed))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    before = os.environ.get("BGSPEC_SANDBOX_URL")
    os.environ["BGSPEC_SANDBOX_URL"] = server.url
    try:
        bench = Bench(server, directory)
        yield bench
    finally:
        bench.patch.undo()
        if before is None:
            del os.environ["BGSPEC_SANDBOX_URL"]
        else:
            os.environ["BGSPEC_SANDBOX_URL"] = before
        server.shutdown()
        server.server_close()
    assert not server.world.failures, server.world.failures


@contextlib.contextmanager
def _called_with(argv: list[str]):
    before = sys.argv
    sys.argv = argv
    try:
        yield
    finally:
        sys.argv = before
