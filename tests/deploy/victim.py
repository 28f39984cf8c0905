"""A command in a process of its own that can be killed: forked from one that has everything loaded."""

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
from pathlib import Path
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.deploy.victim", "bgspec.cli", "bgspec.deploy.commands", "pytest"])


class Victim:
    """A command line under way."""

    def __init__(self, *arguments: str) -> None:
        self._errors = tempfile.NamedTemporaryFile(suffix=".err")  # noqa: SIM115  closed with the process
        self._process: Any = _CONTEXT.Process(target=_run, args=(arguments, dict(os.environ), self._errors.name))
        self._process.start()

    def kill(self) -> None:
        """As `kill -9` does."""
        os.kill(self._process.pid, signal.SIGKILL)

    def wait(self, seconds: float = 90) -> tuple[int, str]:
        """Its exit code, negative for a signal, and what it said on standard error."""
        self._process.join(seconds)
        code = self._process.exitcode
        if code is None:
            self._process.kill()
        with self._errors:
            said = Path(self._errors.name).read_text("utf-8")
        assert code is not None, f"still runs after {seconds} s: {said}"
        return code, said


def _run(arguments: tuple[str, ...], environment: dict[str, str], errors: str) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.argv = ["bgspec", *arguments]
    from bgspec.__main__ import main
    from bgspec.deploy import formation

    formation.PAUSE = formation.SANDBOX_PAUSE  # for those that do not know that they are in a sandbox

    with (
        Path(os.devnull).open("w", encoding="utf-8") as out,
        Path(errors).open("w", encoding="utf-8") as err,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        code = main()
    os._exit(code)
