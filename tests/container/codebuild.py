"""Executes a buildspec by CodeBuild's rules, on this machine.

The rules, with their sources in the CodeBuild user guide:

* phases run as install, pre_build, build, post_build. A failure in install or pre_build ends the build; a failure in
  build does not: post_build still runs, and sees ``CODEBUILD_BUILD_SUCCEEDING=0`` ("Build phase transitions").
* in a phase the commands run in order up to the first that fails; ``finally`` runs in any case, and either block can
  fail the phase ("Build specification reference").
* a variable of the project wins over one of the buildspec; names that begin with ``CODEBUILD_`` are reserved.
* version 0.2 carries variables and the working directory from command to command. The guide says "the same instance of
  the shell"; a build shows more: each command is a script of its own (``/codebuild/output/tmp/script.sh`` in its error
  messages), which restores and saves ``export -p`` and ``pwd`` around it and leaves ``CODEBUILD_LAST_EXIT`` behind.
  Functions, arrays and ``set -e`` do therefore not survive a command, and here they do not either.
* artifacts are attempted even if build failed; secondary artifacts stand beside the primary one.

What this runner does not know it refuses: a key that is silently ignored would make a test say more than it shows.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

PHASES = ("install", "pre_build", "build", "post_build")
ENDS_THE_BUILD = frozenset({"install", "pre_build"})
PRIMARY = ""  # the primary artifact among the secondary ones, which have names

Files = dict[str, bytes]


class Phase(NamedTuple):
    name: str
    succeeded: bool
    message: str


class Build(NamedTuple):
    phases: tuple[Phase, ...]
    artifacts: dict[str, Files]  # by identifier; PRIMARY for the one without
    exported: dict[str, str]
    log: str

    @property
    def succeeded(self) -> bool:
        return all(phase.succeeded for phase in self.phases)

    def phase(self, name: str) -> Phase | None:
        return next((phase for phase in self.phases if phase.name == name), None)


class BuildspecError(Exception):
    """The buildspec breaks CodeBuild's grammar, or uses a part of it that this runner does not know."""


def run(
    buildspec: Mapping[str, Any],
    source: Path,
    workplace: Path,
    project: Mapping[str, str],
    machine: Mapping[str, str],
) -> Build:
    """Runs ``buildspec`` over a copy of ``source`` below ``workplace``.

    ``project`` holds the variables that the CodeBuild project and CodeBuild itself set, ``machine`` those of the build
    image (``PATH`` above all). Nothing else of the environment of the caller is seen by a command.
    """
    check(buildspec)
    source_dir = workplace / "src"
    shutil.copytree(source, source_dir, symlinks=True)
    variables = buildspec.get("env", {}).get("variables", {})
    environment = {
        **machine,
        **{name: str(value) for name, value in variables.items()},
        **project,
        "CODEBUILD_SRC_DIR": str(source_dir),
    }
    shell = _Shell(buildspec.get("env", {}).get("shell", "sh"), workplace, source_dir, environment)
    phases = tuple(_phases(buildspec["phases"], shell))
    artifacts: dict[str, Files] = {}
    if not any(phase.name in ENDS_THE_BUILD and not phase.succeeded for phase in phases):
        uploaded, artifacts = _upload(buildspec.get("artifacts"), source_dir)
        phases += (uploaded,)
    known = shell.variables()
    exported = {name: known[name] for name in buildspec.get("env", {}).get("exported-variables", []) if name in known}
    return Build(phases, artifacts, exported, shell.log())


def check(buildspec: Mapping[str, Any]) -> None:
    _only("the buildspec", buildspec, {"version", "env", "phases", "artifacts"})
    if str(buildspec.get("version")) != "0.2":
        raise BuildspecError(f"version must be 0.2, not {buildspec.get('version')!r}")
    env = buildspec.get("env", {})
    _only("env", env, {"shell", "variables", "exported-variables"})
    if env.get("shell", "bash") not in {"bash", "/bin/sh"}:
        raise BuildspecError(f"env.shell is bash or /bin/sh, not {env['shell']!r}")
    for name in env.get("variables", {}):
        if name.startswith("CODEBUILD_"):
            raise BuildspecError(f"env.variables.{name}: the prefix is CodeBuild's own")
    _only("phases", buildspec.get("phases", {}), set(PHASES))
    for name, phase in buildspec["phases"].items():
        _only(f"phases.{name}", phase, {"commands", "finally", "on-failure"})
        if phase.get("on-failure", "ABORT") not in {"ABORT", "CONTINUE"}:
            raise BuildspecError(f"phases.{name}.on-failure: {phase['on-failure']!r} is not known here")
        for block in ("commands", "finally"):
            if not all(isinstance(command, str) for command in phase.get(block, [])):
                raise BuildspecError(f"phases.{name}.{block} is a list of strings")
    artifacts = dict(buildspec.get("artifacts") or {})
    for where, artifact in [("artifacts", artifacts), *artifacts.pop("secondary-artifacts", {}).items()]:
        _only(where, artifact, {"files", "name", "base-directory", "discard-paths", "exclude-paths"})


