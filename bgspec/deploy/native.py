"""Deployments of ECS's own: an update of the service begins one; here they are watched, continued, stopped, and taken back."""

from collections.abc import Iterator
from typing import Any

from bgspec.deploy.advice import explained
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.formation import Formation
from bgspec.deploy.show import Tell
from bgspec.deploy.tasks import Stopped, Watch
from bgspec.deploy.units import Environment
from bgspec.errors import AwsError
from bgspec.plan.service import Service

RUNNING = ("PENDING", "IN_PROGRESS", "STOP_REQUESTED", "ROLLBACK_REQUESTED", "ROLLBACK_IN_PROGRESS")
"""The statuses of a deployment that has not ended (bc:ecs.ServiceDeploymentStatus)."""
_GOES_ON = frozenset({"PENDING", "IN_PROGRESS"})
"""Those of them in which a deployment still hears somebody's word: the others have been told to end."""
_ABSENT = frozenset({"ClusterNotFoundException", "ServiceNotFoundException", "ServiceNotActiveException"})


def not_deployed(environment: Environment, service: Service) -> AwsError:
    """What is said to whoever speaks of a service's deployments before the first one."""
    return AwsError(f"{service.key} does not run yet: `bgspec apply {environment.compilation.document.name}` comes first")


def newest(aws: Aws, cluster: str, service: str) -> list[dict[str, Any]]:
    """The deployments of a service in short, the newest first; none where there is no service."""
    try:
        found = list(aws.pages("ecs", "list_service_deployments", "serviceDeployments", cluster=cluster, service=service))
    except RefusedError as error:
        if error.code not in _ABSENT:
            raise
        return []
    return sorted(found, key=lambda one: one["createdAt"], reverse=True)


def describe(aws: Aws, arn: str) -> dict[str, Any]:
    """A deployment with its stage, its weights and its hooks."""
    found: dict[str, Any] = aws.call("ecs", "describe_service_deployments", serviceDeploymentArns=[arn])["serviceDeployments"][0]
    return found


def waiting(found: dict[str, Any]) -> str:
    """The id of the hook at which a deployment waits for somebody's word; empty where it waits for none (ECS pause-lifecycle-hooks)."""
    hooks = found.get("lifecycleHookDetails", ())
    return next((str(hook["hookId"]) for hook in hooks if hook.get("status") == "AWAITING_ACTION"), "")


class Progress(Watch):
    """Tells of the deployments of a service what is new since the last look."""

    every = 5.0

    def __init__(self, aws: Aws, environment: Environment, service: Service, tell: Tell) -> None:
        super().__init__(aws, environment, service, tell)
        self._hint = f"bgspec release {environment.compilation.document.name} continue (or stop)"

    def _look(self) -> None:
        for one in newest(self._aws, self._cluster, self._service)[:1]:
            if one["status"] in RUNNING:
                self.say(describe(self._aws, one["serviceDeploymentArn"]))

    def say(self, found: dict[str, Any]) -> None:
        """Tell what of a deployment was not told yet."""
        for line in self._lines(found):
            if line not in self._told:
                self._told.add(line)
                self._tell(line)

    def _lines(self, found: dict[str, Any]) -> Iterator[str]:
        if found["status"].startswith("ROLLBACK"):
            yield f"goes back: {found.get('statusReason') or found.get('rollback', {}).get('reason', '')}".rstrip(": ")
        elif found.get("lifecycleStage"):
            yield f"{found['lifecycleStage']} ..."
        if found.get("sourceServiceRevisions"):  # without any it is the first one, and all traffic is its own
            weight = found.get("targetServiceRevision", {}).get("requestedProductionTrafficWeight")
            if weight is not None:
                yield f"the new tasks get {weight:g} % of production traffic"
        hook = waiting(found) if found["status"] in _GOES_ON else ""
        if hook:
            expires = next((one.get("expiresAt") for one in found["lifecycleHookDetails"] if one["hookId"] == hook), None)
            until = f" until {expires:%H:%M %Z}" if expires else ""
            yield f"waits for your word{until}: {self._hint}"


def watch(formation: Formation, environment: Environment, service: Service, arn: str, tell: Tell) -> dict[str, Any]:
    """Wait for a deployment, telling its stages, its weights and what goes wrong, until it ends or waits for somebody's word."""
    progress = Progress(formation.aws, environment, service, tell)
    stopped = Stopped(formation.aws, environment, service, tell, describe(formation.aws, arn)["createdAt"])
    while True:
        found = describe(formation.aws, arn)
        progress.say(found)
        if found["status"] not in RUNNING or waiting(found):
            if found["status"] not in {"SUCCESSFUL", *RUNNING}:
                stopped.look(last=True)
            return found
        stopped.look()
        formation.wait()


