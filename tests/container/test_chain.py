"""From a commit to a running container: CodeBuild's commands, a real engine, a real registry, the deploy action."""

import socket
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.container import codebuild
from tests.container.conftest import default_base
from tests.container.engine import Engine, EngineError
from tests.container.registry import Registry
from tests.container.workshop import SPEC, Workshop

pytestmark = [pytest.mark.slow, pytest.mark.container]

COMMIT = "3f1c0ffee0ddba11c0de5eedfacade0123456789"
TAG = COMMIT[:12]
LISTENERS = (81, 82)  # the article's: production and test

OpenWorkshop = Callable[..., Workshop]


@pytest.fixture
def open_workshop(clean_engine: Engine, tmp_path: Path) -> Iterator[OpenWorkshop]:
    with ExitStack() as registries:

        def opened(**settings: Any) -> Workshop:
            (tmp_path / "registry").mkdir()
            registry = registries.enter_context(Registry(tmp_path / "registry", **settings))
            clean_engine.trust(registry.address)
            return Workshop(clean_engine, registry, tmp_path)

        yield opened


def fetch(port: int, path: str) -> str:
    """Asks as the load balancer does, which says where the request arrived."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"X-Forwarded-Port": str(port)})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return answer.read().decode()


def wait_until_healthy(port: int) -> None:
    """As the target group does before a task gets traffic."""
    give_up = time.monotonic() + 20
    while True:
        try:
            fetch(port, "/test.html")
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.05)
        else:
            return


def test_a_commit_becomes_a_running_site(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop()
    source = workshop.commit()
    build = workshop.build(source, COMMIT)
    deployed = workshop.deploy(source, build)
    assert set(build.artifacts) == {codebuild.PRIMARY}
    assert set(build.artifacts[codebuild.PRIMARY]) == {"appspec.yaml", "taskdef.json", "imageDetail.json"}
    target = deployed.appspec["Resources"][0]["TargetService"]["Properties"]
    assert target["TaskDefinition"] == deployed.arn

    container = next(
        c for c in deployed.task_definition["containerDefinitions"] if c["name"] == target["LoadBalancerInfo"]["ContainerName"]
    )
    port = target["LoadBalancerInfo"]["ContainerPort"]
    assert "@sha256:" in container["image"]
    workshop.pull(container["image"])
    assert workshop.engine.size(container["image"]) - workshop.engine.size(default_base()) < 2_000_000, "bytes above the base"
    name = workshop.engine.start(container, deployed.task_definition, dict.fromkeys(LISTENERS, port))
    wait_until_healthy(LISTENERS[0])
    for listener in LISTENERS:
        assert "It serves" in fetch(listener, "/test.html")
        page = fetch(listener, "/test.php")
        for shown in (TAG, f"<td>{listener}</td>", name[:12], "<th>Colour</th>"):
            assert shown in page
    assert workshop.engine.users(name) == {33}, "www-data, process 1 too"
    seconds, code = workshop.engine.stop(name)
    assert code == 0
    assert seconds < 3

    again = workshop.build(source, COMMIT)
    assert again.artifacts == build.artifacts, "a pipeline that runs again deploys the image that is there"
    assert "STEP 1" in build.log
    assert "STEP 1" not in again.log


def test_the_site_listens_where_the_spec_says(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop()
    spec = yaml.safe_load(SPEC)
    spec["services"]["fargate"] |= {"port": 8080, "environment": {"COLOUR": "<i>teal"}}
    source = workshop.commit(yaml.safe_dump(spec))
    deployed = workshop.deploy(source, workshop.build(source, COMMIT))
    container = deployed.task_definition["containerDefinitions"][0]
    workshop.pull(container["image"])
    name = workshop.engine.start(container, deployed.task_definition, dict.fromkeys(LISTENERS, 8080))
    wait_until_healthy(LISTENERS[0])
    page = fetch(LISTENERS[0], "/test.php")
    assert "<td>8080</td>" in page
    assert "<td>&lt;i&gt;teal</td>" in page
    seconds, code = workshop.engine.stop(name, signal="TERM")  # as ECS did before it minded the image's STOPSIGNAL
    assert code == 0
    assert seconds < 3


def test_a_failing_build_is_said_and_nothing_is_pushed(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop()
    source = workshop.commit()
    with (source / "container/Dockerfile").open("a") as dockerfile:
        dockerfile.write("USER 0\nRUN echo the disk is full >&2; exit 7\n")
    build = workshop.build(source, COMMIT)
    assert [(phase.name, phase.succeeded) for phase in build.phases[1:4]] == [
        ("pre_build", True), ("build", False), ("post_build", False),
    ]  # fmt: skip
    assert "the disk is full" in build.log
    assert "The image was not built, so nothing is pushed." in build.log
    assert not list(workshop.registry.images())
    assert build.artifacts == {}


def test_a_missing_engine_is_said_before_anything_is_built(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop()
    (workshop.tools / "docker").unlink()
    build = workshop.build(workshop.commit(), COMMIT)
    assert [phase.name for phase in build.phases] == ["install", "pre_build"]
    assert "docker: command not found" in build.log
    assert "Docker does not answer. The build project needs privileged mode." in build.log


def test_a_taken_port_is_named(clean_engine: Engine) -> None:
    with socket.create_server(("127.0.0.1", LISTENERS[1])):
        with pytest.raises(EngineError, match=r"port 82 of 127\.0\.0\.1 cannot be published: Address already in use"):
            clean_engine.start({"image": default_base()}, {"cpu": "256", "memory": "512"}, dict.fromkeys(LISTENERS, 80))
        assert clean_engine.containers() == []


def test_a_registry_that_refuses_the_login_ends_the_build_at_once(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop()
    workshop.registry.password = "of another account"
    build = workshop.build(workshop.commit(), COMMIT)
    assert [phase.name for phase in build.phases] == ["install", "pre_build"]
    assert "invalid username/password" in build.log


def test_a_registry_that_refuses_the_image_fails_the_build(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop(read_only=True)
    build = workshop.build(workshop.commit(), COMMIT)
    failed = build.phase("post_build")
    assert failed
    assert not failed.succeeded
    assert "docker push" in failed.message
    assert build.artifacts == {}


def test_no_registry_at_all_fails_the_build(open_workshop: OpenWorkshop) -> None:
    workshop = open_workshop()
    workshop.registry.close()
    build = workshop.build(workshop.commit(), COMMIT)
    assert [phase.name for phase in build.phases] == ["install", "pre_build"]
    assert "connection refused" in build.log
