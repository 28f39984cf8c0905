"""What `validate` and `render` do: arguments in, exit code out. Machine output goes to stdout, everything for people to stderr."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path

from bgspec.compiler import Compilation, compile_spec
from bgspec.diagnostics import Finding
from bgspec.document import Document
from bgspec.errors import UsageError
from bgspec.render import Artifact
from bgspec.report import REPORTERS
from bgspec.writer import Change, changes, write


def validate(specs: list[str], env: str | None = None, output: str = "human") -> int:
    """Print every finding at once, each at its line. Writes nothing, calls nothing."""
    compilations = _compiled(specs, env, output)
    if any(compilation.errors for compilation in compilations):
        return 1
    if output == "human":
        for compilation in compilations:
            _say(f"{compilation.document.name}: no errors ({', '.join(plan.environment for plan in compilation.plans)})")
    return 0


def render(  # noqa: PLR0913  a command's flags
    specs: list[str], directory: str, env: str | None = None, *, check: bool = False, force: bool = False, output: str = "human"
) -> int:
    """Compile specs and bring a directory to what they yield; with `check` only compare."""
    compilations = _compiled(specs, env, output)
    if any(compilation.errors for compilation in compilations):
        return 1
    artifacts, target = _together(compilations), Path(directory)
    if check:
        return _show_difference(changes(artifacts, target))
    done = write(artifacts, target, force=force)
    if output == "human":
        for change in done:
            _say(f"{change.kind:>6} {target / change.path}")
        _say(f"{target}: {len(artifacts)} files, {len(done)} changed")
    return 0


def _compiled(specs: list[str], env: str | None, output: str) -> list[Compilation]:
    compilations = [_compile(spec, env) for spec in specs]
    _report(compilations, output)
    return compilations


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _compile(spec: str, env: str | None) -> Compilation:
    compilation = compile_spec(_read(spec), spec, env)
    if env and not compilation.errors and not compilation.plans:
        raise UsageError(f"{spec}: no environment {env!r}")
    return compilation


def _read(spec: str) -> bytes:
    if spec == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(spec).read_bytes()
    except OSError as error:
        raise UsageError(f"{spec}: {error.strerror}") from error


def _report(compilations: Iterable[Compilation], output: str) -> None:
    findings: list[Finding] = [found for compilation in compilations for found in compilation.findings]
    sources: Mapping[str, Document] = {compilation.document.name: compilation.document for compilation in compilations}
    human = output == "human"
    stream = sys.stderr if human else sys.stdout
    color = human and stream.isatty() and not os.environ.get("NO_COLOR")
    stream.write(REPORTERS[output](findings, sources, color=color))


def _together(compilations: Iterable[Compilation]) -> tuple[Artifact, ...]:
    """All files of all specs; two specs may not write one file."""
    found: dict[str, str] = {}
    artifacts = []
    for compilation in compilations:
        for artifact in compilation.artifacts():
            other = found.setdefault(artifact.path, compilation.document.name)
            if other != compilation.document.name:
                raise UsageError(
                    f"{other} and {compilation.document.name} both write {artifact.path}: render them to directories of their own"
                )
            artifacts.append(artifact)
    return tuple(artifacts)


def _show_difference(pending: list[Change]) -> int:
    from difflib import unified_diff  # noqa: PLC0415  only --check shows one

    for change in pending:
        lines = unified_diff(
            change.before.splitlines(keepends=True), change.after.splitlines(keepends=True), f"a/{change.path}", f"b/{change.path}"
        )
        sys.stdout.writelines(lines)
    _say(f"{len(pending)} files differ from the spec" if pending else "up to date")
    return 1 if pending else 0
