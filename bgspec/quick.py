"""The shortest way to `validate`, `render` and `--help`: a plain command line needs no parser, and loading one takes longer than compiling.

Whatever is not plain (an unknown flag, a missing value) is left to the full command line in `cli`, which knows how to explain.
`tests/cli/test_quick.py` shows that both read the same command line alike, and give the same help.
"""

import os
from importlib import import_module
from typing import Any

FORMATS = ("human", "json", "sarif", "github")

WIDE = 80
"""Columns of a terminal from which on help looks the same on all of them."""

_VALUES = {
    "validate": {"--env": "env", "--format": "output"},
    "render": {"--env": "env", "--format": "output", "-o": "directory", "--output": "directory"},
}
_FLAGS: dict[str, dict[str, str]] = {"validate": {}, "render": {"--check": "check", "--force": "force"}}


def parse(arguments: list[str]) -> tuple[str, dict[str, Any]] | None:
    """The command and its arguments, or None where the full command line must look."""
    if not arguments or arguments[0] not in _VALUES:
        return None
    command, rest = arguments[0], iter(arguments[1:])
    given: dict[str, Any] = {}
    specs = []
    for argument in rest:
        name, equals, value = argument.partition("=") if argument.startswith("--") else (argument, "", "")
        if not argument.startswith("-") or argument == "-":
            specs.append(argument)
        elif argument in _FLAGS[command]:
            given[_FLAGS[command][argument]] = True
        elif name in _VALUES[command]:
            found = value if equals else next(rest, None)
            if found is None or (found.startswith("-") and not equals):
                return None
            given[_VALUES[command][name]] = found
        else:
            return None
    if not specs or given.get("output", "human") not in FORMATS or (command == "render" and "directory" not in given):
        return None
    return command, {"specs": specs, **given}


def usage(program: str, arguments: list[str]) -> str | None:
    """What `bgspec --help` says, where it was written down when the package was built; None where the full command line must lay it out.

    Args:
        program: how this process was started: help begins with that.
        arguments: what follows.
    """
    if program.rpartition("/")[2] != "bgspec" or arguments != ["--help"] or columns() < WIDE:
        return None
    try:
        return str(import_module("bgspec.written.usage").TEXT)
    except ImportError:
        return None


def columns() -> int:
    """How wide the terminal is, as `shutil` tells it, which loads every format of archives."""
    try:
        width = int(os.environ.get("COLUMNS", ""))
    except ValueError:
        width = 0
    if width > 0:
        return width
    try:
        return os.get_terminal_size(1).columns or WIDE
    except OSError:  # no terminal
        return WIDE
