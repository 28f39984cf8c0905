"""What `plan`, `apply`, `status` and `destroy` do: arguments in, exit code out."""

import contextlib
import os
import shlex
import sys
import time
from pathlib import Path
from typing import NamedTuple

from bgspec import sandbox
from bgspec.compiler import Compilation, compile_spec
from bgspec.deploy import deployments, fleet, former, native, outlook, preflight, preview
from bgspec.deploy import destroy as removal
from bgspec.deploy import status as screen
from bgspec.deploy.advice import of_resources
from bgspec.deploy.apply import Options
from bgspec.deploy.aws import Aws, Target
from bgspec.deploy.formation import Formation
from bgspec.deploy.interrupt import interruptible
from bgspec.deploy.lock import Lock
from bgspec.deploy.show import on
from bgspec.deploy.units import Environment, environment, halves
from bgspec.document import read_spec
from bgspec.errors import AwsError, NotTextError, UsageError
from bgspec.report import REPORTERS, is_colored

_SANDBOX_ACCOUNT = "123456789012"
"""The account of the emulator where the spec names none: the one of AWS's own examples."""

_WATCH = 5.0
"""Seconds between two looks of `status --watch`."""


class Where(NamedTuple):
    """The flags that all commands on AWS have."""

    env: str | None = None
    profile: str | None = None
    region: str | None = None
    sandbox: bool = False
    tools_profile: str | None = None
    """For the tools account, where the pipeline stands in one."""


class Choices(NamedTuple):
    """The flags of `apply`, some of which `plan` has, too."""

    source: str | None = None
    allow: frozenset[str] = frozenset()
    protect: bool = False
    commit: bool = False
    adopt: bool = False


class Caller(NamedTuple):
    """AWS in one Region on somebody's behalf."""

    aws: Aws
    account: str


class Session(NamedTuple):
    """One environment, and AWS for it."""

    environment: Environment
    aws: Aws
    account: str


def plan(spec: str, where: Where, choices: Choices, *, output: str = "human", exit_code: bool = False) -> int:
    """Say what `apply` would do. Changes nothing: the change sets it makes are deleted."""
    session = _one(spec, where)
    if session is None:
        return 1
    found = outlook.look(Formation(session.aws), session.environment, session.account, choices.allow, takes_back=choices.adopt)
    match output:
        case "json":
            sys.stdout.write(preview.machine(found))
        case "human":
            sys.stdout.write(preview.human(found))
            sys.stdout.flush()  # what comes first is read first where both go to one file
            sys.stderr.write(preview.told(found, output))
        case _:  # a format of findings
            sys.stdout.write(preview.told(found, output))
            sys.stderr.write(preview.human(found))
    if found.refused or found.lacking:
        return 3
    return 10 if exit_code and found.changes else 0


def apply(specs: list[str], where: Where, choices: Choices, *, yes: bool = False) -> int:
    """Bring environments to what their specs say."""
    compiled = [_compiled(spec, where.env) for spec in specs]
    jobs: list[fleet.Job] = []
    later: list[fleet.Job] = []  # a pipeline deploys as soon as it stands: where to, must stand before
    callers: dict[Target, Caller] = {}  # many environments share their connections
    for spec, one in zip(specs, compiled, strict=True):
        if one is None:
            return 1
        source = Path(choices.source) if choices.source else _source(spec)
        options = Options(source, choices.allow, choices.protect, choices.commit, choices.adopt)
        session = _session(one, where, callers)
        jobs.append(fleet.Job(*session, options))
        if session.environment.rest and (where.tools_profile or where.sandbox):
            later.append(fleet.Job(*_session(one, where._replace(profile=where.tools_profile), callers, tools=True), options))
    code = fleet.apply(jobs, yes=yes)
    if code == 0 and later:
        return fleet.apply(later, yes=yes)
    if code == 0:
        sys.stderr.writelines(
            _rest("apply", spec, job.environment, job.account) for spec, job in zip(specs, jobs, strict=True) if job.environment.rest
        )
    return code


def _rest(command: str, spec: str, env: Environment, account: str) -> str:
    """What is left to do where the pipeline stands in an account of its own, and only one of the two was connected."""
    chosen = f" --env {env.plan.environment}" if env.view.environment else ""
    return (
        f"This was the half of {env.name} in account {account}. The other one is in account {env.rest}:"
        f" bgspec {command} {shlex.quote(spec)}{chosen} --profile PROFILE\n"
    )


def _source(spec: str) -> Path:
    """Where the sources are unless the user says so: beside the spec."""
    return Path() if spec == "-" else Path(spec).parent


