"""Whatever users, pipelines, accidents and other hands do one after another: what apply promises holds after every step.

The promises: production traffic moves only in a deployment; ECS is never sent an update that it refuses; nothing that holds data or
traffic is deleted or replaced unasked; no stack is left rolled back or failed; and in the end apply brings about what the spec says.
"""

import copy
import json
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from bgspec.sandbox.world import Context, Record
from tests.deploy.bench import ACCOUNT, REGION, SMALL, Bench, Result, emulator, hurry
from tests.deploy.proxy import FAULTS, Proxy
from tests.deploy.standing import settle
from tests.deploy.victim import Victim

# Where in the spec, and what may stand there; None takes the key out.
EDITS: list[tuple[tuple[str, ...], tuple[Any, ...]]] = [
    (("services", "web", "cpu"), (256, 512, 1024)),
    (("services", "web", "memory"), (2048, 1024)),
    (("services", "web", "environment"), ({"COLOUR": "red"}, {"COLOUR": "blue", "SIZE": "2"}, None)),
    (("services", "web", "image", "uri"), ("public.ecr.aws/nginx/nginx:1.27", "public.ecr.aws/nginx/nginx:1.28")),
    (("services", "web", "count"), (2, 3, 1)),
    (("services", "web", "logs"), (7, 30, 365)),
    (("services", "web", "health_check"), ({"path": "/ready"}, {"path": "/", "interval": "10s"}, None)),
    (("services", "web", "stop_timeout"), ("30s", "60s", None)),
    (("services", "web", "exec"), (True, False)),
    (("services", "web", "scaling"), ({"min": 1, "max": 4, "cpu": 60}, None)),
    (("services", "web", "target_group"), ({"deregistration_delay": "30s"}, {"stickiness": "1h"}, None)),
    (("load_balancer", "production"), ({"allow": ["10.0.0.0/8"]}, {"port": 8081}, None)),
    (("load_balancer", "test"), ({"allow": ["10.1.0.0/16"]}, {"port": 9090}, None)),
    (("load_balancer", "idle_timeout"), ("90s", None)),
    (("deployment", "terminate_after"), ("0m", "10m")),
    (("deployment", "shift"), ("all-at-once", {"canary": "10%", "after": "15m"}, {"linear": "25%", "every": "5m"})),
    (("deployment", "approval"), ({"before": "traffic", "timeout": "2d"}, None)),
    (("deployment", "rollback"), ({"alarms": [{"metric": "unhealthy-targets", "above": 0}]}, None)),
    (("tags",), ({"Owner": "web"}, {"Owner": "shop", "Team": "a"}, None)),
    (("cluster",), ({"insights": "enhanced"}, None)),
]
CHANGES = [(route, value) for route, values in EDITS for value in values]
ONLY_CODEDEPLOY = {"terminate_after"}
KEPT = (
    *("ecr.repositories", "s3.buckets", "logs.groups", "elbv2.balancers", "elbv2.groups", "elbv2.listeners"),
    *("ecs.services", "ecs.clusters", "ec2.Vpc", "codecommit.repositories"),
)
"""What holds data or traffic, by the emulator's tables."""
BAD = ("ROLLBACK", "FAILED")
LOGS, SCALED, SCALING = "/ecs/shop-dev-task-web-01", "service/shop-dev-cluster-01/shop-dev-service-web-01", "shop-dev-stack-scaling-web-01"
GONE = {"log group": f"{LOGS} is gone", "scaling": f"{SCALED} is gone"}


