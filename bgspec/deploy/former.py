"""Stacks that the spec does not name any more: a service that was taken out of it, a pipeline.

They go on running, and are not forgotten: nothing is applied until the user has said what becomes of them, because what they use would be
taken from under them; `destroy` takes them along.
"""

import json
from collections.abc import Iterable, Iterator
from typing import Any

from bgspec.deploy import data
from bgspec.deploy.decide import Change, Seen, Verdict
from bgspec.deploy.formation import Formation
from bgspec.deploy.units import Environment, Unit
from bgspec.naming import logical_id

KEY = "key"
"""The stack of the environment's own key. What was encrypted with it needs it still, so it stays."""

_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"


def find(formation: Formation, environment: Environment) -> tuple[Unit, ...]:
    """The stacks that this environment had once, each with the keys of the stacks whose outputs it was given."""
    standing = dict(_standing(formation, environment))
    makers = {output: key for key, seen in standing.items() for output in seen.outputs}
    names = {unit.name for unit in environment.units}
    stay = [unit.key for unit in environment.units if unit.key in standing]
    return tuple(
        _unit(
            formation, name, key, tuple(dict.fromkeys(makers[one] for one in seen.parameters if one in makers)), tuple(seen.parameters)
        )._replace(users=tuple(user for user in stay if seen.outputs.keys() & standing[user].parameters.keys()))
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


def verdict(unit: Unit, allowed: frozenset[str], keeps: Iterable[data.Kept], held: tuple[str, ...] = ()) -> Verdict:
    """What becomes of one, what of it stays outside of the stack because it holds data, and which stacks need its role (`order.held`)."""
    if unit.key == KEY:
        return Verdict("nothing", ("no longer in the spec; it stays, for what was encrypted with it",))
    if held:
        why = f"CloudFormation changes {' and '.join(held)} with a role of it, and could not even delete that without"
        return Verdict("refused", (f"no longer in the spec, but {why}", "put it back into the spec, or destroy the environment"))
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


def in_the_way(unit: Unit, found: Iterable[Change], going: frozenset[str]) -> bool:
    """Whether an update makes rules while others go: a new one may want the priority of one that is only deleted at the update's end.

    Args:
        unit: the stack.
        found: what the update would change.
        going: what may leave, as `STACK/LogicalId`.

    Source: CloudFormation User Guide, "Stack status codes" (UPDATE_COMPLETE_CLEANUP_IN_PROGRESS); bc:elbv2.PriorityInUseException.
    """
    rules = {change.action for change in found if change.type == _RULE}
    return {"Add", "Remove"} <= rules and any(f"{unit.key}/{change.id}" in going for change in found)


def without(formation: Formation, unit: Unit, going: frozenset[str]) -> Unit:
    """The stack as it stands, with no other change than that these resources leave it, and with them their rules and outputs."""
    stands = data.read(formation.template(unit.name))
    resources: dict[str, Any] = stands["Resources"]
    leaving = {name for name in resources if f"{unit.key}/{name}" in going}
    leaving |= {name for name, one in resources.items() if one["Type"] == _RULE and _speaks_of(one, leaving)}
    stands["Resources"] = {name: _apart(one, leaving) for name, one in resources.items() if name not in leaving}
    stands["Outputs"] = {name: one for name, one in stands["Outputs"].items() if not _speaks_of(one, leaving)}
    return unit._replace(template=json.dumps(stands, indent=1), parameters=tuple(stands.get("Parameters", ())))


def _apart(part: dict[str, Any], leaving: set[str]) -> dict[str, Any]:
    """A resource that waits for none of those that leave."""
    needs = part.get("DependsOn", [])
    left = [name for name in ([needs] if isinstance(needs, str) else needs) if name not in leaving]
    return {key: value for key, value in part.items() if key != "DependsOn"} | ({"DependsOn": left} if left else {})


def _speaks_of(value: Any, names: set[str]) -> bool:  # noqa: ANN401  any part of a template
    if isinstance(value, list):
        return any(_speaks_of(one, names) for one in value)
    if not isinstance(value, dict):
        return False
    return value.get("Ref") in names or value.get("Fn::GetAtt", [""])[0] in names or any(_speaks_of(one, names) for one in value.values())
