"""A command on a terminal of its own."""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import termios
from typing import NamedTuple

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Shown(NamedTuple):
    code: int
    raw: str
    """With everything that moves the cursor and colours."""

    @property
    def text(self) -> str:
        return _CONTROL.sub("", self.raw).replace("\r", "")


def _on_its_own() -> None:
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # whoever starts the tests in the background has it ignored


def run(*arguments: str, rows: int = 40, columns: int = 120, typed: tuple[tuple[str, str], ...] = (), **environment: str) -> Shown:
    """bgspec on a terminal of so many rows and columns. What is `typed` comes once the text before it is on the screen."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    usual = {name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR"}}
    process = subprocess.Popen(
        [sys.executable, "-m", "bgspec", *arguments],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        env={**usual, "TERM": "xterm-256color", **environment},
        start_new_session=True,
        preexec_fn=_on_its_own,  # noqa: PLW1509  Ctrl-C is a signal on a terminal of its own only
    )
    os.close(theirs)
    found, waiting = b"", list(typed)
    try:
        while chunk := os.read(ours, 65536):
            found += chunk
            if waiting and waiting[0][0].encode() in found:
                os.write(ours, waiting.pop(0)[1].encode())
    except OSError:  # Linux says so where the other end is closed
        pass
    os.close(ours)
    return Shown(process.wait(), found.decode())
