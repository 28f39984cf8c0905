"""What a check is: it yields a sentence for everything in an environment that does not meet."""

from collections.abc import Callable, Iterator

from tests.output.environment import Environment

Check = Callable[[Environment], Iterator[str]]
CHECKS: list[Check] = []


def check(function: Check) -> Check:
    CHECKS.append(function)
    return function
