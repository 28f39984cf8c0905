"""The CodeBuild projects: machines on which a pipeline builds and tests."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan.action import own_account
from bgspec.plan.encryption import Encryption, of_secrets
from bgspec.plan.iam import ANY, Condition, ExistingRole, Role, Statement, arn, or_existing
from bgspec.plan.images import ecr_image
from bgspec.plan.roles import parameter_arn, secret_arn
from bgspec.spec import Build, Testing

# bc:codebuild.ProjectEnvironment.computeType; CB build-env-ref-compute-types.
_COMPUTE = {
    "small": "BUILD_GENERAL1_SMALL",
    "medium": "BUILD_GENERAL1_MEDIUM",
    "large": "BUILD_GENERAL1_LARGE",
    "xlarge": "BUILD_GENERAL1_XLARGE",
}
# The current Amazon Linux images; an image is built on the processor it runs on (CB ec2-compute-images).
_BUILD_IMAGE = {
    "X86_64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
    "ARM64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
}


REGISTRY_TOKEN = Statement(
    Word("RegistryToken"),
    "a token is for the whole registry: AWS knows no resource for this action",
    ("ecr:GetAuthorizationToken",),
    ANY,
)


PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:DescribeImages",
    "ecr:GetDownloadUrlForLayer",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
"""ECR User Guide, image-push-iam, and what asks whether an image is there already."""


def push(repositories: tuple[Value, ...]) -> Statement:
    """What it takes to push an image, unless it is there already."""
    return Statement(
        Word("PushImage"),
        "asks whether the commit's image is there already, and pushes it",
        PUSH,
        repositories,
    )


class Variable(NamedTuple):
    """An environment variable of a build."""

    name: str
    value: Value
    type: tuple[Word, ...] = ()
    """Where its value comes from, unless it is what stands here (bc:codebuild.EnvironmentVariableType)."""


class Machine(NamedTuple):
    """A CodeBuild project."""

    id: Word
    name: str
    title: str
    """What it is for, as the comment above it."""
    description: str
    section: str
    """Where its settings stand in the spec."""
    log_group: str
    log_days: int
    container_type: str
    image: str
    credentials: tuple[Word, ...]
    """With whose credentials an image in ECR is pulled; empty where the image is AWS's or the world's."""
    compute: str
    docker: bool
    """Whether it builds images."""
    keeps_layers: bool
    """Whether layers of earlier builds on the same host are kept."""
    cache: tuple[Sub, ...]
    """The place in the cache bucket for files of earlier builds, or none."""
    buildspec: str
    """The buildspec's path in the source repository."""
    variables: tuple[Variable, ...]
    role: Role | ExistingRole
    in_vpc: bool
    timeout: int
    """Minutes."""


class Place(NamedTuple):
    """What all machines of a pipeline have in common."""

    names: Names
    region: str
    bucket: Sub
    """The ARN of the artifact bucket."""
    encryption: Encryption
    secrets_keys: list[str]
    """Keys with which secrets are encrypted."""
    account: Value
    """The environment's account."""


class Purpose(NamedTuple):
    """What a machine is for."""

    id: Word
    name: str
    title: str
    description: str
    role_id: Word
    role_name: str
    role_description: str
    buildspec: str
    section: str
    """Where its settings stand in the spec."""
    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    docker: bool = False
    """Whether it builds images."""
    variables: tuple[Variable, ...] = ()
    statements: tuple[Statement, ...] = ()
    cache: str = ""
    """The directory in the cache bucket for files of earlier builds; empty where none are kept."""


def machine(place: Place, purpose: Purpose, wanted: Build | Testing) -> Machine:
    """The machine of one project: AWS's image for the processor, the cache, the log and the role."""
    container_type, image = _BUILD_IMAGE[purpose.architecture]
    log_group = f"/aws/codebuild/{purpose.name}"
    layers = isinstance(wanted, Build) and (wanted.cache == "docker" or (wanted.cache is None and not wanted.vpc))
    return Machine(
        id=purpose.id,
        name=purpose.name,
        title=purpose.title,
        description=purpose.description,
        section=purpose.section,
        log_group=log_group,
        log_days=wanted.logs,
        container_type=container_type,
        image=wanted.image or image,
        credentials=tuple(Word("SERVICE_ROLE") for _ in ecr_image(wanted.image or "")),
        compute=_COMPUTE[wanted.compute],
        docker=purpose.docker,
        keeps_layers=purpose.docker and layers,
        cache=(Sub(f"${{CacheBucket}}/{purpose.cache}"),) if purpose.cache else (),
        buildspec=purpose.buildspec,
        variables=(*purpose.variables, *variables(wanted)),
        role=or_existing(
            wanted.role,
            Role(
                purpose.role_id,
                purpose.role_name,
                "codebuild.amazonaws.com",
                purpose.role_description,
                _statements(place, purpose, wanted, log_group),
            ),
        ),
        in_vpc=wanted.vpc,
        timeout=wanted.timeout // 60,
    )


