"""Stacks that the spec does not name any more: a service that was taken out of it, a pipeline.

They go on running, and are not forgotten: nothing is applied until the user has said what becomes of them, because what they use would be
taken from under them; `destroy` takes them along.
"""

from collections.abc import Iterable, Iterator

from bgspec.deploy import data
from bgspec.deploy.decide import Seen, Verdict
from bgspec.deploy.formation import Formation
from bgspec.deploy.units import Environment, Unit
from bgspec.naming import logical_id

KEY = "key"
"""The stack of the environment's own key. What was encrypted with it needs it still, so it stays."""


def find(formation: Formation, environment: Environment) -> tuple[Unit, ...]:
    """The stacks that this environment had once, each with the keys of the stacks whose outputs it was given."""
    standing = dict(_standing(formation, environment))
    makers = {output: key for key, seen in standing.items() for output in seen.outputs}
    names = {unit.name for unit in environment.units}
    return tuple(
        _unit(formation, name, key, tuple(dict.fromkeys(makers[one] for one in seen.parameters if one in makers)), tuple(seen.parameters))
        for key, seen in standing.items()
        if (name := environment.plan.names.stack(key)) not in names
    )


def _standing(formation: Formation, environment: Environment) -> Iterator[tuple[str, Seen]]:
    """All stacks of the environment that stand, in whatever version of the spec they were made, by key.

    Known by their name, by the description that begins with it, and by the environment's tags.
    """
    own = dict(environment.plan.tags)
    front, _, back = environment.plan.names.stack("*").partition("*")
    for stack in formation.aws.pages("cloudformation", "describe_stacks", "Stacks"):
        name = stack["StackName"]
        tags = {tag["Key"]: tag["Value"] for tag in stack.get("Tags", ())}
        if (
            name.startswith(front)
            and name.endswith(back)
            and stack.get("Description", "").startswith(f"{name}: ")
            and all(tags.get(tag) == own[tag] for tag in ("System", "Environment"))
        ):
            yield name.removeprefix(front).removesuffix(back), Seen.of(stack)


def _unit(formation: Formation, name: str, key: str, needs: tuple[str, ...], parameters: tuple[str, ...]) -> Unit:
    return Unit(key, name, formation.template(name), parameters, (), needs, (), "", "", "")


def verdict(unit: Unit, allowed: frozenset[str], keeps: Iterable[data.Kept]) -> Verdict:
    """What becomes of one, and what of it stays outside of the stack because it holds data."""
    if unit.key == KEY:
        return Verdict("nothing", ("no longer in the spec; it stays, for what was encrypted with it",))
    if unit.key in allowed:
        return Verdict("deleted", ("no longer in the spec", *(f"keeps {thing}" for thing in keeps)))
    way = f"put it back into the spec; if it is meant to be deleted, name it: --allow {unit.key}"
    return Verdict("refused", ("no longer in the spec, but it stands", way))


def left_behind(environment: Environment, allowed: Iterable[str]) -> frozenset[str]:
    """What goes with the services that the user named, as `STACK/LogicalId`: their target groups hold no traffic any more.

    They leave after the services' own stacks, so these may be gone already when an apply that was stopped is run again.
    """
    services = {unit.key for unit in environment.units}
    named = [key.removeprefix("service-") for key in allowed if key.startswith("service-") and key not in services]
    return frozenset(f"traffic/{logical_id(key, group)}" for key in named for group in ("BlueTargetGroup", "GreenTargetGroup"))
