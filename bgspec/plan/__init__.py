"""Where everything is decided: a Spec becomes one immutable Plan, from which all artifacts are laid out.

After it nobody decides: templates never choose, checks never default.
"""

from typing import Any, NamedTuple

from bgspec.naming import Names
from bgspec.plan import cluster, deployment, discovery, layout, load_balancer, network, pipeline, registry, service, traffic
from bgspec.regions import Region, region
from bgspec.spec import Spec


class Plan(NamedTuple):
    """One environment, decided."""

    system: str
    environment: str
    region: Region
    account: str
    """Twelve digits, or empty where the spec does not say."""
    tags: tuple[tuple[str, str], ...]
    names: Names
    permissions_boundary: tuple[str, ...]
    """The ARN of the policy that bounds every role, or none."""
    layout: layout.Layout
    network: network.Network
    load_balancer: load_balancer.LoadBalancer
    cluster: str
    """The name of the cluster, its own or not."""
    clusters: tuple[cluster.Cluster, ...]
    """The cluster that the environment makes, or none."""
    registry: registry.Registry
    services: tuple[service.Service, ...]
    discovery: discovery.Discovery
    traffic: traffic.Traffic
    deployment: deployment.Deployment
    pipeline: pipeline.Pipeline | None
    overrides: dict[str, dict[str, dict[str, Any]]]
    """Properties that the spec patches, by stack and logical id (see `bgspec.overrides`)."""

    @property
    def served(self) -> tuple[service.Service, ...]:
        """The services behind the load balancer; the others are workers and tasks."""
        return tuple(one for one in self.services if one.targets)


def resolve(spec: Spec, *, shared: bool = False) -> Plan:
    """Decide everything. `shared` says that the file holds other environments too, so files need a directory each."""
    names = Names(spec.system, spec.environment, spec.cluster if isinstance(spec.cluster, str) else "")
    where = region(spec.region)
    alone = len(spec.services) == 1
    places = layout.Layout(f"{spec.environment}/" if shared or not alone else "", alone, spec.pipeline.files if spec.pipeline else ".")
    net = network.resolve(spec, names, where)
    services = service.resolve(spec, names)
    served = tuple(one for one in services if one.targets)
    balancer = load_balancer.resolve(spec, names, net, needed=bool(served))
    deploys = deployment.resolve(spec, names, served, balancer, net)
    return Plan(
        system=spec.system,
        environment=spec.environment,
        region=where,
        account=spec.account or "",
        tags=tuple({"System": spec.system, "Environment": spec.environment, **spec.tags}.items()),
        names=names,
        permissions_boundary=(spec.permissions_boundary,) if spec.permissions_boundary else (),
        layout=places,
        network=net,
        load_balancer=balancer,
        cluster=names.cluster(),
        clusters=cluster.resolve(spec, names),
        registry=registry.resolve(spec),
        services=services,
        discovery=discovery.resolve(spec, names),
        traffic=traffic.resolve(spec, services, balancer, weighted=spec.deployment.engine == "ecs"),
        deployment=deploys,
        pipeline=pipeline.resolve(spec, names, services, deploys, places),
        overrides=spec.overrides,
    )
