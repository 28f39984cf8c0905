"""An update that takes one property out of one resource, and one that puts it back: in the end everything is as it was."""

import copy
import difflib
import json
import random
from pathlib import Path
from typing import Any

import pytest

from bgspec.sandbox import seeds
from bgspec.sandbox.cloudformation.schema import create_only, schemas
from bgspec.sandbox.cloudformation.stack import find
from bgspec.sandbox.cloudformation.template import parse, read_tree
from bgspec.sandbox.services import ecr
from tests.sandbox.harness import ACCOUNT, REGION, Sandbox
from tests.sandbox.readers import READERS, lost

TEMPLATE = (Path(__file__).parent / "everything.yaml").read_text("utf-8")
IMAGE = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/seeded:first"
# What any update may change: moments, versions, and ids that stand for nothing a template says.
VOLATILE = {
    "ResponseMetadata",
    "updatedAt",
    "AlarmConfigurationUpdatedTimestamp",
    "StateUpdatedTimestamp",
    "LastModifiedDate",
    "Version",
    "VersionId",
    "lastModified",
    "updated",
    "version",
    "LastModified",
    "LastModifiedTimestamp",
    "LastModificationDate",
    "CreationDate",
    "events",
    "deployments",
    "currentServiceDeployment",
    "currentServiceRevisions",
    "CreationTime",
    "LastChangedDate",
    "DefaultVersionId",
    "UpdateDate",
    "ScheduledActionARN",
    "taskSets",
    "createdAt",
    "SubscriptionArn",
    "NetworkInterfaceId",
    "NetworkInterfaceIds",
    "SecurityGroupRuleId",
    "SecurityGroupRuleArn",
    "Sid",
    "lastModifiedDate",
}


def _cases() -> list[tuple[str, str]]:
    """Each property that may be left out, unless leaving it out replaces the resource. `Ordered` is under CODE_DEPLOY."""
    found = []
    for logical, block in parse(TEMPLATE).resources.items():
        schema = schemas()[block["Type"]]
        fixed = {pointer.split("/")[0] for pointer in create_only(block["Type"])} | set(schema.get("required", ()))
        found += [(logical, name) for name in block.get("Properties", {}) if name not in fixed and logical != "Ordered"]
    return found


CASES = _cases()
SAMPLE = random.Random(20261123).sample(CASES, 12)


def _stable(tree: Any) -> Any:
    if isinstance(tree, dict):
        return {name: _stable(item) for name, item in tree.items() if name not in VOLATILE}
    if isinstance(tree, list):
        return sorted((_stable(item) for item in tree), key=lambda item: json.dumps(item, default=str, sort_keys=True))
    return tree


def _seen(sandbox: Sandbox, logical: str) -> list[str]:
    resource = find(sandbox.world.context(ACCOUNT, REGION), "everything").resources[logical]
    answers = _stable(READERS[resource.type](sandbox, resource.physical, resource.full))
    return json.dumps(answers, default=str, indent=1, sort_keys=True).splitlines()


def _check(sandbox: Sandbox, cases: list[tuple[str, str]]) -> None:
    context = sandbox.world.context(ACCOUNT, REGION)
    seeds.plant(context, ["arn:aws:route53:::hostedzone/ZEXAMPLE/example.com", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/seeded"])
    ecr.push(context, "seeded", "first")
    more = {"parameters": {"Image": IMAGE}, "Tags": [{"Key": "Owner", "Value": "team"}]}
    assert sandbox.deploy("everything", TEMPLATE, **copy.deepcopy(more))["StackStatus"] == "CREATE_COMPLETE"
    tree = read_tree(TEMPLATE)
    for logical, name in cases:
        before = _seen(sandbox, logical)
        changed = copy.deepcopy(tree)
        del changed["Resources"][logical]["Properties"][name]
        found = sandbox.change_set("everything", json.dumps(changed), "UPDATE", **copy.deepcopy(more))
        if found["Status"] == "FAILED":  # refused before anything was touched
            assert "EarlyValidation" in found["StatusReason"]
            continue
        sandbox.client("cloudformation").execute_change_set(ChangeSetName=found["ChangeSetId"])
        stack = sandbox.settled("everything")
        assert stack["StackStatus"] in {"UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}, (logical, name, sandbox.failed("everything"))
        if stack["StackStatus"] == "UPDATE_COMPLETE":
            stack = sandbox.deploy("everything", TEMPLATE, "UPDATE", **copy.deepcopy(more))
            assert stack["StackStatus"] == "UPDATE_COMPLETE", (logical, name, sandbox.failed("everything"))
        difference = list(difflib.unified_diff(before, _seen(sandbox, logical), lineterm="", n=1))
        assert not difference, (logical, name, difference)
        resource = find(context, "everything").resources[logical]
        assert lost(resource.full, READERS[resource.type](sandbox, resource.physical, resource.full)) == []


def test_taking_out_and_putting_back_a_sample(sandbox):
    _check(sandbox, SAMPLE)


@pytest.mark.slow
def test_taking_out_and_putting_back_every_property(sandbox):
    _check(sandbox, CASES)
    print(f"{len(CASES)} properties")
