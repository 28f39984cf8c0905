"""BG54x: when tasks run by the clock."""

from collections.abc import Iterator, Sequence

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route

_MONTHS = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()
_DAYS = "SUN MON TUE WED THU FRI SAT".split()

_LENGTHS = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
"""The days of the months."""

# The fields of a cron expression: their names, and the numbers that each takes.
_FIELDS = (
    ("minute", 0, 59, ()),
    ("hour", 0, 23, ()),
    ("day of the month", 1, 31, ()),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 1, 7, _DAYS),
    ("year", 1970, 2199, ()),
)


@rule("BG540")
def two_kinds_of_day(env: Environment) -> Iterator[Found]:
    """A schedule names days in both ways, or in neither.

    What: Of the day of the month and the day of the week, not exactly one is `?`.
    Why: EventBridge Scheduler and Application Auto Scaling take one of the two: the other must be `?`. They refuse the schedule.
    Mend: Write `?` for the one that does not matter: `cron(0 3 * * ? *)` is every day, `cron(0 3 ? * MON *)` every Monday.
    Source: EventBridge Scheduler User Guide, schedule-types (cron-based schedules: `*` cannot stand in both; `?` stands in the other);
        Application Auto Scaling User Guide, scheduled-scaling-using-cron-expressions (EventBridge's syntax).

    Fails:
        services:
          report:
            image: {build: .}
            schedule: cron(0 3 * * * *)
    Passes:
        services:
          report:
            image: {build: .}
            schedule: cron(0 3 * * ? *)
    """
    for route, fields in _crons(env):
        if (fields[2] == "?") == (fields[4] == "?"):
            mended = (*fields[:4], "?", fields[5]) if fields[2] != "?" else (*fields[:2], "*", *fields[3:])
            yield Found(
                route,
                "Exactly one of the day of the month and the day of the week must be `?`.",
                f"Write `cron({' '.join(mended)})`, or name days of the week and `?` for those of the month.",
            )


@rule("BG541")
def time_that_does_not_exist(env: Environment) -> Iterator[Found]:
    """A schedule names a time that does not exist.

    What: A field of a cron expression holds a number outside of its range, or a word that is no month and no day; or `at(…)` names a day
        or a time that no calendar has.
    Why: EventBridge Scheduler and Application Auto Scaling refuse it. Mostly two fields have changed places: the minute stands first.
    Mend: Write minute, hour, day of the month, month, day of the week and year, in this order.
    Source: EventBridge Scheduler User Guide, schedule-types (the values of each field);
        bc:application-autoscaling.ScheduledAction.Schedule.

    Fails:
        services:
          report:
            image: {build: .}
            schedule: cron(3 60 * * ? *)
    Passes:
        services:
          report:
            image: {build: .}
            schedule: cron(0 3 * * ? *)
    """
    for route, fields in _crons(env):
        for text, (name, low, high, words) in zip(fields, _FIELDS, strict=True):
            wrong = next((part for part in _parts(text) if not _exists(part, low, high, words)), None)
            if wrong is not None:
                yield Found(route, f"The {name} cannot be `{wrong}`.", f"Use {low} to {high}{' or a name, ' + words[0] if words else ''}.")
                break
    for route, expression in _times(env):
        if expression.startswith("at(") and (wrong := _on_no_calendar(expression[3:-1])):
            yield Found(route, f"There is no `{wrong}`.", "Use a day and a time that a calendar and a clock have.")


def _times(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every expression that says when."""
    for key, service in env.spec.services.items():
        schedule = service.schedule
        route: Route = ("services", key, "schedule")
        if schedule is not None:
            yield (route, schedule) if isinstance(schedule, str) else ((*route, "expression"), schedule.expression)
        for number, timed in enumerate(service.scaling.schedule if service.scaling else ()):
            yield ("services", key, "scaling", "schedule", number, "at"), timed.at


def _crons(env: Environment) -> Iterator[tuple[Route, list[str]]]:
    """The fields of every cron expression."""
    for route, expression in _times(env):
        if expression.startswith("cron("):
            yield route, expression[5:-1].split()


def _on_no_calendar(moment: str) -> str:
    """The part of `2030-12-24T18:00:00` that does not exist; nothing if all of it does."""
    date, _, time = moment.partition("T")
    year, month, day = map(int, date.split("-"))
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    longest = 29 if month == 2 and leap else _LENGTHS.get(month, 0)
    late = [part for part, most in zip(time.split(":"), (23, 59, 59), strict=True) if int(part) > most]
    return "" if 1 <= day <= longest and not late else time if late else date


def _parts(field: str) -> Iterator[str]:
    """The values in a field, without what they are joined by; an increment is no value."""
    for item in field.split(","):
        span = item.partition("/")[0]
        yield from span.split("-")


def _exists(part: str, low: int, high: int, words: Sequence[str]) -> bool:
    number = part.partition("#")[0].removesuffix("L").removesuffix("W")
    if number.isdigit():
        return low <= int(number) <= high
    return part in {"*", "?", "L", "LW"} or number in words
