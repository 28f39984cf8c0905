"""What the rules see: one environment, and everything of one kind in it, wherever a spec may name it."""

from collections.abc import Callable, Iterator
from typing import Any, Generic, NamedTuple, TypeVar

from bgspec.diagnostics import Route
from bgspec.plan import Plan
from bgspec.plan import service as planned
from bgspec.plan.container import Wanted
from bgspec.spec import Build, BuiltImage, FireLens, Permission, RoutedLogs, Sidecar, Spec, Testing
from bgspec.spec import Route as RouteSpec
from bgspec.spec import Service as ServiceSpec

T = TypeVar("T")


class Container(NamedTuple):
    """A container as the spec has it: a service's own, or one beside it."""

    name: str
    route: Route
    spec: Wanted

    @property
    def essential(self) -> bool:
        return not isinstance(self.spec, Sidecar) or self.spec.essential


class Task(NamedTuple):
    """A service with its containers, its own first. The log router is bgspec's."""

    key: str
    service: ServiceSpec
    containers: tuple[Container, ...]


class Image(NamedTuple):
    """An image that exists."""

    route: Route
    uri: str
    architecture: Route
    """Where it is said on which processor the task runs."""


class once(Generic[T]):  # noqa: N801  a decorator
    """Makes a generator method an attribute, which looks only once: many rules ask for the same."""

    def __init__(self, find: Callable[["Environment"], Iterator[T]]) -> None:
        self.find = find
        self.__doc__ = find.__doc__

    def __get__(self, env: "Environment", _: object = None) -> tuple[T, ...]:
        # From now on the instance's own attribute is found, before this one.
        found = tuple(self.find(env))
        setattr(env, self.find.__name__, found)
        return found


