"""Deployments in the emulator, through CodeDeploy and through ECS itself: their weights, gates, ends and ways back; and what is refused."""

import json
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from bgspec.sandbox.services import elbv2_listeners
from bgspec.sandbox.world import Context
from tests.deploy.bench import ARTICLE, SMALL, Bench, emulator, hurry
from tests.waiting import until

CLUSTER, SERVICE, FAMILY = "shop-dev-cluster-01", "shop-dev-service-web-01", "shop-dev-task-web-01"
NATIVE = "deployment: {engine: ecs, bake: 1m"
CODEDEPLOY = "deployment: {engine: codedeploy, terminate_after: 1m"


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    with emulator(tmp_path) as found:
        hurry(found.patch)
        yield found


@pytest.fixture
def shares(bench: Bench) -> list[int]:
    """The share of production traffic that green was given, each time that a deployment gave it one."""
    given: list[int] = []
    really = elbv2_listeners.shift

    def shift(ctx: Context, arn: str, wanted: dict[str, int]) -> None:
        if _port(ctx, arn) == 80:
            given.append(next(weight for group, weight in wanted.items() if group.split("/")[1].endswith("02")))
        really(ctx, arn, wanted)

    bench.patch.setattr(elbv2_listeners, "shift", shift)
    return given


def _port(ctx: Context, arn: str) -> int:
    rule = elbv2_listeners.rules(ctx).get(arn)
    return int(elbv2_listeners.listeners(ctx)[rule["_listener"] if rule else arn]["Port"])


def stands(bench: Bench, section: str = "") -> None:
    bench.spec(SMALL + (section + "}\n" if section else ""))
    result = bench.apply()
    assert result.code == 0, result.err


def revision(bench: Bench) -> str:
    """A new revision of the task, as a pipeline registers it."""
    ecs = bench.client("ecs")
    running = ecs.describe_task_definition(taskDefinition=FAMILY)["taskDefinition"]
    kept = ("family", "executionRoleArn", "taskRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory", "runtimePlatform")
    containers = [{**one, "image": "public.ecr.aws/nginx/nginx:2"} for one in running["containerDefinitions"]]
    made = ecs.register_task_definition(containerDefinitions=containers, **{name: running[name] for name in kept if name in running})
    return str(made["taskDefinition"]["taskDefinitionArn"])


def deploy(bench: Bench) -> str:
    target = {"TaskDefinition": revision(bench), "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 80}}
    appspec = {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": target}}]}
    client = bench.client("codedeploy")
    application = client.list_applications()["applications"][0]
    (group,) = client.list_deployment_groups(applicationName=application)["deploymentGroups"]
    content = {"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(appspec)}}
    return str(client.create_deployment(applicationName=application, deploymentGroupName=group, revision=content)["deploymentId"])


def status(bench: Bench, deployment: str) -> str:
    return str(bench.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]["status"])


def service(bench: Bench) -> dict[str, Any]:
    found: dict[str, Any] = bench.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"][0]
    return found


SHIFTS = {"all-at-once": [100], "{canary: 10%, after: 5m}": [10, 100], "{linear: 25%, every: 2m}": [25, 50, 75, 100]}


@pytest.mark.parametrize("shift", SHIFTS)
def test_codedeploy_shifts(bench: Bench, shares: list[int], shift: str) -> None:
    stands(bench, f"{CODEDEPLOY}, shift: {shift}")
    ident = deploy(bench)
    until(lambda: status(bench, ident) == "Succeeded")
    assert shares == [0, *SHIFTS[shift]]
    found = service(bench)
    assert found["taskDefinition"].endswith(":2")
    assert [one["status"] for one in found["taskSets"]] == ["PRIMARY"]


@pytest.mark.parametrize("shift", SHIFTS)
def test_ecs_shifts(bench: Bench, shares: list[int], shift: str) -> None:
    stands(bench, f"{NATIVE}, shift: {shift}")
    shares.clear()
    ecs = bench.client("ecs")
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=revision(bench))
    until(lambda: ecs.list_service_deployments(cluster=CLUSTER, service=SERVICE)["serviceDeployments"][0]["status"] == "SUCCESSFUL")
    assert shares == SHIFTS[shift]
    assert service(bench)["taskDefinition"].endswith(":2")


def test_a_gate_waits_for_a_word(bench: Bench, shares: list[int]) -> None:
    stands(bench, f"{CODEDEPLOY}, approval: {{before: traffic, timeout: 2d}}")
    client, ident = bench.client("codedeploy"), deploy(bench)
    with pytest.raises(ClientError, match="DeploymentIsNotInReadyState"):
        client.continue_deployment(deploymentId=ident, deploymentWaitType="READY_WAIT")
    until(lambda: status(bench, ident) == "Ready")
    assert shares == [0]
    with pytest.raises(ClientError, match="DeploymentLimitExceeded"):
        deploy(bench)
    client.continue_deployment(deploymentId=ident, deploymentWaitType="READY_WAIT")
    until(lambda: status(bench, ident) == "Succeeded")
    assert shares == [0, 100]


def test_nobody_s_word_in_time_stops_it(bench: Bench, shares: list[int]) -> None:
    stands(bench, f"{CODEDEPLOY}, approval: {{before: traffic, timeout: 1m}}")
    ident = deploy(bench)
    until(lambda: status(bench, ident) == "Stopped")
    assert set(shares) <= {0}
    assert service(bench)["taskDefinition"].endswith(":1")


def test_a_stopped_deployment_goes_back(bench: Bench, shares: list[int]) -> None:
    stands(bench, f"{CODEDEPLOY}, shift: {{canary: 10%, after: 2d}}")
    client, ident = bench.client("codedeploy"), deploy(bench)
    until(lambda: 10 in shares)
    client.stop_deployment(deploymentId=ident, autoRollbackEnabled=True)
    until(lambda: status(bench, ident) == "Stopped")
    back = until(lambda: client.get_deployment(deploymentId=ident)["deploymentInfo"].get("rollbackInfo", {}).get("rollbackDeploymentId"))
    until(lambda: status(bench, back) == "Succeeded")
    assert shares == [0, 10, 0]
    assert service(bench)["taskDefinition"].endswith(":1")
    with pytest.raises(ClientError, match="DeploymentAlreadyCompleted"):
        client.stop_deployment(deploymentId=ident)


def _pausing(bench: Bench) -> tuple[str, str]:
    """The deployment under way, and the hook that waits."""
    found = bench.client("ecs").list_service_deployments(cluster=CLUSTER, service=SERVICE)["serviceDeployments"][0]
    arn = found["serviceDeploymentArn"]
    shown = bench.client("ecs").describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]
    waiting = [hook["hookId"] for hook in shown.get("lifecycleHookDetails", ()) if hook["status"] == "AWAITING_ACTION"]
    return arn, waiting[0] if waiting else ""