def proceed(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """Answer a deployment that waits: go on."""
    arn = _running(formation.aws, environment, service)
    hook = waiting(describe(formation.aws, arn))
    if hook:
        try:
            formation.aws.call("ecs", "continue_service_deployment", serviceDeploymentArn=arn, hookId=hook, action="CONTINUE")
        except RefusedError as error:
            if error.code != "InvalidParameterException":  # it has been answered: our own answer's answer was lost, or somebody was faster
                raise
        while waiting(describe(formation.aws, arn)) == hook:  # until ECS has heard the word
            formation.wait()
    else:
        tell("the deployment waits for nobody")
    _succeed(watch(formation, environment, service, arn, tell), environment, service, tell)


def stop(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """End a deployment that runs, and put traffic back where it was."""
    arn = _running(formation.aws, environment, service)
    try:
        formation.aws.call("ecs", "stop_service_deployment", serviceDeploymentArn=arn, stopType="ROLLBACK")
    except RefusedError as error:
        if error.code != "ConflictException":  # it has ended, or goes back already
            raise
    tell("stopping the deployment")
    progress = Progress(formation.aws, environment, service, tell)
    found = describe(formation.aws, arn)
    while found["status"] in RUNNING:
        progress.say(found)
        formation.wait()
        found = describe(formation.aws, arn)
    if found["status"] == "SUCCESSFUL":
        raise AwsError(
            f"the deployment had ended before: take it back with `bgspec release {environment.compilation.document.name} rollback`"
        )
    if found["status"] == "ROLLBACK_FAILED":
        raise AwsError(f"the way back failed: {found.get('statusReason', '')}")
    tell("stopped; traffic is where it was before")


def roll_back(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """Deploy the revision that the last deployment replaced; while one runs, end that."""
    aws, cluster = formation.aws, environment.plan.cluster
    found = newest(aws, cluster, service.name)
    if any(one["status"] in RUNNING for one in found):
        stop(formation, environment, service, tell)
        return
    if not found:
        raise not_deployed(environment, service)
    last = next((describe(aws, one["serviceDeploymentArn"]) for one in found if one["status"] == "SUCCESSFUL"), {})
    sources = [one["arn"] for one in last.get("sourceServiceRevisions", ())]
    if not sources:
        raise AwsError(f"{service.key} runs its first revision: there is nothing to go back to")
    before = aws.call("ecs", "describe_service_revisions", serviceRevisionArns=sources[:1])["serviceRevisions"][0]["taskDefinition"]
    bring(formation, environment, service, before, tell)


def bring(formation: Formation, environment: Environment, service: Service, revision: str, tell: Tell) -> None:
    """Deploy a revision that is registered, and wait for the end, or until somebody is asked."""
    aws, cluster = formation.aws, environment.plan.cluster
    known = {one["serviceDeploymentArn"] for one in newest(aws, cluster, service.name) if one["status"] not in RUNNING}
    aws.call("ecs", "update_service", cluster=cluster, service=service.name, taskDefinition=revision)
    tell(f"deployment of {revision.rpartition('/')[2]}")
    while True:
        for begun in newest(aws, cluster, service.name)[:1]:
            if begun["serviceDeploymentArn"] not in known:
                _succeed(watch(formation, environment, service, begun["serviceDeploymentArn"], tell), environment, service, tell)
                return
        formation.wait()


def _succeed(found: dict[str, Any], environment: Environment, service: Service, tell: Tell) -> None:
    if found["status"] == "SUCCESSFUL":
        tell("deployed")
    elif not waiting(found):
        why = explained(found.get("statusReason", "no reason given"), environment, service.key)
        raise AwsError(f"the deployment ended in {found['status']}: {why}")


def _running(aws: Aws, environment: Environment, service: Service) -> str:
    all_of_them = newest(aws, environment.plan.cluster, service.name)
    for found in all_of_them:
        if found["status"] in RUNNING:
            return str(found["serviceDeploymentArn"])
    if not all_of_them:
        raise not_deployed(environment, service)
    raise AwsError(f"no deployment of {service.key} is under way")
