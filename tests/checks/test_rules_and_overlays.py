"""A finding of a rule stands where the value stands, in the overlay or in the rest, and names the environment."""

import pytest

from bgspec.compiler import compile_spec

BASE = """\
bgspec: 1
system: shop
region: us-east-1
load_balancer:
  test: {allow: [203.0.113.0/24]}
services:
  web:
    image: {build: .}
    port: 8080
"""


def findings(text: str) -> list[tuple[str, int, str | None, list[int]]]:
    found = compile_spec(text.encode(), "spec.yaml").findings
    return [(one.code, one.span.line, one.environment, [span.line for _, span in one.related]) for one in found if one.severity != "info"]


@pytest.mark.parametrize(
    ("rest", "overlays", "expect"),
    [
        pytest.param(
            "    cpu: 256\n",
            "environments:\n  stg: {}\n  prd:\n    services: {web: {memory: 4096}}\n",
            [("BG501", 14, "prd", [10])],
            id="the overlay contradicts the rest",
        ),
        pytest.param(
            "    cpu: 512\n    memory: 4096\n",
            "environments:\n  stg: {}\n  prd:\n    services: {web: {cpu: 256}}\n",
            [("BG501", 11, "prd", [15])],
            id="the rest is contradicted by the overlay",
        ),
        pytest.param(
            "    cpu: 256\n    memory: 4096\n",
            "environments:\n  stg: {}\n  prd:\n    tags: {Owner: web}\n",
            [("BG501", 11, None, [10])],
            id="what is wrong everywhere is said once",
        ),
        pytest.param(
            "",
            "environments:\n  stg:\n    netwrok: {zones: 3}\n  prd:\n    network: {zones: 9}\n",
            [("BG201", 12, "stg", []), ("BG205", 14, "prd", [])],
            id="each overlay has a mistake of its own",
        ),
        pytest.param(
            "    environment: {PORT: 8080}\n",
            "environments:\n  stg: {services: {web: {port: 80}}}\n  prd: {services: {web: {environment: {PORT: null}}}}\n",
            [("BG506", 10, "stg", [12])],
            id="what an overlay removes is not there",
        ),
    ],
)
def test_a_finding_stands_where_the_value_does(rest, overlays, expect):
    assert findings(BASE + rest + overlays) == expect
