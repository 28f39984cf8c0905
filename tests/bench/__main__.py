"""`make bench`: what a run costs, beside peers that do the same, in one run on one machine. Writes docs/performance.md.

Times of different machines and days cannot be compared; ratios of one run can. Everything is a whole process of an installed program.
"""

import argparse
import json
import shutil
import statistics
import subprocess
from pathlib import Path

from tests.bench.clock import Measured, Program, Quartiles, alternate, quartiles
from tests.bench.environment import PEERS, PLACE, ROOT, Installed, install

ARTICLE = ROOT / "examples/article/bgspec.yaml"
PRODUCTION = ROOT / "examples/environments/bgspec.yaml"
OUT = PLACE / "out"

TO_JSON = """
import json, sys
from pathlib import Path
from cfnlint.decode.cfn_yaml import load
stacks = {path.stem: json.loads(json.dumps(load(str(path))))["Resources"] for path in sorted(Path(sys.argv[1]).glob("*.yaml"))}
Path(sys.argv[2]).write_text(json.dumps(stacks))
"""


def programs(installed: Installed) -> list[Program]:
    """Everything that is measured, the floor first."""
    python, bgspec = str(installed.python), str(installed.bgspec)

    def fresh() -> None:
        shutil.rmtree(OUT / "fresh", ignore_errors=True)

    found = [
        Program("the interpreter alone", [python, "-I", "-c", "pass"], PLACE),
        Program("bgspec --help", [bgspec, "--help"], PLACE),
        Program("bgspec validate, article", [bgspec, "validate", str(ARTICLE)], PLACE),
        Program("bgspec render, article", [bgspec, "render", str(ARTICLE), "-o", str(OUT / "fresh")], PLACE, before=fresh),
        Program("bgspec render, nothing changed", [bgspec, "render", str(ARTICLE), "-o", str(OUT / "same")], PLACE),
        Program("bgspec validate, production", [bgspec, "validate", str(PRODUCTION)], PLACE),
        Program("bgspec render, production", [bgspec, "render", str(PRODUCTION), "-o", str(OUT / "fresh")], PLACE, before=fresh),
    ]
    templates = [str(path) for path in sorted((OUT / "same/stacks").glob("*.yaml"))]
    found += [
        Program(
            "troposphere, the same environment", [python, str(PEERS / "troposphere_app.py"), str(PLACE / "stacks.json"), str(OUT)], PLACE
        ),
        Program(
            "cfn-lint, the smallest stack", [str(installed.python.with_name("cfn-lint")), str(OUT / "same/stacks/cluster.yaml")], PLACE
        ),
        Program("cfn-lint, all stacks", [str(installed.python.with_name("cfn-lint")), *templates], PLACE),
    ]
    if installed.node:
        quiet = {"CDK_DISABLE_VERSION_CHECK": "1", "CI": "true"}
        found += [
            Program("node alone", [installed.node, "-e", "0"], installed.cdk),
            Program("CDK app, without validation", [installed.node, "app.js"], installed.cdk, {**quiet, "CDK_VALIDATION": "false"}),
            Program("npx cdk synth, as it comes", ["npx", "cdk", "synth", "--quiet", "--app", "node app.js"], installed.cdk, quiet),
        ]
    return found


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    installed = install()
    OUT.mkdir(parents=True, exist_ok=True)
    subprocess.run([installed.bgspec, "render", str(ARTICLE), "-o", str(OUT / "same")], check=True, capture_output=True)
    subprocess.run([installed.python, "-c", TO_JSON, str(OUT / "same/stacks"), str(PLACE / "stacks.json")], check=True)
    measured = alternate(programs(installed), rounds)
    warm = subprocess.run(
        [installed.python, str(ROOT / "tests/bench/warm.py"), str(ARTICLE), str(PRODUCTION)],
        check=True,
        capture_output=True,
        text=True,
        cwd=PLACE,
    )
    text = report(measured, json.loads(warm.stdout), rounds)
    Path(ROOT / "docs/performance.md").write_text(text, encoding="utf-8")
    print(text)


