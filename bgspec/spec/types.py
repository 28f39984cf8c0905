"""The words of the language's values: durations, shares, names, addresses, each with its limit and how it is written.

A type checks what can be known from the value alone. Whatever needs two values or knowledge of the environment is a check.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    JsonValue,
    StringConstraints,
)
from pydantic_core import CoreSchema

from bgspec.spec.patterns import between
from bgspec.spec.region_names import REGION_NAMES
from bgspec.spec.values import (
    LONGEST_SERVICE_NAME,
    SERVICE_NAME,
    Duration,
    KindByKey,
    KindOf,
    Share,
    each_once,
    network,
    no_boolean,
    region,
    text,
    vpc_network,
)

__all__ = ["Duration", "Share"]  # the rest is defined here


def _exact(node: Any) -> Any:  # noqa: ANN401  a core schema is nested data of many types
    """A core schema that takes neither null for a value nor true for a number.

    A key that may be left out is left out: with nothing behind it, it was forgotten. And to Python, True is 1.
    """
    match node:
        case {"type": "nullable", "schema": schema}:
            return _exact(schema)
        case {"type": "literal", "expected": [int(), *_]}:
            return {"type": "function-before", "function": {"type": "no-info", "function": no_boolean}, "schema": node}
        case {"type": "model"}:
            return node  # a section below has been here already
        case dict():
            return {key: _exact(value) for key, value in node.items()}
        case list():
            return [_exact(value) for value in node]
        case _:
            return node


class Section(BaseModel):
    """A mapping of the spec: unknown keys are errors, nothing is converted silently, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: type[BaseModel], handler: GetCoreSchemaHandler) -> CoreSchema:
        schema: Any = handler(source)
        return {**schema, "schema": _exact(schema["schema"])}


def kind_of(key: str, *kinds: str, default: str | None = None) -> Discriminator:
    """Chooses among kinds of a section by `key: KIND`, so that errors speak of the chosen kind only.

    Tags are written `<kind>`: no key of a spec can look like one, so a route through a union is the route in the user's file once the
    tags are taken out.
    """
    return _discriminator(KindOf(key, default).tag, key, kinds)


def kind_by_key(*keys: str, default: str) -> Discriminator:
    """Chooses among kinds of a section by which of `keys` it has; a plain word, a number, or true or false, is the kind `<word>`."""
    return _discriminator(KindByKey(keys, default).tag, "", keys)


def _discriminator(tag: Callable[[object], str | None], key: str, kinds: tuple[str, ...]) -> Discriminator:
    context = _Context({"key": key, "kinds": ", ".join(kinds)})
    return Discriminator(tag, custom_error_type="kind", custom_error_message="one of {kinds}", custom_error_context=context)


class _Context(dict[str, int | str | float]):
    """A mapping that can stand in `X | None`: typing hashes the members of a union, the discriminator's context with them."""

    __hash__ = object.__hash__  # type: ignore[assignment]  # dict says None: it can change, this one does not


SENTENCES: dict[str, str] = {}
"""What each pattern wants, as a sentence: findings and editors show it instead of the pattern."""


def says(pattern: str, sentence: str) -> str:
    """A pattern with the sentence that stands for it."""
    SENTENCES[pattern] = sentence
    return pattern


EachOnce = AfterValidator(each_once)
"""Use: `Annotated[list[…], EachOnce]`."""

Text = Annotated[str, BeforeValidator(text)]
"""Any scalar, as it was typed."""

SystemName = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "Use lower-case letters and digits, in words joined by single hyphens; begin with a letter."
        ),
        max_length=20,
    ),
    Field(examples=["shop"]),
]
EnvironmentName = Annotated[
    str,
    StringConstraints(pattern=says(r"^[a-z][a-z0-9]*$", "Use lower-case letters and digits; begin with a letter."), max_length=10),
    Field(examples=["dev"]),
]
ServiceName = Annotated[
    str,
    StringConstraints(
        pattern=says(
            SERVICE_NAME,
            "Use lower-case letters and digits, in words joined by single hyphens; begin each word with a letter.",
        ),
        max_length=LONGEST_SERVICE_NAME,
    ),
    Field(examples=["web"]),
]
"""Lower-case words with single hyphens, each beginning with a letter: then no two names give the same logical id."""

_REGIONS: dict[str, JsonValue] = {"enum": [*REGION_NAMES], "markdownEnumDescriptions": [*REGION_NAMES.values()]}
RegionName = Annotated[str, AfterValidator(region), Field(json_schema_extra=_REGIONS)]
AccountId = Annotated[
    str,
    StringConstraints(pattern=says(r"^[0-9]{12}$", "Write the account's twelve digits.")),
    BeforeValidator(text),
    Field(examples=["111122223333"], json_schema_extra={"type": ["string", "integer"], "minimum": 0, "maximum": 10**12 - 1}),
]


