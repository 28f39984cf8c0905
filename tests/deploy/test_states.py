"""What a stranger is told in every state in which an environment can be found, and what programs get."""

import json
from typing import Any

import pytest

from bgspec.deploy.formation import Cause, Formation
from bgspec.sandbox.cloudformation.stack import stacks
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from tests.deploy.bench import ACCOUNT, ARTICLE, REGION, SMALL, Bench, Result
from tests.deploy.scenarios import spoil_the_source
from tests.waiting import until

WEB = "shop-dev-stack-service-web-01"
CANARY = SMALL + "deployment:\n  shift: {canary: 10%, after: 5m}\n"


def put(bench: Bench, name: str, status: str) -> None:
    """A stack into a state into which nothing else brings it here."""
    with bench.world.lock:
        found = stacks(bench.world.context(ACCOUNT, REGION)).values()
        (stack,) = (one for one in found if one.name == name and one.status != "DELETE_COMPLETE")
        stack.status = status


def told(bench: Bench) -> tuple[int, dict[str, Any]]:
    """The plan for programs, with its exit code."""
    result = bench.plan("--format", "json", "--exit-code")
    return result.code, json.loads(result.out)


def web(found: dict[str, Any]) -> dict[str, Any]:
    return next(one for one in found["stacks"] if one["stack"] == "service-web")


@pytest.mark.parametrize(
    ("status", "code", "action", "words"),
    [
        ("CREATE_FAILED", 0, "nothing", "what failed was not taken back"),
        ("UPDATE_FAILED", 0, "nothing", "what failed was not taken back"),
        ("UPDATE_ROLLBACK_COMPLETE", 0, "nothing", ""),
        ("ROLLBACK_COMPLETE", 10, "created", "it is deleted first"),
        ("ROLLBACK_FAILED", 10, "created", "it is deleted first"),
        ("DELETE_FAILED", 10, "created", "it is deleted first"),
        ("UPDATE_IN_PROGRESS", 10, "busy", "apply waits for its end"),
        ("DELETE_IN_PROGRESS", 10, "busy", "apply waits for its end"),
        ("UPDATE_ROLLBACK_FAILED", 3, "refused", f"continue-update-rollback --stack-name {WEB}"),
        ("IMPORT_ROLLBACK_FAILED", 3, "refused", "AWS's support"),
        ("OF_THE_FUTURE", 3, "refused", "does not know that state"),
    ],
)
def test_every_state_of_a_stack_is_told_in_words_and_to_programs(bench: Bench, status: str, code: int, action: str, words: str) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    put(bench, WEB, status)
    got, found = told(bench)
    assert (got, web(found)["action"], web(found)["status"], found["changes"]) == (code, action, status, action != "nothing")
    assert words in " ".join(web(found)["reasons"])
    human = bench.plan()
    assert words in human.out
    assert ("-->" in human.out) == (action == "refused")
    shown = bench.run("status", str(bench.file), "--sandbox")
    assert shown.code == 0
    assert f"service-web: {status}" in shown.out


def test_a_creation_that_failed_is_told_with_its_reason(bench: Bench) -> None:
    bench.spec(SMALL)
    bench.world.broken_images = {"nginx:1.27": "pull"}
    assert bench.apply().code == 3
    code, found = told(bench)
    assert code == 10
    first, why, mend = web(found)["reasons"]
    assert first == "it is in ROLLBACK_COMPLETE: it is deleted first"
    assert why.startswith("because of Service (AWS::ECS::Service): ")
    assert mend.startswith("The new tasks did not become healthy in time.")


def test_what_stood_in_the_way_of_taking_back_is_not_what_failed_before() -> None:
    def event(number: int, status: str, ident: str, kind: str = "AWS::EC2::VPC", reason: str = "") -> dict[str, str]:
        return {
            "EventId": str(number),
            "ResourceStatus": status,
            "LogicalResourceId": ident,
            "ResourceType": kind,
            "ResourceStatusReason": reason,
        }

    stack = "AWS::CloudFormation::Stack"
    events = [
        event(6, "UPDATE_ROLLBACK_FAILED", "shop", stack, "The following resource(s) failed to update: [Old]. "),
        event(5, "UPDATE_FAILED", "Old", reason="it is gone"),
        event(4, "UPDATE_ROLLBACK_IN_PROGRESS", "shop", stack, "The following resource(s) failed to update: [New]. "),
        event(3, "UPDATE_FAILED", "Other", reason="Resource update cancelled"),
        event(2, "UPDATE_FAILED", "New", reason="no room"),
        event(1, "UPDATE_IN_PROGRESS", "shop", stack, "User Initiated"),
    ]

    class Aws:
        sandbox = ""

        def pages(self, *_: object, **__: object) -> list[dict[str, str]]:
            return events

    formation = Formation(Aws())  # type: ignore[arg-type]
    assert formation.cause("shop") == Cause("New", "AWS::EC2::VPC", "no room")
    assert formation.cause("shop", back=True) == Cause("Old", "AWS::EC2::VPC", "it is gone")


