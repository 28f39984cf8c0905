"""Where images lie: the names of ECR's registries."""

from typing import NamedTuple

from bgspec.cfn import Sub
from bgspec.spec import EcrSource, Spec


class EcrImage(NamedTuple):
    """An image in a private ECR registry, without its tag or digest."""

    account: str
    region: str
    repository: str

    @property
    def arn(self) -> Sub:
        """The repository's ARN."""
        return Sub(f"arn:${{AWS::Partition}}:ecr:{self.region}:{self.account}:repository/{self.repository}")


# ECR User Guide, ecr-requests: by IPv4, or by both IPv4 and IPv6; and where the standard FIPS 140 is asked for
# (https://github.com/aws-actions/amazon-ecr-login/issues/401).
_HOSTS = (".dkr.ecr.", ".dkr.ecr-fips.", ".dkr-ecr.", ".dkr-ecr-fips.")
"""What stands between the account and the Region in the host names of a private registry."""


def ecr_image(uri: str) -> tuple[EcrImage, ...]:
    """What `111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1` names; nothing where the image lies in another registry."""
    host, _, path = uri.partition("/")
    named = ((account, rest) for mark in _HOSTS for account, _, rest in (host.partition(mark),) if rest)
    return tuple(EcrImage(account, rest.partition(".")[0], path.partition("@")[0].partition(":")[0]) for account, rest in named)


def watched(spec: Spec, uri: str) -> tuple[EcrImage, ...]:
    """The image, if the pipeline waits for its pushes: it sees the repositories of its own Region only (CP action-reference-ECR)."""
    waits = spec.pipeline is not None and isinstance(spec.pipeline.source, EcrSource)
    return tuple(image for image in ecr_image(uri) if waits and image.region == spec.region)
