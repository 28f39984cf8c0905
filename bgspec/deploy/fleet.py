"""`apply` from the first look to the last check: one environment, or many, so many of them at once."""

import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import NamedTuple

from bgspec.deploy import final, outlook, preview
from bgspec.deploy.apply import Apply, Options
from bgspec.deploy.aws import Aws
from bgspec.deploy.formation import Formation, StoppedError
from bgspec.deploy.interrupt import interruptible
from bgspec.deploy.lock import Lock
from bgspec.deploy.show import Show, Voice, clock, on
from bgspec.deploy.units import Environment
from bgspec.errors import BgspecError, UsageError

AT_ONCE = 8
"""Environments at once; the others wait for their turn in the order in which they were named."""


class Job(NamedTuple):
    """One environment to be applied, and AWS for it."""

    environment: Environment
    aws: Aws
    account: str
    options: Options

    @property
    def place(self) -> tuple[str, ...]:
        """What no two jobs may have in common."""
        return self.account, self.environment.plan.region.name, self.environment.name


class Outcome(NamedTuple):
    """What became of an environment."""

    code: int
    words: str
    """In a few words, for the last lines of a run over many."""
    seconds: float = 0.0


Ask = Callable[[str], None]
"""Asks a question; KeyboardInterrupt where the answer is no."""


def apply(jobs: Sequence[Job], *, yes: bool) -> int:
    """Bring environments to what their specs say. Returns the exit code, the worst of all."""
    show = on(sys.stderr, many=len(jobs) > 1)
    for url in dict.fromkeys(job.aws.sandbox for job in jobs if job.aws.sandbox):
        show.line(emulation(url))
    return _one(jobs[0], show, yes=yes) if len(jobs) == 1 else _many(jobs, show, yes=yes)


def emulation(url: str) -> str:
    """What is said before anything else where no AWS takes part."""
    return f"This is an emulation at {url}: nothing here touches AWS."


def _one(job: Job, show: Show, *, yes: bool) -> int:
    stop = threading.Event()
    with interruptible(stop.set, show):
        return _run(job, show.voice(job.environment.name), stop, ask=None if yes else confirm).code


def _many(jobs: Sequence[Job], show: Show, *, yes: bool) -> int:
    twice = [name for name, count in Counter(job.place for job in jobs).items() if count > 1]
    if twice:
        raise UsageError(f"{twice[0][-1]} was given more than once")
    if not yes and _changes(jobs, show):
        confirm(f"Bring these {len(jobs)} environments to this?")
    stops = [threading.Event() for _ in jobs]
    found: list[Outcome | None] = [None] * len(jobs)

    def stop() -> None:
        for one in stops:
            one.set()

    def run(number: int) -> None:
        job, begun = jobs[number], time.monotonic()
        if stops[number].is_set():
            return
        try:
            outcome = _run(job, show.voice(job.environment.name), stops[number], ask=None, share=min(AT_ONCE, len(jobs)))
        except BgspecError as error:  # what is wrong with one environment does not keep the others from theirs
            show.voice(job.environment.name).line(str(error))
            outcome = Outcome(error.exit_code, str(error).partition("\n")[0])
        except StoppedError:
            outcome = Outcome(3, "stopped")
        found[number] = outcome._replace(seconds=time.monotonic() - begun)

    with interruptible(stop, show):
        try:
            with ThreadPoolExecutor(AT_ONCE, thread_name_prefix="environment") as pool:
                list(pool.map(run, range(len(jobs))))
        finally:
            show.close()
            show.line(_summary(jobs, found))
    return max(outcome.code for outcome in found if outcome)


def _changes(jobs: Sequence[Job], show: Show) -> bool:
    """Look at all of them before anybody is asked. Whether anything would change."""

    def look(job: Job) -> preview.Preview:
        return outlook.look(Formation(job.aws), job.environment, job.account, job.options.allowed, takes_back=job.options.adopt)

    changes = False
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for found in pool.map(look, jobs):
            show.line(preview.human(found).rstrip())
            if found.findings:
                show.line(preview.told(found, "human").rstrip())
            changes = changes or found.changes
    return changes


