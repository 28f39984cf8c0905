"""What somebody changed by hand is told where it matters; what a deployment moves is not."""

import json

from tests.deploy.bench import SMALL, Bench
from tests.deploy.test_deployments import WITH_512, until
from tests.deploy.test_release_native import NATIVE, release, with_512

CLUSTER, SERVICE = "shop-dev-cluster-01", "shop-dev-service-web-01"


def drifted(bench: Bench) -> list[str]:
    found = json.loads(bench.plan("--format", "json").out)["findings"]
    return [one["message"] for one in found if one["code"] == "BG016"]


def listener(bench: Bench) -> tuple[str, dict[str, str]]:
    """The production listener, and the target groups by colour."""
    found = bench.client("cloudformation").describe_stacks(StackName="shop-dev-stack-traffic-01")["Stacks"][0]["Outputs"]
    outputs = {one["OutputKey"]: one["OutputValue"] for one in found}
    return outputs["ProductionListenerArn"], {"blue": outputs["WebBlueTargetGroupArn"], "green": outputs["WebGreenTargetGroupArn"]}


def weigh(bench: Bench, **shares: int) -> None:
    arn, groups = listener(bench)
    forward = {"TargetGroups": [{"TargetGroupArn": groups[colour], "Weight": share} for colour, share in shares.items()]}
    bench.client("elbv2").modify_listener(ListenerArn=arn, DefaultActions=[{"Type": "forward", "ForwardConfig": forward}])


def test_a_live_colour_is_no_drift(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert drifted(bench) == []
    bench.spec(WITH_512)
    assert bench.apply().code == 0
    assert drifted(bench) == []
    assert bench.plan("--exit-code").code == 0


def test_traffic_that_was_moved_by_hand_is_told(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    weigh(bench, blue=1, green=1)
    assert drifted(bench) == ["Production is split (blue 50 % and green 50 %), and no deployment is under way."]
    weigh(bench, blue=0, green=1)
    assert drifted(bench) == ["Production goes to green, where no task is healthy; blue has 2/2."]
    arn, _ = listener(bench)
    bench.client("elbv2").modify_listener(
        ListenerArn=arn, DefaultActions=[{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503"}}]
    )
    assert drifted(bench) == ["The production listener leads to neither of its target groups."]
    plan = bench.plan()
    assert plan.code == 0  # a warning: nothing of it stands in apply's way
    assert f"--> {bench.file}:8:3" in plan.err


def test_a_service_that_was_deleted_by_hand_is_told(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.client("ecs").delete_service(cluster=CLUSTER, service=SERVICE, force=True)
    until(lambda: drifted(bench))
    assert drifted(bench) == ["Its stack stands, but the service is gone."]


def test_what_was_taken_back_is_deployed_by_the_next_apply(bench: Bench) -> None:
    bench.spec(NATIVE)
    assert bench.apply().code == 0
    bench.spec(with_512(NATIVE))
    assert bench.apply().code == 0
    assert release(bench, "rollback").code == 0
    plan = bench.plan("--exit-code")
    assert plan.code == 10
    assert "new deployment    of shop-dev-task-web-01:2" in plan.out
    result = bench.apply()
    assert result.code == 0, result.err
    assert "deployment of shop-dev-task-web-01:2" in result.err
    assert bench.plan("--exit-code").code == 0