class Environment:
    """One environment as the rules see it: what was written, what it means, and what was decided. Nobody changes it."""

    def __init__(self, spec: Spec, plan: Plan, tree: dict[str, Any]) -> None:
        self.spec = spec
        self.plan = plan
        self.tree = tree
        """The file's values, with the overlay laid over the rest: what is not in it, nobody wrote."""

    def wrote(self, *route: str | int) -> bool:
        """Whether the user wrote something there; otherwise its value is a default."""
        value: Any = self.tree
        for step in route:
            known = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
            if step not in known:
                return False
            value = value[step]
        return True

    def written(self, *routes: Route) -> Route:
        """The first of `routes` that the user wrote: a conflict between values stands where one of them is in the file."""
        return next((route for route in routes if self.wrote(*route)), routes[0])

    @once
    def served(self) -> Iterator[planned.Service]:
        """The services behind the load balancer."""
        yield from self.plan.served

    @once
    def defaults(self) -> Iterator[str]:
        """Those of them without routes, which get all other requests. Only one can."""
        return (service.key for service in self.served if not self.spec.services[service.key].routes)

    @once
    def tasks(self) -> Iterator[Task]:
        for key, service in self.spec.services.items():
            own: Route = ("services", key)
            beside = [Container(name, (*own, "sidecars", name), sidecar) for name, sidecar in service.sidecars.items()]
            yield Task(key, service, (Container(key, own, service), *beside))

    @once
    def containers(self) -> Iterator[Container]:
        for task in self.tasks:
            yield from task.containers

    @once
    def routers(self) -> Iterator[tuple[Route, FireLens]]:
        """Every log router."""
        for key, service in self.spec.services.items():
            if isinstance(service.logs, RoutedLogs):
                yield ("services", key, "logs", "firelens"), service.logs.firelens

    @once
    def images(self) -> Iterator[Image]:
        for key, service in self.spec.services.items():
            own: Route = ("services", key)
            architecture = (*own, "image", "architecture")
            if not isinstance(service.image, BuiltImage):
                yield Image((*own, "image", "uri"), service.image.uri, architecture)
            for name, sidecar in service.sidecars.items():
                if isinstance(sidecar.image, str):
                    yield Image((*own, "sidecars", name, "image"), sidecar.image, architecture)
            if isinstance(service.logs, RoutedLogs):
                router = self.written((*own, "logs", "firelens", "image"), (*own, "logs", "firelens"))
                yield Image(router, service.logs.firelens.image, architecture)

    @once
    def built(self) -> Iterator[tuple[planned.Image, planned.Build]]:
        """The images that a build makes."""
        for service in self.plan.services:
            yield from service.built

    @once
    def secrets(self) -> Iterator[tuple[Route, str]]:
        """Every reference to a secret or a parameter; the last step of the route is its name in the container."""
        for container in self.containers:
            for name, value in container.spec.secrets.items():
                yield (*container.route, "secrets", name), value
        for route, router in self.routers:
            for name, value in router.secret_options.items():
                yield (*route, "secret_options", name), value
            for name, value in router.secrets.items():
                yield (*route, "secrets", name), value

    @once
    def programs(self) -> Iterator[tuple[Route, Wanted | FireLens]]:
        """Everything that has variables: the containers and the log routers."""
        for container in self.containers:
            yield container.route, container.spec
        yield from self.routers

    @once
    def variables(self) -> Iterator[tuple[Route, str]]:
        """The name of every variable of a program, in the open or a secret, with its route."""
        for route, program in self.programs:
            for name in program.environment:
                yield (*route, "environment", name), name
            for name in program.secrets:
                yield (*route, "secrets", name), name

    @once
    def open_variables(self) -> Iterator[tuple[Route, str]]:
        """Every variable in the open with its value: of the programs and of the build."""
        for route, program in self.programs:
            for name, value in program.environment.items():
                if name not in program.secrets:  # that it stands twice is another rule's
                    yield (*route, "environment", name), value
        if self.spec.pipeline:
            for name, value in self.spec.pipeline.build.environment.items():
                yield ("pipeline", "build", "environment", name), value

    @once
    def permissions(self) -> Iterator[tuple[Route, Permission]]:
        """What applications may do on AWS."""
        for key, service in self.spec.services.items():
            for number, permission in enumerate(service.permissions):
                yield ("services", key, "permissions", number), permission

    @once
    def routes(self) -> Iterator[tuple[Route, RouteSpec]]:
        """The routes of all services."""
        for key, service in self.spec.services.items():
            for number, route in enumerate(service.routes):
                yield ("services", key, "routes", number), route

    @once
    def machines(self) -> Iterator[tuple[Route, Build | Testing]]:
        """The settings of CodeBuild's machines."""
        if self.spec.pipeline:
            yield ("pipeline", "build"), self.spec.pipeline.build
            if self.spec.pipeline.test:
                yield ("pipeline", "test"), self.spec.pipeline.test

    @once
    def branches(self) -> Iterator[tuple[Route, str]]:
        """The branch that the pipeline watches, if its source has branches."""
        source = self.spec.pipeline.source if self.spec.pipeline else None
        for section, route in ((source, ("pipeline", "source")), (getattr(source, "config", None), ("pipeline", "source", "config"))):
            branch = getattr(section, "branch", None)
            if branch:
                yield (*route, "branch"), branch

    @once
    def texts(self) -> Iterator[tuple[Route, str]]:
        """Every text of the file, in its order."""
        found: list[tuple[Route, str]] = []
        _collect(self.tree, (), found)
        return iter(found)

    @once
    def roles(self) -> Iterator[tuple[Route, str]]:
        """Every role that exists."""
        for route, text in self.texts:
            if ":role/" in text and str(route[-1]).endswith("role") and _OPEN.isdisjoint(map(str, route)):
                yield route, text


_OPEN = frozenset(("environment", "options", "overrides", "secrets", "tags"))
"""Keys below which the user's own words stand."""


_HOLDERS = (dict, list)


def _collect(tree: Any, route: Route, found: list[tuple[Route, str]]) -> None:  # noqa: ANN401  a tree of any values
    for step, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(value, str):
            found.append(((*route, step), value))
        elif isinstance(value, _HOLDERS):
            _collect(value, (*route, step), found)