def report(measured: dict[str, Measured], warm: dict, rounds: int) -> str:
    floor, *_ = measured.values()
    lines = [
        "# Performance",
        "",
        "Written by `make bench`: whole processes of installed programs, in turns, on one machine in one run. A ratio says how many",
        "times as long as the bare interpreter of the same environment (`python -I -c pass`) something takes. It is taken within each",
        "round, as a machine may get slower meanwhile: here stand the median and the quartiles of all rounds, and the median of the same",
        "ratio of the seconds of CPU, which a busy machine changes less.",
        "",
        f"| {rounds} rounds | ratio | quartiles | ratio of CPU | peak memory (MiB) |",
        "|---|---|---|---|---|",
    ]
    for one in measured.values():
        low, median, high = one.ratio(floor)
        processor = one.processor_ratio(floor).median
        lines.append(f"| {one.name} | {median:.1f} | {low:.1f} to {high:.1f} | {processor:.1f} | {one.peak:.0f} |")
    render = measured["bgspec render, article"]
    lines += ["", "Beside `bgspec render` of the same environment:", ""]
    for name in ("troposphere, the same environment", "cfn-lint, all stacks", "CDK app, without validation", "npx cdk synth, as it comes"):
        if name in measured:
            lines.append(f"- {name}: {measured[name].ratio(render).median:.1f} times as long")
    return "\n".join([*lines, *_warm(warm)]) + "\n"


def _warm(warm: dict) -> list[str]:
    sizes = warm["sizes"]
    per_service = [(sizes["10+0"] - sizes["1+0"]) / 9, (sizes["40+0"] - sizes["10+0"]) / 30, (sizes["40+60"] - sizes["40+0"]) / 60]
    one = warm["cores"]["1"]
    return [
        "",
        "## Warm",
        "",
        "In one process, after the first spec. Where quartiles stand in brackets: those of rounds in turns.",
        "",
        f"- distinct specs compiled and checked in a second of CPU, all files in memory: {_speed(warm['one_core'])}",
        f"- the same in a second on the clock, one process: {_speed(one)}",
        *(
            f"- in {count} processes: {_speed(many)}, {_scaling(many, one)} times as many"
            for count, many in warm["cores"].items()
            if count != "1"
        ),
        f"- peak memory after 1,000 specs over the peak after one: {warm['peaks'][1] / warm['peaks'][0]:.2f}",
        "",
        "What a spec is compiled in, in ms of CPU:",
        "",
        "| | YAML | overlays and models | plan | all checks | checks over parsing |",
        "|---|---|---|---|---|---|",
        *(_steps(name, rounds) for name, rounds in warm["steps"].items()),
        "",
        "Parsing is what leads from the file's bytes to a spec: its YAML with the place of every value, the overlays of its environments,",
        "and the models of the language.",
        "",
        "## More services",
        "",
        f"- 100 services, 40 of them behind the load balancer: {sizes['40+60']:.3f} s of CPU",
        "- one more service costs (ms of CPU): "
        + ", ".join(f"{cost * 1000:.2f}" for cost in per_service)
        + " from 1 to 10 and from 10 to 40 behind the load balancer, and for each of 60 workers",
        f"- linear fit over 1, 10 and 40 services: R² = {_fit([1, 10, 40], [sizes['1+0'], sizes['10+0'], sizes['40+0']]):.4f}",
    ]


def _speed(speeds: list[float]) -> str:
    low, median, high = quartiles(speeds)
    return f"{median:.0f} ({low:.0f} to {high:.0f})"


def _scaling(many: list[float], one: list[float]) -> Quartiles:
    return quartiles(together / alone for together, alone in zip(many, one, strict=True))


def _steps(name: str, rounds: list[list[float]]) -> str:
    """A line of the table of steps; a round holds the seconds that each of them took for one spec."""
    medians = " | ".join(f"{statistics.median(step) * 1000:.2f}" for step in zip(*rounds, strict=True))
    return f"| {name} | {medians} | {quartiles(checks / (text + models) for text, models, _, checks in rounds)} |"


def _fit(sizes: list[int], costs: list[float]) -> float:
    return statistics.correlation(sizes, costs) ** 2


if __name__ == "__main__":
    main()
