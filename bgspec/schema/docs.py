"""Writes what the repository keeps of the language: `python -m bgspec.schema.docs`."""

from pathlib import Path

from bgspec.schema import language, text

FILES = {"schemas/bgspec.schema.json": text, "docs/language.md": language.page}
"""What lies where, and what makes it."""


def main(root: Path = Path()) -> None:
    """Write every generated file below `root`."""
    for path, make in FILES.items():
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text(make(), encoding="utf-8", newline="")


if __name__ == "__main__":
    main()