@pytest.mark.parametrize(("action", "ends", "at"), [("CONTINUE", "SUCCESSFUL", ":2"), ("ROLLBACK", "ROLLBACK_SUCCESSFUL", ":1")])
def test_a_pause_waits_for_a_word(bench: Bench, action: str, ends: str, at: str) -> None:
    stands(bench, f"{NATIVE}, approval: {{before: traffic, timeout: 1d}}")
    ecs = bench.client("ecs")
    until(lambda: service(bench)["runningCount"] == 2)
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=revision(bench))
    arn, hook = until(lambda: found if (found := _pausing(bench))[1] else None)
    ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action=action)
    state = lambda: ecs.describe_service_deployments(serviceDeploymentArns=[arn])["serviceDeployments"][0]["status"]  # noqa: E731
    until(lambda: state() == ends)
    assert service(bench)["taskDefinition"].endswith(at)
    with pytest.raises(ClientError, match="not waiting"):
        ecs.continue_service_deployment(serviceDeploymentArn=arn, hookId=hook, action="CONTINUE")


def test_ecs_goes_back_when_stopped(bench: Bench, shares: list[int]) -> None:
    stands(bench, f"{NATIVE}, shift: {{canary: 10%, after: 1d}}")
    shares.clear()
    ecs = bench.client("ecs")
    ecs.update_service(cluster=CLUSTER, service=SERVICE, taskDefinition=revision(bench))
    until(lambda: 10 in shares)
    arn, _ = _pausing(bench)
    ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ROLLBACK")
    bench.world.speed = 100_000  # it looks for the word once the share has been held
    until(lambda: shares[-1] == 0)
    until(lambda: service(bench)["taskDefinition"].endswith(":1"))


REFUSED = {
    "taskDefinition": FAMILY + ":2",
    "networkConfiguration": {"awsvpcConfiguration": {"subnets": ["subnet-1"]}},
    "platformVersion": "1.4.0",
    "loadBalancers": [],
    "serviceRegistries": [],
    "forceNewDeployment": True,
}
ACCEPTED = {
    "desiredCount": 3,
    "deploymentConfiguration": {"maximumPercent": 150},
    "healthCheckGracePeriodSeconds": 30,
    "enableECSManagedTags": True,
    "propagateTags": "SERVICE",
}


def test_which_updates_codedeploy_s_services_take(bench: Bench) -> None:
    """The members as UpdateService's own text has them (bc:ecs.UpdateService)."""
    stands(bench)
    ecs = bench.client("ecs")
    revision(bench)
    for name, value in REFUSED.items():
        with pytest.raises(ClientError, match="CODE_DEPLOY deployment controller") as caught:
            ecs.update_service(cluster=CLUSTER, service=SERVICE, **{name: value})
        assert caught.value.response["Error"]["Code"] == "InvalidParameterException"
    for name, value in ACCEPTED.items():
        ecs.update_service(cluster=CLUSTER, service=SERVICE, **{name: value})
    assert service(bench)["desiredCount"] == 3
    assert service(bench)["taskDefinition"].endswith(":1")


