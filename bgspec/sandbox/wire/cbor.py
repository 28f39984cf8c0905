"""CBOR (RFC 8949) as Smithy's rpc-v2-cbor uses it: definite lengths out, both kinds in, timestamps as tag 1."""

import struct
from datetime import UTC, datetime
from typing import Any

_BREAK = object()


def dumps(value: Any) -> bytes:
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, float):
        return b"\xfb" + struct.pack(">d", value)
    if isinstance(value, bytes):
        return _head(2, len(value)) + value
    if isinstance(value, str):
        text = value.encode()
        return _head(3, len(text)) + text
    if isinstance(value, datetime):
        return b"\xc1" + dumps(value.timestamp())
    if isinstance(value, dict):
        return _head(5, len(value)) + b"".join(dumps(k) + dumps(v) for k, v in value.items())
    return _head(4, len(value)) + b"".join(map(dumps, value))


def _head(major: int, size: int) -> bytes:
    if size < 24:
        return bytes([major << 5 | size])
    for info, code in ((24, ">B"), (25, ">H"), (26, ">I"), (27, ">Q")):
        if size < 1 << 8 * struct.calcsize(code):
            return bytes([major << 5 | info]) + struct.pack(code, size)
    raise OverflowError(size)


def loads(data: bytes) -> Any:
    """The one value in `data`; a truncated text raises ValueError."""
    try:
        return _Reader(data).value()
    except (IndexError, struct.error) as error:
        raise ValueError("truncated CBOR") from error


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def take(self, size: int) -> bytes:
        part = self.data[self.at : self.at + size]
        if len(part) < size:
            raise IndexError
        self.at += size
        return part

    def value(self) -> Any:
        first = self.take(1)[0]
        major, info = first >> 5, first & 31
        if major == 7:
            return self.simple(info)
        size = self.size(info)
        match major:
            case 0:
                return size
            case 1:
                return -1 - (size or 0)
            case 2 | 3:
                return self.string(major, size)
            case 4:
                return list(self.items(size))
            case 5:
                return {key: self.value() for key in self.items(size)}
            case _:
                inner = self.value()
                return datetime.fromtimestamp(inner, UTC) if size == 1 else inner

    def size(self, info: int) -> int | None:
        if info < 24:
            return info
        if info == 31:
            return None
        size: int = struct.unpack({24: ">B", 25: ">H", 26: ">I", 27: ">Q"}[info], self.take(1 << info - 24))[0]
        return size

    def string(self, major: int, size: int | None) -> bytes | str:
        raw = self.take(size) if size is not None else None
        if raw is not None:
            return raw.decode() if major == 3 else raw
        parts = list(self.items(None))
        return "".join(parts) if major == 3 else b"".join(parts)

    def items(self, size: int | None) -> Any:
        count = 0
        while size is None or count < size:
            item = self.value()
            if item is _BREAK:
                return
            yield item
            count += 1

    def simple(self, info: int) -> Any:
        if info in {25, 26, 27}:
            code = {25: ">e", 26: ">f", 27: ">d"}[info]
            return struct.unpack(code, self.take(struct.calcsize(code)))[0]
        return {20: False, 21: True, 31: _BREAK}.get(info)
