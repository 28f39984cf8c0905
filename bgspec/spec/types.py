"""The words of the language's values: durations, shares, names, addresses, each with its limit and how it is written.

A type checks what can be known from the value alone. Whatever needs two values or knowledge of the environment is a check.
"""

from collections.abc import Callable
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    StringConstraints,
)
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bgspec.regions import REGIONS


class Section(BaseModel):
    """A mapping of the spec: unknown keys are errors, nothing is converted silently, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Duration(NamedTuple):
    """`30s`, `5m`, `1h`, `7d`, read as seconds. Use: `Annotated[int, Duration("1m", "2d", step="1m")]`."""

    low: str
    high: str
    step: str = "1s"

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]+[smhd]$"}

    def read(self, value: object) -> int:
        seconds = _seconds(value)
        if seconds is None:
            raise PydanticCustomError("duration", "a whole number and a unit: 30s, 5m, 1h or 7d")
        if not (_seconds(self.low) or 0) <= seconds <= (_seconds(self.high) or 0):
            raise PydanticCustomError("duration_range", "from {low} to {high}", self._asdict())
        if seconds % (_seconds(self.step) or 1):
            raise PydanticCustomError("duration_step", "a multiple of {step}", self._asdict())
        return seconds


class Share(NamedTuple):
    """`10%`, read as 10. Use: `Annotated[int, Share(1, 99)]`."""

    low: int
    high: int

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(self.read)

    def __get_pydantic_json_schema__(self, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {"type": "string", "pattern": "^[0-9]+%$"}

    def read(self, value: object) -> int:
        if not (isinstance(value, str) and value.endswith("%") and value[:-1].isascii() and value[:-1].isdigit()):
            raise PydanticCustomError("share", "a whole number of percent: 10%")
        if not self.low <= int(value[:-1]) <= self.high:
            raise PydanticCustomError("share_range", "from {low}% to {high}%", self._asdict())
        return int(value[:-1])


def kind_of(key: str, *kinds: str, default: str | None = None) -> Discriminator:
    """Chooses among kinds of a section by `key: KIND`, so that errors speak of the chosen kind only.

    Tags are written `<kind>`: no key of a spec can look like one, so a route through a union is the route in the user's file once the
    tags are taken out.
    """

    def tag(value: object) -> str | None:
        found = value.get(key, default) if isinstance(value, dict) else getattr(value, key, default)
        return f"<{found}>" if isinstance(found, str) else None

    return _discriminator(tag, key, kinds)


def kind_by_key(*keys: str, default: str) -> Discriminator:
    """Chooses among kinds of a section by which of `keys` it has; a plain word is the kind `<word>`."""

    def tag(value: object) -> str | None:
        if isinstance(value, str):
            return "<word>"
        present = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        return None if present is None else f"<{next((key for key in keys if key in present), default)}>"

    return _discriminator(tag, "", keys)


def _discriminator(tag: Callable[[object], str | None], key: str, kinds: tuple[str, ...]) -> Discriminator:
    return Discriminator(
        tag, custom_error_type="kind", custom_error_message="one of {kinds}", custom_error_context={"key": key, "kinds": ", ".join(kinds)}
    )


def _seconds(value: object) -> int | None:
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if isinstance(value, str) and value[:-1].isascii() and value[:-1].isdigit() and value[-1:] in units:
        return int(value[:-1]) * units[value[-1]]
    return None


def _text(value: object) -> object:
    """A scalar as it was typed: the reader keeps only numbers and booleans whose text is their canonical form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _region(value: str) -> str:
    if value not in REGIONS:
        raise PydanticCustomError("region", "an AWS Region: {known}", {"known": ", ".join(sorted(REGIONS))})
    return value


def _network(value: str) -> str:
    """An IPv4 network in its canonical form."""
    from ipaddress import IPv4Network  # noqa: PLC0415  only specs with a network of their own pay for the import

    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise PydanticCustomError("cidr", "an IPv4 network: 10.0.0.0/16") from None
    if "/" not in value or str(network) != value:
        raise PydanticCustomError("cidr_bits", "a network without host bits: {network}", {"network": str(network)})
    return value


Text = Annotated[str, BeforeValidator(_text)]
"""Any scalar, as it was typed."""

SystemName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", max_length=20)]
EnvironmentName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*$", max_length=10)]
ServiceName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$", max_length=32)]
"""Lower-case words with single hyphens, each beginning with a letter: then no two names give the same logical id."""

RegionName = Annotated[str, AfterValidator(_region)]
AccountId = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[0-9]{12}$")]

Cidr = Annotated[str, AfterValidator(_network)]
Port = Annotated[int, Field(ge=1, le=65535)]

TagKey = Annotated[str, StringConstraints(pattern=r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$", min_length=1, max_length=127)]
TagValue = Annotated[Text, StringConstraints(pattern=r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]+$", min_length=1, max_length=255)]
"""ECR's limits are the narrowest (key 127, value 1 to 255: cfn:AWS::ECR::Repository), and every tag is on every resource."""

BranchName = Annotated[Text, StringConstraints(pattern=r"^[A-Za-z0-9_.][A-Za-z0-9_./\-]*$", max_length=256)]
RelativePath = Annotated[Text, StringConstraints(pattern=r"^[A-Za-z0-9_.][A-Za-z0-9_./\-]*$", max_length=255)]
"""A path inside the repository; it is used in shell lines and in ZIP members, so it has only characters that mean themselves."""

EnvironmentVariable = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$", max_length=255)]

Arn = Annotated[
    str,
    StringConstraints(pattern=r"^arn:aws[a-z\-]*:[a-z0-9\-]+:[a-z0-9\-]*:[0-9]{12}:[A-Za-z0-9_+=,.@:/\-]+$", max_length=2048),
]
"""The ARN of a thing that exists. Its characters are those of AWS's resource names, so it is safe wherever it is written."""

SecretReference = Annotated[
    str,
    StringConstraints(
        pattern=r"^(arn:aws[a-z\-]*:(secretsmanager:[a-z0-9\-]+:[0-9]{12}:secret|ssm:[a-z0-9\-]+:[0-9]{12}:parameter)[A-Za-z0-9_+=,.@:/\-]+"
        r"|/?[A-Za-z0-9_.\-]+(/[A-Za-z0-9_.\-]+)*)$",
        max_length=2048,
    ),
]
"""A secret's ARN, a parameter's ARN, or the name of a parameter in the same Region (bc:ecs.Secret.valueFrom)."""

Architecture = Literal["x86_64", "arm64"]
