"""Once a pipeline has updated a service's stack, CloudFormation does nothing with that stack without the pipeline's role."""

import pytest
from botocore.exceptions import ClientError

from bgspec.compiler import compile_spec
from bgspec.deploy import order
from bgspec.deploy.units import environment
from tests.deploy.bench import ACCOUNT, ARTICLE, Bench
from tests.deploy.test_status_and_destroy import destroy, settled

NATIVE = ARTICLE + "deployment: {engine: ecs, bake: 0m}\n"
HOOKED = NATIVE.replace("bake: 0m", "bake: 0m, hooks: {after_test_traffic: {test: [{path: /test.html}]}}")
PIPELINE, SERVICE = "cf1-stg-stack-pipeline-01", "cf1-stg-stack-service-fargate-01"


def _deployed(bench: Bench) -> None:
    """The pipeline has run once, so it has handed its role on."""
    bench.spec(NATIVE)
    assert bench.apply().code == 0
    settled(bench)
    (stack,) = bench.client("cloudformation").describe_stacks(StackName=SERVICE)["Stacks"]
    assert stack["RoleARN"].endswith(":role/cf1-stg-role-stacks-01")
    assert stack["StackStatus"] == "UPDATE_COMPLETE"


def _events(bench: Bench, name: str, status: str) -> list:
    """When the stack got to a status, the latest first."""
    found = bench.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
    return [one["Timestamp"] for one in found if one["LogicalResourceId"] == name and one["ResourceStatus"] == status]


def test_the_role_goes_last(bench: Bench) -> None:
    _deployed(bench)
    gone = destroy(bench, "cf1-stg", "--delete-data")
    assert gone.code == 0, gone.out + gone.err
    assert bench.stacks() == {}


def test_the_role_is_allowed_first_what_the_stack_is_to_make(bench: Bench) -> None:
    _deployed(bench)
    bench.spec(HOOKED)
    changed = bench.apply()
    assert changed.code == 0, changed.out + changed.err
    assert _events(bench, PIPELINE, "UPDATE_COMPLETE")[0] <= _events(bench, SERVICE, "UPDATE_IN_PROGRESS")[0]


def test_without_its_role_the_stack_could_never_be_deleted(bench: Bench) -> None:
    """What the order is for: the emulator refuses as CloudFormation does."""
    _deployed(bench)
    client = bench.client("cloudformation")
    client.delete_stack(StackName=PIPELINE)
    client.get_waiter("stack_delete_complete").wait(StackName=PIPELINE, WaiterConfig={"Delay": 1})
    with pytest.raises(ClientError, match="is invalid or cannot be assumed"):
        client.delete_stack(StackName=SERVICE)


WITHOUT = NATIVE.replace("pipeline:\n  source:\n    provider: codecommit\n", "")
ALLOWED = [word for stack in ("pipeline", "build", "repository") for word in ("--allow", stack)]


def test_a_pipeline_whose_role_is_needed_stays(bench: Bench) -> None:
    _deployed(bench)
    bench.spec(WITHOUT)
    refused = bench.apply(*ALLOWED)
    assert refused.code == 3
    assert "CloudFormation changes service-fargate with a role of it, and could not even delete that without" in refused.err
    assert PIPELINE in bench.stacks()
    gone = destroy(bench, "cf1-stg", "--delete-data")
    assert gone.code == 0, gone.out + gone.err
    assert bench.stacks() == {}


def test_a_workflow_takes_the_pipelines_place_and_its_role(bench: Bench) -> None:
    _deployed(bench)
    bench.spec(WITHOUT + "github_actions: {repository: acme/shop, branch: main}\n")
    changed = bench.apply(*ALLOWED)
    assert changed.code == 0, changed.out + changed.err
    assert {PIPELINE, "cf1-stg-stack-github-01"} & bench.stacks().keys() == {"cf1-stg-stack-github-01"}
    assert bench.apply().code == 0


def test_the_order_changes_only_once_the_role_is_used() -> None:
    compilation = compile_spec(NATIVE.encode(), "bgspec.yaml")
    env = environment(compilation, compilation.plans[0])
    role = f"arn:aws:iam::{ACCOUNT}:role/cf1-stg-role-stacks-01"
    as_made = {unit.key: unit.needs for unit in env.units}
    assert (
        order.needs(env, {}) == order.needs(env, {"network": role}) == order.needs(env, {"service-fargate": f"{role}-of-others"}) == as_made
    )
    needs = order.needs(env, {"service-fargate": role})
    assert "pipeline" in needs["service-fargate"]
    assert "service-fargate" not in needs["pipeline"]
