"""`python -m bgspec` and the `bgspec` command: the one place that ends the process."""

import gc
import sys

from bgspec.errors import BgspecError

COLLECT_AFTER = 50_000
"""New objects. Loading and compiling leave no cycles behind; to look for some after every 700 objects takes a twentieth of a run."""


def main() -> int:
    """Run the command line and give its exit code; nothing ends in a traceback."""
    gc.set_threshold(COLLECT_AFTER)
    try:
        code = _run(sys.argv[1:])
        sys.stdout.flush()
    except BgspecError as error:
        return _end(f"bgspec: {error}", error.exit_code)
    except KeyboardInterrupt:
        return _end("bgspec: interrupted", 130)
    except BrokenPipeError:  # whoever read our output has seen enough
        _give_up_output()
        return 0
    except OSError as error:  # files are spoken of where they are read and written; what is left is the output
        _give_up_output()
        return _end(f"bgspec: {error.filename or 'standard output'}: {error.strerror or error}", 2)
    except Exception:  # noqa: BLE001  the last net: a bug is told as one
        return _bug()
    return code


def _give_up_output() -> None:
    """What is still in the buffer goes nowhere; otherwise Python would try to write it once more, and complain."""
    import os  # noqa: PLC0415  seldom needed

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _run(arguments: list[str]) -> int:
    from bgspec import quick  # noqa: PLC0415  what fails while loading is caught too

    usage = quick.usage(sys.argv[0], arguments)
    if usage:
        sys.stdout.write(usage)
        return 0
    plain = quick.parse(arguments)
    if plain:
        from bgspec import commands  # noqa: PLC0415  as above

        command, given = plain
        return int(getattr(commands, command)(**given))
    from bgspec.cli import app  # noqa: PLC0415  as above

    try:
        app()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0 if ended.code is None else 2
    return 0


def _end(line: str, code: int) -> int:
    sys.stderr.write(f"{line}\n")
    return code


def _bug() -> int:
    import traceback  # noqa: PLC0415  only a bug needs it

    from bgspec import __version__  # noqa: PLC0415  as above

    where = traceback.extract_tb(sys.exc_info()[2])[-1]
    kind, value, _ = sys.exc_info()
    return _end(
        f"bgspec {__version__}: a bug in bgspec, not in your spec. Please report it with this line and the spec:\n"
        f"  {kind.__name__ if kind else '?'}: {value} ({where.name}, {where.filename.rpartition('/')[2]}:{where.lineno},"
        f" Python {sys.version.split()[0]})",
        70,
    )


if __name__ == "__main__":
    sys.exit(main())