def _network(shortest: int, longest: int) -> dict[str, JsonValue]:
    """As near as a pattern gets to an IPv4 network."""
    return {
        "pattern": rf"^(?:{between(0, 255)}\.){{3}}{between(0, 255)}/{between(shortest, longest)}$",
        "patternErrorMessage": "Write an IPv4 network, such as `10.0.0.0/16`.",
    }


Cidr = Annotated[str, AfterValidator(network), Field(examples=["203.0.113.0/24"], json_schema_extra=_network(0, 32))]
VpcCidr = Annotated[
    str,
    AfterValidator(network),
    AfterValidator(vpc_network),
    Field(examples=["10.0.0.0/16"], json_schema_extra=_network(16, 24)),
]
Port = Annotated[int, Field(ge=1, le=65535, examples=[80, 443, 8080])]

_TAG = says(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$", "Use letters, digits, spaces and `_ . : / = + - @`.")
TagKey = Annotated[str, StringConstraints(pattern=_TAG, min_length=1, max_length=127), Field(examples=["Owner"])]
TagValue = Annotated[str, StringConstraints(pattern=_TAG, min_length=1, max_length=255), BeforeValidator(text)]
"""ECR's limits are the narrowest (key 127, value 1 to 255: cfn:AWS::ECR::Repository), and every tag is on every resource."""

_WORDS = says(r"^[A-Za-z0-9_.][A-Za-z0-9_./\-]*$", "Use letters, digits, `_`, `.`, `/` and `-`; begin with a letter, a digit, `_` or `.`.")
BranchName = Annotated[str, StringConstraints(pattern=_WORDS, max_length=255), BeforeValidator(text)]
"""bc:codepipeline.GitBranchNamePattern; none of its characters is a wildcard there."""
RelativePath = Annotated[str, StringConstraints(pattern=_WORDS, max_length=255), BeforeValidator(text)]
"""A path inside the repository; it is used in shell lines and in ZIP members, so it has only characters that mean themselves."""

UrlPath = Annotated[str, StringConstraints(pattern=says(r"^/[!-~]*$", "Write a path: `/` and characters without spaces."), max_length=1024)]

EnvironmentVariable = Annotated[
    str,
    StringConstraints(pattern=says(r"^[A-Za-z_][A-Za-z0-9_]*$", "Use letters, digits and `_`; do not begin with a digit."), max_length=255),
    Field(examples=["APP_ENV"]),
]
"""What a shell can read."""
ContainerVariable = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z_][A-Za-z0-9_.]*$", "Use letters, digits, `_` and `.`; do not begin with a digit."), max_length=255
    ),
    Field(examples=["APP_ENV"]),
]
"""ECS takes any name (bc:ecs.KeyValuePair.name), and frameworks read some that no shell can: `spring.datasource.url`."""

Arn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:[a-z0-9\-]+:[a-z0-9\-]*:[0-9]{12}:[A-Za-z0-9_+=,.@:/\-]+$",
            "Write an ARN: `arn:aws:SERVICE:REGION:ACCOUNT:RESOURCE`.",
        ),
        max_length=2048,
    ),
]
"""The ARN of a thing that exists. Its characters are those of AWS's resource names, so it is safe wherever it is written."""

