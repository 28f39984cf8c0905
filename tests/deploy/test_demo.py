"""`make demo`, from where it deploys."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_demo_runs_an_environment_and_leaves_nothing(tmp_path: Path) -> None:
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    command = [".ci/demo.sh", sys.executable, "examples/article/bgspec.yaml", "cf1-stg"]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "No account, no network" in done.stdout
    port = re.search(r"This is an emulation at http://127\.0\.0\.1:(\d+)", done.stderr)
    assert port
    assert "11 of 11 stand" in done.stdout
    assert re.search(r"production +blue 0 %, green 100 %", done.stdout)
    assert "deleted S3::Bucket" in done.stderr
    assert "trying again" not in done.stderr
    with socket.socket() as client:
        assert client.connect_ex(("127.0.0.1", int(port[1]))) != 0
    assert list(tmp_path.iterdir()) == []
