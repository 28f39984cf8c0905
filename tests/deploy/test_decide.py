"""What to do with a stack, in each of CloudFormation's states and for each kind of change."""

import pytest
from botocore.loaders import Loader
from hypothesis import given
from hypothesis import strategies as st

from bgspec.deploy.decide import GUARDED, Change, Seen, controller_changes, judge, nothing_changes, step, way_out

STATUSES = Loader().load_service_model("cloudformation", "service-2")["shapes"]["StackStatus"]["enum"]
NEVER_UPDATED = {"AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule"}


@pytest.mark.parametrize("status", STATUSES)
def test_every_state_has_its_step(status: str) -> None:
    found = step(Seen(status))
    if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
        assert found == "wait"
    elif status == "ROLLBACK_COMPLETE":
        assert found == "recreate"
    elif status.endswith("_COMPLETE") and status != "DELETE_COMPLETE":
        assert found == "update"
    if found == "refuse":
        assert "does not know" not in way_out("x", Seen(status))


def test_a_stack_that_stood_once_is_never_recreated() -> None:
    recreated = {status for status in STATUSES if step(Seen(status)) == "recreate"}
    assert recreated == {"ROLLBACK_COMPLETE", "ROLLBACK_FAILED", "DELETE_FAILED"}


def test_an_unknown_state_is_refused() -> None:
    assert step(Seen("QUANTUM_SUPERPOSED")) == "refuse"
    assert "does not know" in way_out("x", Seen("QUANTUM_SUPERPOSED"))


CHANGES = st.builds(
    Change,
    action=st.sampled_from(["Add", "Modify", "Remove"]),
    id=st.sampled_from(["A", "B"]),
    type=st.sampled_from([*GUARDED, *NEVER_UPDATED, "AWS::ECS::TaskDefinition", "AWS::IAM::Role"]),
    replaces=st.booleans(),
    properties=st.just(("Port",)),
    retained=st.booleans(),
)


@given(st.lists(CHANGES, min_size=1, max_size=6).map(tuple), st.sampled_from(["CODE_DEPLOY", "ECS", ""]))
def test_nothing_that_holds_data_or_traffic_goes_unasked(found: tuple[Change, ...], controller: str) -> None:
    """What is not refused touches no listener, no service of CodeDeploy, and takes nothing away that holds something."""
    verdict = judge("web", controller, found)
    if verdict.kind == "refused":
        assert verdict.culprit in {change.id for change in found}
        assert judge("web", controller, found, frozenset({"web/A", "web/B"})).kind != "refused"
        return
    for change in found:
        if change.action == "Modify":
            assert change.type not in NEVER_UPDATED
            assert not (change.type == "AWS::ECS::Service" and controller == "CODE_DEPLOY")
            assert not (change.type in GUARDED and change.replaces)
        if change.action == "Remove" and change.type in GUARDED:
            assert change.retained


def test_only_a_failed_change_set_can_mean_no_changes() -> None:
    text = "The submitted information didn't contain changes. Submit different information to create a change set."
    assert nothing_changes("FAILED", text)
    assert not nothing_changes("CREATE_COMPLETE", text)
    assert not nothing_changes("FAILED", "Template error")


@pytest.mark.parametrize("controller", ["CODE_DEPLOY", "ECS", ""])
def test_what_replaces_the_tasks_is_called_a_deployment(controller: str) -> None:
    changed = Change("Modify", "Service", "AWS::ECS::Service", replaces=False, properties=("NetworkConfiguration",), retained=False)
    counted = changed._replace(properties=("DesiredCount",))
    registered = Change("Modify", "TaskDefinition", "AWS::ECS::TaskDefinition", replaces=True, properties=("Cpu",), retained=False)
    assert judge("web", controller, (registered,)).kind == "deployment"
    if controller == "ECS":
        assert judge("web", controller, (changed,)).kind == "deployment"
        assert judge("web", controller, (counted,)).kind == "changed"


@pytest.mark.parametrize("runs", ["", "CODE_DEPLOY", "ECS", "EXTERNAL"])
@pytest.mark.parametrize("wanted", ["CODE_DEPLOY", "ECS"])
def test_an_engine_is_never_changed_in_passing(runs: str, wanted: str) -> None:
    verdict = controller_changes("web", runs, wanted)
    if runs in {"", wanted}:
        assert verdict is None
    else:
        assert verdict is not None
        assert verdict.stops
        assert verdict.kind == ("refused" if wanted == "CODE_DEPLOY" else "two steps")


def test_a_name_that_comes_too_late_is_told_with_the_way_around() -> None:
    change = Change("Modify", "Service", "AWS::ECS::Service", replaces=False, properties=("ServiceRegistries",), retained=False)
    verdict = judge("service-web", "CODE_DEPLOY", (change,))
    assert verdict.kind == "refused"
    assert "through the load balancer" in verdict.reasons[1]
