"""The emulator's process: one for each name, however many callers start it at once, and none left once it is stopped."""

import contextlib
import fcntl
import http.client
import json
import os
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

_PATIENCE = 30.0  # seconds until an emulator that was started must answer
_CHILDREN: dict[str, subprocess.Popen[bytes]] = {}  # those this process started: to be waited for once they end


class SandboxError(Exception):
    """The emulator could not be started or did not answer as it should."""


def start(name: str, *, speed: float | None = None) -> str:
    """The URL of the emulator called `name`, started if it does not run. Two callers at once get the same one.

    `speed` is how many emulated seconds pass in a real one. Raises SandboxError when it does not come up.
    """
    if given := os.environ.get("BGSPEC_SANDBOX_URL"):
        return given.rstrip("/")
    with _locked(name) as state:
        found = _running(state)
        if found is None:
            found = _spawn(name, state)
            if speed is not None:
                settings(found, speed=speed)
        return found


def url(name: str) -> str | None:
    """The URL of the emulator called `name` if it runs."""
    if given := os.environ.get("BGSPEC_SANDBOX_URL"):
        return given.rstrip("/")
    return _running(_state(name))


def stop(name: str) -> bool:
    """End the emulator called `name` and everything in it; False when none ran. One named by the environment is not ended."""
    if os.environ.get("BGSPEC_SANDBOX_URL"):
        return False
    with _locked(name) as state:
        found = _running(state)
        if found is not None:
            _ask(found, "POST", "/_sandbox/stop")
            _wait_until_gone(name, found)
        shutil.rmtree(state.with_suffix(".bin"), ignore_errors=True)
        with contextlib.suppress(FileNotFoundError):
            state.unlink()
        return found is not None


def tools(name: str) -> dict[str, str]:
    """The environment in which deploy.sh runs against the emulator called `name`: see `stand_ins`. They go with `stop`."""
    from bgspec.sandbox.stand_ins import scripts  # noqa: PLC0415  the process itself needs no boto3

    return scripts(_state(name).with_suffix(".bin"))


def settings(address: str, **wanted: Any) -> dict[str, Any]:
    """Change and return the emulator's settings: `speed`, `slow`, `broken_images`, `functions` (docs/sandbox.md)."""
    return _ask(address, "POST", "/_sandbox/settings", wanted)


def seed(address: str, account: str, region: str, arns: list[str]) -> dict[str, Any]:
    """Let things exist that a spec only names: certificates, connections, secrets, parameters, functions, topics, by ARN."""
    return _ask(address, "POST", "/_sandbox/seed", {"account": account, "region": region, "arns": arns})


def _directory() -> Path:
    """Where the state of this user's emulators is kept: its runtime directory, else a private one below the temporary one."""
    if given := os.environ.get("BGSPEC_SANDBOX_DIR"):
        path = Path(given)
    elif runtime := os.environ.get("XDG_RUNTIME_DIR"):
        path = Path(runtime) / "bgspec"
    else:
        path = Path(tempfile.gettempdir()) / f"bgspec-{os.getuid()}"
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if path.stat().st_uid != os.getuid():
        raise SandboxError(f"{path} belongs to another user. Set BGSPEC_SANDBOX_DIR to a directory of your own.")
    return path


def _state(name: str) -> Path:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,127}", name):
        raise SandboxError(f"{name!r} is no name for an emulator: letters, digits, dots, hyphens and underscores are.")
    return _directory() / f"{name}.json"


@contextlib.contextmanager
def _locked(name: str) -> Iterator[Path]:
    """The state file, while no other process starts or stops the same emulator. The lock ends with its holder."""
    state = _state(name)
    with state.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield state


def _running(state: Path) -> str | None:
    try:
        known = json.loads(state.read_text("utf-8"))
        answer = _ask(known["url"], "GET", "/_sandbox/health", timeout=5)
    except (OSError, ValueError, KeyError, SandboxError):
        return None
    same = answer.get("pid") == known["pid"]  # another program may have the port by now
    return str(known["url"]) if same else None


def _spawn(name: str, state: Path) -> str:
    package = Path(__file__).resolve().parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH")]))}
    log = state.with_suffix(".log")
    with log.open("wb") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bgspec.sandbox"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=environment,
            cwd="/",
            start_new_session=True,  # Ctrl-C in the terminal is not meant for it
        )
    if before := _CHILDREN.pop(name, None):  # one that ended by itself, or no longer answers
        before.kill()
        before.wait()
    _CHILDREN[name] = process
    address = _first_line(process)
    if not address.startswith("http://"):
        process.kill()
        process.wait()
        raise SandboxError(f"The emulator did not start. Its log: {log}\n{log.read_text('utf-8', 'replace')[-2000:]}")
    part = state.with_suffix(".part")
    part.write_text(json.dumps({"pid": process.pid, "url": address}), "utf-8")
    part.replace(state)
    return address


def _first_line(process: subprocess.Popen[bytes]) -> str:
    """What the emulator says first: its URL. It says so once its port answers."""
    pipe = process.stdout
    if pipe is None or not select.select([pipe], [], [], _PATIENCE)[0]:
        return ""
    line = pipe.readline().decode().strip()
    pipe.close()
    return line


def _ask(address: str, method: str, page: str, body: object = None, *, timeout: float = 30) -> dict[str, Any]:
    """One of the emulator's own pages; straight to its port, whatever proxies the environment names."""
    where = urlsplit(address)
    connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=timeout)
    try:
        connection.request(method, page, json.dumps(body) if body is not None else None)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise SandboxError(f"{address}{page} answers {answer.status}: {text.decode(errors='replace')[:500]}")
        found: dict[str, Any] = json.loads(text)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise SandboxError(f"{address} does not answer as an emulator of bgspec: {error}") from error
    finally:
        connection.close()
    return found


def _wait_until_gone(name: str, address: str) -> None:
    child = _CHILDREN.pop(name, None)
    if child is not None:
        child.wait(_PATIENCE)
        return
    where = urlsplit(address)
    end = time.monotonic() + _PATIENCE
    while time.monotonic() < end:
        connection = http.client.HTTPConnection(where.hostname or "", where.port, timeout=1)
        try:
            connection.connect()
        except OSError:
            return
        finally:
            connection.close()
        time.sleep(0.05)
    raise SandboxError(f"The emulator at {address} did not end.")
