"""The two READMEs say the same, and what they say is so."""

import re

import pytest

from tests.corpus import ROOT, artifacts

READMES = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.ja.md")}


def commands(text: str) -> list[str]:
    """What a reader is told to type, without what is said about it."""
    return [line.partition("#")[0].strip() for line in text.splitlines() if line.startswith("$ ")]


def test_both_tell_the_same_commands_in_sections_of_the_same_order():
    english, japanese = READMES.values()
    assert commands(english) == commands(japanese)
    assert english.count("\n## ") == japanese.count("\n## ")
    for listed in (r"^\| `(stacks/[^|]+|buildspec[^|]+|deploy[^|]+)` \|", r"^\| (VS Code|Neovim|Helix|JetBrains) \|"):
        assert len(re.findall(listed, english, re.MULTILINE)) == len(re.findall(listed, japanese, re.MULTILINE)) > 0


@pytest.mark.parametrize("name", READMES)
def test_links_lead_somewhere(name):
    for place in re.findall(r"\]\(([^)#:]+)[)#]", READMES[name]):
        assert (ROOT / place).exists(), place


@pytest.mark.parametrize("name", READMES)
def test_every_file_of_the_article_is_explained(name):
    named = set(re.findall(r"`(?:stacks/)?([a-z-]+\.(?:policy\.json|ya?ml|json|sh))`", READMES[name]))
    made = {artifact.path.rpartition("/")[2] for artifact in artifacts("article")} - {"service-fargate.yaml"}
    assert made <= named


def test_the_figures_of_the_introduction():
    templates = [artifact.text for artifact in artifacts("article") if artifact.path.startswith("stacks/")]
    lines = sum(bool(line.strip()) and not line.lstrip().startswith("#") for text in templates for line in text.splitlines())
    roles = sum(text.count("AWS::IAM::Role") for text in templates)
    assert 1000 <= lines < 1200
    assert roles == 6
    assert all("six roles: a thousand lines" in text or "6 つの IAM ロール" in text for text in READMES.values())
