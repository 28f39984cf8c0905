"""What ECS lets be changed of a service of CodeDeploy, and CloudFormation cannot: changed in place, and nothing else moves."""

import pytest

from tests.deploy.bench import SMALL, Bench
from tests.deploy.test_deployments import WITH_512, live
from tests.deploy.test_drift import CLUSTER, SERVICE, drifted
from tests.waiting import until

COUNT, GRACE = "    count: 3\n", "    health_check: {grace: 5m}\n"


def service(bench: Bench) -> dict[str, object]:
    (found,) = bench.client("ecs").describe_services(cluster=CLUSTER, services=[SERVICE])["services"]
    return found


@pytest.fixture
def swapped(bench: Bench) -> Bench:
    """An environment whose production is green: CloudFormation knows neither its tasks nor its weights any more."""
    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.spec(WITH_512)
    assert bench.apply().code == 0
    assert live(bench)["colour"] == "green"
    return bench


def test_a_count_and_a_grace_period_are_changed_in_place(swapped: Bench) -> None:
    before = live(swapped)
    swapped.spec(WITH_512 + COUNT + GRACE)
    shown = swapped.plan().out
    assert "service-web          changed in place  the service wants 3 tasks, no longer 2" in shown
    assert "fresh tasks may fail health checks for 300 s, no longer 60 s" in shown
    assert service(swapped)["desiredCount"] == 2
    assert swapped.apply().code == 0
    until(lambda: live(swapped)["running"] == 3)
    assert service(swapped)["healthCheckGracePeriodSeconds"] == 300
    after = live(swapped)
    assert [before[one] for one in ("colour", "revision", "deployment")] == [after[one] for one in ("colour", "revision", "deployment")]
    assert swapped.plan("--exit-code").code == 0
    swapped.spec(WITH_512)
    assert swapped.apply().code == 0
    assert (service(swapped)["desiredCount"], service(swapped)["healthCheckGracePeriodSeconds"]) == (2, 60)


def test_a_count_that_was_changed_by_hand_stays_until_the_spec_says_another(swapped: Bench) -> None:
    swapped.client("ecs").update_service(cluster=CLUSTER, service=SERVICE, desiredCount=5)
    assert swapped.apply().code == 0
    assert service(swapped)["desiredCount"] == 5
    assert drifted(swapped) == ["5 tasks are wanted on ECS, the spec says 2."]
    swapped.spec(WITH_512 + COUNT)
    assert drifted(swapped) == []
    assert swapped.apply().code == 0
    assert service(swapped)["desiredCount"] == 3


def test_another_count_comes_with_another_task(swapped: Bench) -> None:
    swapped.spec(WITH_512.replace("cpu: 512", "cpu: 1024") + COUNT)
    shown = swapped.plan().out
    assert "new deployment" in shown
    assert "the service wants 3 tasks, no longer 2" in shown
    assert swapped.apply().code == 0
    assert (live(swapped)["colour"], service(swapped)["desiredCount"]) == ("blue", 3)
    assert swapped.plan("--exit-code").code == 0


def test_what_scaled_has_the_count_again_once_nothing_scales(swapped: Bench) -> None:
    swapped.spec(WITH_512 + "    scaling: {min: 4, max: 6, cpu: 60}\n")
    assert swapped.apply().code == 0
    until(lambda: live(swapped)["running"] == 4)
    swapped.spec(WITH_512 + "    count: 4\n    scaling: {min: 4, max: 6, cpu: 60}\n")
    assert "wants" not in swapped.plan().out
    swapped.spec(WITH_512)
    assert "the service wants 2 tasks, no longer 4" in swapped.plan("--allow", "scaling-web").out
    assert swapped.apply("--allow", "scaling-web").code == 0
    until(lambda: live(swapped)["running"] == 2)
