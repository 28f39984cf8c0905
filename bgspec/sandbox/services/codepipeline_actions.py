"""What the actions of a pipeline do: fetch sources, build, wait for approvals, deploy."""

import io
import json
import re
import zipfile
from collections.abc import Callable

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services import codebuild, codecommit, ecs_rollouts
from bgspec.sandbox.services.ecs_definitions import definition
from bgspec.sandbox.services.registry import given
from bgspec.sandbox.world import Context, Record, Work

Tree = dict[str, bytes]
_MAX_INPUT = 3 * 1024 * 1024  # zipped bytes of an input of CodeDeployToECS (CodePipeline quotas)
_ECS_LIMIT = 3600.0  # the longest an ECS deploy action waits (CodePipeline quotas)


class ActionFailed(Exception):  # noqa: N818 -- how an action ends, not an error of the emulator
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def perform(ctx: Context, e: Record, record: Record) -> Work:
    """Run one action of the execution `e`; ActionFailed ends it badly."""
    action = record["_declared"]
    kind = action["actionTypeId"]["provider"]
    settings = {name: _resolved(e, value) for name, value in action["configuration"].items()}
    record["input"]["resolvedConfiguration"] = settings
    record["input"]["inputArtifacts"] = [
        {"name": a["name"], "s3location": e["_artifacts"][a["name"]]["where"]} for a in action["inputArtifacts"]
    ]
    if kind not in _ACTIONS:
        raise ActionFailed("SandboxNotEmulated", f"The bgspec sandbox does not emulate the action {kind}.")
    yield 2
    yield from _ACTIONS[kind](_taken(ctx, action.get("roleArn", "")), e, record, settings)
    namespace = action.get("namespace")
    if namespace:
        e["_outputs"][namespace] = record["output"]["outputVariables"]


def _taken(ctx: Context, role: str) -> Context:
    """The account in which an action acts: that of its role, which must let this one in; conditions are not weighed."""
    account = role.split(":")[4] if role else ctx.account
    if account == ctx.account:
        return ctx
    there = ctx.world.context(account, ctx.region)
    found = there.shared("iam.roles").get(role.rpartition("/")[2], {})
    if f"{ctx.account}:root" not in str(found.get("AssumeRolePolicyDocument", "")):
        raise ActionFailed("PermissionError", f"The service role is not authorized to perform sts:AssumeRole on {role}")
    return there


def _resolved(e: Record, text: str) -> str:
    """`#{namespace.variable}` in a configuration."""
    known = e["_outputs"] | {"codepipeline": {"PipelineExecutionId": e["pipelineExecutionId"]}}
    return re.sub(r"#\{(\w+)\.([\w.]+)\}", lambda m: str(known.get(m[1], {}).get(m[2], m[0])), text)


