"""The specs whose output is kept under tests/golden/, to be read in reviews and compared in tests."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from bgspec.compiler import compile_spec
from bgspec.render import Artifact

ROOT = Path(__file__).resolve().parent.parent
GOLDEN = ROOT / "tests/golden"


def specs() -> dict[str, Path]:
    """Every spec with a golden, by the golden's name: those of tests/specs/ and those of the examples."""
    return {path.stem: path for path in sorted((ROOT / "tests/specs").glob("*.yaml"))} | {
        f"example-{path.parent.name}": path for path in sorted((ROOT / "examples").glob("*/bgspec.yaml"))
    }


@cache
def artifacts(name: str) -> tuple[Artifact, ...]:
    """What a spec compiles to now."""
    return compiled(specs()[name].read_bytes())


def compiled(data: bytes) -> tuple[Artifact, ...]:
    """What a valid spec compiles to; AssertionError with the findings for any other."""
    compilation = compile_spec(data, "spec.yaml")
    assert not compilation.errors, compilation.findings
    return compilation.artifacts()


def kept(name: str) -> Iterator[tuple[str, Path]]:
    """The files of a golden: their paths as artifacts have them, and where they lie."""
    root = GOLDEN / name
    for path in sorted(root.rglob("*")):
        if path.is_file():
            yield path.relative_to(root).as_posix(), path
