"""Debian's docker-registry on loopback: a real registry where ECR would be.

It answers the same protocol (Docker Registry HTTP API V2), asks for the same user (``AWS``) and forgets everything
when it is closed. What it lacks of ECR is said where it matters: ``aws_command.py``.
"""

import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Self

NEEDED = ("docker-registry", "htpasswd")


class Registry:
    def __init__(self, root: Path, *, read_only: bool = False) -> None:
        self.password = secrets.token_urlsafe(24)
        self._root = root
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = f"127.0.0.1:{free.getsockname()[1]}"
        users = subprocess.run(["htpasswd", "-inBC", "4", "AWS"], input=self.password, capture_output=True, text=True, check=True).stdout
        (root / "users").write_text(users.strip() + "\n")
        (root / "registry.yml").write_text(f"""
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage:
  filesystem: {{rootdirectory: {root}/data}}
  maintenance: {{readonly: {{enabled: {str(read_only).lower()}}}, uploadpurging: {{enabled: false}}}}
auth: {{htpasswd: {{realm: ecr, path: {root}/users}}}}
http: {{addr: "{self.address}"}}
""")

    def __enter__(self) -> Self:
        self._log = (self._root / "log").open("w")
        # It ends with the test run, however that ends.
        command = ["setpriv", "--pdeathsig=TERM", "docker-registry", "serve", str(self._root / "registry.yml")]
        self._process = subprocess.Popen(command, stdout=self._log, stderr=self._log)
        give_up = time.monotonic() + 20
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > give_up:
                self.close()
                raise RuntimeError(f"docker-registry did not start: {(self._root / 'log').read_text()}")
            time.sleep(0.05)
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def images(self) -> list[str]:
        """Every tag that was pushed, as ``repository:tag``."""
        links = (self._root / "data").glob("docker/registry/v2/repositories/**/_manifests/tags/*/current/link")
        return [f"{link.parents[4].name}:{link.parents[1].name}" for link in links]

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(timeout=10)
        self._log.close()

    def _answers(self) -> bool:
        try:
            urllib.request.urlopen(f"http://{self.address}/v2/", timeout=2)
        except urllib.error.HTTPError as refused:
            return refused.code == 401  # it wants a user: it is up
        except OSError:
            return False
        return True
