"""The shortest way to `validate` and `render`: a plain command line needs no parser, and loading one takes longer than compiling.

Whatever is not plain (`--help`, an unknown flag, a missing value) is left to the full command line in `cli`, which knows how to explain.
`tests/test_quick.py` shows that both read the same command line alike.
"""

from typing import Any

FORMATS = ("human", "json", "sarif", "github")

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
