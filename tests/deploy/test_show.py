"""What apply shows: a table in its place on a terminal, lines elsewhere."""

import io
import re
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgspec.deploy import commands, usual
from bgspec.deploy.screen import Screen
from bgspec.deploy.show import Show
from tests.deploy.bench import SMALL, Bench
from tests.deploy.terminal import run
from tests.deploy.test_fleet import specs
from tests.deploy.test_interrupt import claims

STEPS = ["network", "load-balancer", "traffic", "cluster", "service-web", "deployment", "deploy web"]


def lines(text: str, who: str) -> list[str]:
    """What was said of a step, without the times."""
    return [found[1].rstrip() for found in re.finditer(rf"^ +\d+:\d\d  {who} +(.*)$", text, re.MULTILINE)]


def test_lines_tell_every_step_from_its_beginning_to_its_end(bench: Bench) -> None:
    bench.spec(SMALL)
    err = bench.apply().err
    assert lines(err, "cluster") == ["creating", "creating Cluster (ECS::Cluster)", "created"]
    assert lines(err, "traffic") == [
        "creating",
        "creating WebBlueTargetGroup (ElasticLoadBalancingV2::TargetGroup)",
        "creating WebGreenTargetGroup (ElasticLoadBalancingV2::TargetGroup)",
        "creating ProductionListener (ElasticLoadBalancingV2::Listener)",
        "creating TestListener (ElasticLoadBalancingV2::Listener)",
        "created",
    ]
    assert "\x1b" not in err
    assert [lines(err, step)[-1:] for step in STEPS[:-1]] == [["created"]] * 6


def test_a_terminal_gets_a_table_that_stays(bench: Bench) -> None:
    bench.spec(SMALL)
    bench.world.speed = 300
    shown = run("apply", str(bench.file), "--sandbox", "--yes")
    assert shown.code == 0, shown.text
    table = shown.text[shown.text.rindex("✓ network") :]
    assert re.findall(r"^✓ (\S+(?: web)?) ", table, re.MULTILINE) == STEPS
    assert "7 of 7 steps done" in table
    assert "  ok      web: 2 of 2 tasks run" in table  # the checks stand below
    assert re.search(r"service-web +creating .*usually \d:\d\d on AWS", shown.text)
    assert not lines(shown.text, "network")
    assert shown.raw.rindex("\x1b[?25h") > shown.raw.rindex("\x1b[?25l")  # the cursor is back
    assert "\x1b[32m" in shown.raw


def test_no_color_means_none(bench: Bench) -> None:
    bench.spec(SMALL)
    shown = run("apply", str(bench.file), "--sandbox", "--yes", NO_COLOR="1")
    assert shown.code == 0, shown.text
    assert "✓ network" in shown.text
    assert not re.search(r"\x1b\[(?:\d+;)*(?:3[0-7]|9[0-7]|38)[;m]", shown.raw)


def test_what_is_stopped_has_not_failed(bench: Bench) -> None:
    bench.spec(SMALL)
    bench.world.speed = 30
    shown = run("apply", str(bench.file), "--sandbox", "--yes", typed=(("usually ", "\x03"),))
    assert shown.code == 130
    table = shown.text[shown.text.rindex("■ network") :]
    assert "failed" not in table
    assert re.search(r"\d stopped, \d left", table)
    assert "✗" not in shown.text


@pytest.mark.parametrize("command", [("validate",), ("plan", "--sandbox")])
def test_findings_are_coloured_unless_nobody_wants_that(bench: Bench, command: tuple[str, ...]) -> None:
    bench.spec("system: shop\n")
    assert "\x1b[1;31m" in run(*command, str(bench.file)).raw
    assert "\x1b" not in run(*command, str(bench.file), NO_COLOR="1").raw


@pytest.mark.parametrize("environment", [{"CI": "true"}, {"TERM": "dumb"}])
def test_logs_get_lines(bench: Bench, environment: dict[str, str]) -> None:
    bench.spec(SMALL)
    shown = run("apply", str(bench.file), "--sandbox", "--yes", NO_COLOR="1", **environment)
    assert shown.code == 0, shown.text
    assert lines(shown.text, "cluster")[-1] == "created"
    assert "\x1b" not in shown.raw


def test_a_failure_is_shown_at_once_with_its_place(bench: Bench) -> None:
    bench.spec(SMALL)
    bench.world.broken_images = {"nginx:1.27": "pull"}
    shown = run("apply", str(bench.file), "--sandbox", "--yes", columns=400)
    assert shown.code == 3
    first = shown.text.index("Service (ECS::Service) failed: ")
    assert shown.text.index("a task stopped: CannotPullContainerError") < first
    assert first < shown.text.index("FAILED Service")
    assert f"--> {bench.file}:8" in shown.text[first : first + 600]
    assert "✗ service-web" in shown.text
    assert "- deployment" in shown.text[shown.text.rindex("✗ service-web") :]


