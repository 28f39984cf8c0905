"""What ends a command before its time, each with its exit code. Findings about a spec are no exceptions: they are data."""


class BgspecError(Exception):
    """Something that a person can act on; shown as one line."""

    exit_code = 2


class UsageError(BgspecError):
    """The command was called wrongly, or a file cannot be read or written."""


class NotTextError(UsageError):
    """A file that is not UTF-8 is one that cannot be read."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: not UTF-8")


class AwsError(BgspecError):
    """AWS refused, or a stack failed."""

    exit_code = 3
