"""The pipeline meets: with the source, the files in it, the projects, the artifacts and the deployment groups."""

import json
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
        base = next(artifact["base-directory"] for artifact in artifacts_of(buildspec).values())
        for word in re.findall(r"[^\s\"'()]+\.(?:json|yaml)\b", commands):
            if word.rpartition("/")[2] in {"taskdef.json", "appspec.yaml"} and not word.startswith(f"{base}/"):
                env.source(word)
        env.by_ref("Logs::LogGroup", project.properties["LogsConfig"]["CloudWatchLogs"]["GroupName"])
        variables = {each["Name"]: each["Value"] for each in project.properties["Environment"]["EnvironmentVariables"]}
        used = set(re.findall(r"\$\{?(REPOSITORY_URI\w*|REPOSITORY_NAME\w*|AWS_ACCOUNT_ID)", commands))
        if missing := used - set(variables) - set(re.findall(r"^\s*(\w+)=", commands, re.MULTILINE)):
            yield f"{path}: the project does not set {sorted(missing)}"
        if variables.get("AWS_ACCOUNT_ID") != env.target.region.account:
            yield f"{path}: the account is {variables.get('AWS_ACCOUNT_ID')}"
        for suffix in re.findall(r'docker push "\$REPOSITORY_URI(\w*):', commands):
            name = variables[f"REPOSITORY_NAME{suffix}"]
            if name in env.written:
                where = env.region.pseudo
                address = f"{env.target.region.account}.dkr.ecr.{where['AWS::Region']}.{where['AWS::URLSuffix']}/{name}"
            else:
                address = env.target.one("ECR::Repository", RepositoryName=name).attributes["RepositoryUri"]
            if address != variables[f"REPOSITORY_URI{suffix}"]:
                yield f"{path}: the image is pushed to {variables[f'REPOSITORY_URI{suffix}']}"


def artifacts_of(buildspec: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """What a build hands on: one artifact without a name, or several by their names."""
    written = buildspec["artifacts"]
    return written.get("secondary-artifacts") or {"": written}


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
            yield from _build_action(env, action, inputs)
        case "CodeDeployToECS":
            yield from _deploy_action(env, name, configuration, inputs)


def _build_action(env: Environment, action: dict[str, Any], inputs: set[str]) -> Iterator[str]:
    configuration, name = action["Configuration"], action["Name"]
    outputs = [artifact["Name"] for artifact in action.get("OutputArtifacts", [])]
    if len(inputs) > 1 and configuration.get("PrimarySource") not in inputs:
        yield f"{name}: which of {inputs} holds the buildspec?"
    if len(inputs) > 5 or len(outputs) > 5:
        yield f"{name}: too many artifacts"
    path = env.one("CodeBuild::Project", Name=configuration["ProjectName"]).properties["Source"]["BuildSpec"]
    if len(outputs) > 1 and not env.is_users(path) and sorted(outputs) != sorted(artifacts_of(parse(env.source(path)))):
        yield f"{name}: {path} does not make {outputs}"


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
    words = {
        number: f"<{configuration[f'Image{number}ContainerName']}>"
        for number in range(1, 5)
        if f"Image{number}ContainerName" in configuration
    }
    for key in ("TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact", *(f"Image{number}ArtifactName" for number in words)):
        if configuration[key] not in inputs:
            yield f"{name}: {key} is no input"
    if unread := inputs - set(configuration.values()):
        yield f"{name}: it reads nothing of {unread}"
    deployed = configuration["TaskDefinitionTemplateArtifact"]
    project = _project_of(env, deployed)
    if env.is_users(project.properties["Source"]["BuildSpec"]):
        return
    source = env.source(project.properties["Source"]["BuildSpec"])
    buildspec, commands = parse(source), commands_of(source)
    handed = artifacts_of(buildspec)
    main = handed.get(deployed) or handed[""]
    if missing := {configuration["TaskDefinitionTemplatePath"], configuration["AppSpecTemplatePath"]} - set(main["files"]):
        yield f"{name}: the build does not hand on {missing}"
    (taskdef,) = re.findall(rf"(\S+taskdef\.json|taskdef\.json) > {main['base-directory']}/taskdef\.json", commands)
    text = env.source(taskdef)
    yield from _images(name, configuration, handed, text, commands)
    left = set(re.findall(r"<[A-Z_0-9]+>", text)) - set(words.values()) - set(re.findall(r"s/(<\w+>)/", commands))
    if left:
        yield f"{name}: nobody fills {left} in"
    (named,) = group.properties["ECSServices"]
    family = env.target.one("ECS::Service", ServiceName=named["ServiceName"]).properties["TaskDefinition"]
    if f'"family": "{family}"' not in text:
        yield f"{name}: {taskdef} is not {family}"


def _images(name: str, configuration: dict[str, str], handed: dict[str, Any], taskdef: str, commands: str) -> Iterator[str]:
    """Every placeholder is one container's, and the artifact named for it tells that container's image."""
    task = json.loads(taskdef)
    for number in range(1, 5):
        if f"Image{number}ContainerName" not in configuration:
            continue
        word = f"<{configuration[f'Image{number}ContainerName']}>"
        artifact = handed.get(configuration[f"Image{number}ArtifactName"]) or handed[""]
        containers = [one["name"] for one in task["containerDefinitions"] if one["image"] == word]
        if len(containers) != 1:
            yield f"{name}: {word} stands in {containers}"
            continue
        if "imageDetail.json" not in artifact["files"]:
            yield f"{name}: the build does not hand on imageDetail.json of {containers}"
        told = re.search(rf'"\$REPOSITORY_URI(\w*)" "\$DIGEST\1" > {artifact["base-directory"]}/imageDetail\.json', commands)
        beside = containers[0] != task["containerDefinitions"][0]["name"]
        if told is None or told[1] != (f"_{containers[0].upper().replace('-', '_')}" if beside else ""):
            yield f"{name}: {word} of {containers} is filled in with another's image"


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
