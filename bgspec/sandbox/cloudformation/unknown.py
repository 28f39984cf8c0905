"""A value that only the deployment itself will know: what a change set sees of a resource that is not there yet."""

from typing import NamedTuple


class Unknown(NamedTuple):
    of: str  # the logical ids and attributes it comes from


def unknown(value: object) -> Unknown | None:
    """The first unknown inside a value."""
    if isinstance(value, Unknown):
        return value
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        return next((found for item in value if (found := unknown(item))), None)
    return None
