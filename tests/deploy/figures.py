"""`python -m tests.deploy.figures`: how long apply takes over what the order of the stacks demands, and what many environments cost.

The emulator runs in a process of its own, and so does what is measured. Times are of one machine on one day; ratios say more.
"""

import argparse
import io
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from bgspec import sandbox
from bgspec.compiler import compile_spec
from bgspec.deploy import preflight
from bgspec.deploy.apply import Apply, Options
from bgspec.deploy.aws import Aws, Target
from bgspec.deploy.show import Show
from bgspec.deploy.units import environment
from tests.corpus import ROOT
from tests.deploy.bench import ACCOUNT, ARTICLE, REGION, SMALL

SLOW = {"network": 12, "endpoints": 30, "load-balancer": 60, "service-fargate": 45, "pipeline": 10}
"""Emulated seconds that each step of a stack takes longer than the emulator's own; 8 where nothing is said: minutes, as on AWS."""


def makespan(directory: Path, speed: float) -> None:
    """Wall time of apply over the critical path of its steps and over their sum, with latencies put into the emulator.

    How long each step takes without apply's own share is measured first, one after another, by looking all the time.
    """
    spec = directory / "bgspec.yaml"
    spec.write_text(ARTICLE, "utf-8")
    (directory / "container").mkdir()
    (directory / "container" / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    compilation = compile_spec(ARTICLE.encode(), str(spec), None)
    found = environment(compilation, compilation.plans[0])

    def slow() -> str:
        url = sandbox.start(found.name)
        sandbox.settings(url, speed=speed, slow={unit.name: SLOW.get(unit.key, 8) for unit in found.units})
        return url

    aws = Aws(Target(REGION, None, slow(), ACCOUNT))
    voice = Show(io.StringIO()).voice("")
    run = Apply(found, aws, ACCOUNT, Options(directory), voice, threading.Event())
    run.formation.pause = 0.002
    needs, took, ends = run._steps(), {}, {}  # noqa: SLF001  the graph that is measured
    while len(ends) < len(needs):
        step = next(one for one in needs if one not in ends and ends.keys() >= set(needs[one]))
        begun = time.monotonic()
        assert run._step(step)  # noqa: SLF001  one of its steps
        took[step] = time.monotonic() - begun
        ends[step] = took[step] + max((ends[other] for other in needs[step]), default=0.0)
    sandbox.stop(found.name)

    slow()
    begun = time.monotonic()
    shown = _bgspec("apply", str(spec), "--sandbox", "--yes")
    wall = time.monotonic() - begun
    sandbox.stop(found.name)
    span, path, whole = _span(shown), max(ends.values()), sum(took.values())
    print(f"makespan: {span:.1f} s from the first step's beginning to the last one's end ({wall:.1f} s with start, look and checks)")
    print(f"  critical path of the steps: {path:.1f} s: ratio {span / path:.3f}")
    print(f"  one after another: {whole:.1f} s: saving {100 * (1 - span / whole):.0f} %")


def _large(example: str, name: str) -> str:
    """An example as one environment of this name."""
    text = (ROOT / "examples" / example / "bgspec.yaml").read_text("utf-8").partition("\nenvironments:")[0]
    return re.sub(r"^system: .*(\nenvironment: .*)?", f"system: shop\nenvironment: {name}", text, flags=re.MULTILINE)


def _specs(directory: Path, count: int, url: str) -> list[str]:
    """So many environments: in ten of them a production environment, one of four services with a pipeline, and eight small ones."""
    for sources in ("api", "web", "mailer", "report"):
        (directory / sources).mkdir()
        (directory / sources / "Dockerfile").write_text("FROM scratch\n", "utf-8")
    files = []
    for number in range(count):
        path, name = directory / f"e{number}.yaml", f"e{number}"
        kinds = {3: _large("environments", name), 7: _large("services-and-worker", name)}
        path.write_text(kinds.get(number % 10, SMALL.replace("environment: dev", f"environment: {name}")), "utf-8")
        compilation = compile_spec(path.read_bytes(), str(path), None)
        (plan,) = compilation.plans
        account = plan.account or ACCOUNT
        sandbox.seed(url, account, plan.region.name, list(preflight.named(environment(compilation, plan), account)))
        files.append(str(path))
    return files


def many(directory: Path, count: int, speed: float) -> None:
    """So many environments by one command."""
    os.environ["BGSPEC_SANDBOX_URL"] = url = sandbox.start("many")
    quotas = {"L-F678F1CE": count, "L-0263D0A3": 3 * count, "L-53DA6B97": count, "L-3032A538": 100}
    sandbox.settings(url, speed=speed, slow={}, quotas=quotas)
    files = _specs(directory, count, url)
    begun = time.monotonic()
    shown = _bgspec("apply", *files, "--sandbox", "--yes")
    wall = time.monotonic() - begun
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024  # of children that have ended: the emulator is not among them
    del os.environ["BGSPEC_SANDBOX_URL"]
    sandbox.stop("many")
    spans = [_span(shown, f"shop-e{number} ") for number in range(count)]
    print(f"{count} environments: {wall:.1f} s, {wall / count:.2f} s each; the process's peak memory {peak:.0f} MB")
    for kind, one in {"small": 0, "production": 3, "four services and a pipeline": 7}.items():
        found = [span for number, span in enumerate(spans) if (number % 10 if number % 10 in {3, 7} else 0) == one]
        if found:
            print(f"  {kind}: {len(found)} of them, from the first stack to the last {min(found):.0f} to {max(found):.0f} s")
    print(f"  {next(line for line in shown.splitlines() if 'environments are' in line)}")


def _bgspec(*arguments: str) -> str:
    stamped = "import sys, time\nfrom bgspec.deploy import show\nshow.clock = lambda seconds: f'{seconds:.3f}'\n"
    code = f"{stamped}from bgspec.__main__ import main\nsys.exit(main())"
    done = subprocess.run([sys.executable, "-c", code, *arguments], stderr=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return done.stderr


def _span(shown: str, name: str = "") -> float:
    """Seconds between the first and the last thing that was said of steps, of one environment where there are many."""
    found = [float(at) for at in re.findall(rf"^ *([\d.]+)  {name}", shown, re.MULTILINE)]
    return found[-1] - found[0]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.deploy.figures", description=__doc__)
    parser.add_argument("--count", type=int, default=100, help="environments at once")
    parser.add_argument("--speed", type=float, default=60.0, help="emulated seconds in one real second")
    parser.add_argument("--only", choices=["makespan", "many"], help="one of the two measurements")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as directory:
        os.environ["BGSPEC_SANDBOX_DIR"] = directory
        try:
            if not chosen.only or chosen.only == "makespan":
                makespan(Path(tempfile.mkdtemp(dir=directory)), chosen.speed)
            if not chosen.only or chosen.only == "many":
                many(Path(tempfile.mkdtemp(dir=directory)), chosen.count, chosen.speed)
        finally:
            os.environ.pop("BGSPEC_SANDBOX_URL", None)
            for state in Path(directory).glob("*.json"):
                sandbox.stop(state.stem)
    return 0


if __name__ == "__main__":
    sys.exit(main())
