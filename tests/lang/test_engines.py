"""The table of engines and the language say the same."""

from pydantic import BaseModel

from bgspec.plan.engines import FEATURES, LIMITS, that_can
from bgspec.plan.hooks import EVENTS
from bgspec.plan.native import STAGES
from bgspec.spec.deployment import CodeDeployDeployment, EcsDeployment
from tests.corpus import ROOT
from tests.lang.docs import page


def keys(model, prefix=""):
    """The keys of a section; of those with sections below, the keys below: `rollback.alarms`."""
    for name, field in model.model_fields.items():
        below = field.annotation
        if name in {"rollback", "hooks"} and issubclass(below, BaseModel):
            yield from keys(below, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}"


def test_every_key_stands_in_the_table_with_the_engines_that_have_it():
    sections = {"codedeploy": CodeDeployDeployment, "ecs": EcsDeployment}
    for engine, model in sections.items():
        assert sorted(keys(model)) == sorted(feature.name for feature in FEATURES if engine in feature.engines and ":" not in feature.name)
    assert len({feature.name for feature in FEATURES}) == len(FEATURES)


def test_every_hook_has_a_stage_of_ecs_in_its_order():
    order = "RECONCILE_SERVICE PRE_SCALE_UP POST_SCALE_UP TEST_TRAFFIC_SHIFT POST_TEST_TRAFFIC_SHIFT PRE_PRODUCTION_TRAFFIC_SHIFT"
    assert [STAGES[event] for event in EVENTS] == [*order.split(), "PRODUCTION_TRAFFIC_SHIFT", "POST_PRODUCTION_TRAFFIC_SHIFT"]


def test_an_engine_that_can_is_found():
    assert that_can("linear", 2) == ("codedeploy",)
    assert that_can("linear", 3) == ("codedeploy", "ecs")
    assert that_can("approval", 20160) == ("ecs",)
    assert that_can("wait", 2881) == ()
    assert {name for name, limits in LIMITS.items() if limits.rules == 0} == {"codedeploy"}


def test_the_page_is_current():
    assert (ROOT / "docs/engines.md").read_text(encoding="utf-8") == page(), "run `python -m tests.lang.docs`"
