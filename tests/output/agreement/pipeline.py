"""The pipeline meets: with the source, the files in it, the projects, the artifacts and the deployment groups."""

import re
from collections.abc import Iterator
from typing import Any

from tests.output.agreement.check import check
from tests.output.cloudformation import Resource
from tests.output.environment import Environment, parse


@check
def projects_build_from_files_that_exist(env: Environment) -> Iterator[str]:
    for project in env.region.all("CodeBuild::Project"):
        path = project.properties["Source"]["BuildSpec"]
        if env.is_users(path) or not (buildspec := parse(env.source(path))).get("artifacts"):
            continue  # somebody else's, or tests, which hand nothing on
        commands = commands_of(env.source(path))
        base = buildspec["artifacts"]["base-directory"]
        for word in re.findall(r"[^\s\"'()]+\.(?:json|yaml)\b", commands):
            if word.rpartition("/")[2] in {"taskdef.json", "appspec.yaml"} and not word.startswith(f"{base}/"):
                env.source(word)
        env.by_ref("Logs::LogGroup", project.properties["LogsConfig"]["CloudWatchLogs"]["GroupName"])
        variables = {each["Name"]: each["Value"] for each in project.properties["Environment"]["EnvironmentVariables"]}
        used = set(re.findall(r"\$\{?(REPOSITORY_URI|REPOSITORY_NAME|AWS_ACCOUNT_ID)", commands))
        if missing := used - set(variables) - set(re.findall(r"^\s*(\w+)=", commands, re.MULTILINE)):
            yield f"{path}: the project does not set {sorted(missing)}"
        if variables.get("AWS_ACCOUNT_ID") != env.target.region.account:
            yield f"{path}: the account is {variables.get('AWS_ACCOUNT_ID')}"
        if "docker push" in commands:
            name = variables["REPOSITORY_NAME"]
            if name in env.written:
                where = env.region.pseudo
                address = f"{env.target.region.account}.dkr.ecr.{where['AWS::Region']}.{where['AWS::URLSuffix']}/{name}"
            else:
                address = env.target.one("ECR::Repository", RepositoryName=name).attributes["RepositoryUri"]
            if address != variables["REPOSITORY_URI"]:
                yield f"{path}: the image is pushed to {variables['REPOSITORY_URI']}"


def commands_of(buildspec: str) -> str:
    return "\n".join(command for phase in parse(buildspec)["phases"].values() for command in phase.get("commands", ()))


@check
def artifacts_are_made_before_they_are_used(env: Environment) -> Iterator[str]:
    for pipeline in env.region.all("CodePipeline::Pipeline"):
        bucket = pipeline.properties["ArtifactStore"]["Location"]
        if not env.is_users(bucket):
            env.by_ref("S3::Bucket", bucket)
        made: set[str] = set()
        for stage in pipeline.properties["Stages"]:
            for action in sorted(stage["Actions"], key=lambda action: action.get("RunOrder", 1)):
                inputs = {artifact["Name"] for artifact in action.get("InputArtifacts", [])}
                if missing := inputs - made:
                    yield f"{action['Name']}: nothing makes {missing} before it"
                made |= {artifact["Name"] for artifact in action.get("OutputArtifacts", [])}
                yield from _action(env, action, inputs)


def _action(env: Environment, action: dict[str, Any], inputs: set[str]) -> Iterator[str]:
    configuration, name = action.get("Configuration", {}), action["Name"]
    if configuration.get("PollForSourceChanges", "false") != "false":
        yield f"{name} polls"
    match action["ActionTypeId"]["Provider"]:
        case "CodeCommit":
            repository = configuration["RepositoryName"]
            yield from _exists(env, "CodeCommit::Repository", "RepositoryName", repository)
            yield from _triggered(env, name, "aws.codecommit", {"referenceName": configuration["BranchName"]}, repository)
        case "S3":
            yield from _exists(env, "S3::Bucket", "BucketName", configuration["S3Bucket"])
        case "ECR":
            wanted = {"repository-name": configuration["RepositoryName"], "image-tag": configuration["ImageTag"]}
            yield from _exists(env, "ECR::Repository", "RepositoryName", configuration["RepositoryName"])
            yield from _triggered(env, name, "aws.ecr", wanted)
        case "CodeStarSourceConnection":
            yield from _watched(env, name, configuration)
        case "CodeBuild":
            env.one("CodeBuild::Project", Name=configuration["ProjectName"])
            if len(inputs) > 1 and configuration.get("PrimarySource") not in inputs:
                yield f"{name}: which of {inputs} holds the buildspec?"
        case "CodeDeployToECS":
            yield from _deploy_action(env, name, configuration, inputs)


