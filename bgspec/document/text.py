"""From a file to text: the size, the encoding, and the characters that no line of a spec may hold."""

import re
import sys

from bgspec.diagnostics import Diagnostic, Span
from bgspec.document import rules
from bgspec.errors import UsageError

LARGEST = 1 << 20
"""Bytes. A spec of a hundred services has about 60,000."""

# What YAML 1.2.2, §5.1, does not allow, and the line breaks of YAML 1.1 (NEL, LS, PS), which editors do not count as lines,
# and byte order marks inside the text, which nobody sees.
_FORBIDDEN = "[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]+"
_MOST_FINDINGS = 20


def read_spec(name: str) -> bytes:
    """A file's bytes, `-` for those of standard input, as far as a spec may reach: the rest of an endless one is never read.

    Raises:
        UsageError: the file cannot be read.
    """
    if name == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with open(name, "rb") as file:  # noqa: PTH123  pathlib loads urllib and more, and `validate` needs none
            return file.read(LARGEST + 1)
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}") from error


def decode(data: bytes) -> tuple[str, tuple[Diagnostic, ...]]:
    """The text, its lines ended by line feeds alone, without byte order mark; findings where nobody can read on."""
    if len(data) > LARGEST:
        return "", (rules.too_large(Span(1, 1, 1, 1), LARGEST),)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2].count(0) == 1:
        return "", (rules.not_utf8(Span(1, 1, 1, 1), "it is saved as UTF-16 or UTF-32"),)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # The offset counts from behind a byte order mark: decode the readable part of the same bytes again.
        readable = data.removeprefix(b"\xef\xbb\xbf")[: error.start].decode()
        byte = error.object[error.start]
        shown = _breaks(data.decode("utf-8-sig", errors="replace"))
        return shown, (rules.not_utf8(_span(_breaks(readable), len(_breaks(readable))), f"the byte 0x{byte:02X} is no part of it"),)
    text = _breaks(text)
    return text, tuple(
        rules.forbidden_character(_span(text, found.start(), len(found.group())), found.group()[0])
        for found, _ in zip(re.finditer(_FORBIDDEN, text), range(_MOST_FINDINGS), strict=False)
    )


def _breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _span(text: str, index: int, length: int = 1) -> Span:
    line = text.count("\n", 0, index) + 1
    column = index - (text.rfind("\n", 0, index) + 1) + 1
    return Span(line, column, line, column + length)