class Environment(RuleBasedStateMachine):
    """One environment over its life."""

    def __init__(self) -> None:
        super().__init__()
        self.exit = ExitStack()
        directory = Path(self.exit.enter_context(tempfile.TemporaryDirectory()))
        self.bench: Bench = self.exit.enter_context(emulator(directory))
        patch = self.exit.enter_context(pytest.MonkeyPatch.context())
        hurry(patch)
        self.refused_updates: list[str] = []
        patch.setitem(REGISTRY["ecs"].operations, "update_service", self._watched_update)
        self.proxy = self.exit.enter_context(Proxy(self.bench.server.url))
        patch.setenv("BGSPEC_SANDBOX_URL", self.proxy.url)
        self.things: dict[str, Any] = {}
        self.deleted: set[str] = set()
        self.revisions = 0

    def _watched_update(self, context: Context, parameters: Record) -> Record | None:
        from bgspec.sandbox.services.ecs_services import update_service

        try:
            return update_service(context, parameters)
        except AwsError as error:
            self.refused_updates.append(error.message)
            raise

    def teardown(self) -> None:
        try:
            self._converges()
        finally:
            self.exit.close()

    # --- steps ---

    @initialize(engine=st.sampled_from(["codedeploy", "ecs"]))
    def begins(self, engine: str) -> None:
        self.engine = engine
        self.spec: dict[str, Any] = yaml.safe_load(SMALL) | {"deployment": {"engine": engine}, "load_balancer": {}}
        self.applied = copy.deepcopy(self.spec)
        self._write()
        result = self.bench.apply()
        assert result.code == 0, result.err
        self.things = self._kept()

    @rule(edits=st.lists(st.sampled_from(CHANGES), min_size=1, max_size=2), then=st.sampled_from(["apply", "apply", "plan"]))
    def edits(self, edits: list[tuple[tuple[str, ...], Any]], then: str) -> None:
        for route, value in edits:
            self._edit(route, value)
        if then == "apply":
            self._apply()
        else:
            assert self.bench.plan().code in {0, 3}

    def _edit(self, route: tuple[str, ...], value: Any) -> None:
        if self.engine == "ecs" and route[-1] in ONLY_CODEDEPLOY:
            return
        before, at = copy.deepcopy(self.spec), self.spec
        for key in route[:-1]:
            at = at.setdefault(key, {})
        at[route[-1]] = copy.deepcopy(value)
        if value is None:
            del at[route[-1]]
        self._write()
        if self.bench.run("validate", str(self.bench.file)).code:
            self.spec = before
            self._write()

    @rule()
    def applies(self) -> None:
        self._apply()

    @rule(fault=st.sampled_from(sorted(set(FAULTS) - {"killed before", "killed after", "slow states"})), data=st.data())
    def applies_with_a_fault(self, fault: str, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(sorted(self.proxy.calls)))
        self.proxy.spoil(call, FAULTS[fault], skip=data.draw(st.integers(0, 3)))
        self._apply()
        self.proxy.spoil()
        self._expire()

    @rule(when=st.sampled_from(["killed before", "killed after"]), data=st.data())
    def is_killed(self, when: str, data: st.DataObject) -> None:
        call = data.draw(st.sampled_from(sorted(call for call in self.proxy.calls if not call.startswith("sts:"))))
        victim: list[Victim] = []
        began = threading.Event()
        before = self._weights()

        def kill() -> None:
            began.wait()
            victim[0].kill()

        self.proxy.spoil(call, FAULTS[when], skip=data.draw(st.integers(0, 5)), kill=kill)
        victim.append(Victim("apply", str(self.bench.file), "--sandbox", "--yes"))
        began.set()
        _, said = victim[0].wait()
        assert "Traceback" not in said, said
        self.proxy.spoil()
        self._still(before)

    @precondition(lambda self: self.engine == "codedeploy")
    @rule(then=st.sampled_from(["waits", "goes on"]))
    def somebody_deploys(self, then: str) -> None:
        """A pipeline's deployment: a new revision with another image. Whoever goes on does so in its midst."""
        ecs, deploy = self.bench.client("ecs"), self.bench.client("codedeploy")
        group = deploy.list_deployment_groups(applicationName=deploy.list_applications()["applications"][0])
        if self._deploying():
            return
        running = ecs.describe_task_definition(taskDefinition="shop-dev-task-web-01")["taskDefinition"]
        self.revisions += 1
        kept = ("family", "taskRoleArn", "executionRoleArn", "networkMode", "requiresCompatibilities", "cpu", "memory", "runtimePlatform")
        containers = [{**one, "image": f"public.ecr.aws/nginx/nginx:2.{self.revisions}"} for one in running["containerDefinitions"]]
        made = ecs.register_task_definition(containerDefinitions=containers, **{name: running[name] for name in kept if name in running})
        arn = made["taskDefinition"]["taskDefinitionArn"]
        target = {
            "TaskDefinition": arn,
            "LoadBalancerInfo": {"ContainerName": running["containerDefinitions"][0]["name"], "ContainerPort": 80},
        }
        appspec = {"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": target}}]}
        deploy.create_deployment(
            applicationName=group["applicationName"], deploymentGroupName=group["deploymentGroups"][0],
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(appspec)}},
        )  # fmt: skip
        if then == "goes on":
            self.bench.world.speed = 300
        else:
            self._passes()

    @rule(action=st.sampled_from(["continue", "stop", "rollback"]))
    def is_released(self, action: str) -> None:
        self.bench.world.speed = 3000
        result = self.bench.run("release", str(self.bench.file), action, "--sandbox")
        assert result.code in {0, 3}, result.err

    @rule()
    def time_passes(self) -> None:
        self._passes()

    @rule(count=st.integers(1, 4))
    def somebody_scales(self, count: int) -> None:
        """ECS allows the count of a service under every controller."""
        self.bench.client("ecs").update_service(cluster="shop-dev-cluster-01", service="shop-dev-service-web-01", desiredCount=count)

    @rule(share=st.integers(1, 99))
    def somebody_moves_traffic(self, share: int) -> None:
        """By hand, past every deployment: that stays as it is until the next deployment."""
        if self._deploying():
            return
        elbv2 = self.bench.client("elbv2")
        rules = [one for listener in self._production() for one in elbv2.describe_rules(ListenerArn=listener)["Rules"]]
        for one in rules:
            action = one["Actions"][0]
            groups = action.get("ForwardConfig", {}).get("TargetGroups", [])
            if len(groups) == 2 and not one["IsDefault"]:
                weighed = [{**group, "Weight": weight} for group, weight in zip(groups, (share, 100 - share), strict=True)]
                elbv2.modify_rule(RuleArn=one["RuleArn"], Actions=[{"Type": "forward", "ForwardConfig": {"TargetGroups": weighed}}])

    @rule(what=st.sampled_from(["log group", "scaling"]), then=st.sampled_from(["apply", "mend", "leave"]))
    def somebody_deletes(self, what: str, then: str) -> None:
        """By hand: every plan says so until it is back, and no apply fails half-way because of it."""
        if self._busy() or not self._delete(what):
            return
        self.deleted.add(what)
        self.things = self._kept()
        found = json.loads(self.bench.plan("--format", "json").out)["findings"]
        assert any(one["code"] == "BG016" and GONE[what] in one["message"] for one in found), found
        if then == "apply":
            self._apply()
        elif then == "mend":
            self._mend()

    # --- promises ---

    @invariant()
    def nothing_is_lost(self) -> None:
        there = self._kept()
        lost = self.things.keys() - there.keys()
        assert not lost
        self.things |= there

    @invariant()
    def no_update_is_refused(self) -> None:
        assert not self.refused_updates

    @invariant()
    def no_stack_has_failed(self) -> None:
        bad = {name: status for name, status in self.bench.stacks().items() if any(word in status for word in BAD)}
        assert not bad

    @invariant()
    def the_emulator_is_well(self) -> None:
        assert not self.bench.world.failures

    # --- in between ---

    def _busy(self) -> bool:
        return self._deploying() or any("PROGRESS" in status for status in self.bench.stacks().values())

    def _delete(self, what: str) -> bool:
        """Delete something of a stack that stands and is still the spec's; whether there was anything to delete."""
        if what == "log group":
            logs = self.bench.client("logs")
            there = bool(logs.describe_log_groups(logGroupNamePrefix=LOGS)["logGroups"])
            if there:
                logs.delete_log_group(logGroupName=LOGS)
            return there
        scaling = self.bench.client("application-autoscaling")
        there = bool(scaling.describe_scalable_targets(ServiceNamespace="ecs", ResourceIds=[SCALED])["ScalableTargets"])
        if there and SCALING in self.bench.stacks() and "scaling" in self.spec["services"]["web"]:
            scaling.deregister_scalable_target(ServiceNamespace="ecs", ResourceId=SCALED, ScalableDimension="ecs:service:DesiredCount")
            return True
        return False

    def _mend(self) -> None:
        """As the plan says: what is deleted comes back by a call, or with its stack."""
        self._passes()
        if "log group" in self.deleted:
            self.bench.client("logs").create_log_group(logGroupName=LOGS)
        if "scaling" in self.deleted and SCALING in self.bench.stacks():
            self.bench.client("cloudformation").delete_stack(StackName=SCALING)
            settle(self.bench)
        self.deleted.clear()
        self.things = self._kept()

    def _write(self) -> None:
        spec = {key: value for key, value in self.spec.items() if value != {}}
        self.bench.spec(yaml.safe_dump(spec, sort_keys=False))

    def _apply(self) -> Result:
        before = self._weights()
        result = self.bench.apply()
        assert result.code in {0, 3}, result.err
        if result.code == 0:
            self.applied = copy.deepcopy(self.spec)
        self._still(before)
        return result

    def _still(self, before: tuple[int, dict[str, list[int]]]) -> None:
        """Production weights are what they were, unless a deployment ran or runs."""
        count, weights = before
        now, moved = self._weights()
        assert weights == moved or count != now or self._deploying() or count < 0

    def _weights(self) -> tuple[int, dict[str, list[int]]]:
        """How many deployments there ever were (negative while one runs), and the weights behind the production listener."""
        elbv2 = self.bench.client("elbv2")
        found = {
            one["RuleArn"]: [(group["TargetGroupArn"], group.get("Weight")) for group in action["ForwardConfig"]["TargetGroups"]]
            for listener in self._production()
            for one in elbv2.describe_rules(ListenerArn=listener)["Rules"]
            for action in one["Actions"]
            if "ForwardConfig" in action
        }
        context = self.bench.world.context(ACCOUNT, REGION)
        count = len(context.table("codedeploy.deployments")) + len(context.table("ecs.deployments"))
        return (-count if self._deploying() else count), found

    def _production(self) -> list[str]:
        outputs = [one for stack in self.bench.client("cloudformation").describe_stacks()["Stacks"] for one in stack.get("Outputs", ())]
        return [one["OutputValue"] for one in outputs if one["OutputKey"] == "ProductionListenerArn"]

    def _deploying(self) -> bool:
        context = self.bench.world.context(ACCOUNT, REGION)
        ended = {"Succeeded", "Failed", "Stopped", "SUCCESSFUL", "STOPPED", "ROLLBACK_SUCCESSFUL", "ROLLBACK_FAILED"}
        tables = ("codedeploy.deployments", "ecs.deployments")
        return any(one["status"] not in ended for table in tables for one in context.table(table).values())

    def _kept(self) -> dict[str, Any]:
        context = self.bench.world.context(ACCOUNT, REGION)
        with self.bench.world.lock:
            tables = {name: {**context.table(name), **context.everywhere(name)} for name in KEPT}
            return {
                f"{table} {name} {one.get('createdAt') or one.get('CreatedTime', '')}": 1
                for table, ones in tables.items()
                for name, one in ones.items()
                if one.get("status") != "INACTIVE"
            }

    def _passes(self) -> None:
        """Until nothing is under way. A gate that waits for somebody gets its word."""
        self.bench.world.speed = 3000
        self._continue()
        settle(self.bench)

    def _continue(self) -> None:
        context = self.bench.world.context(ACCOUNT, REGION)
        for one in list(context.table("codedeploy.deployments").values()):
            if one["status"] not in {"Succeeded", "Failed", "Stopped"}:
                one["_continue"].add("READY_WAIT")
        for one in list(context.table("ecs.deployments").values()):
            for hook in one["lifecycleHookDetails"]:
                one["_answers"].setdefault(hook["hookId"], "CONTINUE")

    def _expire(self) -> None:
        client = self.bench.client("ssm")
        for claim in client.get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]:
            client.delete_parameter(Name=claim["Name"])

    def _converges(self) -> None:
        """Left alone, apply brings about what the spec says, or what it said last where it refuses that; and then nothing is left to do."""
        if not hasattr(self, "spec"):
            return
        self._mend()
        result = self._apply()
        if result.code:
            self._passes()
            self.spec = copy.deepcopy(self.applied)
            self._write()
            result = self._apply()
        assert result.code == 0, result.err
        self._passes()
        last = self._apply()
        assert last.code == 0, last.err
        plan = self.bench.plan("--exit-code")
        assert plan.code == 0, plan.out
        assert not self.bench.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]


def test_some_lives() -> None:
    run_state_machine_as_test(Environment, settings=settings(max_examples=3, stateful_step_count=10))


@pytest.mark.slow
def test_many_lives() -> None:
    run_state_machine_as_test(Environment, settings=settings(max_examples=60, stateful_step_count=25))