def _only(where: str, given: Mapping[str, Any], known: set[str]) -> None:
    if unknown := given.keys() - known:
        raise BuildspecError(f"{where}: {', '.join(sorted(unknown))} is not known here; known: {', '.join(sorted(known))}")


def _phases(phases: Mapping[str, Any], shell: "_Shell") -> Iterator[Phase]:
    for name in PHASES:
        phase = phases.get(name, {})
        shell.note(f"Entering phase {name.upper()}")
        failures = [f for block in ("commands", "finally") if (f := shell.run_until_failure(phase.get(block, [])))]
        yield Phase(name, not failures, "; ".join(failures))
        if failures:
            shell.note(f"Phase complete: {name.upper()} State: FAILED Message: {'; '.join(failures)}")
            shell.export("CODEBUILD_BUILD_SUCCEEDING", "0")
            goes_on = phase.get("on-failure", "ABORT" if name in ENDS_THE_BUILD else "CONTINUE") == "CONTINUE"
            if not goes_on:
                return


class _Shell:
    """One command after the other, each in a process of its own between a restored and a saved environment."""

    def __init__(self, shell: str, workplace: Path, source_dir: Path, environment: Mapping[str, str]) -> None:
        self._shell = shell
        self._state = workplace / "state"
        self._state.mkdir()
        self._log = self._state / "log"
        self._log.touch()
        (self._state / "dir").write_text(f"{source_dir}\n")
        self._initial = {**environment, "CODEBUILD_BUILD_SUCCEEDING": "1"}
        (self._state / "env").touch()

    def run_until_failure(self, commands: Sequence[str]) -> str:
        for command in commands:
            self.note(f"Running command {command}")
            if code := self._execute(command):
                return f"Error while executing command: {command}. Reason: exit status {code}"
        return ""

    def export(self, name: str, value: str) -> None:
        with (self._state / "env").open("a") as saved:
            saved.write(f"export {name}={value}\n")

    def variables(self) -> dict[str, str]:
        printed = subprocess.run(
            [self._shell, "-c", f". {self._state}/env; env -0"],
            env=self._initial, stdout=subprocess.PIPE, check=True, text=True,
        ).stdout  # fmt: skip
        return dict(pair.split("=", 1) for pair in printed.split("\0") if "=" in pair)

    def note(self, text: str) -> None:
        with self._log.open("a") as log:
            log.write(f"[Container] {text}\n")

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def _execute(self, command: str) -> int:
        script = self._state / "script.sh"
        script.write_text(
            f'cd "$(cat {self._state}/dir)"\n. {self._state}/env\nset -a\n{command}\nCODEBUILD_LAST_EXIT=$?\n'
            f"export -p > {self._state}/env\npwd > {self._state}/dir\nexit $CODEBUILD_LAST_EXIT\n"
        )
        with self._log.open("a") as log:
            return subprocess.run(
                [self._shell, str(script)],
                env=self._initial, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT, check=False,
            ).returncode  # fmt: skip


def _upload(artifacts: Mapping[str, Any] | None, source_dir: Path) -> tuple[Phase, dict[str, Files]]:
    if not artifacts:
        return Phase("upload_artifacts", succeeded=True, message=""), {}
    collected: dict[str, Files] = {}
    try:
        if "files" in artifacts:
            collected[PRIMARY] = collect(artifacts, source_dir)
        for name, artifact in artifacts.get("secondary-artifacts", {}).items():
            collected[name] = collect(artifact, source_dir)
    except FileNotFoundError as missing:
        return Phase("upload_artifacts", succeeded=False, message=str(missing)), {}
    return Phase("upload_artifacts", succeeded=True, message=""), collected


def collect(artifact: Mapping[str, Any], source_dir: Path) -> Files:
    """The files of one artifact by their names in it. A pattern that finds nothing is an error here, always."""
    bases = sorted(source_dir.glob(artifact["base-directory"])) if "base-directory" in artifact else [source_dir]
    if not bases:
        raise FileNotFoundError(f"no matching base directory path found for {artifact['base-directory']}")
    files: Files = {}
    for base in bases:
        excluded = {path for pattern in artifact.get("exclude-paths", []) for path in base.glob(pattern)}
        for pattern in artifact["files"]:
            found = [path for path in sorted(base.glob(pattern)) if path.is_file() and path not in excluded]
            if not found:
                raise FileNotFoundError(f"no matching artifact paths found: {pattern} in {base.relative_to(source_dir)}")
            for path in found:
                name = path.name if artifact.get("discard-paths") in {True, "yes"} else str(path.relative_to(base))
                if name in files and files[name] != path.read_bytes():
                    raise BuildspecError(f"two different files would be {name} in the artifact")
                files[name] = path.read_bytes()
    return files