def deployed_by_hand(bench: Bench) -> None:
    """A deployment that somebody else began, half-way."""
    ecs = bench.client("ecs")
    found = ecs.describe_task_definition(taskDefinition="shop-dev-task-web-01")["taskDefinition"]
    wanted = ("family", "containerDefinitions", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory")
    revision = ecs.register_task_definition(**{name: found[name] for name in wanted})["taskDefinition"]["taskDefinitionArn"]
    target = {"TaskDefinition": revision, "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}
    text = {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": target}}]}
    content = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(text)}}
    bench.world.speed = 60
    bench.client("codedeploy").create_deployment(
        applicationName="shop-dev-app-01", deploymentGroupName="shop-dev-dg-web-01", revision=content
    )
    until(lambda: bench.weights("shop-dev-stack-traffic-01") == {"01": 90, "02": 10})
    bench.world.speed = 1


def test_a_canary_half_way_keeps_apply_away_and_plan_says_so(bench: Bench) -> None:
    bench.spec(CANARY)
    assert bench.apply().code == 0
    deployed_by_hand(bench)
    bench.spec(CANARY.replace("port: 80", "port: 80\n    cpu: 512"))
    plan = bench.plan("--exit-code")
    assert plan.code == 10
    assert "not now              web is being deployed: " in plan.out
    assert f"`bgspec release {bench.file} stop`" in plan.out
    (obstacle,) = told(bench)[1]["not_now"]
    apply = bench.apply()
    assert apply.code == 3
    assert f"Nothing was changed: {obstacle}" in apply.err
    gone = bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev")
    assert gone.code == 3
    assert "Nothing was deleted:" in gone.err
    bench.world.speed = 3000
    assert bench.run("release", str(bench.file), "stop", "--sandbox").code == 0
    assert told(bench)[1]["not_now"] == []


def test_a_run_of_the_pipeline_is_told_with_the_way_to_its_end(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    bench.world.speed = 1
    bench.client("codepipeline").start_pipeline_execution(name="cf1-stg-pipeline-01")
    bench.spec(ARTICLE.replace("memory: 512", "memory: 1024"))
    code, found = told(bench)
    assert code == 10
    assert "the pipeline is under way since 20" in found["not_now"][0]
    assert " UTC (" in found["not_now"][0]
    bench.world.speed = 3000


def every(bench: Bench) -> list[Result]:
    commands = ("plan", "apply --yes", "status", "destroy --confirm shop-dev", "release stop")
    return [bench.run(name, str(bench.file), *more, "--sandbox") for name, *more in (command.split() for command in commands)]


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ExpiredToken", "The credentials have expired. Log in again"),
        ("InvalidClientTokenId", "AWS does not know these credentials (InvalidClientTokenId). Log in again"),
        ("SignatureDoesNotMatch", "is the secret key whole, and this machine's clock right?"),
        ("AccessDenied", "is not allowed: what AWS says. What a deployer needs is in docs/deployer-policy.json."),
    ],
)
def test_credentials_that_will_not_do_are_told_by_every_command(bench: Bench, code: str, words: str) -> None:
    def refuse(*_: object) -> None:
        raise AwsError(code, "what AWS says", 403)

    bench.spec(SMALL)
    bench.patch.setitem(REGISTRY["sts"].operations, "get_caller_identity", refuse)
    for result in every(bench):
        assert result.code == 3
        assert words in result.err
        assert not result.out


def test_before_the_first_apply_every_command_says_so(bench: Bench) -> None:
    for engine in ("codedeploy", "ecs"):
        bench.spec(SMALL + f"deployment:\n  engine: {engine}\n")
        for action in ("continue", "stop", "rollback"):
            result = bench.run("release", str(bench.file), action, "--sandbox")
            assert result.code == 3
            assert f"web does not run yet: `bgspec apply {bench.file}` comes first" in result.err
    gone = bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev")
    assert gone.code == 0
    assert "shop-dev: none of its stacks stands" in gone.err


def test_a_lock_that_nobody_can_read_names_itself(bench: Bench) -> None:
    bench.spec(SMALL)
    for text in ("garbage", "[]", "{}", '{"until": "soon", "since": 0, "holder": "mia"}'):
        bench.client("ssm").put_parameter(Name="/bgspec/shop/dev/lock/abc", Value=text, Type="String", Overwrite=True)
        result = bench.apply()
        assert result.code == 3
        assert "`aws ssm delete-parameter --name /bgspec/shop/dev/lock/abc`" in result.err
    names = [one["Name"] for one in bench.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]]
    assert names == ["/bgspec/shop/dev/lock/abc"]


@pytest.mark.parametrize("command", ["plan", "status", "status --format json", "release rollback"])
def test_every_command_says_that_it_is_an_emulation(bench: Bench, command: str) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    first, *more = command.split()
    result = bench.run(first, str(bench.file), *more, "--sandbox")
    assert result.err.startswith(f"This is an emulation at {bench.server.url}: ")
    assert "emulation" not in result.out


def test_a_pipeline_that_failed_is_told_with_its_reason(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    spoil_the_source(bench)
    shown = bench.run("status", str(bench.file), "--sandbox").out
    assert "  pipeline     Failed " in shown
    assert "Build-fargate: Build terminated with state: FAILED. YAML_FILE_ERROR" in shown