def test_few_rows_show_what_is_under_way(bench: Bench) -> None:
    bench.spec(SMALL)
    shown = run("apply", str(bench.file), "--sandbox", "--yes", rows=7)
    assert shown.code == 0, shown.text
    assert "more not shown" in shown.text
    assert "7 of 7 steps done" in shown.text


@pytest.mark.parametrize("kind", [Show, Screen])
def test_what_looks_like_markup_is_shown_as_it_is(kind: type[Show]) -> None:
    stream = io.StringIO()
    show = kind(stream)
    show.line("[red]not red[/red] :smile:")
    show.voice("cf1-stg").say("network", "[bold] failed: [/x]", loud=True)
    assert "[red]not red[/red] :smile:" in stream.getvalue()
    assert "[bold] failed: [/x]" in stream.getvalue()


def test_a_stack_takes_as_long_as_its_longest_chain() -> None:
    template = """\
Resources:
  Vpc:
    Type: AWS::EC2::VPC
  Balancer:
    Type: AWS::ElasticLoadBalancingV2::LoadBalancer
    Properties:
      Vpc: !Ref Vpc
  Role:
    Type: "AWS::IAM::Role"
"""
    assert usual.seconds(template) == 10 + 15 + 150
    assert usual.seconds("") == 10


@given(st.lists(st.tuples(st.sampled_from("ABCDE"), st.text("ABCDE \n", max_size=20)), max_size=8))
def test_words_that_lead_round_in_a_circle_do_no_harm(resources: list[tuple[str, str]]) -> None:
    template = "".join(f"  {name}:\n    Type: AWS::EC2::VPC\n      {text}\n" for name, text in resources)
    assert 10 <= usual.seconds(template) <= 10 + 15 * len(resources)


def test_control_c_in_a_table_leaves_the_terminal_as_it_was(bench: Bench) -> None:
    bench.spec(SMALL)
    bench.world.speed = 15  # slow enough for a busy machine to be interrupted in the midst of it
    shown = run("apply", str(bench.file), "--sandbox", "--yes", typed=(("creating LoadBalancer", "\x03"),))
    assert shown.code == 130, shown.text
    assert "Stopping: nothing new begins" in shown.text
    assert "- service-web" in shown.text
    assert shown.raw.rindex("\x1b[?25h") > shown.raw.rindex("\x1b[?25l")
    assert not claims(bench)
    bench.world.speed = 3000
    assert bench.apply().code == 0


def test_a_question_is_answered_and_control_c_is_a_no(bench: Bench) -> None:
    bench.spec(SMALL)
    question = "[y/N] "
    no = run("apply", str(bench.file), "--sandbox", typed=((question, "\x03"),))
    assert no.code == 130
    assert not bench.stacks()
    assert not claims(bench)
    yes = run("apply", str(bench.file), "--sandbox", typed=((question, "y\n"),))
    assert yes.code == 0, yes.text


def test_many_environments_have_a_row_each(bench: Bench) -> None:
    files = specs(bench, 3)
    bench.world.speed = 300
    shown = run("apply", *files, "--sandbox", "--yes")
    assert shown.code == 0, shown.text
    assert re.search(r"shop-e1 +\d/7 +\S", shown.text)
    assert "3 of 3 environments are as their specs say" in shown.text
    assert "21 of 21 steps done" in shown.text


def test_status_is_watched_in_place_until_control_c(bench: Bench) -> None:
    bench.spec(SMALL)
    bench.patch.setenv("PYTHONPATH", str(bench.directory))
    (bench.directory / "sitecustomize.py").write_text("import bgspec.deploy.commands\nbgspec.deploy.commands._WATCH = 0.2\n", "utf-8")
    shown = run("status", str(bench.file), "--sandbox", "--watch", typed=(("does not run yet", ""), ("\x1b[J\x1b[H", "\x03")))
    assert shown.code == 0, shown.text
    assert shown.raw.count("\x1b[H") >= 2
    assert shown.text.count("web          does not run yet") >= 2
    assert "interrupted" not in shown.text


def test_a_status_that_is_watched_in_a_log_is_told_when_it_changes(bench: Bench) -> None:
    bench.spec(SMALL)
    naps = iter(["nothing", "apply", "end"])

    def sleep(_: float) -> None:
        match next(naps):
            case "apply":
                assert bench.apply().code == 0
            case "end":
                raise KeyboardInterrupt

    bench.patch.setattr(commands, "time", SimpleNamespace(sleep=sleep))
    shown = bench.run("status", str(bench.file), "--sandbox", "--watch")
    assert shown.code == 0
    assert re.findall(r"stacks +(\d of \d)", shown.out) == ["0 of 6", "6 of 6"]
