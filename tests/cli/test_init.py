"""A first spec validates, says where its schema is, and is never written over another."""

import json
import subprocess
import sys

import pytest
from typer.testing import CliRunner

from bgspec import init
from bgspec.cli import app
from bgspec.compiler import compile_spec
from bgspec.errors import UsageError
from bgspec.schema import text


@pytest.mark.parametrize("pipeline", [False, True])
def test_it_validates(pipeline):
    spec = init.first_spec(init.Answers("shop", "eu-central-1", pipeline=pipeline))
    assert [found for found in compile_spec(spec.encode(), "spec").findings if found.severity == "error"] == []


@pytest.mark.parametrize("word", ["no", "true", "null", "a: b", "x\ny: z", "#", "'", '"', "*a", "{{ x }}", "1"])
def test_an_answer_is_one_value_whatever_it_is(word):
    answers = init.Answers("shop", "eu-central-1")
    for field in ("system", "region", "environment", "service", "build", "port"):
        spec = init.first_spec(answers._replace(**{field: word}))
        findings = compile_spec(spec.encode(), "spec").findings
        assert not [found for found in findings if found.code < "BG200"], "it is YAML"
        assert not [found for found in findings if found.code == "BG201"], "no key of the user's slipped in"


def test_it_writes_the_spec_and_its_schema_once(tmp_path):
    spec = tmp_path / "bgspec.yaml"
    answers = init.Answers("shop", "eu-central-1")
    assert len(init.write(spec, answers, text())) == 2
    lines = spec.read_text(encoding="utf-8").splitlines()
    assert lines[:2] == ["# yaml-language-server: $schema=bgspec.schema.json", "# $schema: ./bgspec.schema.json"]
    assert json.loads((tmp_path / "bgspec.schema.json").read_text(encoding="utf-8"))["$id"]
    before = spec.read_bytes()
    with pytest.raises(UsageError, match="nothing was written"):
        init.write(spec, answers._replace(system="other"), text())
    assert spec.read_bytes() == before


def test_another_schema_is_kept(tmp_path):
    (tmp_path / "bgspec.schema.json").write_text("{}", encoding="utf-8")
    told = init.write(tmp_path / "bgspec.yaml", init.Answers("shop", "eu-central-1"), text())
    assert "bgspec schema" in told[1]
    assert (tmp_path / "bgspec.schema.json").read_text(encoding="utf-8") == "{}"


def test_wrong_answers_write_nothing(tmp_path):
    with pytest.raises(UsageError, match="Did you mean"):
        init.write(tmp_path / "bgspec.yaml", init.Answers("shop", "eu-central-9"), text())
    assert list(tmp_path.iterdir()) == []


def test_questions_are_asked_until_they_are_answered():
    replies = iter(["Shop", "shop", "mars", "eu-central-1", "dev", "web", "http", "8080", "."])
    refused = []
    answers = init.ask(dict.fromkeys(init.QUESTIONS), lambda _question, _usual: next(replies), refused.append)
    assert init.Answers(**answers) == init.Answers("shop", "eu-central-1")
    assert len(refused) == 3


def test_what_a_flag_said_is_not_asked():
    known = dict.fromkeys(init.QUESTIONS, "x")
    assert init.ask(known, lambda *_: pytest.fail("asked"), print)["system"] == "x"


def test_without_a_terminal_flags_must_say_it(tmp_path):
    command = [sys.executable, "-m", "bgspec", "init", str(tmp_path / "s.yaml"), "--region", "us-east-1"]
    run = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "--system" in run.stderr
    assert not list(tmp_path.iterdir())


def test_the_schema_is_printed_or_written(tmp_path):
    assert CliRunner().invoke(app, ["schema"]).stdout == text()
    assert CliRunner().invoke(app, ["schema", "--output", str(tmp_path / "x.json")]).exit_code == 0
    assert (tmp_path / "x.json").read_text(encoding="utf-8") == text()