def _watched(env: Environment, name: str, configuration: dict[str, str]) -> Iterator[str]:
    """A connection's branch is watched by the action or by a trigger of the pipeline, not by both."""
    (pipeline,) = env.region.all("CodePipeline::Pipeline")
    watched = [trigger["GitConfiguration"]["SourceActionName"] for trigger in pipeline.properties.get("Triggers", [])]
    if (configuration.get("DetectChanges") == "false") != (name in watched):
        yield f"{name}: DetectChanges is {configuration.get('DetectChanges')}, triggers watch {watched}"


def _exists(env: Environment, kind: str, key: str, name: str) -> Iterator[str]:
    pulled = any(re.search(rf"/{re.escape(name)}[:@]", text) for text in env.written)
    if not any(each.properties.get(key) == name for each in env.region.all(kind)) and not env.is_users(name) and not pulled:
        yield f"there is no {kind} {name}"


def _triggered(env: Environment, name: str, source: str, wanted: dict[str, str], resource: str = "") -> Iterator[str]:
    """One of the rules sees what changes this source, and starts the pipeline."""
    (pipeline,) = env.region.all("CodePipeline::Pipeline")
    for rule in env.region.all("Events::Rule"):
        pattern, targets = rule.properties["EventPattern"], [target["Arn"] for target in rule.properties["Targets"]]
        here = not resource or any(arn.endswith(f":{resource}") for arn in pattern.get("resources", []))
        detail = all(value in pattern["detail"].get(key, []) for key, value in wanted.items())
        if pattern["source"] == [source] and here and detail and pipeline.attributes["Arn"] in targets:
            return
    yield f"{name}: no rule sees {source} with {wanted}"


def _deploy_action(env: Environment, name: str, configuration: dict[str, str], inputs: set[str]) -> Iterator[str]:
    group = env.target.one("CodeDeploy::DeploymentGroup", DeploymentGroupName=configuration["DeploymentGroupName"])
    if group.properties["ApplicationName"] != configuration["ApplicationName"]:
        yield f"{name}: {group.id} is of another application"
    for key in ("TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact", "Image1ArtifactName"):
        if configuration[key] not in inputs:
            yield f"{name}: {key} is no input"
    project = _project_of(env, configuration["TaskDefinitionTemplateArtifact"])
    if env.is_users(project.properties["Source"]["BuildSpec"]):
        return
    source = env.source(project.properties["Source"]["BuildSpec"])
    buildspec, commands = parse(source), commands_of(source)
    handed = set(buildspec["artifacts"]["files"])
    if missing := {configuration["TaskDefinitionTemplatePath"], configuration["AppSpecTemplatePath"], "imageDetail.json"} - handed:
        yield f"{name}: the build does not hand on {missing}"
    base = buildspec["artifacts"]["base-directory"]
    (taskdef,) = re.findall(rf"(\S+taskdef\.json|taskdef\.json) > {base}/taskdef\.json", commands)
    text = env.source(taskdef)
    if f'"<{configuration["Image1ContainerName"]}>"' not in text:
        yield f"{name}: {taskdef} has no <{configuration['Image1ContainerName']}>"
    left = set(re.findall(r"<[A-Z_0-9]+>", text)) - {f"<{configuration['Image1ContainerName']}>"} - set(re.findall(r"s/(<\w+>)/", commands))
    if left:
        yield f"{name}: nobody fills {left} in"
    (named,) = group.properties["ECSServices"]
    family = env.target.one("ECS::Service", ServiceName=named["ServiceName"]).properties["TaskDefinition"]
    if f'"family": "{family}"' not in text:
        yield f"{name}: {taskdef} is not {family}"


def _project_of(env: Environment, artifact: str) -> Resource:
    """The project whose action makes an artifact."""
    (pipeline,) = env.region.all("CodePipeline::Pipeline")
    (name,) = [
        action["Configuration"]["ProjectName"]
        for stage in pipeline.properties["Stages"]
        for action in stage["Actions"]
        if {"Name": artifact} in action.get("OutputArtifacts", [])
    ]
    return env.one("CodeBuild::Project", Name=name)