def _store(ctx: Context, e: Record, record: Record, name: str, tree: Tree) -> None:
    """Keep an artifact: unpacked for the actions to come, zipped in the pipeline's bucket."""
    body = io.BytesIO()
    with zipfile.ZipFile(body, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(tree):
            archive.writestr(path, tree[path])
    store = e["_declared"].get("artifactStore") or e["_declared"]["artifactStores"][ctx.region]
    key = f"{e['pipelineName'][:20]}/{name[:10]}/{ctx.unique('artifact', 7)}"
    ctx.call("s3", "put_object", Bucket=store["location"], Key=key, Body=body.getvalue())
    where = {"bucket": store["location"], "key": key}
    e["_artifacts"][name] = {"tree": tree, "where": where, "size": len(body.getvalue())}
    record["output"]["outputArtifacts"].append({"name": name, "s3location": where})


def _tree(e: Record, name: str) -> Tree:
    if name not in e["_artifacts"]:
        raise ActionFailed("ConfigurationError", f"The artifact {name} does not exist")
    found: Tree = e["_artifacts"][name]["tree"]
    return found


def _source(ctx: Context, e: Record, record: Record, tree: Tree, revision: tuple[str, str]) -> None:
    """Hand on what a source action fetched; `revision` is its id and a line about it."""
    name, summary = revision
    for output in record["_declared"]["outputArtifacts"]:
        _store(ctx, e, record, output["name"], tree)
        e["artifactRevisions"].append({"name": output["name"], "revisionId": name, "revisionSummary": summary, "created": ctx.now()})
    e["sourceRevisions"].append({"actionName": record["actionName"], "revisionId": name, "revisionSummary": summary})
    record["_revision"], record["summary"] = name, summary
    record["output"]["executionResult"]["externalExecutionId"] = name
    record["output"]["outputVariables"] = {"CommitId": name, "CommitMessage": summary}


def _codecommit(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    yield 2
    try:
        found = codecommit.repository(ctx, settings["RepositoryName"])
        commit = found["_commits"][codecommit.branch(found, settings["BranchName"])]
    except AwsError as error:
        raise ActionFailed("ConfigurationError", f"The service role or action configuration is wrong: {error.message}") from error
    _source(ctx, e, record, commit["_tree"], (commit["commitId"], commit["message"]))
    record["output"]["outputVariables"] |= {"BranchName": settings["BranchName"], "RepositoryName": settings["RepositoryName"]}


def _connection(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    """A repository behind a connection: a stand-in of the same name in CodeCommit holds what it holds."""
    yield 2
    connection = ctx.table("connections").get(settings["ConnectionArn"])
    if connection is None or connection["ConnectionStatus"] != "AVAILABLE":
        raise ActionFailed("ConfigurationError", f"[Connections] Connection {settings['ConnectionArn']} is not available")
    name = settings["FullRepositoryId"].replace("/", ".")
    try:
        found = codecommit.repository(ctx, name)
        commit = found["_commits"][codecommit.branch(found, settings["BranchName"])]
    except AwsError as error:
        text = f"No Branch [{settings['BranchName']}] found for FullRepositoryName [{settings['FullRepositoryId']}] (the sandbox looks for it in a CodeCommit repository named {name})"
        raise ActionFailed("ConfigurationError", text) from error
    _source(ctx, e, record, commit["_tree"], (commit["commitId"], commit["message"]))
    record["output"]["outputVariables"] |= {"BranchName": settings["BranchName"], "FullRepositoryName": settings["FullRepositoryId"]}


def _s3_source(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    yield 2
    try:
        found = ctx.call("s3", "get_object", Bucket=settings["S3Bucket"], Key=settings["S3ObjectKey"])
        archive = zipfile.ZipFile(io.BytesIO(found["Body"]))
    except (AwsError, zipfile.BadZipFile) as error:
        raise ActionFailed("ConfigurationError", f"The object with key '{settings['S3ObjectKey']}' could not be used: {error}") from error
    tree = {name: archive.read(name) for name in archive.namelist() if not name.endswith("/")}
    _source(ctx, e, record, tree, (found.get("VersionId", "null"), f"Amazon S3 version id: {found.get('VersionId')}"))


def _ecr_source(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    yield 2
    tag = settings.get("ImageTag", "latest")
    try:
        found = ctx.call("ecr", "describe_images", repositoryName=settings["RepositoryName"], imageIds=[{"imageTag": tag}])["imageDetails"][
            0
        ]
    except AwsError as error:
        raise ActionFailed("ConfigurationError", error.message) from error
    repository = ctx.table("ecr.repositories")[settings["RepositoryName"]]
    detail = {
        "ImageSizeInBytes": str(found["imageSizeInBytes"]), "ImageDigest": found["imageDigest"], "Version": "1.0", "ImagePushedAt": str(found["imagePushedAt"]),
        "RegistryId": ctx.account, "RepositoryName": settings["RepositoryName"], "ImageURI": f"{repository['repositoryUri']}@{found['imageDigest']}",
        "ImageTags": found["imageTags"],
    }  # fmt: skip
    _source(ctx, e, record, {"imageDetail.json": json.dumps(detail).encode()}, (found["imageDigest"], tag))


def _build(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    revision = next((r["revisionId"] for r in e["sourceRevisions"]), "")
    primary = settings.get("PrimarySource") or record["_declared"]["inputArtifacts"][0]["name"]
    build = codebuild.new_build(ctx, settings["ProjectName"], initiator=f"codepipeline/{e['pipelineName']}", version=revision)
    record["output"]["executionResult"] |= {"externalExecutionId": build["id"]}
    outputs: dict[str, Tree] = {}
    yield from codebuild.run(ctx, build, _tree(e, primary), outputs)
    if build["buildStatus"] != "SUCCEEDED":
        context = next((p["contexts"][0]["message"] for p in build["phases"] if p.get("contexts")), "")
        raise ActionFailed("JobFailed", f"Build terminated with state: {build['buildStatus']}. {context}".strip())
    for number, output in enumerate(record["_declared"]["outputArtifacts"]):
        tree = outputs.get(output["name"], outputs.get("") if number == 0 or len(record["_declared"]["outputArtifacts"]) == 1 else None)
        if tree is None:
            raise ActionFailed("JobFailed", f"The build has no artifact for {output['name']}")
        _store(ctx, e, record, output["name"], tree)


def _approval(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    record["token"] = ctx.uuid("approval")
    if settings.get("NotificationArn"):
        text = {
            "approval": {
                "pipelineName": e["pipelineName"],
                "actionName": record["_declared"]["name"],
                "token": record["token"],
                "customData": settings.get("CustomData"),
            }
        }
        ctx.call("sns", "publish", TopicArn=settings["NotificationArn"], Message=json.dumps(text))
    limit, waited = record["_declared"].get("timeoutInMinutes", 7 * 24 * 60) * 60.0, 0.0
    while record["token"] not in e["_approvals"]:
        yield 2
        waited += 2
        if waited > limit:
            raise ActionFailed("ApprovalTimeout", "The approval action has expired.")
    answer = e["_approvals"][record["token"]]
    record |= {"summary": answer.get("summary"), "lastUpdatedBy": f"arn:{ctx.partition}:iam::{ctx.account}:user/sandbox", "token": None}
    if answer["status"] != "Approved":
        raise ActionFailed("ApprovalRejected", answer.get("summary") or "Rejected")


def _file(e: Record, artifact: str, path: str) -> str:
    tree = _tree(e, artifact)
    if path not in tree:
        raise ActionFailed(
            "InvalidConfiguration", f"Exception while trying to read the file {path} from artifact {artifact}: file not found"
        )
    return tree[path].decode()


def _codedeploy_ecs(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    for artifact in record["_declared"]["inputArtifacts"]:
        if e["_artifacts"][artifact["name"]]["size"] > _MAX_INPUT:
            raise ActionFailed("InvalidConfiguration", f"The artifact {artifact['name']} is larger than 3 MB")
    text = _file(e, settings["TaskDefinitionTemplateArtifact"], settings.get("TaskDefinitionTemplatePath", "taskdef.json"))
    for number in range(1, 5):
        if f"Image{number}ArtifactName" in settings:
            detail = json.loads(_file(e, settings[f"Image{number}ArtifactName"], "imageDetail.json"))
            text = text.replace(f"<{settings[f'Image{number}ContainerName']}>", detail["ImageURI"])
    try:
        made = ctx.call("ecs", "register_task_definition", **json.loads(text))["taskDefinition"]["taskDefinitionArn"]
    except (ValueError, AwsError, TypeError) as error:
        raise ActionFailed("InvalidConfiguration", f"Exception while trying to read the task definition artifact file: {error}") from error
    appspec = _file(e, settings["AppSpecTemplateArtifact"], settings.get("AppSpecTemplatePath", "appspec.yaml")).replace(
        "<TASK_DEFINITION>", made
    )
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": appspec}}
    name = ctx.call("codedeploy", "create_deployment", applicationName=settings["ApplicationName"], deploymentGroupName=settings["DeploymentGroupName"],
                    revision=revision, description=f"Deployment created by CodePipeline {e['pipelineName']}")["deploymentId"]  # fmt: skip
    record["output"]["executionResult"]["externalExecutionId"] = name
    record["summary"] = "Deployment in progress"
    deployment = ctx.table("codedeploy.deployments")[name]
    while deployment["status"] not in {"Succeeded", "Failed", "Stopped"}:
        yield 3
    record["summary"] = f"Deployment {deployment['status'].lower()}"
    if deployment["status"] != "Succeeded":
        raise ActionFailed("JobFailed", f"Deployment {name} failed: {deployment['errorInformation']['message']}")


def _ecs(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    """A clone of what the service runs, with the images exchanged (guide, "Amazon ECS deploy action reference")."""
    images = json.loads(_file(e, record["_declared"]["inputArtifacts"][0]["name"], settings.get("FileName", "imagedefinitions.json")))
    found = ctx.call("ecs", "describe_services", cluster=settings["ClusterName"], services=[settings["ServiceName"]])["services"]
    if not found:
        raise ActionFailed("ConfigurationError", f"The ECS service {settings['ServiceName']} does not exist")
    running = definition(ctx, found[0]["taskDefinition"])
    by_name = {image["name"]: image["imageUri"] for image in images}
    if missing := by_name.keys() - {c["name"] for c in running["containerDefinitions"]}:
        raise ActionFailed("ConfigurationError", f"The container {min(missing)} does not exist in the task definition")
    containers = [c | ({"image": by_name[c["name"]]} if c["name"] in by_name else {}) for c in running["containerDefinitions"]]
    shape = (
        "family",
        "taskRoleArn",
        "executionRoleArn",
        "networkMode",
        "volumes",
        "placementConstraints",
        "requiresCompatibilities",
        "cpu",
        "memory",
        "runtimePlatform",
        "ephemeralStorage",
    )
    made = ctx.call("ecs", "register_task_definition", containerDefinitions=containers, **given(running, *shape))["taskDefinition"][
        "taskDefinitionArn"
    ]
    service = ctx.call("ecs", "update_service", cluster=settings["ClusterName"], service=settings["ServiceName"], taskDefinition=made)[
        "service"
    ]
    current = ecs_rollouts.deployments(ctx)[service["currentServiceDeployment"]]
    record["output"]["executionResult"]["externalExecutionId"] = current["serviceDeploymentArn"]
    limit, waited = min(_ECS_LIMIT, float(settings.get("DeploymentTimeout", 60)) * 60), 0.0
    # The action does not see a deployment that failed: it waits for its own limit (aws/containers-roadmap#1399).
    while current["status"] != "SUCCESSFUL":
        yield 5
        waited += 5
        if waited > limit:
            raise ActionFailed("JobFailed", "The action failed because it timed out while waiting for the service to become steady")


def _cloudformation(ctx: Context, e: Record, record: Record, settings: Record) -> Work:
    """A stack made or updated from files of the artifacts (guide, "AWS CloudFormation deploy action reference")."""
    if settings["ActionMode"] != "CREATE_UPDATE":
        raise ActionFailed("SandboxNotEmulated", f"The bgspec sandbox does not emulate ActionMode {settings['ActionMode']}.")
    template, configuration = (_file(e, *settings[key].split("::")) for key in ("TemplatePath", "TemplateConfiguration"))
    name = settings["StackName"]
    try:
        given = json.loads(configuration)
        asked = {
            "StackName": name, "TemplateBody": template, "RoleARN": settings["RoleArn"], "Capabilities": settings["Capabilities"].split(","),
            "Parameters": [{"ParameterKey": key, "ParameterValue": value} for key, value in given["Parameters"].items()],
            "Tags": [{"Key": key, "Value": value} for key, value in given["Tags"].items()],
        }  # fmt: skip
        stands = any(one["StackName"] == name for one in ctx.call("cloudformation", "describe_stacks")["Stacks"])
        ctx.call("cloudformation", "update_stack" if stands else "create_stack", **asked)
    except (ValueError, KeyError) as error:
        raise ActionFailed("InvalidConfiguration", f"The template configuration could not be read: {error}") from error
    except AwsError as error:
        if "No updates are to be performed" not in error.message:
            raise ActionFailed("ConfigurationError", error.message) from error
    record["output"]["executionResult"]["externalExecutionId"] = name
    while True:
        stack = ctx.call("cloudformation", "describe_stacks", StackName=name)["Stacks"][0]
        if not stack["StackStatus"].endswith("_IN_PROGRESS"):
            break
        yield 5
    if stack["StackStatus"] not in {"CREATE_COMPLETE", "UPDATE_COMPLETE"}:
        raise ActionFailed("JobFailed", f"Stack {name} is in {stack['StackStatus']}: {stack.get('StackStatusReason') or ''}")


_ACTIONS: dict[str, Callable[[Context, Record, Record, Record], Work]] = {
    "CodeCommit": _codecommit, "CodeStarSourceConnection": _connection, "S3": _s3_source, "ECR": _ecr_source, "CodeBuild": _build,
    "Manual": _approval, "CodeDeployToECS": _codedeploy_ecs, "ECS": _ecs, "CloudFormation": _cloudformation,
}  # fmt: skip
