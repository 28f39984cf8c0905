"""How the environment keeps its images."""

from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.spec import Spec


class Registry(NamedTuple):
    """What all of the environment's ECR repositories have in common."""

    mutability: Literal["IMMUTABLE", "MUTABLE"]
    scan_on_push: bool
    keep: int
    """How many images stay."""
    encryption: Word
    key: tuple[str, ...]
    """The key of KMS, where it is not AWS's own."""


def resolve(spec: Spec) -> Registry:
    wanted = spec.registry
    return Registry(
        mutability="IMMUTABLE" if wanted.tags == "immutable" else "MUTABLE",
        scan_on_push=wanted.scan_on_push,
        keep=wanted.keep,
        encryption=Word("AES256" if wanted.encryption == "aes256" else "KMS"),
        key=(wanted.encryption,) if wanted.encryption.startswith("arn:") else (),
    )
