"""Templates too large to go with a call: on their way through a bucket of the environment's own, which is empty otherwise.

CloudFormation reads the template when the change set is made, so the file is deleted as soon as that is there. What a killed run leaves
expires within a day or two. The bucket itself goes with `destroy`.
"""

import contextlib
import threading
from collections.abc import Iterator

from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.units import Unit
from bgspec.errors import AwsError
from bgspec.regions import region

# CloudFormation User Guide, quotas: a template's bytes with the call, and in S3.
_INLINE = 51_200
_LARGEST = 1_048_576

_MAKING = threading.Lock()


@contextlib.contextmanager
def sent(aws: Aws, unit: Unit, name: str) -> Iterator[dict[str, str]]:
    """How a call names a stack's template: the text itself, or where it lies for as long as the context lasts.

    Args:
        aws: where to put it.
        unit: whose template it is.
        name: of the change set; nothing else is called so.

    Raises:
        AwsError: it is larger than CloudFormation takes from anywhere.
    """
    size = len(unit.template.encode())
    if size <= _INLINE:
        yield {"TemplateBody": unit.template}
        return
    if size > _LARGEST:
        raise AwsError(f"{unit.name}: the template has {size} bytes, and CloudFormation takes {_LARGEST}: split the environment")
    owner = aws.account()
    bucket, key = address(unit.bucket, aws, owner), f"{name}.yaml"
    with _MAKING:
        _make(aws, bucket)
    # Of somebody else's bucket with this name nothing would be read, and nothing written to it.
    aws.call("s3", "put_object", Bucket=bucket, Key=key, Body=unit.template.encode(), ExpectedBucketOwner=owner)
    try:
        yield {"TemplateURL": f"https://{bucket}.s3.{aws.region}.{region(aws.region).dns_suffix}/{key}"}
    finally:
        with contextlib.suppress(AwsError):  # it expires by itself
            aws.call("s3", "delete_object", Bucket=bucket, Key=key)


def address(front: str, aws: Aws, account: str) -> str:
    """The bucket's name."""
    return f"{front}-{account}-{aws.region}"


def _make(aws: Aws, bucket: str) -> None:
    """Make the bucket unless it is there; new buckets are private and encrypted (S3 User Guide, since 2023)."""
    place = {} if aws.region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": aws.region}}
    try:
        aws.call("s3", "create_bucket", Bucket=bucket, **place)
    except RefusedError as error:
        if error.code != "BucketAlreadyOwnedByYou":
            raise
    rule = {"ID": "templates", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    aws.call("s3", "put_bucket_lifecycle_configuration", Bucket=bucket, LifecycleConfiguration={"Rules": [rule]})
