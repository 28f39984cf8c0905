"""How the environment keeps its images."""

from typing import Literal, NamedTuple

from bgspec.cfn import Value, Word
from bgspec.plan.encryption import Encryption
from bgspec.spec import Spec


class Registry(NamedTuple):
    """What all of the environment's ECR repositories have in common."""

    mutability: Literal["IMMUTABLE", "MUTABLE"]
    scan_on_push: bool
    keep: int
    """How many images stay."""
    encryption: Word
    key: tuple[Value, ...]
    """The key of KMS, where it is not AWS's own."""


def resolve(spec: Spec, encryption: Encryption) -> Registry:
    """What the spec says of all repositories; the environment's key unless it names another."""
    wanted = spec.registry
    own = (wanted.encryption,) if wanted.encryption and wanted.encryption.startswith("arn:") else ()
    key: tuple[Value, ...] = own if wanted.encryption else encryption.keys
    return Registry(
        mutability="IMMUTABLE" if wanted.tags == "immutable" else "MUTABLE",
        scan_on_push=wanted.scan_on_push,
        keep=wanted.keep,
        encryption=Word("KMS" if key or wanted.encryption == "kms" else "AES256"),
        key=key,
    )
