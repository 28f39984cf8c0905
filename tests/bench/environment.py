"""What is measured, installed as a user would have it: bgspec as a wheel, the peers from their registries, each in a place of its own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / ".venvs/bench"
PEERS = Path(__file__).resolve().parent / "peers"

# aws-cdk 3 refuses the assembly of aws-cdk-lib 2; these versions go together.
CDK = ("aws-cdk@2.1148.1", "aws-cdk-lib@2.276.0", "constructs@^10.5.0")
PYTHON_PEERS = ("troposphere", "awacs", "cfn-lint==1.58.0")


class Installed(NamedTuple):
    """Where the programs are."""

    python: Path
    """The interpreter whose `-I -c pass` is the floor of everything in its environment."""
    bgspec: Path
    node: str | None
    """Node.js, where the machine has it; without it CDK is not measured."""

    @property
    def cdk(self) -> Path:
        return PLACE / "cdk"


def install() -> Installed:
    """Install, or bring up to date, and compile to bytecode: a run must not pay for what the next one does not."""
    venv = PLACE / "venv"
    python = venv / "bin/python"
    if not python.exists():
        _run(sys.executable, "-m", "venv", str(venv))
        _run(str(python), "-m", "pip", "install", "--quiet", "--upgrade", "pip")
        _run(str(python), "-m", "pip", "install", "--quiet", *PYTHON_PEERS)
    _run(str(python), "-m", "pip", "install", "--quiet", "--force-reinstall", "--no-deps", str(ROOT))
    _run(str(python), "-m", "pip", "install", "--quiet", str(ROOT))
    _run(str(python), "-m", "compileall", "-q", str(venv / "lib"), check=False)
    node = shutil.which("node")
    if node and not (PLACE / "cdk/node_modules").exists():
        (PLACE / "cdk").mkdir(parents=True, exist_ok=True)
        (PLACE / "cdk/package.json").write_text('{"private": true}\n', encoding="utf-8")
        if _run("npm", "install", "--silent", "--no-audit", "--no-fund", *CDK, cwd=PLACE / "cdk", check=False):
            node = None
    if node:
        shutil.copy(PEERS / "cdk_app.js", PLACE / "cdk/app.js")
    return Installed(python, venv / "bin/bgspec", node)


def _run(*command: str, cwd: Path = ROOT, check: bool = True) -> int:
    quiet = {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return subprocess.run(command, cwd=cwd, check=check, env=quiet, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
