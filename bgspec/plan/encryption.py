"""The key with which the environment encrypts what it keeps, and who may use it."""

from collections.abc import Iterator
from typing import NamedTuple

from bgspec.cfn import Ref, Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan.iam import Condition, Statement
from bgspec.spec import Spec

KEY = Word("KeyArn")
"""The output of the key's stack, and the parameter of all that use it."""


class User(NamedTuple):
    """A service of AWS, or another account, that uses the key in its own name."""

    sid: Word
    reason: str
    principal: Value
    actions: tuple[str, ...]
    condition: Condition
    kind: Word = Word("Service")
    """What `principal` is."""


class Encryption(NamedTuple):
    """With which key one account encrypts what it keeps."""

    aliases: tuple[str, ...]
    """The name of the key that the environment makes, or none."""
    keys: tuple[Value, ...]
    """The key, or none where AWS's own keys do."""
    algorithm: Word
    """How buckets are encrypted (cfn:AWS::S3::Bucket.BucketEncryption)."""
    said: str
    """Where in the spec it is said."""
    users: tuple[User, ...]

    @property
    def own(self) -> bool:
        return bool(self.aliases)

    def statements(self, *through: str) -> tuple[Statement, ...]:
        """What a role must be allowed that reads and writes what is encrypted, through these services only.

        CodePipeline User Guide, S3-artifact-encryption (on the server's side: it is S3 that calls KMS, in the role's name) and
        how-to-custom-role; KMS Developer Guide, conditions-kms, `kms:ViaService`: S3, SNS, Secrets Manager and Systems Manager are among
        those that it knows. In China, too, its value ends as addresses do (https://github.com/unitycatalog/unitycatalog/pull/1794); in
        other partitions unverified.
        """
        return tuple(
            Statement(
                Word("Key"),
                "what it reads and writes is encrypted with this key",
                ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
                (key,),
                (Condition("StringEquals", "kms:ViaService", tuple(_through(service) for service in through)),),
            )
            for key in self.keys
        )

    def looks(self) -> tuple[Statement, ...]:
        """CodeBuild and CodePipeline look at the key themselves (CodePipeline User Guide, how-to-custom-role)."""
        return tuple(Statement(Word("LookAtKey"), "asks whether the key can be used", ("kms:DescribeKey",), (key,)) for key in self.keys)


def _through(service: str) -> Sub:
    return Sub(f"{service}.${{AWS::Region}}.${{AWS::URLSuffix}}")


# CloudWatch Logs User Guide, encrypt-log-data-kms; outside of `aws`, too, the principal is the endpoint's name (Terraform's data source
# aws_service_principal: `logs.cn-north-1.amazonaws.com.cn`).
_LOGS = User(
    Word("Logs"),
    "CloudWatch Logs encrypts the log groups of this account with it, and nothing else.",
    Sub("logs.${AWS::Region}.${AWS::URLSuffix}"),
    ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"),
    Condition(
        "ArnLike",
        "kms:EncryptionContext:aws:logs:arn",
        (Sub("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:*"),),
    ),
)
# Developer Tools console User Guide, set-up-sns (encrypted topics).
_NOTIFICATIONS = (
    User(
        Word("Notifications"),
        "Notifications of the developer tools reach the topics, which are encrypted.",
        "codestar-notifications.amazonaws.com",
        ("kms:Decrypt", "kms:GenerateDataKey*"),
        Condition("StringEquals", "kms:ViaService", (_through("sns"),)),
    ),
)


def resolve(spec: Spec, names: Names) -> Encryption:
    """The key of the environment's own account: made, named in the spec, or AWS's own."""
    wanted = spec.encryption.key
    key: tuple[Value, ...] = (Ref(KEY),) if wanted == "own" else (wanted,) if wanted else ()
    return Encryption(
        aliases=(names.key_alias(),) if wanted == "own" else (),
        keys=key,
        algorithm=Word("aws:kms" if key else "AES256"),
        said="encryption.key",
        users=(_LOGS, *(_NOTIFICATIONS if spec.pipeline and spec.pipeline.notifications and not spec.tools_account else ())),
    )


def abroad(spec: Spec, names: Names, guest: User) -> Encryption:
    """The key of the tools account, which the guest may use, too: its own, unless one stands there already."""
    given = spec.tools_account.key if spec.tools_account else None
    return Encryption(
        aliases=() if given else (names.key_alias(),),
        keys=(given or Ref(KEY),),
        algorithm=Word("aws:kms"),
        said="tools_account.key",
        users=(_LOGS, *(_NOTIFICATIONS if spec.pipeline and spec.pipeline.notifications else ()), guest),
    )


def of_secrets(keys: list[str], *through: str) -> Iterator[Statement]:
    """What decrypts that somebody else has encrypted, `through` the services that hold it.

    ECS Developer Guide, task_execution_IAM_role; Secrets Manager User Guide, security-encryption; S3 User Guide, UsingKMSEncryption.
    """
    if keys and through:
        yield Statement(
            Word("DecryptSecrets"),
            "what it reads is encrypted with keys of one's own (spec: encryption.secrets)",
            ("kms:Decrypt",),
            tuple(keys),
            (Condition("StringEquals", "kms:ViaService", tuple(_through(service) for service in through)),),
        )
