"""Ranges of numbers as regular expressions: how an editor is told what functions check (times, shares, networks)."""


def between(low: int, high: int) -> str:
    """The decimal numbers from `low` to `high`, without leading zeros.

    >>> between(1, 99)
    '(?:[1-9]|[1-9][0-9])'
    """
    parts = []
    for digits in range(len(str(low)), len(str(high)) + 1):
        first = max(low, 10 ** (digits - 1) if digits > 1 else 0)
        last = min(high, 10**digits - 1)
        parts += _same_length(str(first), str(last))
    return f"(?:{'|'.join(parts)})"


def _same_length(first: str, last: str) -> list[str]:
    """The numbers between two of one length, in blocks that differ in whole digits."""
    if first == last:
        return [first]
    if len(first) == 1:
        return [f"[{first}-{last}]"]
    if first[0] == last[0]:
        return [first[0] + rest for rest in _same_length(first[1:], last[1:])]
    zeros, nines = "0" * (len(first) - 1), "9" * (len(first) - 1)
    below, above = [], []
    start, stop = int(first[0]), int(last[0])
    if first[1:] != zeros:
        below = [first[0] + rest for rest in _same_length(first[1:], nines)]
        start += 1
    if last[1:] != nines:
        above = [last[0] + rest for rest in _same_length(zeros, last[1:])]
        stop -= 1
    lead = str(start) if start == stop else f"[{start}-{stop}]"
    digits = "[0-9]" if len(zeros) == 1 else f"[0-9]{{{len(zeros)}}}"
    middle = [lead + digits] if start <= stop else []
    return [*below, *middle, *above]