def _summary(jobs: Sequence[Job], found: Sequence[Outcome | None]) -> str:
    """The last lines: how many are done, and for each of the others why it is not."""
    done = sum(outcome is not None and outcome.code == 0 for outcome in found)
    lines = [f"{done} of {len(jobs)} environments are as their specs say"]
    for job, outcome in zip(jobs, found, strict=True):
        if outcome is None:
            lines.append(f"  {job.environment.name:<24} not begun")
        elif outcome.code:
            lines.append(f"  {job.environment.name:<24} {clock(outcome.seconds):>6}  {outcome.words}")
    return "\n".join(lines)


def _run(job: Job, voice: Voice, stop: threading.Event, *, ask: Ask | None, share: int = 1) -> Outcome:
    """One environment: lock, look, ask, do, check.

    Args:
        job: what is to be done.
        voice: speaks of it.
        stop: ends it in order.
        ask: asks whether to go on, if anything would change; None asks nobody.
        share: how many environments look at once how far they are: each looks the less often.
    """
    env, aws = job.environment, job.aws
    run = Apply(env, aws, job.account, job.options, voice, stop)
    run.formation.pause *= max(1.0, share / 2)
    with Lock(aws, env.plan.system, env.plan.environment, voice.line, lost=stop) as lock:
        found = outlook.look(run.formation, env, job.account, job.options.allowed, takes_back=job.options.adopt)
        new = [item.unit.key for item in found.items if item.verdict.kind == "created"]
        hindrances = preview.hindrances(found) or run.lacks(new)
        if share == 1 or hindrances:  # of many, only what has to be decided
            voice.line(preview.human(found).rstrip())
        if found.findings:
            voice.line(preview.told(found, "human").rstrip())
        if hindrances:
            voice.line("\n".join(hindrances))
            lock.check()
            for item in found.items:  # nothing is done with the stacks, so what killed runs have left there would stay
                if item.stands:
                    run.formation.tidy(item.unit.name)
            return Outcome(3, hindrances[0])
        if found.changes and ask:
            ask(f"Bring {env.name} in account {job.account} to this?")
        lock.check()
        if job.options.commit and found.source and found.source.differs:
            run.source = found.source
        run.former = found.former
        steps = _done(run, voice, new)
    failed = [step for step, state in steps.items() if state != "done"]
    if failed:
        words = f"{len(failed)} of {len(steps)} steps are not done: {', '.join(failed)}"
        if not stop.is_set():
            voice.line(f"{words}. Mend the cause and run the same command again.")
        return Outcome(3, words)
    return _checked(run, voice, job)


def _done(run: Apply, voice: Voice, new: list[str]) -> dict[str, str]:
    """The steps with what became of them. Whoever is stopped says what goes on without it."""
    try:
        return run.run(new)
    except StoppedError:
        voice.line(f"Under way on AWS: {', '.join(run.under_way()) or 'nothing'}. The same command goes on from there.")
        raise
    finally:
        voice.end()


def _checked(run: Apply, voice: Voice, job: Job) -> Outcome:
    new = any(verdict.kind == "created" for verdict in run.verdicts.values())
    bad = []
    for check in final.checks(job.aws, job.environment, run.outputs, voice, new=new, stop=run.stop):
        bad += [] if check.ok else [check.text]
        voice.line(f"  {'ok' if check.ok else 'NOT OK':<7} {check.text}")
    return Outcome(3, f"NOT OK: {'; '.join(bad)}") if bad else Outcome(0, "done")


def confirm(question: str) -> None:
    """Ask; KeyboardInterrupt where the answer is not yes."""
    if not sys.stdin.isatty():
        raise UsageError("nobody there to confirm: give --yes")
    with at_once():
        sys.stderr.write(f"{question} [y/N] ")
        sys.stderr.flush()
        answer = sys.stdin.readline()
    if answer.strip().lower() not in {"y", "yes"}:
        sys.stderr.write("Nothing was changed.\n")
        raise KeyboardInterrupt


@contextmanager
def at_once() -> Iterator[None]:
    """While a person is asked, nothing is under way: Ctrl-C is a no."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
