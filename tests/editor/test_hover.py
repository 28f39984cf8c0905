"""What the editor says about a key or a value."""

import re

import pytest
import yaml
from client import HERE, at_cursor

from tests.corpus import specs

CASES = yaml.safe_load((HERE / "hover.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_editor_explains(server, case):
    text, position = at_cursor(case["at"])
    told = server.hover(server.open(text), position)
    for wanted in case["says"]:
        assert wanted in told


def without_overrides(text):
    """The keys of `overrides:` are CloudFormation's; empty lines in their place."""
    return re.sub(r"(?m)^( *)overrides:\n(?:\1 .*\n|\n)*", lambda found: "\n" * found[0].count("\n"), text)


@pytest.mark.parametrize("name", specs())
def test_every_key_of_a_spec_is_explained(server, name):
    text = specs()[name].read_text(encoding="utf-8")
    uri = server.open(text)
    silent = []
    for number, line in enumerate(without_overrides(text).split("\n")):
        key = line.split("#")[0].strip().removeprefix("- ")
        if ":" in key and key[0].isalpha():
            told = server.hover(uri, {"line": number, "character": line.index(key) + 1})
            if not [part for part in told.split("\n\n") if part and not part.startswith(("####", "Source:"))]:
                silent.append(line)
    assert silent == []