def test_what_is_in_use_is_not_deleted(bench: Bench) -> None:
    stands(bench, f"{CODEDEPLOY}, shift: {{canary: 12%, after: 3m}}")
    elbv2, ec2, ecs, iam, deploy_ = (bench.client(name) for name in ("elbv2", "ec2", "ecs", "iam", "codedeploy"))
    (config,) = [name for name in deploy_.list_deployment_configs()["deploymentConfigsList"] if not name.startswith("CodeDeployDefault")]
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    groups = {one["GroupName"]: one["GroupId"] for one in ec2.describe_security_groups()["SecurityGroups"]}
    subnet = ec2.describe_subnets()["Subnets"][0]["SubnetId"]
    gateway = ec2.describe_internet_gateways()["InternetGateways"][0]["InternetGatewayId"]
    role = service(bench)["taskDefinition"] and ecs.describe_task_definition(taskDefinition=FAMILY)["taskDefinition"]["executionRoleArn"]
    balancer = next(group for name, group in groups.items() if "alb" in name)
    refusals: list[tuple[str, Callable[[], Any]]] = [
        ("DependencyViolation", lambda: ec2.delete_vpc(VpcId=vpc)),
        ("DependencyViolation", lambda: ec2.delete_subnet(SubnetId=subnet)),
        ("DependencyViolation", lambda: ec2.delete_security_group(GroupId=balancer)),
        ("DependencyViolation", lambda: ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)),
        ("ClusterContainsServicesException", lambda: ecs.delete_cluster(cluster=CLUSTER)),
        ("InvalidParameterException", lambda: ecs.delete_service(cluster=CLUSTER, service=SERVICE)),
        ("DeleteConflict", lambda: iam.delete_role(RoleName=role.rpartition("/")[2])),
        ("DeploymentConfigInUseException", lambda: deploy_.delete_deployment_config(deploymentConfigName=config)),
    ]
    used = [one["TargetGroupArn"] for one in elbv2.describe_target_groups()["TargetGroups"] if one["LoadBalancerArns"]]
    refusals += [("ResourceInUse", partial(elbv2.delete_target_group, TargetGroupArn=arn)) for arn in used]
    assert used
    for code, refused in refusals:
        with pytest.raises(ClientError) as caught:
            refused()
        assert caught.value.response["Error"]["Code"] == code, caught.value


@pytest.mark.parametrize("kept", ["ProductionListenerArn", "TestListenerArn"])
def test_a_target_group_is_in_use_while_one_listener_names_it(bench: Bench, kept: str) -> None:
    stands(bench)
    found = bench.client("cloudformation").describe_stacks(StackName="shop-dev-stack-traffic-01")["Stacks"][0]["Outputs"]
    listeners = {one["OutputKey"]: one["OutputValue"] for one in found if one["OutputKey"].endswith("ListenerArn")}
    elbv2 = bench.client("elbv2")
    blue = next(one["TargetGroupArn"] for one in elbv2.describe_target_groups()["TargetGroups"] if one["TargetGroupName"].endswith("01"))
    (other,) = listeners.keys() - {kept}
    elbv2.delete_listener(ListenerArn=listeners[other])
    with pytest.raises(ClientError, match="in use by a listener or a rule"):
        elbv2.delete_target_group(TargetGroupArn=blue)
    elbv2.delete_listener(ListenerArn=listeners[kept])
    elbv2.delete_target_group(TargetGroupArn=blue)


def test_a_pipeline_brings_its_image_through_the_stack_of_a_native_service(bench: Bench) -> None:
    bench.spec(ARTICLE.replace("pipeline:\n", "deployment: {engine: ecs, bake: 1m}\npipeline:\n"))
    assert bench.apply().code == 0
    pipeline = bench.client("codepipeline")
    name = pipeline.list_pipelines()["pipelines"][0]["name"]
    ended = until(
        lambda: next(
            (
                one["status"]
                for one in pipeline.list_pipeline_executions(pipelineName=name)["pipelineExecutionSummaries"]
                if one["status"] != "InProgress"
            ),
            "",
        )
    )
    assert ended == "Succeeded"
    live = json.loads(bench.run("status", str(bench.file), "--sandbox", "--format", "json").out)["services"][0]
    assert (live["colour"], live["revision"].rpartition(":")[2]) == ("green", "2")
    assert "@sha256:" in live["image"]
    assert set(bench.actions().values()) == {"nothing"}


def test_tasks_that_are_stopped_before_they_run_have_not_failed(bench: Bench) -> None:
    stands(bench)
    ecs = bench.client("ecs")
    bench.world.speed = 0.001
    for count in (5, 2):
        ecs.update_service(cluster=CLUSTER, service=SERVICE, desiredCount=count)
    bench.world.speed = 3000

    def ended() -> list[str]:
        stopped = ecs.list_tasks(cluster=CLUSTER, desiredStatus="STOPPED")["taskArns"]
        tasks = ecs.describe_tasks(cluster=CLUSTER, tasks=stopped)["tasks"]
        return [one["lastStatus"] for one in tasks if "startedAt" not in one]

    until(lambda: ended() == ["STOPPED"] * 3)
    (service,) = ecs.describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    assert not any("unable to start" in event["message"] for event in service["events"])
