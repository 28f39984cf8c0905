"""taskdef.json is what RegisterTaskDefinition takes, to the last name."""

import json

import botocore.session
import pytest
from botocore.validate import ParamValidator

from tests.corpus import artifacts, specs


@pytest.fixture(scope="module")
def taken():
    """Botocore's own check of an input, and the names that the API knows there."""
    shape = botocore.session.Session().get_service_model("ecs").operation_model("RegisterTaskDefinition").input_shape
    return lambda definition: ParamValidator().validate(definition, shape).generate_report()


def test_the_api_takes_it(taken):
    definitions = [json.loads(artifact.text) for name in specs() for artifact in artifacts(name) if artifact.path.endswith("taskdef.json")]
    assert len(definitions) > 3
    for definition in definitions:
        assert taken(definition) == ""


def test_the_judge_knows_a_wrong_name_from_a_right_one(taken):
    assert "filesystemId" in taken(
        {"family": "x", "containerDefinitions": [], "volumes": [{"efsVolumeConfiguration": {"filesystemId": "fs"}}]}
    )
