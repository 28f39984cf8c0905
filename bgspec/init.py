"""`bgspec init`: a first spec that validates, and beside it the schema that lets an editor help from the first key on.

The schema is a copy beside the spec, to be committed with it: completion then works offline, in every clone, for colleagues who have not
installed bgspec, and for exactly the version of the language that the spec was written in. A path into one person's installation would do
none of that, an address on the internet not the first. `bgspec schema --output bgspec.schema.json` renews the copy.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from bgspec.compiler import compile_spec
from bgspec.diagnostics import Finding
from bgspec.document import parse
from bgspec.errors import UsageError

SCHEMA = "bgspec.schema.json"
"""The schema's name beside a spec."""


class Answers(NamedTuple):
    """What only the user can know, each as it will stand in the spec."""

    system: str
    region: str
    environment: str = "dev"
    service: str = "web"
    port: str = "8080"
    build: str = "."
    pipeline: bool = False
    """Whether a pipeline builds and deploys every commit of a CodeCommit repository."""


QUESTIONS = {
    "system": "What is the system called? Every resource's name begins with it",
    "region": "In which AWS Region does it run",
    "environment": "Which environment is this",
    "service": "What is the service called",
    "port": "On which port does its container listen",
    "build": "In which directory is its Dockerfile",
}
"""What is asked on a terminal, by the field of `Answers`."""


def ask(known: dict[str, str | None], prompt: Callable[[str, str | None], str], refuse: Callable[[str], None]) -> dict[str, Any]:
    """Ask for what is not known yet, each question until its answer is one.

    Args:
        known: what flags said; None where they said nothing.
        prompt: asks a question, with the answer that stands for pressing return.
        refuse: says what is wrong with an answer.
    """
    answers: dict[str, Any] = {name: value for name, value in known.items() if value is not None}
    for name, question in QUESTIONS.items():
        if name in answers:
            continue
        usual = Answers._field_defaults.get(name)
        answers[name] = prompt(question, usual)
        while wrong := mistakes(Answers(**{"system": "x", "region": "us-east-1", **answers})):
            refuse(wrong[0].help)
            answers[name] = prompt(question, usual)
    return answers


def given(known: dict[str, str | None]) -> dict[str, Any]:
    """What flags said, where nobody can be asked.

    Raises:
        UsageError: something is missing that has no default.
    """
    missing = [f"--{name}" for name in QUESTIONS if known[name] is None and name not in Answers._field_defaults]
    if missing:
        raise UsageError(f"there is no terminal to ask on: give {' and '.join(missing)}")
    return {name: value for name, value in known.items() if value is not None}


def mistakes(answers: Answers) -> tuple[Finding, ...]:
    """What bgspec would say about the spec; empty where it is a good one."""
    found = compile_spec(first_spec(answers).encode(), "the answers").findings
    return tuple(finding for finding in found if finding.severity == "error")


def first_spec(answers: Answers) -> str:
    """The text of the spec."""
    port = answers.port if answers.port.isdigit() else json.dumps(answers.port)
    pipeline = """
pipeline:  # builds and deploys every commit
  source:
    provider: codecommit
    branch: main
"""
    return f"""\
# yaml-language-server: $schema={SCHEMA}
# $schema: ./{SCHEMA}
# The two lines above let editors complete, explain and check this file (the first: VS Code, Neovim, Helix, Emacs; the second: JetBrains).
bgspec: 1
system: {_scalar(answers.system)}
environment: {_scalar(answers.environment)}
region: {_scalar(answers.region)}

services:
  {_scalar(answers.service)}:
    image:
      build: {_scalar(answers.build)}  # the directory with the Dockerfile
    port: {port}
{pipeline if answers.pipeline else ""}
# Everything else has a default. An editor shows what there is at any place (Ctrl+Space); `bgspec validate` finds what is wrong,
# `bgspec render` writes everything that this file compiles to, every default with its reason.
"""


def write(path: Path, answers: Answers, schema: str) -> tuple[str, ...]:
    """Write the spec and its schema; what there is to say about it.

    Raises:
        UsageError: there is a spec already, the answers make no good one, or the directory cannot be written to.
    """
    wrong = mistakes(answers)
    if wrong:
        raise UsageError("; ".join(f"{finding.message} {finding.help}" for finding in wrong))
    beside = path.with_name(SCHEMA)
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            file.write(first_spec(answers))
        old = beside.read_text(encoding="utf-8") if beside.exists() else None
        if old is None:
            beside.write_text(schema, encoding="utf-8", newline="")
    except FileExistsError:
        raise UsageError(f"{path} is there already; nothing was written") from None
    except OSError as error:
        raise UsageError(f"{path}: {error.strerror}") from error
    kept = f"{beside} was there already and is kept; `bgspec schema --output {beside}` brings it up to date"
    return (f"{path} is a first spec", *([kept] if old not in {None, schema} else [f"{beside} tells editors what may stand in it"]))


def _scalar(text: str) -> str:
    """Text as YAML: quoted where it would be read as something else."""
    return text if parse(f"x: {text}".encode(), "").tree == {"x": text} else json.dumps(text, ensure_ascii=False)
