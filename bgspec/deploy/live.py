"""What runs now: which colour production and test traffic go to, the tasks, and deployments under way. Read, never changed."""

import contextlib
from typing import Any, Literal, NamedTuple

from bgspec.deploy import native
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.units import Environment
from bgspec.plan.service import Service

RUNNING = ("Created", "Queued", "InProgress", "Baking", "Ready")
"""The statuses of a CodeDeploy deployment that has not ended (codedeploy:ListDeployments)."""


class Deployment(NamedTuple):
    """A deployment, whoever makes it: CodeDeploy or ECS."""

    id: str
    status: str
    created: str
    reason: str
    """Why it failed or was stopped; empty otherwise."""
    description: str = ""
    """What whoever began it says of it; CodeDeploy's alone have one."""


class Run(NamedTuple):
    """A run of the pipeline."""

    id: str
    status: str
    started: str
    revision: str
    """The commit, or what the source calls its revision."""
    reason: str = ""
    """Which action failed, and why; empty otherwise."""


def last_run(aws: Aws, environment: Environment) -> Run | None:
    """The last run of the environment's pipeline; one that is under way comes before newer ones that have ended."""
    if environment.plan.pipeline is None:
        return None
    try:
        found = aws.call("codepipeline", "list_pipeline_executions", pipelineName=environment.plan.pipeline.name, maxResults=10)
    except RefusedError as error:
        if error.code == "PipelineNotFoundException":
            return None
        raise
    runs = []
    for one in found["pipelineExecutionSummaries"]:  # the most recent comes first (codepipeline:ListPipelineExecutions)
        revisions = [revision.get("revisionId", "") for revision in one.get("sourceRevisions", ())]
        runs.append(Run(one["pipelineExecutionId"], one["status"], one["startTime"].isoformat(), ", ".join(revisions)))
    last = next((one for one in runs if one.status in {"InProgress", "Stopping"}), runs[0] if runs else None)
    if last and last.status == "Failed":
        return last._replace(reason=_why(aws, environment.plan.pipeline.name, last.id))
    return last


def _why(aws: Aws, pipeline: str, run: str) -> str:
    """Which action of a run failed, and why, as far as these credentials may see it (bc:codepipeline.ActionExecutionResult)."""
    with contextlib.suppress(RefusedError):
        found = aws.call("codepipeline", "list_action_executions", pipelineName=pipeline, filter={"pipelineExecutionId": run})
        for one in found["actionExecutionDetails"]:
            if one["status"] == "Failed":
                result = one.get("output", {}).get("executionResult", {})
                why = result.get("errorDetails", {}).get("message") or result.get("externalExecutionSummary", "")
                return f"{one['actionName']}: {why}".rstrip(": ")
    return ""


class Live(NamedTuple):
    """One service as it runs."""

    service: str
    kind: str
    status: str
    """ECS's own word; empty where the service does not exist."""
    wanted: int
    running: int
    pending: int
    revision: str
    """The task definition that production runs, `family:number`."""
    image: str
    beside: dict[str, str]
    """The images of sidecars that deployments bring, by container."""
    production: dict[str, int]
    """Share by colour in percent: `{"blue": 100}`. Where rules differ, the largest that any of them gives it."""
    test: dict[str, int]
    rules: dict[str, dict[str, dict[str, int]]]
    """The same rule by rule for `production` and `test`, by priority; only where rules differ, which no deployment leaves so."""
    healthy: dict[str, str]
    """Healthy of all targets by colour: `2/2`."""
    deployment: Deployment | None
    """The one under way, or the last."""

    @property
    def colour(self) -> str:
        """Where production goes; empty where it goes nowhere, `blue and green` in the middle of a shift."""
        return " and ".join(colour for colour, weight in self.production.items() if weight)

    def carried(self, kind: Literal["production", "test"]) -> str:
        """Where a listener sends what belongs to the service, in words; empty where nowhere."""
        if kind in self.rules:
            return "; ".join(f"{_rule(priority)}: {_told(shares)}" for priority, shares in self.rules[kind].items())
        return _told(self.production if kind == "production" else self.test)

    @property
    def tasks(self) -> str:
        """How many tasks run, in words; more than are wanted while a deployment is under way: those of both colours."""
        if self.running > self.wanted:
            return f"{self.running} tasks run, {self.wanted} are wanted"
        return f"{self.running} of {self.wanted} tasks run"

    def way(self, spec: str, *, many: bool) -> str:
        """How the deployment that is under way ends; `many` where the service has to be named."""
        which = f" --service {self.service}" if many else ""
        stop = f"`bgspec release {spec} stop{which}`"
        if self.deployment and self.deployment.status == "Ready":
            return f"It waits for your word: `bgspec release {spec} continue{which}`, or {stop}."
        return f"Wait for its end (`bgspec status {spec} --watch`), or end it ({stop})."

    @property
    def deploying(self) -> bool:
        return self.deployment is not None and self.deployment.status in {*RUNNING, *native.RUNNING}


