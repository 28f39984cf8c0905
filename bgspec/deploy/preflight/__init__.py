"""What can be known before anything is changed: whether all that the environment needs is there, and nothing is in its way.

Everything here only reads. What AWS does not let these credentials see is said, and stops nobody.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from concurrent.futures import Executor
from itertools import chain
from typing import Any

from bgspec import account as words
from bgspec.checks import Environment as Checked
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.decide import Seen
from bgspec.deploy.drift import drifts
from bgspec.deploy.live import Live
from bgspec.deploy.preflight import existing, gone, images, limits, names, network
from bgspec.deploy.preflight.look import Look
from bgspec.deploy.units import Environment, Unit
from bgspec.diagnostics import Diagnostic, Finding
from bgspec.overlays import finding
from bgspec.report import tidy
from bgspec.silences import silence
from bgspec.spec.read import read

Findings = Callable[[Iterable[Live], Container[str]], tuple[Finding, ...]]
"""Given the services as they run, and those whose stack changes how many tasks are wanted, waits for all findings."""


def named(environment: Environment, account: str) -> tuple[str, ...]:
    """The ARNs of everything that the spec names and does not make, as far as the sandbox can let it exist."""
    env = _checked(environment)
    if environment.plan.half == "tools":
        return tuple(existing.arns(env, account))
    return (*network.arns(env, account), *existing.arns(env, account), *images.arns(env))


def begin(  # noqa: PLR0913  what is looked at, where, and what is known of it
    pool: Executor,
    aws: Aws,
    environment: Environment,
    account: str,
    seen: dict[str, Seen],
    *,
    takes_back: bool,
    former: tuple[Unit, ...] = (),
) -> Findings:
    """Look at everything, many things at once; what is returned waits for the findings, and gives them in the order of the file.

    Args:
        pool: does the looking.
        aws: where to look.
        environment: what is to be deployed.
        account: the caller's, twelve digits.
        seen: the environment's stacks as they stand, by key.
        takes_back: whether what holds data and is there already is imported, and so in nobody's way.
        former: the stacks that leave before others are made.
    """
    env = _checked(environment)
    looks = (
        *existing.looks(env, account),
        *(() if environment.plan.half == "tools" else (*network.looks(env, seen), *images.looks(env, account), *limits.looks(env, seen))),
        *names.looks(environment, account, seen, takes_back=takes_back, former=former),
        *gone.looks(environment, account, seen),
    )
    found = [pool.submit(_answer, aws, look) for look in looks]

    def findings(services: Iterable[Live], counted: Container[str]) -> tuple[Finding, ...]:
        told = chain(names.stacks(environment, seen), drifts(env, seen, services, counted), *(one.result() for one in found))
        return _placed(environment, told)

    return findings


def _checked(environment: Environment) -> Checked:
    """The environment as rules see it, with what was written."""
    tree = environment.view.tree
    spec = read(tree).spec
    if spec is None:
        raise AssertionError("a spec that has been compiled can be read")
    return Checked(spec, environment.plan, _own(tree, environment.plan.half))


def _own(tree: dict[str, Any], half: str) -> dict[str, Any]:
    """What the spec says of the account that is looked at."""
    tools = tree.get("tools_account", {})
    match half:
        case "target":
            rest = {key: value for key, value in tree.items() if key not in {"pipeline", "tools_account"}}
            return rest | {"tools_account": {key: value for key, value in tools.items() if key == "role"}}
        case "tools":
            return {"pipeline": tree["pipeline"], "tools_account": {key: value for key, value in tools.items() if key != "role"}}
        case _:
            return tree


def _answer(aws: Aws, look: Look) -> tuple[Diagnostic, ...]:
    try:
        return tuple(look.ask(aws))
    except RefusedError as error:
        if not error.denied:
            raise
        why = f"{error.call} is not allowed"
        return (words.not_looked_at(look.route, look.what, why, "Allow it to see more: docs/deployer-policy.json."),)


def _placed(environment: Environment, told: Iterable[Diagnostic]) -> tuple[Finding, ...]:
    """The findings at their lines, without those that the file silences."""
    view = environment.view
    name = view.document.name
    kept = silence((finding(view, one) for one in told), {name: view.document}, ())
    return tuple(tidy(_once(kept), [view.environment] if view.environment else []))


def _once(found: Iterable[Finding]) -> Iterator[Finding]:
    """Each finding once: two stacks may name the same thing."""
    yield from dict.fromkeys(found)
