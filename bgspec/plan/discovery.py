"""How the services of an environment find each other: who calls whom, and by which names."""

from collections.abc import Iterator
from typing import NamedTuple

from bgspec.cfn import Either, Node, Ref, Setting, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.container import Logging
from bgspec.spec import Service as ServiceSpec
from bgspec.spec import ServiceConnect, Spec

MESH = Word("NamespaceArn")
"""The output that holds the namespace of Service Connect."""


class Call(NamedTuple):
    """One service calls another."""

    id: Word
    """The rule that lets it in."""
    caller: str
    callee: str
    port: int
    caller_group: Word
    callee_group: Word


class Registry(NamedTuple):
    """The name of a service in the private zone."""

    id: Word
    name: str

    @property
    def output(self) -> Word:
        return Word(f"{self.id}Arn")


class Discovery(NamedTuple):
    """How services find each other, and who calls whom."""

    zones: tuple[str, ...]
    """The private zone, or none."""
    meshes: tuple[str, ...]
    """The namespace of Service Connect, or none."""
    ttl: int
    """Seconds for which a caller may keep an address of the zone."""
    registries: tuple[Registry, ...]
    calls: tuple[Call, ...]
    order: tuple[str, ...]
    """The services in the order in which they are made. With Service Connect a task finds only what stood before it started."""

    def before(self, key: str) -> tuple[str, ...]:
        """The services that must stand before the service `key`."""
        called = {call.callee for call in self.calls if call.caller == key}
        return tuple(other for other in self.order[: self.order.index(key)] if self.meshes and other in called)


class Neighbours(NamedTuple):
    """What one service says about its neighbours."""

    parameters: tuple[tuple[Word, str], ...]
    """The outputs that its stack takes, each with what it is."""
    settings: tuple[Setting, ...]
    """Properties of the ECS service."""
    off: tuple[Setting, ...]
    """Those of them that it does not need, switched off aloud where ECS can update the service: a registry stays until the list is empty
    (CFNT aws-resource-ecs-service), a proxy until it is not enabled (GH kayac/ecspresso#856)."""


def resolve(spec: Spec, names: Names) -> Discovery:
    """Who calls whom in the environment; a call to what has no port is left out, and is a finding."""
    mesh = isinstance(spec.discovery, ServiceConnect)
    calls = tuple(
        Call(_call_id(key, callee), key, callee, port, logical_id(key, "SecurityGroup"), logical_id(callee, "SecurityGroup"))
        for key, service in spec.services.items()
        for callee in service.connect
        if callee != key and callee in spec.services and (port := spec.services[callee].port)
    )
    called = called_services(spec)
    return Discovery(
        zones=(spec.discovery.namespace or names.zone(),) if called and not mesh else (),
        meshes=(spec.discovery.namespace or names.namespace(),) if called and mesh else (),
        ttl=0 if isinstance(spec.discovery, ServiceConnect) else spec.discovery.ttl,
        registries=() if mesh else tuple(_registry(key) for key in called),
        calls=calls,
        order=tuple(_callees_first(spec, calls)) if mesh else tuple(spec.services),
    )


def called_services(spec: Spec) -> dict[str, None]:
    """The services that another one calls, in the order of the spec."""
    named = {callee for key, service in spec.services.items() for callee in service.connect if callee != key}
    return {key: None for key, service in spec.services.items() if key in named and service.port}


def _registry(key: str) -> Registry:
    return Registry(logical_id(key, "Registry"), key)


def _call_id(caller: str, callee: str) -> Word:
    """`WebToApiIngress`. Where a name has the word `to` in it, two calls could be read alike: a checksum tells them apart."""
    from zlib import crc32  # noqa: PLC0415  only specs with calls pay for it

    pair = f"{caller} {callee}"
    told = f"{crc32(pair.encode()):08x}" if "to" in pair.replace("-", " ").split() else ""
    return Word(f"{logical_id(caller, 'To', callee, 'Ingress')}{told}")


def _callees_first(spec: Spec, calls: tuple[Call, ...]) -> Iterator[str]:
    """The services in the order of the spec, but each behind those that it calls. A circle, which is a finding, is cut somewhere."""
    callees: dict[str, list[str]] = {key: [] for key in spec.services}
    for call in calls:
        callees[call.caller].append(call.callee)
    placed: dict[str, None] = {}
    for key in spec.services:
        way = {key: None}
        while way:
            here = next(reversed(way))
            ahead = next((callee for callee in callees[here] if callee not in placed and callee not in way), None)
            if ahead is None:
                placed[here] = None
                del way[here]
            else:
                way[ahead] = None
    return iter(placed)


def port_settings(spec: Spec, key: str, *, called: bool) -> tuple[Setting, ...]:
    """What the port mapping of a service says where Service Connect leads to it (bc:ecs.PortMapping)."""
    if not (called and isinstance(spec.discovery, ServiceConnect)):
        return ()
    protocol = spec.services[key].protocol
    return (
        Setting("Name", key, f"Service Connect knows the port by this name. (spec: services.{key}.protocol, default http)"),
        *(() if protocol == "tcp" else (Setting("AppProtocol", Word(protocol)),)),
    )


def neighbours(spec: Spec, key: str, logs: Logging, *, called: bool) -> Neighbours:
    """What the service `key` says about those that it calls and that call it."""
    service = spec.services[key]
    if isinstance(spec.discovery, ServiceConnect) and (called or service.connect) and not service.schedule:
        found = _connect(key, service, logs, called=called)
        return Neighbours(((MESH, "The namespace in which services find each other"),), (found,), (_NO_REGISTRY,))
    if isinstance(spec.discovery, ServiceConnect) or not called:
        return Neighbours((), (), (_NO_REGISTRY, _NO_PROXY))
    registry = _registry(key)
    return Neighbours(
        ((registry.output, f"The name of {key} in the private zone"),),
        (
            Setting(
                "ServiceRegistries",
                [(Setting("RegistryArn", Ref(registry.output)),)],
                "Its tasks stand under its name in the private zone while they run. (spec: discovery, and connect of its callers)",
            ),
        ),
        (_NO_PROXY,),
    )


_NO_REGISTRY = Setting("ServiceRegistries", [], "No name in a private zone. Said aloud, because a name that it had would stay otherwise.")
_NO_PROXY = Setting(
    "ServiceConnectConfiguration",
    (Setting("Enabled", value=False),),
    "No proxy for its neighbours. Said aloud, because one that it had would stay otherwise.",
)


def _connect(key: str, service: ServiceSpec, logs: Logging, *, called: bool) -> Setting:
    """ECS Developer Guide, service-connect-concepts; bc:ecs.ServiceConnectConfiguration."""
    alias: Node = (Setting("DnsName", key), Setting("Port", service.port or 0))
    served: Node = (
        Setting("PortName", key),
        Setting("ClientAliases", [alias], f"Its callers reach it at {key}:{service.port}."),
    )
    options = (
        Setting("awslogs-group", logs.group_value),
        Setting("awslogs-region", Either(Ref("AWS::Region"), logs.region)),
        Setting("awslogs-stream-prefix", Word("service-connect")),
    )
    return Setting(
        "ServiceConnectConfiguration",
        (
            Setting("Enabled", value=True),
            Setting("Namespace", Ref(MESH)),
            *((Setting("Services", [served]),) if called else ()),
            Setting(
                "LogConfiguration",
                (Setting("LogDriver", Word("awslogs")), Setting("Options", options)),
                "What the proxy has to say stands beside the application's own words.",
            ),
        ),
        f"A proxy in every task leads calls to the neighbours. (spec: discovery, services.{key}.connect and that of its callers)",
    )
