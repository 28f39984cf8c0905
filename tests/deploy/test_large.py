"""Templates above what a call may hold go through a bucket, and nothing of them is left there."""

import json

import pytest

from bgspec.deploy import large
from bgspec.deploy.aws import Aws, Target
from bgspec.deploy.decide import Seen
from bgspec.deploy.formation import Formation
from bgspec.deploy.units import Unit
from bgspec.errors import AwsError
from tests.deploy.bench import ACCOUNT, REGION, SMALL, Bench

BUCKET = f"shop-dev-template-01-{ACCOUNT}-{REGION}"


def unit(size: int) -> Unit:
    """A stack of parameters of Systems Manager's, whose template has `size` bytes."""
    template = {"Description": "many: things", "Resources": {}}
    resource = {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/one", "Tags": []}}
    template["Resources"] = {"One": resource}
    room = size - len(json.dumps(template))
    template["Metadata"] = {"Room": "x" * (room - len(json.dumps({"Metadata": {"Room": ""}})))}
    text = json.dumps(template)
    assert len(text) == size
    return Unit("many", "many", text, (), (), (), (), "", "shop-dev-template-01", "")


@pytest.mark.parametrize("size", [51_200, 51_201, 1_048_576])
def test_it_goes_whatever_its_size(bench: Bench, size: int) -> None:
    formation = Formation(Aws(Target(REGION, None, bench.server.url, ACCOUNT)))
    found = formation.change_set(unit(size), Seen(), {}, ())
    assert [change.id for change in found.found] == ["One"]
    buckets = {one["Name"] for one in bench.client("s3").list_buckets()["Buckets"]}
    assert (BUCKET in buckets) == (size > 51_200)
    if BUCKET in buckets:
        assert not bench.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents")
        rules = bench.client("s3").get_bucket_lifecycle_configuration(Bucket=BUCKET)["Rules"]
        assert rules[0]["Expiration"] == {"Days": 1}


def test_what_cloudformation_takes_from_nowhere_is_refused(bench: Bench) -> None:
    formation = Formation(Aws(Target(REGION, None, bench.server.url, ACCOUNT)))
    with pytest.raises(AwsError, match="split the environment"):
        formation.change_set(unit(1_048_577), Seen(), {}, ())
    assert not bench.client("s3").list_buckets()["Buckets"]


def test_an_environment_of_large_templates_comes_and_goes(bench: Bench) -> None:
    bench.patch.setattr(large, "_INLINE", 100)
    bench.spec(SMALL)
    result = bench.apply()
    assert result.code == 0, result.err
    assert not bench.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents")
    assert bench.plan("--exit-code").code == 0
    assert bench.run("destroy", str(bench.file), "--sandbox", "--confirm", "shop-dev", "--delete-data").code == 0
    assert not bench.client("s3").list_buckets()["Buckets"]
