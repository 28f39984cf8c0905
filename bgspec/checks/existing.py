"""BG35x: a network that exists already."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.plan.endpoints import GATEWAYS, needed
from bgspec.spec import ExistingNetwork


@rule("BG350")
def subnets_missing(env: Environment) -> Iterator[Found]:
    """The existing VPC's subnets are not named.

    What: `network.vpc` names a VPC, but the subnets in which the load balancer or the tasks must stand are not there.
    Why: bgspec makes no subnets in a VPC that is not its own, and cannot ask AWS which ones there are.
    Mend: An internet-facing load balancer needs `public_subnets`; tasks and an internal load balancer need `private_subnets`, unless
        `egress` is `public`.
    Source: ELB User Guide, application-load-balancers (subnets in two zones); bc:ecs.AwsVpcConfiguration.subnets is required.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          private_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    Passes:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          public_subnets: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
          private_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    """
    network, balancer = env.plan.network, env.plan.load_balancer
    if network.own:
        return
    given = dict(network.given)
    elsewhere = ", or use `network.egress: public`" if network.task_subnets.startswith("Private") else ""
    wanted = {network.task_subnets: ("the tasks run", elsewhere)}
    if balancer.own:
        other = ", or use `load_balancer.scheme: internal`" if balancer.scheme == "internet-facing" else ""
        wanted.setdefault(balancer.subnets, (f"the {balancer.scheme} load balancer stands", other))
    for subnets, (use, other) in wanted.items():
        if subnets not in given:
            key = "public_subnets" if subnets.startswith("Public") else "private_subnets"
            yield Found(
                ("network", "vpc"), f"The VPC's subnets in which {use} are not named.", f"Add `{key}:` with one for each zone{other}."
            )


@rule("BG351")
def route_tables_missing(env: Environment) -> Iterator[Found]:
    """A gateway endpoint has no route tables to write its route into.

    What: The environment adds a gateway endpoint (`s3`, `dynamodb`) to a VPC that exists, but `network.route_tables` is empty.
    Why: A gateway endpoint is a route. Without a route table it does nothing, and image layers, which lie in S3, are out of reach.
    Mend: Name the route tables of the subnets in which tasks run, or add the service to `existing_endpoints` if it has its endpoint.
    Source: VPC User Guide, gateway-endpoints; ECR User Guide, vpc-endpoints.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          egress: endpoints
          public_subnets: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
          private_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
    Passes:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          egress: endpoints
          public_subnets: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
          private_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
          route_tables: [rtb-0123456789abcdef0]
    """
    network = env.plan.network
    if not network.own and network.gateway_endpoints and network.task_route_tables not in dict(network.given):
        names = " and ".join(service for service in needed(env.spec) if service in GATEWAYS)
        yield Found(
            env.written(("network", "egress"), ("network",)),
            f"The endpoint of {names} is a route, but no route tables are named.",
            "Add `route_tables:` of the subnets in which tasks run, or `existing_endpoints:` if it exists.",
        )


@rule("BG352", "warning")
def endpoint_stands_for_nothing(env: Environment) -> Iterator[Found]:
    """An existing endpoint is named that nothing needs.

    What: `network.existing_endpoints` names a service for which the environment would make no endpoint.
    Why: It changes nothing. Mostly it is a name that is written otherwise: `ecr.dkr`, not `ecr-dkr`.
    Mend: Remove it, or write it as AWS does.
    Source: ECR User Guide, vpc-endpoints; the reasons for all endpoints stand in the endpoints stack.

    Fails:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          egress: endpoints
          public_subnets: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
          private_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
          route_tables: [rtb-0123456789abcdef0]
          existing_endpoints: [ecr-api]
    Passes:
        network:
          vpc: vpc-0123456789abcdef0
          cidr: 10.0.0.0/16
          egress: endpoints
          public_subnets: [subnet-0123456789abcdef2, subnet-0123456789abcdef3]
          private_subnets: [subnet-0123456789abcdef0, subnet-0123456789abcdef1]
          route_tables: [rtb-0123456789abcdef0]
          existing_endpoints: [ecr.api]
    """
    network = env.spec.network
    if isinstance(network, ExistingNetwork):
        wanted = needed(env.spec)
        for position, service in enumerate(network.existing_endpoints):
            if service not in wanted:
                yield Found(
                    ("network", "existing_endpoints", position),
                    f"With `egress: {network.egress}` nothing here needs an endpoint of `{service}`.",
                    f"Remove it; needed are {', '.join(wanted) or 'none'}.",
                )
