"""Whatever users, pipelines, accidents and other hands do one after another: what apply promises holds after every step.

The promises: production traffic moves only in a deployment; ECS is never sent an update that it refuses; nothing that holds data or
traffic is deleted or replaced unasked; no stack is left rolled back or failed; and in the end apply brings about what the spec says.
"""

import copy
import json
from typing import Any

import pytest
import yaml
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule, run_state_machine_as_test

from tests.deploy.bench import SMALL
from tests.deploy.life import DATA, LOGS, SCALED, Life
from tests.deploy.proxy import FAULTS

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
MORE: dict[str, dict[str, Any]] = {
    "api": {"image": {"uri": "public.ecr.aws/nginx/nginx:1.27"}, "port": 8080, "routes": [{"path": "/api/*"}]},
    "mailer": {"image": {"build": "container"}, "count": 1},
}
"""Services that come and go."""
ONLY_CODEDEPLOY = {"terminate_after"}
CALLS = st.integers(0, 999)
"""Which call is meant: see `_called`."""
BAD = ("ROLLBACK", "FAILED")
GONE = {"log group": f"{LOGS} is gone", "scaling": f"{SCALED} is gone"}


class Environment(Life, RuleBasedStateMachine):
    """One environment over its life."""

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

    @rule(edits=st.lists(st.sampled_from(CHANGES), max_size=2), then=st.sampled_from(["apply", "apply", "plan"]))
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

    @rule(fault=st.sampled_from(sorted(set(FAULTS) - {"killed before", "killed after", "slow states"})), call=CALLS, skip=st.integers(0, 3))
    def applies_with_a_fault(self, fault: str, call: int, skip: int) -> None:
        self.proxy.spoil(self._called(call), FAULTS[fault], skip=skip)
        self._apply()
        self.proxy.spoil()
        self._expire()

    @rule(when=st.sampled_from(["killed before", "killed after"]), call=CALLS, skip=st.integers(0, 5))
    def is_killed(self, when: str, call: int, skip: int) -> None:
        self._kill(when, self._called(call), skip)

    def _called(self, number: int) -> str:
        """One of the calls that were made so far; which ones depends on how fast things go, so hypothesis draws a number only."""
        calls = sorted(self.proxy.calls)
        return calls[number % len(calls)]

    @precondition(lambda self: self.engine == "codedeploy")
    @rule(then=st.sampled_from(["waits", "goes on"]))
    def somebody_deploys(self, then: str) -> None:
        """A pipeline's deployment: a new revision with another image. Whoever goes on does so in its midst."""
        ecs, deploy = self.bench.client("ecs"), self.bench.client("codedeploy")
        (application,) = deploy.list_applications()["applications"]
        groups = deploy.list_deployment_groups(applicationName=application)["deploymentGroups"]
        (group,) = (one for one in groups if "-web-" in one)
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
            applicationName=application, deploymentGroupName=group,
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": json.dumps(appspec)}},
        )  # fmt: skip
        if then == "goes on":
            self.bench.world.speed = 300
        else:
            self._passes()

    @rule(action=st.sampled_from(["continue", "stop", "rollback", "waits"]))
    def is_released(self, action: str) -> None:
        if action == "waits":
            self._passes()
            return
        self.bench.world.speed = 3000
        result = self.bench.run("release", str(self.bench.file), action, "--service", "web", "--sandbox")
        assert result.code in {0, 3}, result.err

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

    @rule(name=st.sampled_from(sorted(MORE)))
    def a_service_joins(self, name: str) -> None:
        """Also one that was there before, and left its logs and images."""
        if not self._settled() or self.spec["services"].keys() & {name, f"{name}-b"}:
            return
        self.spec["services"][name] = copy.deepcopy(MORE[name])
        self._write()
        if self._apply().code and self._apply("--adopt").code:
            self._takes_back()

    @precondition(lambda self: len(self.spec["services"]) > 1)
    @rule(then=st.sampled_from(["deleted", "renamed", "killed before", "killed after"]), data=st.data())
    def a_service_goes(self, then: str, data: st.DataObject) -> None:
        """Out of the spec: nothing is touched until its stacks are named, and then nothing but what was its own."""
        if not self._settled():
            return
        name = data.draw(st.sampled_from(sorted(self.spec["services"].keys() - {"web"})))
        service = self.spec["services"].pop(name)
        if then == "renamed":
            self.spec["services"][f"{name}-b"] = service
        self._write()
        stacks, former = self.bench.stacks(), self._former()
        assert f"service-{name}" in former
        assert self._apply().code == 3
        assert self.bench.stacks() == stacks
        self.going, options = name, [word for key in former for word in ("--allow", key)]
        if f"{name}-b" in self.gone:  # and left its data behind
            options.append("--adopt")
        if then.startswith("killed"):
            call = data.draw(st.sampled_from(["DeleteStack", "ExecuteChangeSet", "DescribeStacks"]))
            self._kill(then, f"cloudformation:{call}", data.draw(st.integers(0, 5)), *options)
            self._went(name)
            self._expire()
            self._passes()
        result = self._apply(*options)
        assert result.code == 0, result.err
        self._went(name)
        self.going = ""

    @rule(then=st.sampled_from(["plan", "apply"]))
    def another_engine_is_asked_for(self, then: str) -> None:
        """That is refused, and nothing touched."""
        if not self._settled():
            return
        before, stacks = self.spec, self.bench.stacks()
        self.spec = before | {"deployment": {"engine": "ecs" if self.engine == "codedeploy" else "codedeploy"}}
        self._write()
        if then == "plan":
            assert self.bench.actions()["service-web"] in {"refused", "two steps"}
        else:
            assert self._apply().code == 3
        assert self.bench.stacks() == stacks
        self.spec = before
        self._write()

    @rule(then=st.sampled_from(["taken back", "anew"]))
    def is_destroyed(self, then: str) -> None:
        """What holds data stays unless it was named, and the next environment takes it back."""
        if not self._settled():
            return
        held = {one for one in self._kept() if one.startswith(DATA)}
        flags = ("--delete-data",) if then == "anew" else ()
        result = self.bench.run("destroy", str(self.bench.file), "--sandbox", "--confirm", "shop-dev", *flags)
        assert result.code == 0, result.err
        assert self.bench.stacks() == {}
        left = self._kept().keys()
        earlier = [f"-{name}-" for name in self.gone]
        assert left == held or (then == "anew" and all(any(name in one for name in earlier) for one in left)), left
        if then == "taken back":
            assert self._apply().code == 3
        result = self._apply("--adopt")
        assert result.code == 0, result.err
        assert held <= self._kept().keys() or then == "anew"
        self.things = self._kept()

    def _takes_back(self) -> None:
        """The user gives up what is refused."""
        self.spec = copy.deepcopy(self.applied)
        self._write()
        assert not self._former()

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


def test_some_lives() -> None:
    run_state_machine_as_test(Environment, settings=settings(max_examples=3, stateful_step_count=10))


@pytest.mark.slow
def test_many_lives() -> None:
    run_state_machine_as_test(Environment, settings=settings(max_examples=60, stateful_step_count=25))