def services(aws: Aws, environment: Environment, outputs: dict[str, str]) -> tuple[Live, ...]:
    """All services of an environment, also those that do not exist yet.

    Args:
        aws: where to ask.
        environment: what to ask for.
        outputs: the outputs of all stacks that stand.
    """
    return tuple(_service(aws, environment, service, outputs) for service in environment.plan.services if service.kind != "task")


def _service(aws: Aws, environment: Environment, service: Service, outputs: dict[str, str]) -> Live:
    plan = environment.plan
    found = described(aws, plan.cluster, service.name)
    revision = str(_primary(found).get("taskDefinition", ""))
    colours = _colours(service, outputs)
    groups = [group for group in plan.deployment.groups if group.service.key == service.key]
    running = images(aws, revision) if revision else {}
    listeners = {"production": outputs.get("ProductionListenerArn", ""), "test": outputs.get("TestListenerArn", "")}
    rules = {kind: _rules(aws, listener, colours) for kind, listener in listeners.items()}
    return Live(
        service=service.key,
        kind=service.kind,
        status=str(found.get("status", "")),
        wanted=int(found.get("desiredCount", 0)),
        running=int(found.get("runningCount", 0)),
        pending=int(found.get("pendingCount", 0)),
        revision=revision.rpartition("/")[2],
        image=running.get(service.key, ""),
        beside=beside(service, running),
        production=_largest(rules["production"]),
        test=_largest(rules["test"]),
        rules={kind: found for kind, found in rules.items() if any(shares != _largest(found) for shares in found.values())},
        healthy={colour: _health(aws, arn) for arn, colour in colours.items() if arn},
        deployment=last_deployment(aws, groups[0].application, groups[0].name) if groups else _last_native(aws, plan.cluster, service),
    )


def described(aws: Aws, cluster: str, name: str) -> dict[str, Any]:
    """An ECS service, or nothing where there is none that is active."""
    try:
        found = aws.call("ecs", "describe_services", cluster=cluster, services=[name])["services"]
    except RefusedError as error:
        if error.code == "ClusterNotFoundException":
            return {}
        raise
    return next((one for one in found if one.get("status") != "INACTIVE"), {})


def primary(aws: Aws, cluster: str, name: str) -> dict[str, Any]:
    """The task set that production runs, or the service itself where there are none; nothing where there is no service."""
    return _primary(described(aws, cluster, name))


def controller(aws: Aws, cluster: str, name: str) -> str:
    """What deploys a service: `CODE_DEPLOY`, `ECS` or `EXTERNAL`; empty where there is no service."""
    found = described(aws, cluster, name)
    return str(found.get("deploymentController", {}).get("type", "ECS")) if found else ""


def production(aws: Aws, service: Service, outputs: dict[str, str]) -> dict[str, int]:
    """Where a service's production traffic goes: weight by colour."""
    return _largest(_rules(aws, outputs.get("ProductionListenerArn", ""), _colours(service, outputs)))


def _colours(service: Service, outputs: dict[str, str]) -> dict[str, str]:
    """Colour by the ARN of the target group."""
    return {outputs.get(group.output, ""): group.colour for target in service.targets for group in target.groups}


def _primary(service: dict[str, Any]) -> dict[str, Any]:
    return next((one for one in service.get("taskSets", ()) if one.get("status") == "PRIMARY"), service)


def images(aws: Aws, revision: str) -> dict[str, str]:
    """The images in a task definition, by container."""
    found = aws.call("ecs", "describe_task_definition", taskDefinition=revision)["taskDefinition"]
    return {str(one["name"]): str(one["image"]) for one in found["containerDefinitions"]}


