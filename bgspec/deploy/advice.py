"""What to do when something fails, said of this environment: the word of the spec that decides, and the line where it stands."""

from collections.abc import Callable
from typing import TypeAlias

from bgspec.deploy.causes import find
from bgspec.deploy.units import Environment, route
from bgspec.diagnostics import Route

Explain: TypeAlias = Callable[[str, str, str], str]
"""Given a stack's name, a resource's logical id and AWS's reason: the reason, its place in the spec, and what to do."""

MARGIN = 24
"""Where the second and further lines of what is said about a step begin."""
_ELSE = {"action": "the call", "platform": "the task's", "what": "of these"}
"""What is said where the reason does not tell."""
_FILTERS = {"sg": "group-id", "subnet": "subnet-id", "vpc": "vpc-id"}
"""How EC2 calls what a network interface belongs to (bc:ec2.DescribeNetworkInterfacesRequest.Filters)."""


def advice(reason: str, environment: Environment, step: str = "") -> str:
    """What to do about a failure, in one or two sentences; empty where its cause is not known.

    Args:
        reason: AWS's words.
        environment: what was to be deployed.
        step: the stack or the step that failed, as it is shown: `network`, `service-web`, `deploy web`, `web`.
    """
    found = find(reason)
    if found is None:
        return ""
    cause, told = found
    key = _service(environment, step)
    known = {
        "at": _at(environment, tuple(key if part == "*" else part for part in cause.at)),
        "spec": environment.compilation.document.name,
        "region": environment.plan.region.name,
        "logs": next((one.logs.group for one in environment.plan.services if one.key == key), "GROUP"),
        "interfaces": _interfaces(told.get("thing", "")),
    }
    return cause.mend.format_map({**_ELSE, **told, **known})


def explained(reason: str, environment: Environment, step: str, place: str = "") -> str:
    """A reason; below it the place in the spec that it is about, and what to do."""
    mend = advice(reason, environment, step)
    lines = (reason, f"--> {place}" if place else "", f"help: {mend}" if mend else "")
    return f"\n{'':{MARGIN}} ".join(filter(None, lines))


def of_resources(environment: Environment) -> Explain:
    """What explains why a resource failed, by its stack's name."""
    keys = {unit.name: unit.key for unit in environment.units}

    def explain(stack: str, logical_id: str, reason: str) -> str:
        key = keys.get(stack, "")  # the spec does not name it any more
        return explained(reason, environment, key, environment.place(route(environment.plan, key, logical_id)))

    return explain


def _service(environment: Environment, step: str) -> str:
    """The service that a step is about; the only one, if there is only one."""
    keys = [one.key for one in environment.plan.services]
    name = step.removeprefix("service-").removeprefix("deploy ").removeprefix("image ")
    return name if name in keys else keys[0] if len(keys) == 1 else "NAME"


def _at(environment: Environment, word: Route) -> str:
    """A word of the spec; with its line, or its section's, if that is written at all."""
    shown = f"`{'.'.join(map(str, word))}`"
    return f"{shown} ({environment.place(word)})" if word and word[0] in environment.view.tree else shown


def _interfaces(thing: str) -> str:
    kind = _FILTERS.get(thing.partition("-")[0])
    return "aws ec2 describe-network-interfaces" + (f" --filters Name={kind},Values={thing}" if kind else "")
