"""Which stack waits for which, once CloudFormation changes some of them with a role that another one makes."""

from collections.abc import Collection, Iterable, Mapping

from bgspec.deploy.decide import Seen
from bgspec.deploy.units import Environment, Unit


def roles(seen: Mapping[str, Seen]) -> dict[str, str]:
    """The roles with which CloudFormation changes stacks, by the stacks' keys."""
    return {key: one.role for key, one in seen.items() if one.role}


def made(unit: Unit) -> frozenset[str]:
    """The names of the roles that a stack makes, as bgspec writes them."""
    lines = (line.strip().partition(": ") for line in unit.template.splitlines())
    return frozenset(value.strip('"') for key, _, value in lines if key == "RoleName")


def maker(units: Iterable[Unit], role: str) -> str:
    """The key of the stack that makes the role with this ARN; empty where none does."""
    return next((unit.key for unit in units if role.rpartition("/")[2] in made(unit)), "")


def needs(environment: Environment, driven: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """For every stack those that must stand before it, and that must not be deleted before it.

    The role's stack comes after the services', as long as nobody has used the role: a pipeline begins to run as soon as it stands. Once a
    service's stack was updated with the role, CloudFormation uses it for whatever comes later, also for what others ask of that stack
    (bc:cloudformation.UpdateStackInput.RoleARN), and does nothing without it, not even delete ("is invalid or cannot be assumed",
    https://github.com/ansible/ansible/pull/32300). From then on the role's stack comes first: what a service's stack is to make, the role
    must be allowed to make; and it is the last to be deleted.

    Args:
        environment: what there is to deploy.
        driven: see `roles`.
    """
    found = {unit.key: unit.needs for unit in environment.units}
    for key, role in driven.items():
        first = maker(environment.units, role)
        if first and is_service(key):
            found[first] = tuple(other for other in found[first] if not is_service(other))
            found[key] = (*found[key], first)
    return found


def held(unit: Unit, driven: Mapping[str, str], others: Collection[Unit]) -> tuple[str, ...]:
    """The keys of the stacks that could not even be deleted without a role of this one, which none of the others makes."""
    return tuple(key for key, role in driven.items() if maker((unit,), role) and not maker(others, role))


def is_service(key: str) -> bool:
    return key.startswith("service-")