ArnPattern = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(\*|arn:aws[a-z\-]*:[a-z0-9\-]+:[a-z0-9\-*]*:([0-9]{12}|aws|\*)?:[A-Za-z0-9_+=,.@:/*\-]+)$",
            "Write an ARN, with `*` where any will do, or `*` alone.",
        ),
        max_length=2048,
    ),
]
"""What a policy may name as a resource."""

CertificateArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:(acm:[a-z0-9\-]+:[0-9]{12}:certificate/[A-Za-z0-9\-]+"
            r"|iam::[0-9]{12}:server-certificate/[A-Za-z0-9_+=,.@/\-]+)$",
            "Write a certificate's ARN: `arn:aws:acm:REGION:ACCOUNT:certificate/ID`.",
        ),
        max_length=2048,
    ),
]
"""A certificate in ACM, or one that was uploaded to IAM (cfn:AWS::ElasticLoadBalancingV2::Listener.Certificates)."""

TlsPolicy = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^ELBSecurityPolicy-[A-Za-z0-9\-]+$", "Write the name of one of ELB's policies: it begins with `ELBSecurityPolicy-`."
        ),
        max_length=128,
    ),
]

DomainName = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(\*\.)?([a-z0-9]([a-z0-9\-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9\-]{0,61}[a-z0-9])?$",
            "Write a domain in lower case, such as `shop.example.com`, or `*.example.com` for all names directly below.",
        ),
        max_length=253,
    ),
]
HostedZoneId = Annotated[
    str, StringConstraints(pattern=says(r"^Z[A-Z0-9]{1,31}$", "Write the id of a hosted zone: `Z` and capital letters and digits."))
]
"""bc:route53.ResourceId is at most 32 characters."""

BucketName = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]$",
            "Use 3 to 63 lower-case letters, digits, dots and hyphens; begin and end with a letter or digit.",
        )
    ),
]
LogPrefix = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^[A-Za-z0-9_.=\-]+(/[A-Za-z0-9_.=\-]+)*$", "Use letters, digits and `_ . = -`, in parts joined by single slashes."),
        max_length=255,
    ),
    BeforeValidator(text),
]
LambdaArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:lambda:[a-z0-9\-]+:[0-9]{12}:function:[A-Za-z0-9_\-]+(:[A-Za-z0-9_\-]+)?$",
            "Write a Lambda function's ARN: `arn:aws:lambda:REGION:ACCOUNT:function:NAME`.",
        ),
        max_length=256,
    ),
]
"""A Lambda function that exists, with its alias or version where it has one."""

RoleArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/\-]+$", "Write a role's ARN: `arn:aws:iam::ACCOUNT:role/NAME`."
        ),
        max_length=2048,
    ),
]
RolePath = Annotated[
    str,
    StringConstraints(
        pattern=says(r"^/([A-Za-z0-9_+=,.@\-]+/)+$", "Begin and end the path with `/`: `/delivery/`."),
        max_length=512,
    ),
]
"""bc:iam.pathType, without what no ARN in the spec can hold."""
PolicyArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/\-]+$",
            "Write a managed policy's ARN: `arn:aws:iam::ACCOUNT:policy/NAME`.",
        ),
        max_length=2048,
    ),
]
S3ObjectArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:s3:::[a-z0-9][a-z0-9.\-]{1,61}[a-z0-9]/[A-Za-z0-9!_.'()/\-]*\.env$",
            "Write the ARN of an object in S3 whose name ends in `.env`: `arn:aws:s3:::BUCKET/NAME.env`.",
        ),
        max_length=1024,
    ),
]
"""bc:ecs.EnvironmentFile.value"""

ContainerName = Annotated[
    str, StringConstraints(pattern=says(r"^[A-Za-z0-9][A-Za-z0-9_\-]*$", "Use letters, digits, `_` and `-`."), max_length=255)
]
"""bc:ecs.ContainerDefinition.name"""

ImageUri = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^[a-z0-9][a-z0-9._\-]*(:[0-9]+)?(/[a-z0-9][a-z0-9._\-]*)*(:[A-Za-z0-9_][A-Za-z0-9_.\-]{0,127})?(@sha256:[0-9a-f]{64})?$",
            "Write an image as a registry names it: `public.ecr.aws/nginx/nginx:1.29`.",
        ),
        max_length=255,
    ),
]
"""bc:ecs.ContainerDefinition.image"""

SecretReference = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^(arn:aws[a-z\-]*:(secretsmanager:[a-z0-9\-]+:[0-9]{12}:secret:[A-Za-z0-9_+=,.@:/\-]+"
            r"|ssm:[a-z0-9\-]+:[0-9]{12}:parameter(/[A-Za-z0-9_.\-]+)+)|/?[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*)$",
            "Write a secret's ARN, a parameter's ARN, or a parameter's name such as `/shop/prd/api-key`.",
        ),
        max_length=2048,
    ),
]
"""A secret's ARN, a parameter's ARN, or the name of a parameter in the same Region (bc:ecs.Secret.valueFrom)."""

VpcId = Annotated[str, StringConstraints(pattern=says(r"^vpc-([0-9a-f]{8}|[0-9a-f]{17})$", "Write a VPC's id: `vpc-0123456789abcdef0`."))]
SubnetId = Annotated[
    str, StringConstraints(pattern=says(r"^subnet-([0-9a-f]{8}|[0-9a-f]{17})$", "Write the id of a subnet: `subnet-0123456789abcdef0`."))
]
RouteTableId = Annotated[
    str, StringConstraints(pattern=says(r"^rtb-([0-9a-f]{8}|[0-9a-f]{17})$", "Write the id of a route table: `rtb-0123456789abcdef0`."))
]
SecurityGroupId = Annotated[
    str, StringConstraints(pattern=says(r"^sg-([0-9a-f]{8}|[0-9a-f]{17})$", "Write the id of a security group: `sg-0123456789abcdef0`."))
]
"""EC2's ids are 8 or 17 hexadecimal digits (EC2 User Guide, resource-ids)."""

LoadBalancerArn = Annotated[
    str,
    StringConstraints(
        pattern=says(
            r"^arn:aws[a-z\-]*:elasticloadbalancing:[a-z0-9\-]+:[0-9]{12}:loadbalancer/app/[A-Za-z0-9\-]{1,32}/[0-9a-f]{16}$",
            "Write the ARN of an application load balancer: `arn:aws:elasticloadbalancing:…:loadbalancer/app/house/0123456789abcdef`.",
        )
    ),
]

LogDays = Literal[1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653]
"""How long CloudWatch Logs can keep what it gets (cfn:AWS::Logs::LogGroup.RetentionInDays)."""

Architecture = Literal["x86_64", "arm64"]
