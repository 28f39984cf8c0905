"""Deployments of CodeDeploy: begun where no pipeline does it, watched, continued, stopped, and taken back."""

from collections.abc import Iterator
from typing import Any

import yaml

from bgspec.deploy import live
from bgspec.deploy.advice import explained
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.formation import Formation
from bgspec.deploy.native import not_deployed
from bgspec.deploy.show import Tell
from bgspec.deploy.tasks import Stopped
from bgspec.deploy.units import Environment
from bgspec.errors import AwsError
from bgspec.plan.codedeploy import DeploymentGroup
from bgspec.plan.service import Service


def group(environment: Environment, service: Service) -> DeploymentGroup:
    """The deployment group of a service; AwsError where CodeDeploy does not deploy it."""
    for one in environment.plan.deployment.groups:
        if one.service.key == service.key:
            return one
    raise AwsError(f"{service.key} is not deployed by CodeDeploy: it is no service behind the load balancer")


def due(aws: Aws, environment: Environment, service: Service) -> str:
    """The revision that a deployment has to bring, because the stack holds a newer one than production runs; empty for none.

    With a pipeline this is nothing to ask: the pipeline registers the revisions that run, from the files in the source. What it brought
    stays when it is taken out of the spec: no revision gives way to an older one.
    """
    if environment.plan.delivered or not service.targets:
        return ""
    running = live.primary(aws, environment.plan.cluster, service.name).get("taskDefinition", "")
    return behind(aws, environment, service, running) if running else ""


def behind(aws: Aws, environment: Environment, service: Service, running: str) -> str:
    """The revision of a service's stack where it is newer than the one that runs; empty where it is not."""
    stack = environment.plan.names.stack(f"service-{service.key}")
    found = aws.call("cloudformation", "describe_stack_resource", StackName=stack, LogicalResourceId="TaskDefinition")
    wanted = str(found["StackResourceDetail"]["PhysicalResourceId"])
    return wanted if _number(running) < _number(wanted) else ""


def _number(revision: str) -> int:
    """The number of a task definition in its family; it grows with each that is registered (bc:ecs.TaskDefinition.revision)."""
    return int(revision.rpartition(":")[2])


def deploy(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """Bring the stack's revision to production, if it is not there, and wait for the end. Raises AwsError when it does not succeed."""
    revision = due(formation.aws, environment, service)
    if revision:
        text = environment.files[environment.plan.layout.appspec(service.key)].replace("<TASK_DEFINITION>", revision)
        started = _start(formation.aws, environment, service, text, title(revision))
        tell(f"deployment {started} of {_short(revision)}")
        watch(formation, environment, service, started, tell)


def title(revision: str) -> str:
    """What a deployment of a revision, given by its ARN, says of itself."""
    return f"bgspec: {_short(revision)}"


def _short(revision: str) -> str:
    """`family:number` of a task definition, given so or by its ARN."""
    return revision.rpartition("/")[2]


def _start(aws: Aws, environment: Environment, service: Service, appspec: str, description: str) -> str:
    """Begin a deployment. One of the same description that runs already is ours: an answer was lost, or a run killed."""
    ours = group(environment, service)
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec}}
    try:
        return str(
            aws.call(
                "codedeploy",
                "create_deployment",
                applicationName=ours.application,
                deploymentGroupName=ours.name,
                revision=revision,
                description=description,
            )["deploymentId"]
        )
    except RefusedError as error:
        if error.code != "DeploymentLimitExceededException":
            raise
        for found in _newest(aws, environment, service):
            if found["status"] in live.RUNNING and found.get("description") == description:
                return str(found["deploymentId"])
        raise


def _newest(aws: Aws, environment: Environment, service: Service) -> Iterator[dict[str, Any]]:
    """The last deployments of a service, the newest first."""
    ours = group(environment, service)
    try:
        ids = aws.call("codedeploy", "list_deployments", applicationName=ours.application, deploymentGroupName=ours.name)["deployments"][
            :25
        ]
    except RefusedError as error:
        if error.code not in live.NO_GROUP:
            raise
        raise not_deployed(environment, service) from error
    found = aws.call("codedeploy", "batch_get_deployments", deploymentIds=ids)["deploymentsInfo"] if ids else []
    yield from sorted(found, key=lambda one: one["createTime"], reverse=True)


def watch(formation: Formation, environment: Environment, service: Service, deployment: str, tell: Tell) -> None:
    """Wait for a deployment, telling its stages, its weights and what goes wrong, until it ends or waits for somebody's word."""
    told: set[str] = set()
    begun = formation.aws.call("codedeploy", "get_deployment", deploymentId=deployment)["deploymentInfo"]["createTime"]
    stopped = Stopped(formation.aws, environment, service, tell, begun)
    while True:
        found = formation.aws.call("codedeploy", "get_deployment", deploymentId=deployment)["deploymentInfo"]
        for line in _stages(formation.aws, deployment):
            if line not in told:
                told.add(line)
                tell(line, loud=" failed" in line)
        if found["status"] == "Succeeded":
            tell("deployed")
            return
        if found["status"] in {"Failed", "Stopped"}:
            stopped.look(last=True)
            why = explained(found.get("errorInformation", {}).get("message", "no reason given"), environment, service.key)
            raise AwsError(f"deployment {deployment} {found['status'].lower()}: {why}")
        if found["status"] == "Ready":
            tell(f"waits for your word: bgspec release {environment.compilation.document.name} continue (or stop)", loud=True)
            return
        stopped.look()
        formation.wait()


