"""Comments that silence a finding at its line: `# bgspec: ignore[BG305] reason`."""

from typing import NamedTuple


class Silence(NamedTuple):
    """One such comment."""

    line: int
    """Where it stands."""
    column: int
    target: int
    """The line whose findings it silences."""
    codes: tuple[str, ...]
    reason: str


def find_silences(text: str) -> tuple[Silence, ...]:
    """The silencing comments of a text, in its order."""
    if "bgspec: ignore" not in text:
        return ()
    return ()
