"""One environment over its life: its spec, what stands of it, and what the promises of apply are read from."""

import copy
import json
import tempfile
import threading
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
import yaml

from bgspec.deploy import final
from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from bgspec.sandbox.world import Context, Record
from tests.deploy.bench import ACCOUNT, REGION, Bench, Result, emulator, hurry
from tests.deploy.proxy import FAULTS, Proxy
from tests.deploy.standing import settle
from tests.deploy.victim import Victim

DATA = ("ecr.repositories", "s3.buckets", "logs.groups", "codecommit.repositories")
"""What holds data, by the emulator's tables."""
KEPT = (*DATA, *"elbv2.balancers elbv2.groups elbv2.listeners ecs.services ecs.clusters ec2.Vpc".split())
"""What holds data or traffic."""
LOGS, SCALED, SCALING = "/ecs/shop-dev-task-web-01", "service/shop-dev-cluster-01/shop-dev-service-web-01", "shop-dev-stack-scaling-web-01"


class Life:
    """An environment whose promises are kept by whoever calls these methods."""

    engine: str
    spec: dict[str, Any]
    applied: dict[str, Any]
    """The spec of the last apply that was done."""

    def __init__(self) -> None:
        super().__init__()
        self.exit = ExitStack()
        directory = Path(self.exit.enter_context(tempfile.TemporaryDirectory()))
        self.bench: Bench = self.exit.enter_context(emulator(directory))
        patch = self.exit.enter_context(pytest.MonkeyPatch.context())
        hurry(patch)
        patch.setattr(final, "SANDBOX_PATIENCE", 5.0)  # for tasks that cannot start, because their log group was deleted
        self.refused_updates: list[str] = []
        patch.setitem(REGISTRY["ecs"].operations, "update_service", self._watched_update)
        self.proxy = self.exit.enter_context(Proxy(self.bench.server.url))
        patch.setenv("BGSPEC_SANDBOX_URL", self.proxy.url)
        self.things: dict[str, Any] = {}
        self.deleted: set[str] = set()
        self.revisions = 0
        self.going = ""
        """The service that may be deleted."""
        self.gone: set[str] = set()
        """Services that were deleted once, and left what holds data."""

    def _watched_update(self, context: Context, parameters: Record) -> Record | None:
        from bgspec.sandbox.services.ecs_services import update_service

        try:
            return update_service(context, parameters)
        except AwsError as error:
            self.refused_updates.append(error.message)
            raise

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
        if "scaling" in self.deleted and SCALING in self.bench.stacks():
            self.bench.client("cloudformation").delete_stack(StackName=SCALING)
            settle(self.bench)
        self.deleted.clear()
        self.things = self._kept()

    def _write(self) -> None:
        spec = {key: value for key, value in self.spec.items() if value != {}}
        self.bench.spec(yaml.safe_dump(spec, sort_keys=False))

    def _apply(self, *options: str) -> Result:
        before = self._weights()
        result = self.bench.apply(*options)
        assert result.code in {0, 3}, result.err
        if result.code == 0:
            self.applied = copy.deepcopy(self.spec)
        self._still(before)
        return result

    def _kill(self, when: str, call: str, skip: int, *options: str) -> None:
        """An apply that is killed right before or right after one of its calls, if it makes it."""
        victim: list[Victim] = []
        began = threading.Event()
        before = self._weights()

        def kill() -> None:
            began.wait()
            victim[0].kill()

        self.proxy.spoil(call, FAULTS[when], skip=skip, kill=kill)
        victim.append(Victim("apply", str(self.bench.file), "--sandbox", "--yes", *options))
        began.set()
        _, said = victim[0].wait()
        assert "Traceback" not in said, said
        self.proxy.spoil()
        self._still(before)

    def _still(self, before: tuple[int, dict[str, list[Any]]]) -> None:
        """Production weights are what they were, unless a deployment ran or runs; those of a service that is to go may go with it."""
        count, weights = before
        now, moved = self._weights()
        lost = [groups for rule, groups in weights.items() if rule not in moved]
        assert all(self.going and f"-{self.going}-" in arn for groups in lost for arn, _ in groups), lost
        kept = {rule: groups for rule, groups in weights.items() if rule in moved}
        assert kept == {rule: moved[rule] for rule in kept} or count != now or self._deploying() or count < 0

    def _weights(self) -> tuple[int, dict[str, list[Any]]]:
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
        """Until nothing is under way. A gate that waits for somebody gets its word; and no task starts without its log group."""
        if "log group" in self.deleted:
            logs = self.bench.client("logs")
            if not logs.describe_log_groups(logGroupNamePrefix=LOGS)["logGroups"]:
                logs.create_log_group(logGroupName=LOGS)
            self.deleted.remove("log group")
            self.things |= self._kept()
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

    def _settled(self) -> bool:
        """Whether nothing is under way, and everything as the spec says."""
        return not (self._busy() or self.deleted or self.spec != self.applied)

    def _former(self) -> list[str]:
        """The stacks that stand and that the spec does not know, as a plan tells them."""
        found = json.loads(self.bench.plan("--format", "json").out)["stacks"]
        return [one["stack"] for one in found if "no longer in the spec" in str(one["reasons"]) and one["action"] != "nothing"]

    def _went(self, name: str) -> None:
        """What was lost was a service's own, and held no data."""
        self.gone.add(name)
        there = self._kept()
        lost = self.things.keys() - there.keys()
        assert all(f"-{name}-" in one and not one.startswith(DATA) for one in lost), lost
        self.things = there

    def _converges(self) -> None:
        """Left alone, apply brings about what the spec says, or what it said last where it refuses that; and then nothing is left to do."""
        if not hasattr(self, "spec"):
            return
        self._passes()
        result = self._apply()
        if result.code:
            self._passes()
            self.spec = copy.deepcopy(self.applied)
            self._write()
            result = self._apply("--adopt", *(word for key in self._former() for word in ("--allow", key)))
        assert result.code == 0, result.err
        self._passes()
        last = self._apply()
        assert last.code == 0, last.err
        plan = self.bench.plan("--exit-code")
        assert plan.code == 0, plan.out
        assert not self.bench.client("ssm").get_parameters_by_path(Path="/bgspec", Recursive=True)["Parameters"]
