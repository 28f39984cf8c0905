"""What somebody changed by hand is told where it matters; what a deployment moves is not."""

import json

import pytest

from bgspec.deploy import final
from tests.deploy.bench import SMALL, Bench
from tests.deploy.test_deployments import WITH_512
from tests.deploy.test_release_native import NATIVE, release, with_512
from tests.waiting import until

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


@pytest.mark.parametrize("more", ["deployment: {engine: ecs}\n", ""], ids=["ecs", "codedeploy"])
def test_another_count_in_the_spec_is_no_drift_and_one_by_hand_is(bench: Bench, more: str) -> None:
    bench.spec(SMALL + more)
    assert bench.apply().code == 0
    bench.spec(SMALL + "    count: 3\n" + more)
    assert drifted(bench) == []
    bench.spec(SMALL + more)
    bench.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=1)
    assert drifted(bench) == ["1 task is wanted on ECS, the spec says 2."]


def test_tasks_that_do_not_start_are_told_while_they_are_waited_for(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(final, "SANDBOX_PATIENCE", 2.0)
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.world.broken_images = {"nginx:1.27": "pull"}
    bench.client("ecs").update_service(cluster="shop-dev-cluster-01", service="shop-dev-service-web-01", desiredCount=3)
    result = bench.apply()
    assert result.code == 3
    waits, why, end = (result.err.find(text) for text in ("2 of 3 tasks run: waiting", "a task stopped: ", "NOT OK  web: 2 of 3"))
    assert -1 < waits < why < end, result.err


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


def gone(bench: Bench) -> list[tuple[str, str]]:
    """What is told as gone, and how it comes back."""
    found = json.loads(bench.plan("--format", "json").out)["findings"]
    return [(one["message"], one["help"]) for one in found if "is gone" in one["message"]]


def log_group(bench: Bench) -> None:
    bench.client("logs").delete_log_group(logGroupName="/ecs/shop-dev-task-web-01")


def scaling(bench: Bench) -> None:
    bench.client("application-autoscaling").deregister_scalable_target(
        ServiceNamespace="ecs", ResourceId=f"service/{CLUSTER}/{SERVICE}", ScalableDimension="ecs:service:DesiredCount"
    )


def test_what_somebody_deleted_is_told_until_it_is_back(bench: Bench) -> None:
    spec = SMALL + "    scaling: {min: 2, max: 4, cpu: 60}\n    logs: 30\n"
    bench.spec(spec)
    assert bench.apply().code == 0
    assert gone(bench) == []
    log_group(bench)
    scaling(bench)
    told = dict(gone(bench))
    assert len(told) == 2
    assert bench.apply().code == 0  # nothing that is not changed is in its way
    log, target = sorted(told.values(), key=lambda one: "create-log-group" not in one)
    assert "`aws logs create-log-group --log-group-name /ecs/shop-dev-task-web-01`" in log
    assert "`aws cloudformation delete-stack --stack-name shop-dev-stack-scaling-web-01`" in target

    bench.spec(spec.replace("logs: 30", "logs: 60").replace("max: 4", "max: 5"))
    refused = bench.apply()
    assert refused.code == 3
    assert "LogGroup would be changed (RetentionInDays), but somebody has deleted it" in refused.err
    assert "ScalableTarget would be changed (MaxCapacity), but somebody has deleted it" in refused.err
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}

    bench.client("logs").create_log_group(logGroupName="/ecs/shop-dev-task-web-01")
    bench.client("cloudformation").delete_stack(StackName="shop-dev-stack-scaling-web-01")
    until(lambda: "shop-dev-stack-scaling-web-01" not in bench.stacks())
    assert bench.apply().code == 0
    assert gone(bench) == []


ROUTED = (
    SMALL
    + """\
    routes: [{path: /shop/*}]
  api:
    image: {uri: "public.ecr.aws/nginx/nginx:1.27"}
    port: 8080
    routes: [{path: /api/*}, {path: /v1/*}]
"""
)


@pytest.mark.parametrize("engine", ["codedeploy", "ecs"])
def test_a_rule_that_somebody_deleted_is_told_and_comes_back_with_its_route(bench: Bench, engine: str) -> None:
    spec = ROUTED + f"deployment:\n  engine: {engine}\n"
    bench.spec(spec)
    assert bench.apply().code == 0
    assert gone(bench) == []
    arn, _ = listener(bench)
    elbv2 = bench.client("elbv2")
    rule = next(one for one in elbv2.describe_rules(ListenerArn=arn)["Rules"] if "/api/*" in str(one["Conditions"]))
    elbv2.delete_rule(RuleArn=rule["RuleArn"])
    ((told, way),) = gone(bench)
    assert told.startswith("The production listener's rule ApiProductionRule")
    if engine == "ecs":
        assert "`aws elbv2 create-rule`" in way
        return
    assert "Take the route out of the spec" in way
    bench.spec(spec.replace("{path: /api/*}, ", ""))
    assert bench.apply().code == 0
    bench.spec(spec)
    result = bench.apply()
    assert result.code == 0, result.err
    assert gone(bench) == []


def test_what_is_new_to_a_stack_is_not_gone(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.spec(SMALL.replace("  egress: public\n", "  egress: public\n  flow_logs: true\n"))
    assert gone(bench) == []


def test_rules_that_somebody_set_apart_are_told_one_by_one(bench: Bench) -> None:
    """Two rules of a service that lead to different colours are not half of each."""
    bench.spec(ROUTED)
    assert bench.apply().code == 0
    arn, _ = listener(bench)
    elbv2 = bench.client("elbv2")
    rule = next(one for one in elbv2.describe_rules(ListenerArn=arn)["Rules"] if "/api/*" in str(one["Conditions"]))
    groups = {one["TargetGroupName"]: one["TargetGroupArn"] for one in elbv2.describe_target_groups()["TargetGroups"]}
    pair = [{"TargetGroupArn": groups[f"shop-dev-tg-api-0{number}"], "Weight": weight} for number, weight in ((1, 0), (2, 1))]
    elbv2.modify_rule(RuleArn=rule["RuleArn"], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": pair}}])
    other = next(one for one in elbv2.describe_rules(ListenerArn=arn)["Rules"] if "/v1/*" in str(one["Conditions"]))
    told = f"rule {rule['Priority']}: blue 0 %, green 100 %; rule {other['Priority']}: blue 100 %"
    assert f"production  {told}" in bench.run("status", str(bench.file), "--sandbox").out
    plan = bench.plan()
    assert f"production: {told}" in plan.out
    assert f"Production is split ({told})" in plan.err
    found = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"]
    assert {one["service"]: list(one["rules"]) for one in found} == {"web": [], "api": ["production"]}


@pytest.mark.parametrize("spec", [SMALL, NATIVE], ids=["codedeploy", "ecs"])
def test_no_new_tasks_are_begun_whose_log_group_is_gone(bench: Bench, spec: str) -> None:
    bench.spec(spec)
    assert bench.apply().code == 0
    log_group(bench)
    bench.spec(with_512(spec))
    refused = bench.apply()
    assert refused.code == 3
    assert "no new task would start: somebody has deleted the log group /ecs/shop-dev-task-web-01" in refused.err
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}
    bench.client("logs").create_log_group(logGroupName="/ecs/shop-dev-task-web-01")
    assert bench.apply().code == 0
