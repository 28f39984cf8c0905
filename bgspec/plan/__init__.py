"""Where everything is decided: a Spec becomes one immutable Plan, from which all artifacts are laid out.

After it nobody decides: templates never choose, checks never default.
"""

from typing import Any, Literal, NamedTuple

from bgspec.naming import Names
from bgspec.plan import (
    cluster,
    deployment,
    discovery,
    encryption,
    github,
    layout,
    load_balancer,
    network,
    pipeline,
    registry,
    service,
    tools,
    traffic,
)
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
    encryption: encryption.Encryption
    registry: registry.Registry
    services: tuple[service.Service, ...]
    discovery: discovery.Discovery
    traffic: traffic.Traffic
    deployment: deployment.Deployment
    pipeline: pipeline.Pipeline | None
    github: github.GitHub | None
    tools: tools.Tools | None
    published: tuple[str, ...]
    """The path of the SSM parameters that say what the stacks tell, or none."""
    overrides: dict[str, dict[str, dict[str, Any]]]
    """Properties that the spec patches, by stack and logical id (see `bgspec.overrides`)."""
    half: Literal["whole", "target", "tools"] = "whole"
    """Which account's part of the environment this is, where the pipeline stands in a tools account (see `halves`)."""

    @property
    def name(self) -> str:
        """What the environment is called where many are spoken of, and how every name in it begins: `cf1-stg`."""
        return f"{self.system}-{self.environment}"

    @property
    def delivered(self) -> bool:
        """Whether somebody else brings new versions: then the revisions that run are not those of the services' stacks."""
        return self.pipeline is not None or self.github is not None or self.tools is not None

    @property
    def encrypts(self) -> bool:
        """Whether the environment keeps anything that its key encrypts."""
        return bool(
            (self.pipeline and not self.tools)
            or self.network.flow_logs
            or any(service.logs.days for service in self.services)
            or (self.registry.key == self.encryption.keys and any(build.repository.own for one in self.services for _, build in one.built))
            or any(cluster.exec_log_group for cluster in self.clusters)
            or self.deployment.hooks.functions
        )

    @property
    def halves(self) -> tuple["Plan", ...]:
        """What each account holds: one of them all, or the environment's own account and then the one with the pipeline."""
        if self.tools is None or self.pipeline is None:
            return (self,)
        (key,) = self.tools.encryption
        return (
            self._replace(half="target", pipeline=None),
            self._replace(
                half="tools",
                account=self.tools.account,
                layout=self.layout.abroad(),
                encryption=key,
                permissions_boundary=self.tools.boundary,
                services=(),
                tools=None,
                published=(),
            ),
        )

    @property
    def served(self) -> tuple[service.Service, ...]:
        """The services behind the load balancer; the others are workers and tasks."""
        return tuple(one for one in self.services if one.targets)


def _files(spec: Spec) -> str:
    """Where the rendered files lie in the source repository."""
    readers = (spec.pipeline, spec.github_actions)
    return next((reader.files for reader in readers if reader), ".")


def resolve(spec: Spec, *, shared: bool = False) -> Plan:
    """Decide everything. `shared` says that the file holds other environments too, so files need a directory each."""
    names = Names(spec.system, spec.environment, spec.cluster if isinstance(spec.cluster, str) else "", spec.role_path or "")
    where = region(spec.region)
    alone = len(spec.services) == 1
    places = layout.Layout(f"{spec.environment}/" if shared or not alone else "", alone, _files(spec))
    keys = encryption.resolve(spec, names)
    net = network.resolve(spec, names, where)
    services = service.resolve(spec, names)
    served = tuple(one for one in services if one.targets)
    balancer = load_balancer.resolve(spec, names, net, needed=bool(served))
    deploys = deployment.resolve(spec, names, served, balancer, net)
    pipe = pipeline.resolve(spec, names, services, deploys, pipeline.Given(places, keys, tools.site(spec, names)))
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
        encryption=keys,
        registry=registry.resolve(spec, keys),
        services=services,
        discovery=discovery.resolve(spec, names),
        traffic=traffic.resolve(spec, services, balancer, weighted=spec.deployment.engine == "ecs"),
        deployment=deploys,
        pipeline=pipe,
        github=github.resolve(spec, names, services, deploys),
        tools=tools.resolve(spec, names, services, deploys, pipe),
        published=(spec.publish,) if spec.publish else (),
        overrides=spec.overrides,
    )
