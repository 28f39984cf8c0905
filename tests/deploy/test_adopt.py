"""An environment made anew takes back what the one before left: logs, images, the source with its history, the pipeline's files."""

import pytest

from bgspec.deploy.data import DATA, read
from bgspec.deploy.formation import Formation
from tests.corpus import GOLDEN
from tests.deploy.bench import ARTICLE, SMALL, Bench
from tests.deploy.standing import settle
from tests.deploy.test_status_and_destroy import destroy


def _left(bench: Bench) -> dict[str, set[str]]:
    """The names of everything that holds data."""
    groups = bench.client("logs").describe_log_groups()["logGroups"]
    return {
        "repositories": {one["repositoryName"] for one in bench.client("ecr").describe_repositories()["repositories"]},
        "sources": {one["repositoryId"] for one in bench.client("codecommit").list_repositories()["repositories"]},
        "buckets": {one["Name"] for one in bench.client("s3").list_buckets()["Buckets"]},
        "groups": {f"{one['logGroupName']} {one['creationTime']}" for one in groups},
    }


def _destroyed(bench: Bench) -> None:
    """The article's environment, made, delivered to once, and destroyed but for what holds data."""
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settle(bench)
    assert destroy(bench, "cf1-stg").code == 0
    assert bench.stacks() == {}


def test_what_destroy_kept_is_taken_back(bench: Bench) -> None:
    _destroyed(bench)
    kept = _left(bench)
    assert all(kept.values())
    tip = bench.client("codecommit").get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]["commitId"]

    without = bench.plan()
    assert without.code == 3
    assert "`--adopt` takes it back as it is" in without.err
    shown = bench.plan("--adopt")
    assert shown.code == 0, shown.err
    assert "takes back ECR::Repository cf1-stg-ecr-fargate-01" in shown.out
    assert bench.stacks() == {}  # a plan leaves nothing behind

    again = bench.apply("--adopt")
    assert again.code == 0, again.err
    assert _left(bench) == kept
    assert bench.client("codecommit").get_branch(repositoryName="cf1-stg-repo-01", branchName="main")["branch"]["commitId"] == tip
    settle(bench)
    assert set(bench.actions().values()) == {"nothing"}
    assert destroy(bench, "cf1-stg", "--delete-data").code == 0
    assert not any(_left(bench).values())


@pytest.mark.parametrize("stack", ["registry", "service-fargate", "pipeline"])
def test_whoever_is_stopped_after_the_import_goes_on(bench: Bench, stack) -> None:
    _destroyed(bench)
    kept = _left(bench)
    tidy = Formation.tidy

    def killed(self, name):
        if name == f"cf1-stg-stack-{stack}-01":
            raise KeyboardInterrupt
        tidy(self, name)

    with bench.patch.context() as patch:
        patch.setattr(Formation, "tidy", killed)
        assert bench.apply("--adopt").code != 0
    assert bench.stacks()[f"cf1-stg-stack-{stack}-01"] == "IMPORT_COMPLETE"
    assert bench.apply("--adopt").code == 0
    assert _left(bench) == kept


def test_the_key_stays_as_long_as_what_it_encrypts(bench: Bench) -> None:
    bench.spec(ARTICLE + "encryption:\n  key: own\n")
    assert bench.apply().code == 0
    settle(bench)
    kms = bench.client("kms")
    (key,) = kms.list_keys()["Keys"]
    kept = destroy(bench, "cf1-stg")
    assert kept.code == 0
    assert "KMS::Key in cf1-stg-stack-key-01" in kept.err
    assert set(bench.stacks()) == {"cf1-stg-stack-key-01"}
    assert bench.apply("--adopt").code == 0
    settle(bench)
    assert kms.list_keys()["Keys"] == [key]
    assert destroy(bench, "cf1-stg", "--delete-data").code == 0
    assert bench.stacks() == {}
    assert kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "PendingDeletion"


def test_a_service_that_comes_back_gets_what_it_left(bench: Bench) -> None:
    both = SMALL + "  one: {image: {build: container}}\n  mailer: {image: {build: container}}\n"
    bench.spec(both)
    assert bench.apply().code == 0
    settle(bench)
    kept = _left(bench)
    bench.spec(both.partition("  mailer:")[0])
    assert bench.apply("--allow", "service-mailer").code == 0
    settle(bench)
    bench.spec(both)
    refused = bench.plan()
    assert refused.code == 3
    assert "ECR::Repository shop-dev-ecr-mailer-01 exists already, outside of the stack" in refused.out
    shown = bench.plan("--adopt")
    assert shown.code == 0
    assert "takes back ECR::Repository shop-dev-ecr-mailer-01" in shown.out
    again = bench.apply("--adopt")
    assert again.code == 0, again.err
    assert _left(bench) == kept
    assert set(bench.actions().values()) == {"nothing"}


def test_without_anything_to_take_back_it_is_an_ordinary_apply(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply("--adopt").code == 0
    assert set(bench.stacks().values()) == {"CREATE_COMPLETE"}


def test_what_holds_data_refers_to_nothing_in_its_stack() -> None:
    """So it can be imported alone."""
    for path in GOLDEN.rglob("stacks/*.yaml"):
        resources = read(path.read_text("utf-8"))["Resources"]
        for logical, resource in resources.items():
            if resource["Type"] in DATA:
                assert not _referred(resource) & resources.keys(), (path, logical)


def _referred(value) -> set[str]:
    if isinstance(value, dict):
        own = {value.get("Ref", ""), value.get("Fn::GetAtt", [""])[0]}
        return own.union(*map(_referred, value.values()))
    return set().union(*map(_referred, value)) if isinstance(value, list) else set()
