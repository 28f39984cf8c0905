"""The smoke test's function against a server and an API that answer on this machine."""

import importlib.util
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cfnlint.decode.cfn_yaml
import pytest
import yaml

from tests.corpus import ROOT, compiled, specs


@contextmanager
def serving(answer):
    """A server whose every answer `answer(handler)` gives as (status, body); yields its port."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            self.asked = self.rfile.read(length)
            status, body = answer(self)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  http.server's name

        def log_message(self, *arguments):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def smoke(monkeypatch):
    spec = importlib.util.spec_from_file_location("smoke", ROOT / "bgspec/templates/functions/smoke.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)

    def run(tests, event, port, within=0):
        surroundings = {"ADDRESS": "127.0.0.1", "PORT": str(port), "PROTOCOL": "HTTP", "WITHIN": str(within)}
        for name, value in surroundings.items():
            monkeypatch.setenv(name, value)
        module.TESTS = tests
        return module.handler(event, None)

    return run


ECS = {"lifecycleStage": "POST_TEST_TRAFFIC_SHIFT"}


def site(handler):
    if handler.path == "/old":
        return 301, b""
    if handler.path == "/who":
        return 200, handler.headers["Host"].encode()
    return 200, b"all is well"


@pytest.mark.parametrize(
    ("test", "status"),
    [
        ({"path": "/healthz", "status": 200}, "SUCCEEDED"),
        ({"path": "/healthz", "status": 200, "contains": "well"}, "SUCCEEDED"),
        ({"path": "/healthz", "status": 200, "contains": "ill"}, "FAILED"),
        ({"path": "/healthz", "status": 204}, "FAILED"),
        ({"path": "/old", "status": 301}, "SUCCEEDED"),
        ({"path": "/who", "status": 200, "host": "www.example.com", "contains": "www.example.com"}, "SUCCEEDED"),
    ],
)
def test_ecs_is_answered_by_what_the_function_returns(smoke, test, status):
    with serving(site) as port:
        assert smoke([{"path": "/", "status": 200}, test], ECS, port) == {"hookStatus": status}


def test_nobody_at_home_is_a_failure(smoke):
    with serving(site) as port:
        pass
    assert smoke([{"path": "/", "status": 200}], ECS, port) == {"hookStatus": "FAILED"}


def test_a_late_answer_is_waited_for(smoke):
    answers = iter([(503, b""), (503, b""), (200, b"")])
    with serving(lambda _: next(answers)) as port:
        assert smoke([{"path": "/", "status": 200}], ECS, port, within=60) == {"hookStatus": "SUCCEEDED"}


@pytest.mark.parametrize(("wanted", "status"), [(200, "Succeeded"), (404, "Failed")])
def test_codedeploy_is_called(smoke, monkeypatch, wanted, status):
    calls = []

    def codedeploy(handler):
        calls.append((handler.headers["X-Amz-Target"], json.loads(handler.asked)))
        return 200, b"{}"

    with serving(site) as port, serving(codedeploy) as api:
        for name, value in {"ENDPOINT_URL": f"http://127.0.0.1:{api}", "REGION": "us-east-1", "DEFAULT_REGION": "us-east-1"}.items():
            monkeypatch.setenv(f"AWS_{name}", value)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
        smoke([{"path": "/", "status": wanted}], {"DeploymentId": "d-1", "LifecycleEventHookExecutionId": "e-1"}, port)
    assert calls == [
        (
            "CodeDeploy_20141006.PutLifecycleEventHookExecutionStatus",
            {"deploymentId": "d-1", "lifecycleEventHookExecutionId": "e-1", "status": status},
        )
    ]


def test_the_rendered_function_asks_what_the_spec_says():
    artifacts = {artifact.path: artifact.text for artifact in compiled(specs()["guards"].read_bytes())}
    template = cfnlint.decode.cfn_yaml.loads(artifacts["stacks/hooks.yaml"])
    function = {}
    exec(template["Resources"]["AfterTestTrafficFunction"]["Properties"]["Code"]["ZipFile"], function)
    hooks = yaml.safe_load(specs()["guards"].read_text(encoding="utf-8"))["deployment"]["hooks"]
    assert function["TESTS"] == [{"status": 200, **test} for test in hooks["after_test_traffic"]["test"]]
