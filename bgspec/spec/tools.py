"""What a user may write about an account whose pipelines deploy into this one."""

from bgspec.spec.encryption import KeyArn
from bgspec.spec.types import AccountId, BucketName, Section


class ToolsAccount(Section):
    """Another account whose pipeline deploys here, with a role that it takes.

    The pipeline, the policy of its bucket and the policy of its key stand there, and are not made: a spec speaks of one account, and
    bgspec has the credentials of one.
    """

    account: AccountId
    """The account in which the pipeline stands: what it allows to take the role, can (cfn:AWS::IAM::Role.AssumeRolePolicyDocument)."""
    bucket: BucketName
    """The bucket through which its stages hand on artifacts; its policy must let the role read (cfn:AWS::IAM::Role.Policies)."""
    key: KeyArn
    """The key with which those artifacts are encrypted: AWS's own cannot be used from another account. Its policy must let the role
    decrypt (cfn:AWS::IAM::Role.Policies)."""