def beside(service: Service, found: dict[str, str]) -> dict[str, str]:
    """Of the images in a task definition those beside the service's own that deployments bring."""
    return {image.container: found[image.container] for image in service.brought if image is not service.image and image.container in found}


def _rules(aws: Aws, listener: str, colours: dict[str, str]) -> dict[str, dict[str, int]]:
    """Where a listener sends what belongs to a service, rule by rule: share by colour in percent, by the rule's priority or `default`."""
    if not listener:
        return {}
    try:
        rules = aws.call("elbv2", "describe_rules", ListenerArn=listener)["Rules"]
    except RefusedError as error:
        if error.code == "ListenerNotFound":
            return {}
        raise
    found = {str(rule["Priority"]): _shares(rule["Actions"], colours) for rule in rules}
    return {priority: shares for priority, shares in found.items() if shares}


def _shares(actions: list[dict[str, Any]], colours: dict[str, str]) -> dict[str, int]:
    """The shares of a rule's requests that the colours of a service get; empty where the rule does not speak of them."""
    for action in actions:
        if action["Type"] == "forward":
            groups = action.get("ForwardConfig", {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"]}]
            weights = {one["TargetGroupArn"]: int(one.get("Weight", 1)) for one in groups}
            total = sum(weights.values()) or 1
            return {colours[arn]: round(100 * weights[arn] / total) for arn in sorted(colours, key=colours.__getitem__) if arn in weights}
    return {}


def _largest(rules: dict[str, dict[str, int]]) -> dict[str, int]:
    """The largest share that any rule gives a colour."""
    colours = sorted({colour for shares in rules.values() for colour in shares})
    return {colour: max(shares.get(colour, 0) for shares in rules.values()) for colour in colours}


def _rule(priority: str) -> str:
    return "default rule" if priority == "default" else f"rule {priority}"


def _told(shares: dict[str, int]) -> str:
    return ", ".join(f"{colour} {share} %" for colour, share in shares.items())


def _health(aws: Aws, group: str) -> str:
    try:
        targets = aws.call("elbv2", "describe_target_health", TargetGroupArn=group)["TargetHealthDescriptions"]
    except RefusedError as error:
        if error.code == "TargetGroupNotFound":
            return ""
        raise
    return f"{sum(one['TargetHealth']['State'] == 'healthy' for one in targets)}/{len(targets)}"


NO_GROUP = frozenset({"ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException"})
"""What CodeDeploy says before the first deployment."""


def last_deployment(aws: Aws, application: str, group: str) -> Deployment | None:
    """The newest deployment of a group."""
    return next(iter(last_deployments(aws, application, group)), None)


def last_deployments(aws: Aws, application: str, group: str) -> tuple[Deployment, ...]:
    """The last deployments of a group, the newest first.

    CodeDeploy lists the newest first (seen; its reference does not say), so all of them are looked at by their time.
    """
    try:
        ids = aws.call("codedeploy", "list_deployments", applicationName=application, deploymentGroupName=group).get("deployments", [])
    except RefusedError as error:
        if error.code in NO_GROUP:
            return ()
        raise
    if not ids:
        return ()
    found = aws.call("codedeploy", "batch_get_deployments", deploymentIds=ids[:25])["deploymentsInfo"]
    return tuple(
        Deployment(
            one["deploymentId"],
            one["status"],
            one["createTime"].isoformat(),
            one.get("errorInformation", {}).get("message", ""),
            one.get("description", ""),
        )
        for one in sorted(found, key=lambda one: one["createTime"], reverse=True)
    )


def _last_native(aws: Aws, cluster: str, service: Service) -> Deployment | None:
    """The last deployment of ECS's own."""
    return next(map(of_ecs, native.newest(aws, cluster, service.name) if service.targets else ()), None)


def of_ecs(found: dict[str, Any]) -> Deployment:
    """A deployment of ECS's own, by the end of its ARN; the reason of one that went well is none."""
    reason = "" if found["status"] == "SUCCESSFUL" else found.get("statusReason", "")
    return Deployment(found["serviceDeploymentArn"].rpartition("/")[2], found["status"], found["createdAt"].isoformat(), reason)
