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
Formats = Literal["human", "json", "sarif", "github"]
Format = Annotated[Formats, typer.Option("--format", help="How findings are printed.")]


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


Spec = Annotated[str, typer.Argument(metavar="SPEC", help="A spec file; `-` is standard input.")]
Profile = Annotated[str | None, typer.Option("--profile", metavar="NAME", help="A profile of the AWS CLI's configuration.")]
Region = Annotated[str | None, typer.Option("--region", metavar="NAME", help="Refuse to go on where the spec names another Region.")]
Sandbox = Annotated[bool, typer.Option("--sandbox", help="Against an emulator on this machine: no account, no network.")]
Allow = Annotated[
    list[str] | None, typer.Option("--allow", metavar="STACK/RESOURCE", help="What may be replaced or deleted; can be given several times.")
]
Adopt = Annotated[bool, typer.Option("--adopt", help="Take back what an earlier destroy kept: it becomes part of its stack as it is.")]


@app.command("plan")
def show_plan(  # noqa: PLR0913, PLR0917  a command's flags
    spec: Spec,
    env: Env = None,
    output: Annotated[Formats, typer.Option("--format", help="The plan, or (sarif, github) only what is wrong.")] = "human",
    exit_code: Annotated[bool, typer.Option("--exit-code", help="Exit 10 when anything would change.")] = False,  # noqa: FBT002  a flag
    allow: Allow = None,
    adopt: Adopt = False,  # noqa: FBT002  a flag
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = False,  # noqa: FBT002  a flag
) -> None:
    """Say what apply would do, per stack and per service. Changes nothing."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    where = commands.Where(env, profile, region, sandbox)
    choices = commands.Choices(allow=frozenset(allow or ()), adopt=adopt)
    raise typer.Exit(commands.plan(spec, where, choices, output=output, exit_code=exit_code))


@app.command()
def apply(  # noqa: PLR0913, PLR0917  a command's flags
    specs: Specs,
    env: Env = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,  # noqa: FBT002  a flag
    source: Annotated[
        str | None, typer.Option("--source", metavar="DIR", help="The root of the sources.  [default: beside the spec]")
    ] = None,
    allow: Allow = None,
    adopt: Adopt = False,  # noqa: FBT002  a flag
    protect: Annotated[bool, typer.Option("--protect", help="Give the stacks termination protection.")] = False,  # noqa: FBT002  a flag
    commit: Annotated[bool, typer.Option("--commit", help="Commit what the pipeline deploys from, in CodeCommit.")] = False,  # noqa: FBT002  a flag
    profile: Profile = None,
    tools_profile: Annotated[
        str | None, typer.Option("--tools-profile", metavar="NAME", help="A profile for the tools account: its half follows at once.")
    ] = None,
    region: Region = None,
    sandbox: Sandbox = False,  # noqa: FBT002  a flag
) -> None:
    """Bring environments to what their specs say: change sets, in the order of their dependencies, in parallel."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    where = commands.Where(env, profile, region, sandbox, tools_profile)
    choices = commands.Choices(source, frozenset(allow or ()), protect, commit, adopt)
    raise typer.Exit(commands.apply(specs, where, choices, yes=yes))


@app.command()
def status(  # noqa: PLR0913, PLR0917  a command's flags
    spec: Spec,
    env: Env = None,
    output: Annotated[Literal["human", "json"], typer.Option("--format", help="For people or for programs.")] = "human",
    watch: Annotated[bool, typer.Option("--watch", help="Again and again, until Ctrl-C.")] = False,  # noqa: FBT002  a flag
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = False,  # noqa: FBT002  a flag
) -> None:
    """Show what runs now: stacks, live colour, weights, tasks, image, last deployment."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    raise typer.Exit(commands.status(spec, commands.Where(env, profile, region, sandbox), output=output, watch=watch))


@app.command()
def destroy(  # noqa: PLR0913, PLR0917  a command's flags
    spec: Spec,
    env: Env = None,
    confirm: Annotated[str | None, typer.Option("--confirm", metavar="NAME", help="Its name, where nobody can type it.")] = None,
    delete_data: Annotated[bool, typer.Option("--delete-data", help="Also what holds data: repositories, buckets, logs.")] = False,  # noqa: FBT002  a flag
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = False,  # noqa: FBT002  a flag
) -> None:
    """Take an environment away: previewed, in order, after its name was typed."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    where = commands.Where(env, profile, region, sandbox)
    raise typer.Exit(commands.destroy(spec, where, confirm=confirm, delete_data=delete_data))


@app.command()
def release(  # noqa: PLR0913, PLR0917  a command's flags
    spec: Spec,
    action: Annotated[Literal["continue", "stop", "rollback"], typer.Argument(help="Go on, end it, or go back to what ran before.")],
    service: Annotated[str | None, typer.Option("--service", metavar="NAME", help="Which one, where there are several.")] = None,
    env: Env = None,
    profile: Profile = None,
    region: Region = None,
    sandbox: Sandbox = False,  # noqa: FBT002  a flag
) -> None:
    """Answer a deployment that waits, stop one that runs, or take the last one back."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    raise typer.Exit(commands.release(spec, commands.Where(env, profile, region, sandbox), action, service))


emulator = typer.Typer(help="The emulator behind --sandbox, by hand.", no_args_is_help=True)
app.add_typer(emulator, name="sandbox")


@emulator.command("start")
def start_sandbox(spec: Spec, env: Env = None) -> None:
    """Start the environment's emulator unless it runs, and print its URL."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    raise typer.Exit(commands.start_sandbox(spec, env))


@emulator.command("stop")
def stop_sandbox(spec: Spec, env: Env = None) -> None:
    """End the environment's emulator and everything in it."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    raise typer.Exit(commands.stop_sandbox(spec, env))


@emulator.command("url")
def show_sandbox(spec: Spec, env: Env = None) -> None:
    """Print the URL of the environment's emulator."""
    from bgspec.deploy import commands  # noqa: PLC0415  only these commands need boto3

    raise typer.Exit(commands.show_sandbox(spec, env))


def _prompt(question: str, usual: str | None) -> str:
    try:
        return str(typer.prompt(question, default=usual, err=True))
    except typer.Abort as ended:  # Control-C, or the end of input
        raise KeyboardInterrupt from ended
