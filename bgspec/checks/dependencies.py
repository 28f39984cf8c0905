"""BG520-BG522: which container of a task waits for which."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule


@rule("BG520")
def dependency_unknown(env: Environment) -> Iterator[Found]:
    """A container waits for one that is not there.

    What: `depends_on` names a container that is not in the task, or the container itself.
    Why: ECS refuses the task definition.
    Mend: Name the service's own container (it has the service's name) or one of its `sidecars`.
    Source: bc:ecs.ContainerDependency.containerName.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            depends_on:
              migrate: success
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            depends_on:
              migrate: success
            sidecars:
              migrate:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/migrate:1
                essential: false
    """
    for _, _, containers in env.tasks:
        for container in containers:
            for name in container.spec.depends_on:
                names = [one.name for one in containers]
                if name not in names or name == container.name:
                    others = [f"`{other}`" for other in names if other != container.name]
                    yield Found(
                        (*container.route, "depends_on", name),
                        f"`{name}` is no other container of this task.",
                        f"Name {' or '.join(others)}."
                        if others
                        else f"Add `{name}` under `sidecars:`, or remove it: there is no other container.",
                        "key",
                    )


@rule("BG521")
def dependency_circle(env: Environment) -> Iterator[Found]:
    """Containers wait for each other.

    What: Along `depends_on` a way leads from a container back to itself.
    Why: None of them could ever start; ECS refuses such a task definition.
    Mend: Take one of the dependencies away.
    Source: bc:ecs.ContainerDependency. That ECS refuses it is not verified; that nothing would start is certain.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            depends_on: {proxy: start}
            sidecars:
              proxy:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:1
                depends_on: {web: start}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            sidecars:
              proxy:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/proxy:1
                depends_on: {web: start}
    """
    for _, _, containers in env.tasks:
        waits = {container.name: list(container.spec.depends_on) for container in containers if container.spec.depends_on}
        for container in containers if waits else ():
            circle = _circle(container.name, waits)
            if circle and container.name == min(circle, key=list(waits).index):
                yield Found(
                    (*container.route, "depends_on", circle[1 % len(circle)]),
                    f"These wait for each other: {', '.join(f'`{name}`' for name in circle)}.",
                    "Take one of the dependencies away.",
                    "key",
                )


def _circle(start: str, waits: dict[str, list[str]]) -> list[str]:
    """The shortest way from a container back to itself, over others; empty if there is none."""
    ways = [[start]]
    seen = set()
    while ways:
        way = ways.pop(0)
        for name in waits.get(way[-1], ()):
            if name == start and len(way) > 1:
                return way
            if name not in seen and name != way[-1]:
                seen.add(name)
                ways.append([*way, name])
    return []


@rule("BG522")
def dependency_never_met(env: Environment) -> Iterator[Found]:
    """A container waits for what cannot happen.

    What: `depends_on` waits until a container ends that the task cannot live without, or until one is healthy that nobody asks.
    Why: ECS refuses both: `complete` and `success` are not for essential containers, and `healthy` needs a `health` of the container
        that is waited for.
    Mend: Make that container `essential: false`, or give it a `health`; or wait for its `start`.
    Source: bc:ecs.ContainerDependency.condition.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            depends_on: {migrate: success}
            sidecars:
              migrate:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/migrate:1
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
            depends_on: {migrate: success}
            sidecars:
              migrate:
                image: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/migrate:1
                essential: false
    """
    for _, _, containers in env.tasks:
        for container in containers:
            for name, condition in container.spec.depends_on.items():
                other = {one.name: one for one in containers}.get(name)
                if other is None:
                    continue
                route = (*container.route, "depends_on", name)
                if condition in {"complete", "success"} and other.essential:
                    yield Found(
                        route,
                        f"`{name}` is essential: when it ends, the whole task ends.",
                        f"Make `{name}` `essential: false`, or wait for its `start`.",
                    )
                if condition == "healthy" and other.spec.health is None:
                    yield Found(
                        route,
                        f"Nobody asks `{name}` whether it is healthy.",
                        f"Give `{name}` a `health` with a command, or wait for its `start`.",
                    )