def variables(wanted: Build | Testing) -> tuple[Variable, ...]:
    """Those in the open, and those whose values CodeBuild fetches (CB build-env-ref-env-vars)."""
    return (
        *(Variable(name, value) for name, value in wanted.environment.items()),
        *(_fetched(name, value) for name, value in wanted.secrets.items()),
    )


def _fetched(name: str, reference: str) -> Variable:
    """Secrets are named by ARN, parameters by name: `…:parameter/shop/key` is `/shop/key`, `…:parameter/key` is `key`."""
    if ":secretsmanager:" in reference:
        return Variable(name, reference, (Word("SECRETS_MANAGER"),))
    path = reference.partition(":parameter/")[2] or reference
    return Variable(name, f"/{path}" if "/" in path and path[0] != "/" else path, (Word("PARAMETER_STORE"),))


def _statements(place: Place, purpose: Purpose, wanted: Build | Testing, log_group: str) -> tuple[Statement, ...]:
    """What every build does: logs, artifacts, and what its settings ask for (CB setting-up)."""
    return (
        Statement(
            Word("WriteLogs"),
            "the build's own log group",
            ("logs:CreateLogStream", "logs:PutLogEvents"),
            (arn("logs", f"log-group:{log_group}:*"),),
        ),
        Statement(
            Word("Artifacts"),
            "takes the source out of the artifact bucket and puts the deploy artifact in",
            ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
            (Sub(f"{place.bucket}/*"),),
            (own_account(),),
        ),
        *place.encryption.statements("s3"),
        *place.encryption.looks(),
        *purpose.statements,
        *_secrets(wanted),
        *(of_secrets(place.secrets_keys, "secretsmanager", "ssm") if wanted.secrets else ()),
        *_image(purpose, wanted),
        *(_cache(place) if purpose.cache else ()),
        *(_network() if wanted.vpc else ()),
        *(
            Statement(Word(f"Own{number}"), "asked for in the spec", tuple(permission.actions), tuple(permission.resources))
            for number, permission in enumerate(wanted.permissions, 1)
        ),
    )


def _secrets(wanted: Build | Testing) -> tuple[Statement, ...]:
    """CB build-spec-ref: the permissions for parameters and secrets."""
    parameters = tuple(dict.fromkeys(parameter_arn(one) for one in wanted.secrets.values() if ":secretsmanager:" not in one))
    secrets: tuple[Value, ...] = tuple(dict.fromkeys(secret_arn(one) for one in wanted.secrets.values() if ":secretsmanager:" in one))
    return (
        *((Statement(Word("ReadParameters"), "parameters of the build", ("ssm:GetParameters",), parameters),) if parameters else ()),
        *((Statement(Word("ReadSecrets"), "secrets of the build", ("secretsmanager:GetSecretValue",), secrets),) if secrets else ()),
    )


def _image(purpose: Purpose, wanted: Build | Testing) -> Iterator[Statement]:
    """CB sample-ecr: an image in ECR is pulled with the project's role."""
    for image in ecr_image(wanted.image or ""):
        if not purpose.docker:
            yield REGISTRY_TOKEN
        yield Statement(
            Word("PullBuildImage"),
            "the image that the build runs in",
            ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"),
            (image.arn,),
        )


def _cache(place: Place) -> tuple[Statement, ...]:
    return (
        Statement(
            Word("Cache"),
            "files of earlier builds",
            ("s3:GetObject", "s3:PutObject"),
            (Sub(f"arn:${{AWS::Partition}}:s3:::{place.names.cache_bucket(place.region)}/*"),),
            (own_account(),),
        ),
    )


def _network() -> tuple[Statement, ...]:
    """CB auth-and-access-control-iam-identity-based-access-control: what CodeBuild needs for a network interface in a VPC."""
    return (
        Statement(
            Word("NetworkInterface"),
            "CodeBuild makes the build's interface in the VPC with it: AWS knows no resource for most of these actions",
            (
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeDhcpOptions",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSecurityGroups",
                "ec2:DescribeSubnets",
                "ec2:DescribeVpcs",
            ),
            ANY,
        ),
        Statement(
            Word("LendNetworkInterface"),
            "and hands it to the build",
            ("ec2:CreateNetworkInterfacePermission",),
            (arn("ec2", "network-interface/*"),),
            (Condition("StringEquals", "ec2:AuthorizedService", ("codebuild.amazonaws.com",)),),
        ),
    )
