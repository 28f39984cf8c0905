"""`destroy` where something is in the way, for a while or for good."""

from collections.abc import Callable

import pytest

from bgspec.deploy import data
from bgspec.deploy.formation import Formation
from bgspec.errors import AwsError
from bgspec.sandbox.services.ec2_records import interface, release_interfaces
from tests.deploy.bench import ACCOUNT, ARTICLE, REGION, SMALL, Bench
from tests.deploy.test_status_and_destroy import destroy, settled


def leftover(bench: Bench) -> Callable[[], None]:
    """A network interface in the environment's subnets that belongs to no stack. Returns what takes it away."""
    context = bench.world.context(ACCOUNT, REGION)
    subnet = bench.client("ec2").describe_subnets()["Subnets"][0]["SubnetId"]
    with bench.world.lock:
        interface(context, subnet, [], "left over by a function", "somebody")
    return lambda: release_interfaces(context, "somebody")


def test_an_interface_that_goes_late_is_waited_for(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    gone = leftover(bench)
    delete = Formation.delete

    def late(self, seen, name, tell, left):
        try:
            delete(self, seen, name, tell, left)
        finally:
            if name == "shop-dev-stack-network-01":
                gone()

    bench.patch.setattr(Formation, "delete", late)
    result = destroy(bench, "shop-dev", "--delete-data")
    assert result.code == 0, result.err
    assert "not yet: shop-dev-stack-network-01: " in result.err
    assert bench.stacks() == {}
    assert not bench.client("ec2").describe_vpcs()["Vpcs"]


def test_an_interface_that_stays_is_told_and_the_next_destroy_goes_on(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    gone = leftover(bench)
    result = destroy(bench, "shop-dev", "--delete-data")
    assert result.code == 3
    assert "network          FAILED shop-dev-stack-network-01" in result.err
    assert set(bench.stacks()) == {"shop-dev-stack-network-01"}
    assert "steps are not done: network" in result.err
    gone()
    again = destroy(bench, "shop-dev", "--delete-data")
    assert again.code == 0, again.err
    assert bench.stacks() == {}


def test_a_log_group_that_is_born_again_is_deleted_again(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    logs = bench.client("logs")
    name = logs.describe_log_groups()["logGroups"][0]["logGroupName"]
    delete, born = data.delete, []

    def again(aws, thing):
        delete(aws, thing)
        if thing.name == name and not born:
            born.append(logs.create_log_group(logGroupName=name))

    bench.patch.setattr(data, "delete", again)
    result = destroy(bench, "shop-dev", "--delete-data")
    assert result.code == 0, result.err
    assert born
    assert not logs.describe_log_groups()["logGroups"]


def test_a_log_group_that_is_born_while_its_writers_end_goes_too(bench: Bench) -> None:
    bench.spec(SMALL)
    assert bench.apply().code == 0
    logs = bench.client("logs")
    name = logs.describe_log_groups()["logGroups"][0]["logGroupName"]
    logs.delete_log_group(logGroupName=name)  # by hand, before
    delete = Formation.delete

    def writes(self, seen, stack, tell, left):
        delete(self, seen, stack, tell, left)
        if stack == "shop-dev-stack-service-web-01":
            logs.create_log_group(logGroupName=name)

    bench.patch.setattr(Formation, "delete", writes)
    result = destroy(bench, "shop-dev", "--delete-data")
    assert result.code == 0, result.err
    assert not logs.describe_log_groups()["logGroups"]


def test_what_holds_something_goes_only_when_that_is_said(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settled(bench)
    s3 = bench.client("s3")
    (bucket,) = (one["Name"] for one in s3.list_buckets()["Buckets"])
    for version in range(3):
        s3.put_object(Bucket=bucket, Key="by-hand", Body=f"{version}".encode())
    s3.delete_object(Bucket=bucket, Key="by-hand")
    assert destroy(bench, "cf1-stg").code == 0
    assert s3.list_object_versions(Bucket=bucket)["Versions"]
    assert bench.client("ecr").describe_images(repositoryName="cf1-stg-ecr-fargate-01")["imageDetails"]
    result = destroy(bench, "cf1-stg", "--delete-data")
    assert result.code == 0, result.err
    assert not s3.list_buckets()["Buckets"]
    assert not bench.client("ecr").describe_repositories()["repositories"]


def test_target_groups_go_after_the_listeners_that_a_deployment_moved(bench: Bench) -> None:
    bench.spec(ARTICLE)
    assert bench.apply().code == 0
    settled(bench)
    assert bench.weights("cf1-stg-stack-traffic-01") == {"01": 0, "02": 100}
    result = destroy(bench, "cf1-stg")
    assert result.code == 0, result.err
    said = [line.split("deleting ")[1] for line in result.err.splitlines() if "  traffic " in line and "deleting " in line]
    assert [words.split("(")[1] for words in said] == ["ElasticLoadBalancingV2::Listener)"] * 2 + [
        "ElasticLoadBalancingV2::TargetGroup)"
    ] * 2
    assert "not yet" not in result.err


class Locked:
    """S3 with one object that may not be deleted."""

    def call(self, _: str, operation: str, **__: object) -> dict[str, object]:
        return {
            "list_object_versions": {"Versions": [{"Key": "kept", "VersionId": "1"}]},
            "delete_objects": {"Errors": [{"Key": "kept", "Code": "AccessDenied", "Message": "Object is locked"}]},
        }[operation]


def test_an_object_that_may_not_be_deleted_is_told_not_tried_for_ever() -> None:
    with pytest.raises(AwsError, match="kept in archive: Object is locked"):
        data.delete(Locked(), data.Kept("AWS::S3::Bucket", "archive", "pipeline"))
