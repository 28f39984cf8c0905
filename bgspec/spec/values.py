"""How single values of the language are read: plain functions and tuples, which need pydantic's core but not pydantic.

`types` binds them to annotations; the compiled form of the language (see `compiled`) refers to them by name.
"""

from typing import TYPE_CHECKING, Any, NamedTuple

from bgspec.regions import REGIONS
from bgspec.spec.core import PydanticCustomError, PydanticKnownError

if TYPE_CHECKING:
    from pydantic_core import CoreSchema

SERVICE_NAME = r"^[a-z][a-z0-9]*(-[a-z][a-z0-9]*)*$"
"""Of services, and of what gets names as a service does."""
LONGEST_SERVICE_NAME = 32

_UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86400}
_LONGEST_NUMBER = 18
"""Digits. Python refuses to read thousands of them; this many are beyond every limit."""


class Duration(NamedTuple):
    """`30s`, `5m`, `1h`, `7d`, read as seconds. Use: `Annotated[int, Duration("1m", "2d", step="1m")]`."""

    low: str
    high: str
    step: str = "1s"

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> "CoreSchema":
        return {"type": "function-plain", "function": {"type": "no-info", "function": self.read}}

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        from bgspec.spec.patterns import between  # noqa: PLC0415  only editors need the range as a pattern

        low, high = _seconds(self.low) or 0, _seconds(self.high) or 0
        fitting = ((unit, -(-low // size), high // size) for unit, size in _UNITS.items())
        ranges = "|".join(f"{between(least, most)}{unit}" for unit, least, most in fitting if least <= most)
        step = "" if self.step == "1s" else f", in steps of {self.step}"
        return {
            "type": "string",
            "title": f"time, {self.low} to {self.high}{step}",
            "pattern": f"^0*(?:{ranges})$",
            "patternErrorMessage": f"Write a whole number and a unit (s, m, h or d), from {self.low} to {self.high}{step}.",
        }

    def write(self, seconds: int) -> str:
        """A default as a user would write it."""
        unit, size = next((unit, size) for unit, size in reversed(_UNITS.items()) if seconds % size == 0)
        return f"{seconds // size}{unit}" if seconds else f"0{self.low[-1]}"

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

    def __get_pydantic_core_schema__(self, source: object, handler: object) -> "CoreSchema":
        return {"type": "function-plain", "function": {"type": "no-info", "function": self.read}}

    def __get_pydantic_json_schema__(self, schema: object, handler: object) -> dict[str, Any]:
        from bgspec.spec.patterns import between  # noqa: PLC0415  only editors need the range as a pattern

        return {
            "type": "string",
            "title": f"share, {self.low}% to {self.high}%",
            "pattern": f"^0*{between(self.low, self.high)}%$",
            "patternErrorMessage": f"Write a whole number of percent, from {self.low}% to {self.high}%.",
        }

    def write(self, share: int) -> str:
        """A default as a user would write it."""
        return f"{share}%"

    def read(self, value: object) -> int:
        if not (isinstance(value, str) and value.endswith("%") and value[:-1].isascii() and value[:-1].isdigit()):
            raise PydanticCustomError("share", "a whole number of percent: 10%")
        share = _number(value[:-1])
        if not self.low <= share <= self.high:
            raise PydanticCustomError("share_range", "from {low}% to {high}%", self._asdict())
        return share


def _seconds(value: object) -> int | None:
    if isinstance(value, str) and value[:-1].isascii() and value[:-1].isdigit() and value[-1:] in _UNITS:
        return _number(value[:-1]) * _UNITS[value[-1]]
    return None


def _number(digits: str) -> int:
    """The number, or one that is too large for everything."""
    digits = digits.lstrip("0")
    return int(digits or "0") if len(digits) <= _LONGEST_NUMBER else int(10**_LONGEST_NUMBER)


def text(value: object) -> object:
    """A scalar as it was typed: the reader keeps only numbers and booleans whose text is their canonical form."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def no_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise PydanticKnownError("int_type")
    return value


def region(value: str) -> str:
    if value not in REGIONS:
        raise PydanticCustomError("region", "an AWS Region: {known}", {"known": ", ".join(sorted(REGIONS))})
    return value


def network(value: str) -> str:
    """An IPv4 network in its canonical form."""
    if canonical(value):
        return value
    from ipaddress import IPv4Network  # noqa: PLC0415  only to say what is wrong

    try:
        network = IPv4Network(value, strict=False)
    except ValueError:
        raise PydanticCustomError("cidr", "an IPv4 network, such as `10.0.0.0/16`") from None
    if "/" not in value or str(network) != value:
        raise PydanticCustomError("cidr_bits", "it without host bits: `{network}`", {"network": str(network)})
    return value


def canonical(value: str) -> bool:
    """Whether this is an IPv4 network to the letter as `ipaddress` writes it. Loading that takes longer than reading a spec."""
    address, _, length = value.partition("/")
    numbers = [*address.split("."), length]
    if len(numbers) != 5 or not all(len(one) <= 3 and one.isdecimal() and str(int(one)) == one for one in numbers):
        return False
    a, b, c, d, bits = map(int, numbers)
    return max(a, b, c, d) <= 255 and bits <= 32 and (a << 24 | b << 16 | c << 8 | d) % (1 << (32 - bits)) == 0


def vpc_network(value: str) -> str:
    """A VPC's network. AWS takes /16 to /28 (VPC User Guide, vpc-cidr-blocks); an eighth of it must hold a load balancer: /27."""
    if not 16 <= int(value.partition("/")[2]) <= 24:
        raise PydanticCustomError("cidr_size", "a network from /16 to /24")
    return value


def each_once(values: list[str]) -> list[str]:
    """A list in which nothing stands twice."""
    if len(set(values)) < len(values):
        twice = next(value for number, value in enumerate(values) if value in values[:number])
        raise PydanticCustomError("each_once", "each value once: {twice} stands there twice", {"twice": twice})
    return values


class KindOf(NamedTuple):
    """The tag `<kind>` of a section that says `key: KIND`."""

    key: str
    default: str | None

    def tag(self, value: object) -> str | None:
        found = value.get(self.key, self.default) if isinstance(value, dict) else getattr(value, self.key, self.default)
        return f"<{found}>" if isinstance(found, str) else None


class KindByKey(NamedTuple):
    """The tag `<key>` of the first of `keys` that a section has; a plain value is `<word>`."""

    keys: tuple[str, ...]
    default: str

    def tag(self, value: object) -> str | None:
        if isinstance(value, str | bool | int | float):
            return "<word>"
        present = value if isinstance(value, dict) else getattr(value, "__dict__", None)
        return None if present is None else f"<{next((key for key in self.keys if key in present), self.default)}>"
