"""Everything of one kind in an environment, wherever a spec may name it, with the place where it does."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from bgspec.checks.rule import Environment
from bgspec.diagnostics import Route
from bgspec.spec import BuiltImage, FireLens, RoutedLogs, Sidecar
from bgspec.spec import Service as ServiceSpec


class Container(NamedTuple):
    """A container as the spec has it: a service's own, or one beside it."""

    route: Route
    spec: ServiceSpec | Sidecar


class Image(NamedTuple):
    """An image that exists."""

    route: Route
    uri: str
    architecture: Route
    """Where it is said on which processor the task runs."""


def containers(env: Environment) -> Iterator[Container]:
    for key, service in env.spec.services.items():
        yield Container(("services", key), service)
        for name, sidecar in service.sidecars.items():
            yield Container(("services", key, "sidecars", name), sidecar)


def routers(env: Environment) -> Iterator[tuple[Route, FireLens]]:
    """Every log router."""
    for key, service in env.spec.services.items():
        if isinstance(service.logs, RoutedLogs):
            yield ("services", key, "logs", "firelens"), service.logs.firelens


def images(env: Environment) -> Iterator[Image]:
    for key, service in env.spec.services.items():
        own: Route = ("services", key)
        architecture = (*own, "image", "architecture")
        if not isinstance(service.image, BuiltImage):
            yield Image((*own, "image", "uri"), service.image.uri, architecture)
        for name, sidecar in service.sidecars.items():
            yield Image((*own, "sidecars", name, "image"), sidecar.image, architecture)
        if isinstance(service.logs, RoutedLogs):
            router = env.written((*own, "logs", "firelens", "image"), (*own, "logs", "firelens"))
            yield Image(router, service.logs.firelens.image, architecture)


def secrets(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every reference to a secret or a parameter; the last step of the route is its name in the container."""
    for route, container in containers(env):
        for name, value in container.secrets.items():
            yield (*route, "secrets", name), value
    for route, router in routers(env):
        for name, value in router.secret_options.items():
            yield (*route, "secret_options", name), value
        for name, value in router.secrets.items():
            yield (*route, "secrets", name), value


def named(env: Environment) -> Iterator[tuple[Route, Mapping[str, str]]]:
    """The variables of every container, those in the open and those that are secrets."""
    for route, container in (*containers(env), *routers(env)):
        yield (*route, "environment"), container.environment
        yield (*route, "secrets"), container.secrets


def open_variables(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every variable in the open: of the containers and of the build."""
    for route, container in (*containers(env), *routers(env)):
        for name, value in container.environment.items():
            if name not in container.secrets:  # that it stands twice is another rule's
                yield (*route, "environment", name), value
    if env.spec.pipeline:
        for name, value in env.spec.pipeline.build.environment.items():
            yield ("pipeline", "build", "environment", name), value


_OPEN = frozenset(("environment", "options", "overrides", "secrets", "tags"))
"""Keys below which the user's own words stand."""


def roles(env: Environment) -> Iterator[tuple[Route, str]]:
    """Every role that exists."""
    for route, text in texts(env.tree, ":role/"):
        if str(route[-1]).endswith("role") and _OPEN.isdisjoint(map(str, route)):
            yield route, text


_HOLDERS = (dict, list)


def texts(tree: Any, part: str = "", route: Route = ()) -> Iterator[tuple[Route, str]]:  # noqa: ANN401  a tree of any values
    """Every text of a tree that holds `part`, with its route. Most trees have none: the way there is kept short."""
    for step, value in tree.items() if isinstance(tree, dict) else enumerate(tree):
        if isinstance(value, str):
            if part in value:
                yield (*route, step), value
        elif isinstance(value, _HOLDERS):
            yield from texts(value, part, (*route, step))
