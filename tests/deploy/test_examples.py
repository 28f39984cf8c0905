"""Every example, deployed to the emulator as it stands."""

from pathlib import Path

import pytest

from bgspec import sandbox
from bgspec.compiler import compile_spec
from bgspec.deploy import preflight
from bgspec.deploy.units import environment
from tests.corpus import ROOT
from tests.deploy.bench import ACCOUNT, Bench
from tests.deploy.standing import settle

EXAMPLES = [
    (path, plan.environment)
    for path in sorted((ROOT / "examples").glob("*/bgspec.yaml"))
    for plan in compile_spec(path.read_bytes(), str(path), None).plans
]


@pytest.mark.parametrize(("path", "name"), EXAMPLES, ids=[f"{path.parent.name}-{name}" for path, name in EXAMPLES])
def test_an_example_is_applied_and_then_nothing_is_left_to_do(bench: Bench, path: Path, name: str) -> None:
    compilation = compile_spec(path.read_bytes(), str(path), name)
    (plan,) = compilation.plans
    account = plan.account or ACCOUNT
    sandbox.seed(bench.server.url, account, plan.region.name, list(preflight.named(environment(compilation, plan), account)))
    for service in plan.services:
        for _, build in service.built:
            (bench.directory / build.context).mkdir(parents=True, exist_ok=True)
    given = (str(path), "--env", name, "--sandbox")
    result = bench.run("apply", *given, "--yes", "--source", str(bench.directory))
    assert result.code == 0, result.err
    assert "NOT OK" not in result.err
    settle(bench, account, plan.region.name)  # what the pipeline deploys as soon as it stands
    assert bench.run("plan", *given, "--exit-code").code == 0
    assert bench.run("status", *given).code == 0
