"""One deployment of an environment at a time: a claim in AWS that everybody looks at, and that ends by itself.

Every run writes a claim under a name of its own, an SSM parameter below `/bgspec/SYSTEM/ENVIRONMENT/lock/`, made without overwrite,
and only then looks for the claims of others. If one is alive it takes its own back. Of two runs at the same moment each sees the
other or is seen, so never both go on. A dead run's claim expires, at once where its process was on this machine, and is deleted under
its own name: nobody's living claim can be hit by that. SSM documents nothing about how soon a new parameter shows in a listing, so
the claims are looked at once more before the first change (`check`).
"""

import getpass
import json
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, Self

from bgspec.deploy.aws import Aws, RefusedError
from bgspec.errors import AwsError

LEASE = 300.0
"""Seconds after which a claim that is not renewed is dead."""


class HeldError(AwsError):
    """Somebody else deploys this environment."""


class Lock:
    """A claim on an environment: made on entering, renewed while it lasts, taken back on leaving."""

    def __init__(  # noqa: PLR0913  what a claim is about, and who hears of it
        self,
        aws: Aws,
        system: str,
        environment: str,
        tell: Callable[[str], None],
        *,
        lease: float = LEASE,
        lost: threading.Event | None = None,
    ) -> None:
        self._tell = tell
        self._aws = aws
        self._path = f"/bgspec/{system}/{environment}/lock"
        self._run = uuid.uuid4().hex
        self._lease = lease
        self._holder = f"{_user()}@{socket.gethostname()} (process {os.getpid()})"
        self._since = time.time()
        self._left = threading.Event()
        self._renewals = threading.Thread(target=self._renew, daemon=True, name="lease")
        self.lost = lost or threading.Event()
        """Set when another run has taken over: nothing new may be begun."""

    def __enter__(self) -> Self:
        self._write(overwrite=False)
        try:
            self.check()
        except BaseException:
            self._delete(self._run)
            raise
        self._renewals.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._left.set()
        self._renewals.join()
        try:
            self._delete(self._run)
        except AwsError as error:  # what was done is done; the claim is dead with this process
            self._tell(f"The lock could not be taken back: {error} It ends by itself.")

    def check(self) -> None:
        """Whether nobody else is at it. Raises HeldError with the holder."""
        for run, claim in self._claims().items():
            if run == self._run:
                continue
            if _alive(claim):
                raise HeldError(
                    f"{claim['holder']} deploys this environment since {_clock(claim['since'])}. Wait for its end; if it was killed,"
                    f" its lock ends by itself at {_clock(claim['until'])}."
                )
            self._delete(run)

    def _claims(self) -> dict[str, Any]:
        found = self._aws.pages("ssm", "get_parameters_by_path", "Parameters", Path=self._path)
        return {parameter["Name"].rpartition("/")[2]: _read(parameter["Name"], parameter["Value"]) for parameter in found}

    def _write(self, *, overwrite: bool) -> None:
        claim = {
            "holder": self._holder,
            "since": self._since,
            "until": time.time() + self._lease,
            "machine": _machine(),
            "process": os.getpid(),
        }
        try:
            self._aws.call(
                "ssm", "put_parameter", Name=f"{self._path}/{self._run}", Value=json.dumps(claim), Type="String", Overwrite=overwrite
            )
        except RefusedError as error:
            if error.code != "ParameterAlreadyExists":  # ours: the name is this run's own, so only an answer was lost
                raise

    def _delete(self, run: str) -> None:
        try:
            self._aws.call("ssm", "delete_parameter", Name=f"{self._path}/{run}")
        except RefusedError as error:
            if error.code != "ParameterNotFound":
                raise

    def _renew(self) -> None:
        """Renew thrice per lease. One that cannot be renewed in time is lost, and so is one that another run took for dead."""
        last = time.monotonic()
        while not self._left.wait(self._lease / 3):
            try:
                self._write(overwrite=True)
                self.check()
                last = time.monotonic()
            except HeldError as error:
                self._lose(f"The lock is lost. {error}")
                return
            except AwsError as error:
                if time.monotonic() - last > self._lease:
                    self._lose(f"The lock could not be renewed in time: {error}")
                    return

    def _lose(self, why: str) -> None:
        self._tell(f"{why} Nothing new begins.")
        self.lost.set()


def _read(name: str, text: str) -> dict[str, Any]:
    """A claim. HeldError for one that no version of bgspec has written: whether its owner is alive, only a person can tell."""
    try:
        claim: dict[str, Any] = json.loads(text)
        return {**claim, "until": float(claim["until"]), "since": float(claim["since"]), "holder": str(claim["holder"])}
    except (ValueError, TypeError, KeyError) as error:
        raise HeldError(
            f"The lock {name} cannot be read. If nobody deploys this environment, delete it: `aws ssm delete-parameter --name {name}`"
        ) from error


def _machine() -> str:
    """What tells this machine's processes from all others': the boot and the namespace of process ids; empty where that is unknown."""
    try:
        return f"{Path('/proc/sys/kernel/random/boot_id').read_text('ascii').strip()}/{Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        return ""


def _alive(claim: dict[str, Any]) -> bool:
    """Whether the run may still be at it: its lease has not ended, and its process is not known to be gone."""
    if claim["until"] <= time.time():
        return False
    if claim.get("machine") and claim["machine"] == _machine():
        try:
            os.kill(claim["process"], 0)
        except ProcessLookupError:
            return False
        except OSError:
            return True  # somebody else's process
    return True


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "somebody"


def _clock(seconds: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))
