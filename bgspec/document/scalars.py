"""What a plain scalar means: YAML 1.2's core types, and only where the value's own text is exactly what was typed.

So `str(value)` loses nothing: `0123`, `1:30`, `1e3`, `1.10`, `on`, `No`, `0x1F`, `1_000` and `2026-01-01` stay text.
"""

_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_FIRST = frozenset("-0123456789")
_LONGEST = 18
"""Characters: a longer number fits neither 64 bits nor a float's precision, so it stays text."""


def resolve(text: str) -> str | int | float | bool | None:
    """The value of a plain (unquoted) scalar.

    >>> [resolve(text) for text in ("80", "0.5", "true", "~", "0123", "1e3", "yes")]
    [80, 0.5, True, None, '0123', '1e3', 'yes']
    """
    if text in _WORDS:
        return _WORDS[text]
    if text[0] in _FIRST and len(text) <= _LONGEST and text.isascii():
        digits = text.removeprefix("-")
        if digits.isdigit():
            return number if str(number := int(text)) == text else text
        if digits.replace(".", "", 1).isdigit():
            return share if repr(share := float(text)) == text else text
    return text
