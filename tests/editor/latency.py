"""How long the editor waits for its answers, on the production example: `python tests/editor/latency.py`."""

import statistics
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from client import Server  # noqa: E402  the tests are no package

from bgspec.schema import text  # noqa: E402  as above

SPEC = ROOT / "tests/data/specs/production.yaml"


def places(spec: str) -> list[tuple[int, int]]:
    """The beginning of every key and of every value."""
    lines = [(number, line) for number, line in enumerate(spec.split("\n")) if ":" in line]
    return [place for number, line in lines for place in ((number, len(line) - len(line.lstrip())), (number, line.index(":") + 2))]


def main() -> None:
    """Ask for completion and for hover at every key and every value, and print the median and the slowest of each."""
    spec = SPEC.read_text(encoding="utf-8")
    with TemporaryDirectory() as directory:
        schema = Path(directory, "bgspec.schema.json")
        schema.write_text(text(), encoding="utf-8")
        started = time.perf_counter()
        with Server(schema) as server:
            print(f"schema {schema.stat().st_size:,} bytes; start to first diagnostics {(time.perf_counter() - started) * 1000:.0f} ms")
            uri = server.open(spec)
            for name, ask in (("completion", server.complete), ("hover", server.hover)):
                times = []
                for number, column in places(spec):
                    before = time.perf_counter()
                    ask(uri, {"line": number, "character": column})
                    times.append((time.perf_counter() - before) * 1000)
                print(f"{name}: median {statistics.median(times):.0f} ms, slowest {max(times):.0f} ms, {len(times)} positions")


if __name__ == "__main__":
    main()
