"""What was taken out of the spec goes on running until the user has said what becomes of it."""

import json

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.catalog import REGISTRY
from tests.deploy.bench import ARTICLE, SMALL, Bench
from tests.deploy.scenarios import FORMER
from tests.deploy.standing import settle
from tests.deploy.test_deployments import live
from tests.deploy.test_status_and_destroy import destroy

GO = ("--allow", "service-api", "--allow", "service-mailer", "--allow", "registry")


def _shrunk(bench: Bench) -> None:
    bench.spec(SMALL + FORMER)
    assert bench.apply().code == 0
    settle(bench)
    bench.spec(SMALL)


def test_nothing_is_taken_from_under_a_service_that_runs(bench: Bench) -> None:
    _shrunk(bench)
    before = bench.stacks()
    shown = bench.plan()
    assert shown.code == 3
    assert "if it is meant to be deleted, name it: --allow service-mailer" in shown.out
    assert bench.apply().code == 3
    assert bench.stacks() == before


def test_what_is_named_goes_first_and_leaves_what_holds_data(bench: Bench) -> None:
    _shrunk(bench)
    actions = {one["stack"]: one["action"] for one in json.loads(bench.plan("--format", "json", *GO).out)["stacks"]}
    assert {actions.pop(key) for key in ("service-api", "service-mailer", "registry")} == {"deleted"}
    assert not {"refused", "two steps"} & set(actions.values())
    done = bench.apply(*GO)
    assert done.code == 0, done.err
    assert "failed" not in done.err
    assert not {name for name in bench.stacks() if "api" in name or "mailer" in name or "registry" in name}
    groups = {one["TargetGroupName"] for one in bench.client("elbv2").describe_target_groups()["TargetGroups"]}
    assert groups == {"shop-dev-tg-web-01", "shop-dev-tg-web-02"}
    assert [one["repositoryName"] for one in bench.client("ecr").describe_repositories()["repositories"]] == ["shop-dev-ecr-mailer-01"]
    assert set(bench.actions().values()) == {"nothing"}


def test_whoever_is_stopped_after_a_stack_is_gone_goes_on(bench: Bench) -> None:
    _shrunk(bench)
    bench.client("cloudformation").delete_stack(StackName="shop-dev-stack-service-api-01")
    settle(bench)
    assert bench.apply().code == 3
    done = bench.apply(*GO)
    assert done.code == 0, done.err
    groups = {one["TargetGroupName"] for one in bench.client("elbv2").describe_target_groups()["TargetGroups"]}
    assert groups == {"shop-dev-tg-web-01", "shop-dev-tg-web-02"}


def test_a_service_gets_another_name(bench: Bench) -> None:
    """Its rules keep their priorities: those of the old name have to go first."""
    _shrunk(bench)
    bench.spec(SMALL + FORMER.replace("  api:", "  front:"))
    done = bench.apply("--allow", "service-api")
    assert done.code == 0, done.err
    groups = {one["TargetGroupName"] for one in bench.client("elbv2").describe_target_groups()["TargetGroups"]}
    assert groups == {f"shop-dev-tg-{name}-0{number}" for name in ("web", "front") for number in (1, 2)}
    settle(bench)
    assert set(bench.actions().values()) == {"nothing"}


def test_a_pipeline_that_was_taken_out_goes_too(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settle(bench)
    bench.spec(ARTICLE.partition("pipeline:")[0])
    stacks = ("pipeline", "build", "repository")
    assert {bench.actions()[key] for key in stacks} == {"refused"}
    brought = live(bench)
    assert brought["revision"].endswith(":2")
    done = bench.apply(*(word for key in stacks for word in ("--allow", key)))
    assert done.code == 0, done.err
    assert not {name for name in bench.stacks() for key in stacks if f"stack-{key}-" in name}
    assert {**live(bench), "deployments": []} == {**brought, "deployments": []}  # what it had brought runs on


def test_destroy_takes_it_along(bench: Bench) -> None:
    _shrunk(bench)
    assert destroy(bench, "shop-dev", "--delete-data").code == 0
    assert bench.stacks() == {}
    assert not bench.client("logs").describe_log_groups()["logGroups"]
    assert not bench.client("ecr").describe_repositories()["repositories"]


def test_the_stacks_of_other_environments_are_theirs(bench: Bench) -> None:
    bench.spec(SMALL.replace("system: shop\nenvironment: dev", "system: shop-dev\nenvironment: stack"))
    assert bench.apply().code == 0
    bench.spec(SMALL)
    assert bench.apply().code == 0
    assert set(bench.actions().values()) == {"nothing"}
    assert destroy(bench, "shop-dev", "--delete-data").code == 0
    assert {name.startswith("shop-dev-stack-stack-") for name in bench.stacks()} == {True}


def test_what_a_former_service_left_is_named_and_goes_with_the_data_alone(bench: Bench) -> None:
    _shrunk(bench)
    assert bench.apply(*GO).code == 0
    ecr = bench.client("ecr")
    tags = [{"Key": "System", "Value": "shop"}, {"Key": "Environment", "Value": "dev"}]
    ecr.create_repository(repositoryName="shop-dev-house", tags=tags)  # somebody's own, tagged alike
    ecr.create_repository(repositoryName="shop-dev-ecr-other-01", tags=[tags[0]])  # named alike
    shown = destroy(bench, "shop-dev")
    assert shown.code == 0, shown.err
    left = [
        "ECR::Repository shop-dev-ecr-mailer-01",
        "Logs::LogGroup /ecs/shop-dev-task-api-01",
        "Logs::LogGroup /ecs/shop-dev-task-mailer-01",
    ]
    told = [line.strip().removesuffix(", left by what the spec named earlier") for line in shown.err.split("\n") if "named earlier" in line]
    assert told == left
    assert "Kept, because it holds data" in shown.err
    again = destroy(bench, "shop-dev", "--delete-data")
    assert again.code == 0, again.err
    assert all(f"deleted {thing}" in again.err for thing in left)
    kept = [one["repositoryName"] for one in ecr.describe_repositories()["repositories"]]
    assert sorted(kept) == ["shop-dev-ecr-other-01", "shop-dev-house"]
    assert not bench.client("logs").describe_log_groups()["logGroups"]


def test_who_may_not_look_for_what_was_left_is_told_so(bench: Bench) -> None:
    def refuse(*_: object) -> None:
        raise AwsError("AccessDeniedException", "User is not authorized to perform: tag:GetResources", 403)

    bench.spec(SMALL)
    assert bench.apply().code == 0
    bench.patch.setitem(REGISTRY["resourcegroupstaggingapi"].operations, "get_resources", refuse)
    gone = destroy(bench, "shop-dev", "--delete-data")
    assert gone.code == 0, gone.err
    assert "was not looked at: these credentials may not (tag:GetResources)" in gone.err
