"""The ECS cluster: where the services live and what their tasks run on."""

from typing import NamedTuple

from bgspec.cfn import Word
from bgspec.naming import Names
from bgspec.spec import CapacityShare, Spec


class Share(NamedTuple):
    """How many of the tasks run on a capacity provider."""

    provider: Word
    base: int
    weight: int


class Cluster(NamedTuple):
    """A cluster that the environment makes."""

    name: str
    insights: Word
    providers: tuple[Word, ...]
    """The capacity providers that services name; empty where all run on ordinary Fargate."""
    exec_log_group: tuple[str, ...]
    """Where what happens in shells is kept, or nowhere."""


_PROVIDERS = {"fargate": Word("FARGATE"), "fargate-spot": Word("FARGATE_SPOT")}


def resolve(spec: Spec, names: Names) -> tuple[Cluster, ...]:
    """The environment's own cluster; none where the spec names one that exists."""
    wanted = spec.cluster
    if isinstance(wanted, str):
        return ()
    used = any(service.capacity for service in spec.services.values()) or wanted.capacity
    return (
        Cluster(
            name=names.cluster(),
            insights=Word(wanted.insights),
            providers=tuple(_PROVIDERS.values()) if used else (),
            exec_log_group=exec_log_group(spec, names),
        ),
    )


def exec_log_group(spec: Spec, names: Names) -> tuple[str, ...]:
    """The log group of shells in the environment's own cluster, or none."""
    wanted = not isinstance(spec.cluster, str) and spec.cluster.exec_logs
    return (names.exec_log_group(),) if wanted else ()


def capacity(spec: Spec, own: list[CapacityShare]) -> tuple[Share, ...]:
    """What the tasks of a service run on: its own word, or the cluster's; empty for ordinary Fargate."""
    shares = own or ([] if isinstance(spec.cluster, str) else spec.cluster.capacity)
    return tuple(Share(_PROVIDERS[share.provider], share.base, share.weight) for share in shares)
