"""A shift becomes the configuration of CodeDeploy or the strategy of ECS that means the same."""

import pytest

from bgspec.plan import resolve
from bgspec.spec.read import read

SPEC = {"bgspec": 1, "system": "s", "environment": "e", "region": "us-east-1", "services": {"web": {"image": {"build": "."}, "port": 80}}}


def plan(**deployment):
    reading = read(SPEC | {"deployment": deployment})
    assert reading.spec, reading.problems
    return resolve(reading.spec).deployment


# CD deployment-configurations
@pytest.mark.parametrize(
    ("shift", "name"),
    [
        ("all-at-once", "AllAtOnce"),
        ({"canary": "10%", "after": "5m"}, "Canary10Percent5Minutes"),
        ({"canary": "10%", "after": "15m"}, "Canary10Percent15Minutes"),
        ({"linear": "10%", "every": "1m"}, "Linear10PercentEvery1Minutes"),
        ({"linear": "10%", "every": "3m"}, "Linear10PercentEvery3Minutes"),
    ],
)
def test_what_codedeploy_has_ready_is_taken(shift, name):
    (codedeploy,) = plan(shift=shift).codedeploy
    assert codedeploy.config == f"CodeDeployDefault.ECS{name}"
    assert codedeploy.own_config == ()


@pytest.mark.parametrize(
    ("shift", "routing", "percentage", "interval"),
    [
        ({"canary": "10%", "after": "6m"}, "TimeBasedCanary", 10, 6),
        ({"canary": "99%", "after": "2d"}, "TimeBasedCanary", 99, 2880),
        ({"linear": "10%", "every": "5m"}, "TimeBasedLinear", 10, 5),
        ({"linear": "20%", "every": "3m"}, "TimeBasedLinear", 20, 3),
    ],
)
def test_any_other_is_our_own_and_named_by_its_values(shift, routing, percentage, interval):
    (codedeploy,) = plan(shift=shift).codedeploy
    (own,) = codedeploy.own_config
    assert (own.routing, own.percentage, own.interval) == (routing, percentage, interval)
    assert codedeploy.config == own.name == f"s-e-config-{routing[9:].lower()}-{percentage}pct-{interval}min-01"


@pytest.mark.parametrize(
    ("shift", "strategy", "steps"),
    [
        ("all-at-once", "BLUE_GREEN", ()),
        ({"canary": "5%", "after": "10m"}, "CANARY", (("CanaryPercent", 5, "CanaryBakeTimeInMinutes", 10),)),
        ({"linear": "20%", "every": "2m"}, "LINEAR", (("StepPercent", 20, "StepBakeTimeInMinutes", 2),)),
    ],
)
def test_ecs_has_a_strategy_for_each(shift, strategy, steps):
    (native,) = plan(engine="ecs", shift=shift).native
    assert native.strategy == strategy
    assert tuple((each.percent, each.share, each.minutes, each.wait) for each in native.steps) == steps


@pytest.mark.parametrize(
    ("shift", "minutes"),
    [
        ("all-at-once", 0),
        ({"canary": "1%", "after": "10m"}, 10),
        ({"linear": "50%", "every": "7m"}, 7),
        ({"linear": "30%", "every": "2m"}, 6),
        ({"linear": "99%", "every": "1h"}, 60),
        ({"linear": "3%", "every": "1m"}, 33),
    ],
)
def test_a_shift_takes_as_long_as_its_waits(shift, minutes):
    assert plan(engine="ecs", shift=shift).shift_minutes == minutes


@pytest.mark.parametrize(("shift", "stage"), [("all-at-once", "PRE_PRODUCTION"), ({"canary": "5%", "after": "10m"}, "POST_TEST")])
def test_a_person_is_asked_once(shift, stage):
    """ECS asks before every step of a gradual shift; so the person is asked before the first of them."""
    (native,) = plan(engine="ecs", shift=shift, approval={"before": "traffic", "timeout": "30m"}).native
    assert native.pauses == ((f"{stage}_TRAFFIC_SHIFT", 30),)
