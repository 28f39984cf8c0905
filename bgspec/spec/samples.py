"""Values that the language accepts, whatever they mean: they stand where a spec is wrong while the rest of it is judged."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal, get_args, get_origin

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from bgspec.spec import shape
from bgspec.spec.values import Duration, Share

_MOST_WORDS = 4
_TEXTS = (
    "a",
    "b",
    "/",
    "/a",
    "a.example.com",
    "b.example.com",
    "a/b",
    "10.1.0.0/16",
    "10.2.0.0/16",
    "vpc-01234567",
    "subnet-01234567",
    "subnet-89abcdef",
    "rtb-01234567",
    "sg-01234567",
    "fs-01234567",
    "fsap-01234567",
    "us-east-1",
    "eu-central-1",
    "200",
    "Z01234567",
    "111122223333",
    "abc",
    "a@example.com",
    "GET",
    "UTC",
    "rate(1 hour)",
    "s3:GetObject",
    "ELBSecurityPolicy-TLS13-1-2-2021-06",
    "arn:aws:acm:us-east-1:111122223333:certificate/a",
    "arn:aws:codeconnections:us-east-1:111122223333:connection/01234567-0123-0123-0123-0123456789ab",
    "arn:aws:elasticloadbalancing:us-east-1:111122223333:loadbalancer/app/a/0123456789abcdef",
    "arn:aws:iam::111122223333:role/a",
    "arn:aws:iam::111122223333:policy/a",
    "arn:aws:kms:us-east-1:111122223333:key/01234567-0123-0123-0123-0123456789ab",
    "arn:aws:lambda:us-east-1:111122223333:function:a",
    "arn:aws:s3:::abc/a.env",
    "arn:aws:sns:us-east-1:111122223333:a",
)
"""Where a text must stand, the first that fits."""

_fitting: dict[str, list[str]] = {}
"""The texts that fit, by what limits them: it takes a while to find out."""


def samples(location: shape.Location) -> tuple[object, ...]:
    """Some of what may stand there, as different as possible; nothing where that cannot be told."""
    return tuple(value for kind in shape.at(location) for value in _of_kind(kind))


def refusal(kind: shape.Kind, text: str) -> ErrorDetails | None:
    """What pydantic says of a text where a text may stand; None if it fits."""
    adapter = TypeAdapter(Annotated[str, "text", *kind.marks])  # the first, because there must be one
    try:
        adapter.validate_python(text, strict=True)
    except ValidationError as error:
        return error.errors(include_url=False, include_input=False)[0]
    return None


def _of_kind(kind: shape.Kind) -> Sequence[object]:
    """Some of what a place may hold, as different as possible."""
    origin = get_origin(kind.type)
    if origin is Literal:
        words = get_args(kind.type)
        return words if len(words) <= _MOST_WORDS else (words[0], words[len(words) // 2], words[-1])
    if kind.type is bool:
        return False, True
    if kind.type in {int, float}:
        return _numbers(kind)
    if kind.type is str:
        return _texts(kind)
    if origin is list:
        items = [item for below in shape.inside(kind) for item in _of_kind(below)]
        return (items[:1], items[:2]) if items else ()
    return tuple(_sections(kind.type)) if shape.is_section(kind.type) else ()


def _numbers(kind: shape.Kind) -> Sequence[object]:
    """The least and the largest, as they are written."""
    for mark in kind.marks:
        if isinstance(mark, Duration):
            return mark.low, mark.high
        if isinstance(mark, Share):
            return f"{mark.low}%", f"{mark.high}%"
    least = next((mark.ge for mark in kind.marks if hasattr(mark, "ge")), 1)
    return least, next((mark.le for mark in kind.marks if hasattr(mark, "le")), least + 1000)


def _texts(kind: shape.Kind) -> Sequence[str]:
    """Two texts that fit."""
    limits = repr(kind.marks)
    if limits not in _fitting:
        _fitting[limits] = [text for text in _TEXTS if refusal(kind, text) is None]
    return _fitting[limits][:2]


def _sections(model: Any) -> Iterator[dict[str, object]]:  # noqa: ANN401  a model
    """Sections with what they need, then with more than that, and with other values each."""
    fields = {
        name: [kind for kind in shape.of_field(field) if not shape.is_section(kind.type)] for name, field in model.model_fields.items()
    }
    for number in range(3):
        section: dict[str, object] = {}
        for name, kinds in fields.items():
            required = model.model_fields[name].is_required()
            if not required and number == 0 and not all(get_origin(kind.type) is Literal or kind.type is bool for kind in kinds):
                continue
            whole = shape.of_field(model.model_fields[name]) if required else kinds
            choices = [value for kind in whole for value in _of_kind(kind)]
            if choices:
                section[name] = choices[number % len(choices)]
            elif required:
                return
        yield section
