"""What `validate` and `render` do: arguments in, exit code out. Machine output goes to stdout, everything for people to stderr."""

import os
import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from bgspec.compiler import compile_spec
from bgspec.diagnostics import Finding
from bgspec.document import parse, read_spec
from bgspec.errors import NotTextError, UsageError
from bgspec.report import REPORTERS, is_colored

if TYPE_CHECKING:
    from bgspec.render import Artifact
    from bgspec.writer import Change


class Outcome(NamedTuple):
    """What is kept of a compiled file: a thousand of them fit where one compilation does."""

    name: str
    data: bytes
    findings: tuple[Finding, ...]
    unreadable: bool
    environments: tuple[str, ...]
    artifacts: "tuple[Artifact, ...]"

    @property
    def failed(self) -> bool:
        return any(found.severity == "error" for found in self.findings)


def validate(specs: list[str], env: str | None = None, output: str = "human") -> int:
    """Print every finding at once, each at its line. Writes nothing, calls nothing."""
    outcomes = _compiled(specs, env, output, artifacts=False)
    if any(outcome.failed for outcome in outcomes):
        return 1
    if output == "human":
        for outcome in outcomes:
            _say(f"{outcome.name}: no errors ({', '.join(outcome.environments)})")
    return 0


def render(  # noqa: PLR0913  a command's flags
    specs: list[str], directory: str, env: str | None = None, *, check: bool = False, force: bool = False, output: str = "human"
) -> int:
    """Compile specs and bring a directory to what they yield; with `check` only compare."""
    from pathlib import Path  # noqa: PLC0415  it loads urllib and more, and `validate` needs none

    from bgspec.writer import changes, write  # noqa: PLC0415  `validate` writes nothing

    outcomes = _compiled(specs, env, output, artifacts=True)
    if any(outcome.failed for outcome in outcomes):
        return 1
    artifacts, target = _together(outcomes), Path(directory)
    part = f"{env}/" if env and all(artifact.path.startswith(f"{env}/") for artifact in artifacts) else ""
    if check:
        return _show_difference(changes(artifacts, target, part))
    done = write(artifacts, target, force=force, part=part)
    if output == "human":
        for change in done:
            _say(f"{change.kind:>6} {target / change.path}")
        _say(f"{target}: {len(artifacts)} files, {len(done)} changed")
    return 0


def _compiled(specs: list[str], env: str | None, output: str, *, artifacts: bool) -> list[Outcome]:
    files, unread = [], []
    for name in specs:
        try:
            files.append((name, read_spec(name)))
        except UsageError as error:
            unread.append(str(error))
    outcomes = outcomes_of(files, env, artifacts=artifacts)
    if files:
        _report(outcomes, output)
    if unread:
        raise UsageError("\nbgspec: ".join(unread))
    for outcome in outcomes:
        if outcome.unreadable:
            raise NotTextError(outcome.name)
        if env and not outcome.failed and not outcome.environments:
            raise UsageError(f"{outcome.name}: no environment {env!r}")
    return outcomes


# Below this many files the other cores would start later than one core is done.
_WORTH_SHARING = 64
# A core gets its files in so many portions: the fewer there are, the longer the others wait for the last one.
_PORTIONS = 16


def outcomes_of(files: list[tuple[str, bytes]], env: str | None = None, *, artifacts: bool, processes: int | None = None) -> list[Outcome]:
    """Compile files, many of them on all cores; in the order given.

    Args:
        files: name and content of each.
        env: a key of `environments:`; without it all of them.
        artifacts: whether the output is wanted, or only the findings.
        processes: how many, if not as many as there are cores.
    """
    processes = processes or os.cpu_count() or 1
    one = partial(_outcome, env=env, artifacts=artifacts)
    if len(files) < _WORTH_SHARING or processes == 1:
        return [one(file) for file in files]
    from multiprocessing import get_context  # noqa: PLC0415  only many files need other processes

    with get_context("fork").Pool(processes) as pool:
        return pool.map(one, files, chunksize=max(1, len(files) // (processes * _PORTIONS)))


def _outcome(file: tuple[str, bytes], env: str | None, *, artifacts: bool) -> Outcome:
    name, data = file
    compilation = compile_spec(data, name, env)
    return Outcome(
        name,
        data,
        compilation.findings,
        compilation.unreadable,
        tuple(plan.environment for plan in compilation.plans),
        compilation.artifacts() if artifacts else (),
    )


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _report(outcomes: Iterable[Outcome], output: str) -> None:
    findings = [found for outcome in outcomes for found in outcome.findings]
    human = output == "human"
    sources = {outcome.name: parse(outcome.data, outcome.name) for outcome in outcomes if human and outcome.findings}
    stream = sys.stderr if human else sys.stdout
    stream.write(REPORTERS[output](findings, sources, color=human and is_colored(stream)))


def _together(outcomes: Iterable[Outcome]) -> "tuple[Artifact, ...]":
    """All files of all specs; two specs may not write one file."""
    found: dict[str, str] = {}
    artifacts = []
    for outcome in outcomes:
        for artifact in outcome.artifacts:
            other = found.setdefault(artifact.path, outcome.name)
            if other != outcome.name:
                raise UsageError(f"{other} and {outcome.name} both write {artifact.path}: render them to directories of their own")
            artifacts.append(artifact)
    return tuple(artifacts)


def _show_difference(pending: "list[Change]") -> int:
    from difflib import unified_diff  # noqa: PLC0415  only --check shows one

    for change in pending:
        lines = unified_diff(
            change.before.splitlines(keepends=True), change.after.splitlines(keepends=True), f"a/{change.path}", f"b/{change.path}"
        )
        sys.stdout.writelines(lines)
    _say(f"{len(pending)} files differ from the spec" if pending else "up to date")
    return 1 if pending else 0
