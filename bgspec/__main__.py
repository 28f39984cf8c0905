"""`python -m bgspec` and the `bgspec` command: the one place that ends the process."""

import sys

from bgspec.errors import BgspecError


def main() -> int:
    """Run the command line and give its exit code; nothing ends in a traceback."""
    from bgspec.cli import app  # noqa: PLC0415  what fails while loading is caught below too

    try:
        app()
    except BgspecError as error:
        print(f"bgspec: {error}", file=sys.stderr)  # noqa: T201  the last words
        return error.exit_code
    except KeyboardInterrupt:
        print("bgspec: interrupted", file=sys.stderr)  # noqa: T201  the last words
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
