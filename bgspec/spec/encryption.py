"""What a user may write about the key with which an environment encrypts what it keeps."""

from typing import Annotated

from pydantic import StringConstraints

from bgspec.spec.types import EachOnce, Section, says

KeyArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:kms:[a-z0-9\-]+:[0-9]{12}:key/[A-Za-z0-9\-]+$",
            "Write the ARN of a key in KMS: `arn:aws:kms:REGION:ACCOUNT:key/ID`; an alias will not do.",
        ),
        max_length=2048,
    ),
]
"""bc:kms.KeyIdType"""


KeyChoice = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(own|arn:aws[a-z\-]*:kms:[a-z0-9\-]+:[0-9]{12}:key/[A-Za-z0-9\-]+)$",
            "Write `own`, or the ARN of a key in KMS: `arn:aws:kms:REGION:ACCOUNT:key/ID`; an alias will not do.",
        ),
        max_length=2048,
    ),
]


class EncryptionKey(Section):
    """The key of an environment (cfn:AWS::KMS::Key)."""

    key: KeyChoice | None = None
    """The key for the artifacts, sources and caches of builds, for images, logs and notifications: a key's ARN, or `own` for one that the
    environment makes and that stays when it goes. Without it everything is encrypted with AWS's own keys, and images as
    `registry.encryption` says (cfn:AWS::KMS::Key)."""
    secrets: Annotated[list[KeyArn], EachOnce] = []
    """Keys of one's own with which secrets, parameters and environment files are encrypted that containers take: ECS may decrypt with
    them, through Secrets Manager, SSM and S3 only (cfn:AWS::IAM::Role.Policies)."""
