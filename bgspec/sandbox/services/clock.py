"""When something happens by the clock, as EventBridge Scheduler and Application Auto Scaling write it."""

import re
from datetime import datetime

# EventBridge Scheduler User Guide, schedule-types: the least and the largest number of each field of a cron expression.
_FIELDS = ((0, 59), (0, 23), (1, 31), (1, 12), (1, 7), (1970, 2199))
_DAY, _WEEKDAY = 2, 4


def understood(expression: str) -> bool:
    """Whether `at(…)`, `rate(…)` or `cron(…)` is one that AWS takes."""
    kind, _, rest = expression.partition("(")
    text = rest.removesuffix(")")
    match kind:
        case "at":
            try:
                return bool(datetime.strptime(text, "%Y-%m-%dT%H:%M:%S"))  # noqa: DTZ007  its time zone stands beside it
            except ValueError:
                return False
        case "rate":
            return bool(re.fullmatch(r"[1-9][0-9]* (minute|hour|day)s?", text))
        case "cron":
            fields = text.split()
            return len(fields) == len(_FIELDS) and (fields[_DAY] == "?") != (fields[_WEEKDAY] == "?") and all(map(_fits, fields, _FIELDS))
        case _:
            return False


def _fits(field: str, limits: tuple[int, int]) -> bool:
    low, high = limits
    numbers = (int(number) for part in field.split(",") for number in re.findall(r"[0-9]+", part.partition("/")[0].partition("#")[0]))
    return all(low <= number <= high for number in numbers)
