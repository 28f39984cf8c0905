"""`release` where ECS itself deploys: a gate answered, a shift ended, and the way back."""

import threading

from tests.deploy.bench import SMALL, Bench
from tests.deploy.test_deployments import live
from tests.waiting import until

NATIVE = SMALL + "deployment:\n  engine: ecs\n  bake: 1m\n"
GATED = NATIVE + "  approval:\n    before: traffic\n    timeout: 60m\n"
CANARY = NATIVE + "  shift: {canary: 10%, after: 60m}\n"


def with_512(text: str) -> str:
    return text.replace("    port: 80\n", "    port: 80\n    cpu: 512\n")


class Applying:
    """An apply that goes on beside the test."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.code = -1
        self._thread.start()

    def _run(self) -> None:
        from bgspec.deploy import commands

        choices = commands.Choices()
        self.code = commands.apply([str(self._bench.file)], commands.Where(sandbox=True), choices, yes=True)

    def end(self) -> int:
        self._thread.join(60)
        return self.code


def release(bench: Bench, action: str):
    return bench.run("release", str(bench.file), action, "--sandbox")


def status(bench: Bench) -> str:
    return live(bench)["deployment"]["status"]


def awaited(bench: Bench) -> bool:
    ecs = bench.client("ecs")
    found = ecs.list_service_deployments(cluster="shop-dev-cluster-01", service="shop-dev-service-web-01")["serviceDeployments"]
    arns = [one["serviceDeploymentArn"] for one in found if one["status"] == "IN_PROGRESS"]
    if not arns:
        return False
    hooks = ecs.describe_service_deployments(serviceDeploymentArns=arns)["serviceDeployments"][0]["lifecycleHookDetails"]
    return any(hook["status"] == "AWAITING_ACTION" for hook in hooks)


def test_a_gate_is_answered_and_apply_ends_with_it(bench: Bench, capsys) -> None:
    bench.spec(GATED)
    assert bench.apply().code == 0
    assert status(bench) == "SUCCESSFUL"
    bench.world.speed = 300
    bench.spec(with_512(GATED))
    applying = Applying(bench)
    until(lambda: awaited(bench))
    assert live(bench)["colour"] == "blue"
    assert status(bench) == "IN_PROGRESS"
    bench.world.speed = 3000
    go = release(bench, "continue")
    assert go.code == 0, go.err
    assert "100 % of production traffic" in go.err
    assert "deployed" in go.err
    assert applying.end() == 0
    assert "waits for your word until" in capsys.readouterr().err
    assert live(bench)["colour"] == "green"
    assert live(bench)["revision"].endswith(":2")


def test_a_shift_is_ended_and_its_stack_goes_back(bench: Bench) -> None:
    bench.spec(CANARY)
    assert bench.apply().code == 0
    bench.world.speed = 300
    bench.spec(with_512(CANARY))
    applying = Applying(bench)
    until(lambda: live(bench)["production"] == {"blue": 90, "green": 10})
    bench.world.speed = 3000
    ended = release(bench, "stop")
    assert ended.code == 0, ended.err
    assert "traffic is where it was before" in ended.err
    assert live(bench)["production"] == {"blue": 100, "green": 0}
    assert applying.end() == 3
    assert live(bench)["revision"].endswith(":1")
    nothing = release(bench, "stop")
    assert nothing.code == 3
    assert "no deployment of web is under way" in nothing.err


def test_who_ends_it_at_its_gate_is_not_asked_again(bench: Bench, capsys) -> None:
    bench.spec(GATED)
    assert bench.apply().code == 0
    bench.world.speed = 300
    bench.spec(with_512(GATED))
    applying = Applying(bench)
    until(lambda: awaited(bench))
    ended = release(bench, "stop")
    assert ended.code == 0, ended.err
    assert "waits for your word" not in ended.err
    bench.world.speed = 3000
    assert applying.end() == 3
    assert "help: Somebody stopped it (`bgspec release" in capsys.readouterr().err


def test_the_last_deployment_is_taken_back(bench: Bench) -> None:
    bench.spec(NATIVE)
    assert bench.apply().code == 0
    first = release(bench, "rollback")
    assert first.code == 3
    assert "nothing to go back to" in first.err
    bench.spec(with_512(NATIVE))
    assert bench.apply().code == 0
    assert live(bench)["colour"] == "green"
    back = release(bench, "rollback")
    assert back.code == 0, back.err
    assert live(bench)["colour"] == "blue"
    assert live(bench)["revision"].endswith(":1")
