"""What the editor underlines while a spec is written."""

import pytest
import yaml
from client import HERE

from tests.checks.base import complete
from tests.corpus import specs

CASES = yaml.safe_load((HERE / "diagnostics.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_editor_says(server, case):
    text = complete(case["spec"])
    told = [f"{found.line} {found.word}: {found.message}" for found in server.problems(server.open(text), text)]
    assert len(told) == len(case["told"]), told
    for found, wanted in zip(sorted(told), sorted(case["told"]), strict=True):
        assert found.startswith(wanted)


@pytest.mark.parametrize("name", specs())
def test_a_good_spec_has_no_underlined_word(server, name):
    text = specs()[name].read_text(encoding="utf-8")
    assert server.problems(server.open(text), text) == []


def test_an_empty_file_is_told_what_it_needs(server):
    told = {problem.message for problem in server.problems(server.open(""), "")}
    assert told == {f'Missing property "{key}".' for key in ("bgspec", "system", "environment", "region", "services")}


@pytest.mark.parametrize(("text", "offered"), [("network:\n  eggress: nat\n", "egress"), ("network:\n  egress: natt\n", "nat")])
def test_a_mistake_can_be_mended_at_a_click(server, text, offered):
    text = complete(text)
    assert offered in server.fixes(server.open(text), text)
