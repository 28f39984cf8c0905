"""The command line: flags in, exit code out. Machine output goes to stdout, everything for people to stderr."""

import os
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Literal

import typer

from bgspec import __version__
from bgspec.compiler import Compilation, compile_spec
from bgspec.diagnostics import Finding
from bgspec.document import Document
from bgspec.errors import UsageError
from bgspec.render import Artifact
from bgspec.report import REPORTERS
from bgspec.writer import Change, changes, write

app = typer.Typer(
    name="bgspec",
    help="One YAML spec for a blue/green environment on AWS Fargate: checked, compiled to CloudFormation, deployed.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)

Specs = Annotated[list[str], typer.Argument(metavar="SPEC...", help="Spec files; `-` is standard input.")]
Env = Annotated[str | None, typer.Option("--env", metavar="NAME", help="One of the file's `environments:`; without it all of them.")]
Format = Annotated[Literal["human", "json", "sarif", "github"], typer.Option("--format", help="How findings are printed.")]


@app.callback(invoke_without_command=True)
def _options(version: Annotated[bool, typer.Option("--version", help="Print the version and exit.")] = False) -> None:  # noqa: FBT002  a flag
    if version:
        typer.echo(f"bgspec {__version__}")
        raise typer.Exit


@app.command()
def validate(specs: Specs, env: Env = None, output: Format = "human") -> None:
    """Print every finding at once, each at its line. Writes nothing, calls nothing."""
    compilations = [_compile(spec, env) for spec in specs]
    _report(compilations, output)
    if output == "human" and not any(compilation.errors for compilation in compilations):
        names = ", ".join(plan.environment for compilation in compilations for plan in compilation.plans)
        typer.echo(f"{_files(specs)}: no errors ({names})", err=True)
    _exit_on_errors(compilations)


@app.command()
def render(  # noqa: PLR0913, PLR0917  a command's flags
    specs: Specs,
    directory: Annotated[Path, typer.Option("-o", "--output", metavar="DIR", help="Where the files go.")],
    env: Env = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 and show a diff if DIR is not up to date.")] = False,  # noqa: FBT002  a flag
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that bgspec did not write, or that were edited.")] = False,  # noqa: FBT002  a flag
    output: Format = "human",
) -> None:
    """Compile specs to CloudFormation stacks, buildspec.yml, appspec.yaml, taskdef.json and deploy.sh."""
    compilations = [_compile(spec, env) for spec in specs]
    _report(compilations, output)
    _exit_on_errors(compilations)
    artifacts = _together(compilations)
    if check:
        raise typer.Exit(_show_difference(changes(artifacts, directory)))
    done = write(artifacts, directory, force=force)
    if output == "human":
        for change in done:
            typer.echo(f"{change.kind:>6} {directory / change.path}", err=True)
        typer.echo(f"{directory}: {len(artifacts)} files, {len(done)} changed", err=True)


@app.command("schema")
def show_schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of standard output.")] = None,
) -> None:
    """Print the JSON Schema that makes editors know the language."""
    from bgspec.schema import text  # noqa: PLC0415  making a schema takes libraries that compiling does without

    if output is None:
        sys.stdout.write(text())
    else:
        output.write_text(text(), encoding="utf-8", newline="")


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


def _exit_on_errors(compilations: Iterable[Compilation]) -> None:
    if any(compilation.errors for compilation in compilations):
        raise typer.Exit(1)


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
    typer.echo(f"{len(pending)} files differ from the spec" if pending else "up to date", err=True)
    return 1 if pending else 0


def _files(specs: list[str]) -> str:
    return ", ".join(specs)
