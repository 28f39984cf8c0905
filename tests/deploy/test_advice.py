"""What to do about a failure: told from texts that AWS really gave, each with the public place where it was seen."""

import re
from pathlib import Path

import pytest
import yaml

from bgspec.compiler import compile_spec
from bgspec.deploy import causes
from bgspec.deploy.advice import advice
from bgspec.deploy.units import Environment, environment
from tests.deploy.bench import SMALL, Bench

SEEN: dict[str, list[dict[str, str]]] = yaml.safe_load(Path(__file__).with_name("failures.yaml").read_text("utf-8"))
TEXTS = [pytest.param(cause, one["text"], id=f"{cause} {number}") for cause, found in SEEN.items() for number, one in enumerate(found, 1)]


@pytest.mark.parametrize(("cause", "text"), TEXTS)
def test_a_cause_is_recognised_by_what_aws_says(cause: str, text: str) -> None:
    found = causes.find(text)
    assert found
    assert found[0].name == cause


def test_every_cause_has_been_seen() -> None:
    assert [one.name for one in causes.CAUSES] == list(SEEN)
    assert all(one["seen"].startswith(("https://", "as the sandbox words it")) for found in SEEN.values() for one in found)


def test_nothing_is_invented_for_what_nobody_knows() -> None:
    assert causes.find("The moon is in the wrong house (Service: Astrology; Status Code: 400)") is None
    assert advice("The moon is in the wrong house", article(SMALL), "network") == ""


def article(text: str) -> Environment:
    compilation = compile_spec(text.encode(), "shop.yaml", None)
    return environment(compilation, compilation.plans[0])


@pytest.mark.parametrize(("cause", "text"), TEXTS)
def test_every_way_out_is_a_whole_sentence(cause: str, text: str) -> None:
    for step in ("network", "service-web", "deploy web"):
        mend = advice(text, article(SMALL), step)
        assert re.fullmatch(r"[A-Z].*[.?]", mend), (cause, mend)
        assert "{" not in mend
        assert "NAME" not in mend


TWO = SMALL + "  api:\n    image:\n      uri: public.ecr.aws/nginx/nginx:1.27\n    port: 80\n    routes:\n      - path: /api/*\n"


@pytest.mark.parametrize(
    ("text", "step", "words"),
    [
        ("… descriptor matching platform 'linux/arm64'", "service-web", "say in `services.web.image.architecture` (shop.yaml:9)"),
        ("… i/o timeout … ResourceInitializationError … i/o timeout", "service-web", "look at `network.egress` (shop.yaml:6)"),
        ("Task failed ELB health checks in (…)", "deploy api", "answer as `services.api.health_check` (shop.yaml:12) says"),
        ("Task failed ELB health checks in (…)", "deploy api", "`aws logs tail /ecs/shop-dev"),
        ("… is not authorized to perform: iam:PassRole on …", "service-web", "Allow iam:PassRole to whoever deploys"),
        ("The maximum number of VPCs has been reached.", "network", "as many VPCs as it may in ap-northeast-1"),
        ("resource sg-0b8b2fcf05a0509b6 has a dependent object", "network", "--filters Name=group-id,Values=sg-0b8b2fcf05a0509b6`"),
        ("… already exists.", "registry", "`bgspec destroy shop.yaml --delete-data`"),
        ("Certificate ARN 'arn' is not valid", "traffic", "`load_balancer.production.certificate`."),  # nothing of it is written
    ],
)  # fmt: skip
def test_the_way_out_names_the_word_and_its_line(text: str, step: str, words: str) -> None:
    assert words in advice(text, article(TWO), step)


@pytest.mark.parametrize(
    ("doom", "reason", "mend"),
    [
        ("pull", "a task stopped: CannotPullContainerError", "help: The registry has no such image, or not any more"),
        ("exit", "a task stopped: Essential container in task exited; web: exit code 1", "help: The application ended by itself"),
        (
            "unhealthy",
            "a task stopped: Task failed ELB health checks",
            "help: The load balancer gets no good answer",
        ),
    ],
)
def test_what_stops_tasks_is_explained_once_and_at_the_end(bench: Bench, doom: str, reason: str, mend: str) -> None:
    bench.spec(SMALL)
    bench.world.broken_images = {"nginx:1.27": doom}
    result = bench.apply()
    assert result.code == 3
    assert reason in result.err
    assert result.err.index(reason) < result.err.index(mend) < result.err.index("FAILED Service")
    told = result.err[: result.err.index("Service (ECS::Service) failed")]
    assert told.count(reason) == told.count(mend) == 1
    assert "the same again, " in told
    end = result.err[result.err.index("FAILED Service") :]
    assert f"--> {bench.file}:8" in end
    assert "help: The new tasks did not become healthy in time." in end
    assert ("ECS says: (service shop-dev-service-web-01) (port 80) is unhealthy in" in result.err) == (doom == "unhealthy")


@pytest.mark.parametrize("engine", ["codedeploy", "ecs"])
def test_a_deployment_that_fails_is_explained(bench: Bench, engine: str) -> None:
    text = SMALL + f"deployment:\n  engine: {engine}\n"
    bench.spec(text)
    assert bench.apply().code == 0
    bench.world.broken_images = {"nginx:2": "unhealthy"}
    bench.spec(text.replace("nginx:1.27", "nginx:2"))
    result = bench.apply()
    assert result.code == 3
    assert "a task stopped: Task failed ELB health checks" in result.err
    assert "help: The load balancer gets no good answer" in result.err
    assert "help: The new tasks did not become healthy in time." in result.err[result.err.index("FAILED ") :]