def status(spec: str, where: Where, *, output: str = "human", watch: bool = False) -> int:
    """Show what runs now; with `watch` again and again until Ctrl-C."""
    session = _one(spec, where)
    if session is None:
        return 1
    formation = Formation(session.aws)

    def look() -> str:
        found = screen.status(session.aws, formation, session.environment, session.account)
        return screen.machine(found) if output == "json" else screen.human(found)

    text = look()
    if not watch:
        sys.stdout.write(text)
        return 0
    shown = ""
    with contextlib.suppress(KeyboardInterrupt):  # the way to end it
        while True:
            if sys.stdout.isatty():
                sys.stdout.write(_in_place(text))
            elif text != shown:  # in a log, what is as it was says nothing
                sys.stdout.write(text)
            sys.stdout.flush()
            shown = text
            time.sleep(_WATCH)
            try:
                text = look()
            except AwsError as error:  # the next look may succeed
                sys.stderr.write(f"{error}\n")
    return 0


def _in_place(text: str) -> str:
    """A text over the one before: from the upper left corner, each line and then the screen cleared to its end."""
    return "\x1b[H" + text.replace("\n", "\x1b[K\n") + "\x1b[J"


def destroy(spec: str, where: Where, *, confirm: str | None = None, delete_data: bool = False) -> int:
    """Take an environment away, after its name was typed."""
    compilation = _compiled(spec, where.env)
    if compilation is None:
        return 1
    session = _session(compilation, where)
    if where.sandbox and session.environment.rest:  # first what deploys, then what it deploys to
        code = _destroy(_session(compilation, where, tools=True), confirm, delete_data=delete_data)
        if code:
            return code
    code = _destroy(session, confirm, delete_data=delete_data)
    if code == 0 and session.environment.rest and not where.sandbox:
        sys.stderr.write(_rest("destroy", spec, session.environment, session.account))
    return code


def _destroy(session: Session, confirm: str | None, *, delete_data: bool) -> int:
    """Take one account's part of an environment away."""
    env, aws, show = session.environment, session.aws, on(sys.stderr)
    voice = show.voice(env.name)
    if aws.sandbox:
        show.line(fleet.emulation(aws.sandbox))
    formation = Formation(aws, explain=of_resources(env))
    with interruptible(formation.stop.set, show), Lock(aws, env.plan.system, env.plan.environment, show.line, lost=formation.stop) as lock:
        env = env._replace(units=(*env.units, *former.find(formation, env)))
        found = removal.standing(aws, formation, env, session.account)
        show.line(removal.words(env, found, delete_data=delete_data))
        if found.obstacles:
            show.line("\n".join(("Nothing was deleted:", *(f"  {obstacle}" for obstacle in found.obstacles))))
            return 3
        if found.going(delete_data=delete_data) or (found.data and delete_data):
            _confirm_name(env.name, confirm)
        lock.check()
        steps = removal.destroy(aws, formation, env, found, voice, delete_data=delete_data)
    failed = [step for step, state in steps.items() if state != "done"]
    if failed:
        show.line(f"{len(failed)} of {len(steps)} steps are not done: {', '.join(failed)}. Mend the cause and run the same command again.")
        return 3
    if aws.sandbox and env.plan.half != "tools" and not found.staying(delete_data=delete_data) and sandbox.stop(env.name):
        show.line(f"Nothing is left of {env.name}: its emulator has ended, too.")
    return 0


def release(spec: str, where: Where, action: str, service: str | None = None) -> int:
    """Answer a deployment: `continue`, `stop` or `rollback`."""
    session = _one(spec, where)
    if session is None:
        return 1
    env, show = session.environment, on(sys.stderr)
    served = [one for one in env.plan.served if service in {None, one.key}]
    if len(served) != 1:
        raise UsageError(f"which service? --service {'|'.join(one.key for one in env.plan.served)}")
    formation = Formation(session.aws)
    engine = native if env.plan.deployment.engine == "ecs" else deployments
    actions = {"continue": engine.proceed, "stop": engine.stop, "rollback": engine.roll_back}
    with interruptible(formation.stop.set, show):
        actions[action](formation, env, served[0], show.voice(env.name).teller(served[0].key))
        if action == "rollback" and (revision := deployments.due(session.aws, env, served[0])):
            what = f"{env.compilation.document.name} still asks for {revision.rpartition('/')[2]}"
            show.line(f"{what}: the next apply brings it again, unless you take that change out of the spec first.")
    return 0


def _confirm_name(name: str, given: str | None) -> None:
    if given is None:
        if not sys.stdin.isatty():
            raise UsageError(f"nobody there to confirm: give --confirm {name}")
        with fleet.at_once():
            sys.stderr.write(f"Type {name} to destroy it: ")
            sys.stderr.flush()
            given = sys.stdin.readline().strip()
    if given != name:
        raise UsageError(f"{given!r} is not {name}: nothing was deleted")


def _one(spec: str, where: Where) -> Session | None:
    compilation = _compiled(spec, where.env)
    session = _session(compilation, where) if compilation else None
    if session and session.aws.sandbox:
        sys.stderr.write(f"{fleet.emulation(session.aws.sandbox)}\n")
    return session


