"""What services refuse because of a limit or a combination: the emulator refuses it too, or it would promise too much."""

import pytest
from botocore.exceptions import ClientError


def refusal(action, **params):
    with pytest.raises(ClientError) as caught:
        action(**params)
    return caught.value.response["Error"]


@pytest.mark.parametrize(
    ("region", "offered", "unknown"),
    [
        ("ap-northeast-1", "com.amazonaws.ap-northeast-1.ecr.api", "cn.com.amazonaws.ap-northeast-1.ecr.api"),
        ("cn-north-1", "com.amazonaws.cn-north-1.logs", "com.amazonaws.cn-north-1.ecr.api"),
        ("eusc-de-east-1", "eu.amazonaws.eusc-de-east-1.ecr.api", "com.amazonaws.eusc-de-east-1.ecr.api"),
    ],
)
def test_an_endpoint_service_has_the_name_of_its_region(sandbox, region, offered, unknown):
    ec2 = sandbox.client("ec2", region=region)
    ec2.describe_vpc_endpoint_services(ServiceNames=[offered])
    assert refusal(ec2.describe_vpc_endpoint_services, ServiceNames=[unknown])["Code"] == "InvalidServiceName"


def test_not_every_region_has_namespaces_of_accounts_for_buckets(sandbox):
    """S3 User Guide, gpbucketnamespaces: all but Bahrain and the Emirates."""
    for region, offered in (("me-south-1", False), ("me-central-1", False), ("il-central-1", True)):
        name = f"shop-123456789012-{region}-an"
        asked = {"Bucket": name, "BucketNamespace": "account-regional", "CreateBucketConfiguration": {"LocationConstraint": region}}
        s3 = sandbox.client("s3", region=region)
        if offered:
            s3.create_bucket(**asked)
        else:
            assert "not available" in refusal(s3.create_bucket, **asked)["Message"]
        s3.create_bucket(Bucket=f"shop-123456789012-{region}", CreateBucketConfiguration={"LocationConstraint": region})
