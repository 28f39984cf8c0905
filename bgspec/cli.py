"""The command line: flags in, exit code out. What the commands do is loaded when one is run."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated, Literal

import typer

from bgspec import __version__
from bgspec.errors import UsageError

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
    from bgspec import commands  # noqa: PLC0415  `--help` needs no compiler

    raise typer.Exit(commands.validate(specs, env, output))


@app.command()
def render(  # noqa: PLR0913, PLR0917  a command's flags
    specs: Specs,
    directory: Annotated[str, typer.Option("-o", "--output", metavar="DIR", help="Where the files go.")],
    env: Env = None,
    check: Annotated[bool, typer.Option("--check", help="Write nothing; exit 1 and show a diff if DIR is not up to date.")] = False,  # noqa: FBT002  a flag
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that bgspec did not write, or that were edited.")] = False,  # noqa: FBT002  a flag
    output: Format = "human",
) -> None:
    """Compile specs to CloudFormation stacks, buildspec.yml, appspec.yaml, taskdef.json and deploy.sh."""
    from bgspec import commands  # noqa: PLC0415  `--help` needs no compiler

    raise typer.Exit(commands.render(specs, directory, env, check=check, force=force, output=output))


@app.command("explain")
def show_page(
    code: Annotated[str | None, typer.Argument(metavar="CODE", help="The code of a finding, BG306, or a word to look for.")] = None,
    every: Annotated[bool, typer.Option("--all", help="List all rules.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Print a rule's page: what it finds, why that fails on AWS, how to mend it."""
    from bgspec import explain  # noqa: PLC0415  `--help` needs no pages

    if every == (code is not None):
        raise typer.BadParameter("give a code or --all")
    typer.echo(explain.overview() if code is None else explain.explain(code), nl=False)


@app.command("schema")
def show_schema(
    output: Annotated[Path | None, typer.Option("-o", "--output", metavar="FILE", help="Instead of standard output.")] = None,
) -> None:
    """Print the JSON Schema that makes editors know the language."""
    from bgspec.schema import text  # noqa: PLC0415  making a schema takes libraries that compiling does without

    if output is None:
        typer.echo(text(), nl=False)
        return
    try:
        output.write_text(text(), encoding="utf-8", newline="")
    except OSError as error:
        raise UsageError(f"{output}: {error.strerror}") from error


@app.command("init")
def begin(  # noqa: PLR0913, PLR0917  a command's flags
    path: Annotated[Path, typer.Argument(metavar="[FILE]", help="The spec to write.")] = Path("bgspec.yaml"),
    system: Annotated[str | None, typer.Option(help="The name of the whole.")] = None,
    region: Annotated[str | None, typer.Option(help="The AWS Region.")] = None,
    environment: Annotated[str | None, typer.Option(help="The environment's name.  [default: dev]")] = None,
    service: Annotated[str | None, typer.Option(help="The service's name.  [default: web]")] = None,
    port: Annotated[str | None, typer.Option(metavar="PORT", help="The port its container listens on.  [default: 8080]")] = None,
    build: Annotated[str | None, typer.Option(metavar="DIR", help="The directory with its Dockerfile.  [default: .]")] = None,
    pipeline: Annotated[bool, typer.Option("--pipeline", help="With a pipeline on a CodeCommit repository.")] = False,  # noqa: FBT002  a flag
) -> None:
    """Write a first spec, and the schema that lets editors help with it. What no flag says is asked on a terminal."""
    from bgspec import init, schema  # noqa: PLC0415  `--help` needs no compiler

    known = {
        "system": system,
        "region": region,
        "environment": environment,
        "service": service,
        "port": port,
        "build": build,
    }
    answers = init.ask(known, _prompt, partial(typer.echo, err=True)) if sys.stdin.isatty() else init.given(known)
    for line in init.write(path, init.Answers(**answers, pipeline=pipeline), schema.text()):
        typer.echo(line, err=True)


def _prompt(question: str, usual: str | None) -> str:
    try:
        return str(typer.prompt(question, default=usual, err=True))
    except typer.Abort as ended:  # Control-C, or the end of input
        raise KeyboardInterrupt from ended
