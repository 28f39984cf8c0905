"""The load balancer and its two listeners."""

from typing import Literal, NamedTuple

from bgspec.cfn import Word
from bgspec.naming import Names
from bgspec.spec import Spec

ANYWHERE = "0.0.0.0/0"


class Listener(NamedTuple):
    """A port of the load balancer and who may call it."""

    id: Word
    kind: Literal["production", "test"]
    port: int
    protocol: Literal["HTTP"]
    allow: tuple[str, ...]

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")


class LoadBalancer(NamedTuple):
    name: str
    scheme: Literal["internet-facing", "internal"]
    subnets: Word
    """The output that holds the subnets it stands in."""
    idle_timeout: int
    security_group_name: str
    production: Listener
    test: Listener

    @property
    def listeners(self) -> tuple[Listener, ...]:
        return (self.production, self.test)


def resolve(spec: Spec, names: Names) -> LoadBalancer:
    wanted = spec.load_balancer
    internal = wanted.scheme == "internal"
    everybody = spec.network.cidr if internal else ANYWHERE
    allow = tuple(wanted.allow or (everybody,))
    private = internal and spec.network.egress != "public"
    return LoadBalancer(
        name=names.load_balancer(),
        scheme=wanted.scheme,
        subnets=Word("PrivateSubnetIds" if private else "PublicSubnetIds"),
        idle_timeout=wanted.idle_timeout,
        security_group_name=names.security_group("alb"),
        production=Listener(Word("ProductionListener"), "production", wanted.production.port, "HTTP", allow),
        test=Listener(Word("TestListener"), "test", wanted.test.port, "HTTP", tuple(wanted.test.allow or allow)),
    )
