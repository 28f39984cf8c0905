"""What CodePipeline's CodeDeployToECS action does with its artifact, up to the point where it calls AWS.

Source of every rule: "Amazon Elastic Container Service and CodeDeploy blue-green" in the CodePipeline action reference.
"""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, NamedTuple

import botocore.session
import yaml
from botocore.validate import ParamValidator

ARTIFACT_LIMIT = 3 * 1024 * 1024  # bytes of the zip; "Quotas in CodePipeline", input artifacts of this action


class Deployment(NamedTuple):
    task_definition: dict[str, Any]  # the RegisterTaskDefinition request
    appspec: dict[str, Any]  # what CodeDeploy gets
    arn: str  # of the task definition that would be registered


class DeployError(Exception):
    pass


def zipped(files: Mapping[str, bytes]) -> bytes:
    """An artifact as it lies in the bucket."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            archive.writestr(name, content)
    return buffer.getvalue()


def deploy(artifact: bytes, configuration: Mapping[str, str], account: str = "111122223333", region: str = "ap-northeast-1") -> Deployment:
    """Follows the action's configuration with one zip that stands for every input artifact it names.

    Raises DeployError where the action would fail: a missing file, a placeholder that is not there, a request that
    ECS would not take.
    """
    if len(artifact) > ARTIFACT_LIMIT:
        raise DeployError(f"the artifact has {len(artifact)} bytes, the action takes {ARTIFACT_LIMIT}")
    with zipfile.ZipFile(io.BytesIO(artifact)) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    task_text = _file(files, configuration.get("TaskDefinitionTemplatePath", "taskdef.json"))
    for number in range(1, 5):
        if word := configuration.get(f"Image{number}ContainerName"):
            uri = json.loads(_file(files, "imageDetail.json"))["ImageURI"]
            if f"<{word}>" not in task_text:
                raise DeployError(f"the task definition has no placeholder <{word}>")
            task_text = task_text.replace(f"<{word}>", uri)
    task = json.loads(task_text)
    shape = botocore.session.get_session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
    if problems := ParamValidator().validate(task, shape).generate_report():
        raise DeployError(f"ECS would not register this task definition: {problems}")
    arn = f"arn:aws:ecs:{region}:{account}:task-definition/{task['family']}:2"
    appspec_text = _file(files, configuration.get("AppSpecTemplatePath", "appspec.yaml"))
    if "<TASK_DEFINITION>" not in appspec_text:
        raise DeployError("the appspec has no placeholder <TASK_DEFINITION>")
    return Deployment(task, yaml.safe_load(appspec_text.replace("<TASK_DEFINITION>", arn)), arn)


def _file(files: Mapping[str, bytes], name: str) -> str:
    if name not in files:
        raise DeployError(f"the artifact has no {name}; it has {', '.join(sorted(files))}")
    return files[name].decode()