def _compiled(spec: str, env: str | None) -> Compilation | None:
    """The compiled spec; None when it has errors, which are shown then."""
    compilation = compile_spec(read_spec(spec), spec, env)
    if compilation.errors:
        sys.stderr.write(REPORTERS["human"](compilation.findings, {spec: compilation.document}, color=is_colored(sys.stderr)))
        if compilation.unreadable:
            raise NotTextError(spec)
        return None
    names = [found.environment for found in compilation.plans]
    if not names:
        raise UsageError(f"{spec}: no environment {env!r}")
    if len(names) > 1:
        raise UsageError(f"{spec} has several environments: say which with --env {'|'.join(names)}")
    return compilation


def _session(compilation: Compilation, where: Where, callers: dict[Target, Caller] | None = None, *, tools: bool = False) -> Session:
    """AWS for an environment: the Region and the account must be those that the spec names, before anything is touched.

    Where the pipeline stands in an account of its own, the environment is the half that the credentials are for; in the sandbox, which has
    no credentials, it is the environment's own unless `tools` is asked for.
    """
    (plan,) = compilation.plans
    parts = halves(compilation, plan)
    env = parts[-1] if tools else parts[0]
    found = env.plan
    if where.region and where.region != found.region.name:
        raise UsageError(f"--region {where.region} is not the spec's {found.region.name} ({env.place(('region',))})")
    url = emulator(env.name) if where.sandbox else ""
    target = Target(found.region.name, where.profile, url, found.account or _SANDBOX_ACCOUNT)
    aws, account = (callers or {}).get(target) or _caller(target)
    if callers is not None:
        callers[target] = Caller(aws, account)
    if not tools:
        env = next((part for part in parts if part.plan.account == account), env)
    if env.plan.account and account != env.plan.account:
        other = f" or, for the pipeline, {env.rest}" if env.rest and not tools else ""
        where_said = env.place(("tools_account", "account") if tools else ("account",))
        raise AwsError(f"these credentials are for account {account}, the spec says {env.plan.account}{other} ({where_said})")
    if url:
        _plant(url, env, account)
    return Session(env, aws, account)


def _plant(url: str, env: Environment, account: str) -> None:
    """Let exist what the spec only names. In an emulator of somebody else's, that one says what exists."""
    if not os.environ.get("BGSPEC_SANDBOX_URL"):
        sandbox.seed(url, account, env.plan.region.name, list(preflight.named(env, account)))


def _caller(target: Target) -> Caller:
    aws = Aws(target)
    return Caller(aws, aws.account())


def emulator(name: str) -> str:
    """The URL of an environment's emulator, started if it does not run."""
    try:
        return sandbox.start(name)
    except sandbox.SandboxError as error:
        raise UsageError(str(error)) from error


def start_sandbox(spec: str, env: str | None) -> int:
    """Start the environment's emulator unless it runs, and print its URL."""
    compilation = _compiled(spec, env)
    if compilation is None:
        return 1
    name = _name(compilation)
    url = emulator(name)
    account = compilation.plans[0].account or _SANDBOX_ACCOUNT
    _plant(url, environment(compilation, compilation.plans[0]), account)
    sys.stdout.write(f"{url}\n")
    tools = sandbox.tools(name)
    path = shlex.quote(tools.pop("PATH"))
    simulated = " ".join(f"{key}={shlex.quote(value)}" for key, value in tools.items())
    sys.stderr.write(
        f"The emulator of {name} runs until `bgspec sandbox stop {spec}`. To look inside with the AWS CLI:\n"
        f"  export AWS_ENDPOINT_URL={url} AWS_ACCESS_KEY_ID={account} AWS_SECRET_ACCESS_KEY=sandbox"
        f" AWS_REGION={compilation.plans[0].region.name} AWS_DEFAULT_REGION={compilation.plans[0].region.name}\n"
        "To run the rendered deploy.sh in there, its container engine and its git push simulated, this too:\n"
        f"  export PATH={path}:$PATH {simulated}\n"
    )
    return 0


def stop_sandbox(spec: str, env: str | None) -> int:
    """End the environment's emulator and everything in it."""
    compilation = _compiled(spec, env)
    if compilation is None:
        return 1
    try:
        ended = sandbox.stop(_name(compilation))
    except sandbox.SandboxError as error:
        raise UsageError(str(error)) from error
    sys.stderr.write("stopped\n" if ended else "none was running\n")
    return 0


def show_sandbox(spec: str, env: str | None) -> int:
    """Print the URL of the environment's emulator; exit 2 if none runs."""
    compilation = _compiled(spec, env)
    if compilation is None:
        return 1
    url = sandbox.url(_name(compilation))
    if url is None:
        raise UsageError(f"none runs: bgspec sandbox start {spec}")
    sys.stdout.write(f"{url}\n")
    return 0


def _name(compilation: Compilation) -> str:
    (found,) = compilation.plans
    return found.name