def _stages(aws: Aws, deployment: str) -> Iterator[str]:
    """What a deployment has done so far, a line for each stage and each weight."""
    for target in aws.call("codedeploy", "list_deployment_targets", deploymentId=deployment)["targetIds"]:
        found = aws.call("codedeploy", "get_deployment_target", deploymentId=deployment, targetId=target)["deploymentTarget"]["ecsTarget"]
        for event in found.get("lifecycleEvents", ()):
            if event["status"] in {"InProgress", "Failed"}:
                message = event.get("diagnostics", {}).get("message", "")
                why = f": {message}" if message else ""
                yield f"{event['lifecycleEventName']} {f'failed{why}' if event['status'] == 'Failed' else '...'}"
        for one in found.get("taskSetsInfo", ()):
            if one.get("taskSetLabel") == "Green":
                yield f"the new tasks get {one.get('trafficWeight', 0):g} % of production traffic"


def proceed(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """Answer a deployment that waits: go on."""
    running = _running(formation.aws, environment, service)
    try:
        formation.aws.call("codedeploy", "continue_deployment", deploymentId=running, deploymentWaitType="READY_WAIT")
    except RefusedError as error:
        if error.code != "DeploymentIsNotInReadyStateException":
            raise
        tell(f"deployment {running} waits for nobody")
    # It is Ready until CodeDeploy has heard the word.
    while formation.aws.call("codedeploy", "get_deployment", deploymentId=running)["deploymentInfo"]["status"] == "Ready":
        formation.wait()
    watch(formation, environment, service, running, tell)


def stop(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """End a deployment that runs, and put traffic back where it was."""
    running = _running(formation.aws, environment, service)
    try:
        formation.aws.call("codedeploy", "stop_deployment", deploymentId=running, autoRollbackEnabled=True)
    except RefusedError as error:
        if error.code != "DeploymentAlreadyCompletedException":
            raise
    tell(f"stopping deployment {running}")
    while any(found["status"] in live.RUNNING for found in _newest(formation.aws, environment, service)):
        formation.wait()
    tell("stopped; traffic is where it was before")


def roll_back(formation: Formation, environment: Environment, service: Service, tell: Tell) -> None:
    """Deploy the revision that ran before: the last one that a deployment brought and that is another, else the service's first one."""
    aws = formation.aws
    found = list(_newest(aws, environment, service))
    if any(one["status"] in live.RUNNING for one in found):
        stop(formation, environment, service, tell)
        return
    now = live.primary(aws, environment.plan.cluster, service.name)["taskDefinition"]
    # CodeDeploy's own way back from a deployment is one, too, and brings nothing new (bc:codedeploy.DeploymentCreator).
    texts = (_revision(aws, one) for one in found if one["status"] == "Succeeded" and one.get("creator") != "codeDeployRollback")
    text = next((text for text in texts if _short(_brought(text)) != _short(now)), "") or _first(aws, environment, service, now)
    if not text:
        raise AwsError(f"{service.key} runs its first revision: there is nothing to go back to")
    started = _start(aws, environment, service, text, f"bgspec: back from {_short(now)}")
    tell(f"deployment {started} of {_short(_brought(text))}, back from {_short(now)}")
    watch(formation, environment, service, started, tell)


def _revision(aws: Aws, deployment: dict[str, Any]) -> str:
    """The appspec that a deployment had."""
    revision = deployment["revision"]
    match revision["revisionType"]:
        case "AppSpecContent":
            return str(revision["appSpecContent"]["content"])
        case "String":
            return str(revision["string"]["content"])
        case _:
            where = revision["s3Location"]
            version = {"VersionId": where["version"]} if where.get("version") else {}
            body: bytes = aws.call("s3", "get_object", Bucket=where["bucket"], Key=where["key"], **version)["Body"].read()
            return body.decode()


def _brought(appspec: str) -> str:
    """The task definition that an appspec names, JSON or YAML (CodeDeploy User Guide, reference-appspec-file)."""
    (resource,) = yaml.safe_load(appspec)["Resources"]
    return str(resource["TargetService"]["Properties"]["TaskDefinition"])


def _first(aws: Aws, environment: Environment, service: Service, now: str) -> str:
    """The appspec for the revision with which the service was made: the newest one that is older than the service; empty where that runs.

    It is not always number 1: numbers go on where an environment was destroyed and made anew.
    """
    made = live.described(aws, environment.plan.cluster, service.name)["createdAt"]
    for number in range(_number(now), 0, -1):
        revision = f"{now.rpartition(':')[0]}:{number}"
        if aws.call("ecs", "describe_task_definition", taskDefinition=revision)["taskDefinition"]["registeredAt"] <= made:
            text = environment.files[environment.plan.layout.appspec(service.key)]
            return "" if revision == now else text.replace("<TASK_DEFINITION>", _short(revision))
    return ""


def _running(aws: Aws, environment: Environment, service: Service) -> str:
    for found in _newest(aws, environment, service):
        if found["status"] in live.RUNNING:
            return str(found["deploymentId"])
    raise AwsError(f"no deployment of {service.key} is under way")
