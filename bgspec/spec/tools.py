"""What a user may write about an account whose pipeline deploys into this one."""

from bgspec.spec.encryption import KeyArn
from bgspec.spec.types import AccountId, BucketName, PolicyArn, RoleArn, Section


class ToolsAccount(Section):
    """Another account in which the pipeline stands, and which deploys here with a role that it takes.

    With `pipeline:` both halves are rendered: what stands here, and below `tools/` what stands there: source, builds, pipeline, and the
    bucket and the key that this account may read with. Both are in one Region. Without `pipeline:` somebody else makes the other half.
    """

    account: AccountId
    """The account in which the pipeline stands: what it allows to take the role, can (cfn:AWS::IAM::Role.AssumeRolePolicyDocument)."""
    bucket: BucketName | None = None
    """A bucket that exists there, through which stages hand on artifacts; its policy must let the role read. Without it `pipeline:` makes
    one (cfn:AWS::CodePipeline::Pipeline.ArtifactStore.Location)."""
    key: KeyArn | None = None
    """A key that exists there, with which those artifacts are encrypted: AWS's own cannot be used from another account. Its policy must let
    the role decrypt. Without it `pipeline:` makes one (cfn:AWS::CodePipeline::Pipeline.ArtifactStore.EncryptionKey)."""
    role: RoleArn | None = None
    """A role that exists here, which the pipeline takes; without it one is made that may do exactly what deploying needs
    (cfn:AWS::CodePipeline::Pipeline.Stages.Actions.RoleArn)."""
    permissions_boundary: PolicyArn | None = None
    """A managed policy of that account that bounds every role that is made there (cfn:AWS::IAM::Role.PermissionsBoundary)."""
