"""Runs inside the measured environment: what a spec costs in a process that is already warm. Prints JSON."""

import gc
import json
import os
import resource
import statistics
import sys
import time

from bgspec.__main__ import COLLECT_AFTER
from bgspec.checks import Environment, run
from bgspec.commands import outcomes_of
from bgspec.compiler import compile_spec
from bgspec.document import parse
from bgspec.overlays import views
from bgspec.plan import resolve
from bgspec.spec.read import read


def distinct(article: bytes, number: int) -> list[tuple[str, bytes]]:
    return [(f"{index}.yaml", article.replace(b"environment: stg", b"environment: e%d" % index)) for index in range(number)]


def services(number: int, workers: int) -> bytes:
    """One environment with `number` services behind the load balancer and `workers` without a port."""
    lines = ["bgspec: 1", "system: fleet", "environment: prd", "region: eu-central-1", "services:"]
    for index in range(number):
        lines += [f"  web{index}:", "    image: {build: app}", "    port: 8080"]
        lines += [] if index == 0 else ["    routes:", f"      - path: /s{index}/*", f"        priority: {index}"]
    for index in range(workers):
        lines += [f"  worker{index}:", "    image: {build: app}"]
    lines += ["pipeline:", "  source:", "    provider: codecommit"]
    return ("\n".join(lines) + "\n").encode()


def cost(function, rounds=5):
    function()
    runs = []
    for _ in range(rounds):
        start = time.process_time()
        function()
        runs.append(time.process_time() - start)
    return statistics.median(runs)


def steps(data, specs):
    """Seconds of CPU for each step of compiling one spec, in the order of `compile_spec`: each finds the caches as the last left them."""
    spent = [0.0] * 4
    for _ in range(specs):
        times = [time.process_time()]
        document = parse(data, "spec.yaml")
        times.append(time.process_time())
        environments = [(read(view.tree).spec, view.tree) for view in views(document)[0]]
        times.append(time.process_time())
        planned = [(spec, resolve(spec, shared=len(environments) > 1), tree) for spec, tree in environments]
        times.append(time.process_time())
        for one in planned:
            run(Environment(*one))
        times.append(time.process_time())
        spent = [total + after - before for total, before, after in zip(spent, times, times[1:], strict=False)]
    return [total / specs for total in spent]


def checked(data):
    compilation = compile_spec(data, "spec.yaml")
    assert not compilation.errors, compilation.findings[:3]
    return compilation.artifacts()


def main():
    gc.set_threshold(COLLECT_AFTER)  # as the `bgspec` command does
    article, production = (open(path, "rb").read() for path in sys.argv[1:])  # noqa: SIM115, PTH123  a script of a few lines
    peak_of_one = checked(article) and resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    files = distinct(article, 1000)
    one_core = []
    for first in range(0, len(files), 100):
        start = time.process_time()
        for name, data in files[first : first + 100]:
            compile_spec(data, name).artifacts()
        one_core.append(100 / (time.process_time() - start))
    peak_of_many = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    available = os.cpu_count() or 1
    cores = {processes: [] for processes in sorted({1, 2, 4, available}) if processes <= available}
    for _ in range(5):
        for processes, speeds in cores.items():
            start = time.perf_counter()
            outcomes_of(files, artifacts=True, processes=processes)
            speeds.append(len(files) / (time.perf_counter() - start))
    taken = {"article": [], "production": []}
    for _ in range(15):
        for rounds, data in zip(taken.values(), (article, production), strict=True):
            rounds.append(steps(data, 50))
    sizes = {
        f"{number}+{workers}": cost(lambda n=number, w=workers: checked(services(n, w)))
        for number, workers in [(1, 0), (10, 0), (40, 0), (40, 60)]
    }
    print(
        json.dumps(
            {"one_core": one_core, "cores": cores, "peaks": [peak_of_one / 1024, peak_of_many / 1024], "steps": taken, "sizes": sizes}
        )
    )


if __name__ == "__main__":
    main()
