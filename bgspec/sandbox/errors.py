"""What AWS refuses, and what this emulator does not do."""

from typing import Any


class AwsError(Exception):
    """A refusal as AWS words it: the code a client matches on, the sentence a user reads, the HTTP status."""

    def __init__(self, code: str, message: str, status: int = 400, **members: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.members = members  # what the error's own shape holds besides the message


class NotEmulated(AwsError):  # noqa: N818 -- said of the sandbox, in the words of its users
    """An operation, a type or a property that AWS has and the sandbox has not.

    501 is not among the statuses botocore retries, so that the refusal reaches the caller at once.
    """

    def __init__(self, what: str) -> None:
        super().__init__("SandboxNotEmulated", f"The bgspec sandbox does not emulate {what}.", 501)
