"""The deploy action's rules: what it takes, and each thing that it refuses."""

import json
import os

import pytest

from tests.container.deploy_action import DeployError, deploy, zipped

TASK = {"family": "web", "containerDefinitions": [{"name": "web", "image": "<IMAGE1_NAME>"}]}
FILES = {
    "taskdef.json": json.dumps(TASK).encode(),
    "appspec.yaml": b"Resources: [{TargetService: {Properties: {TaskDefinition: <TASK_DEFINITION>}}}]",
    "imageDetail.json": b'{"ImageURI": "repository@sha256:0"}',
}
ACTION = {"Image1ContainerName": "IMAGE1_NAME"}


def test_placeholders_are_replaced() -> None:
    deployed = deploy(zipped(FILES), ACTION)
    assert deployed.task_definition["containerDefinitions"][0]["image"] == "repository@sha256:0"
    assert deployed.appspec["Resources"][0]["TargetService"]["Properties"]["TaskDefinition"] == deployed.arn


@pytest.mark.parametrize("name", FILES)
def test_every_file_is_needed(name: str) -> None:
    with pytest.raises(DeployError, match=f"no {name}"):
        deploy(zipped({other: content for other, content in FILES.items() if other != name}), ACTION)


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"taskdef.json": b"{}"}, "no placeholder <IMAGE1_NAME>"),
        ({"appspec.yaml": b"Resources: []"}, "no placeholder <TASK_DEFINITION>"),
        ({"taskdef.json": json.dumps({**TASK, "revision": 3}).encode()}, "revision"),
        ({"taskdef.json": json.dumps({**TASK, "cpu": 256}).encode()}, "cpu"),
        ({"picture.jpg": os.urandom(4 * 1024 * 1024)}, "the action takes 3145728"),
    ],
)
def test_what_the_action_refuses(files: dict[str, bytes], message: str) -> None:
    with pytest.raises(DeployError, match=message):
        deploy(zipped({**FILES, **files}), ACTION)
