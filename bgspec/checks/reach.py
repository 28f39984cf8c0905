"""BG32x: who can reach whom."""

from collections.abc import Iterator

from bgspec.checks.network import private
from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.plan.network import bounds

# What a pull-through cache's namespace is called where nobody calls it otherwise: the ECR console's own suggestions.
_CACHES = ("docker-hub/", "ecr-public/", "github/", "gitlab/", "kubernetes/", "quay/")

# Where the endpoint of a service is not called as its IAM actions are, or of several this is the one that applications call (VPC's AWS
# PrivateLink guide, aws-services-privatelink-support).
_ENDPOINTS = {
    "appconfig": "appconfigdata",
    "aps": "aps-workspaces",
    "bedrock": "bedrock-runtime",
    "cloudwatch": "monitoring",
    "firehose": "kinesis-firehose",
    "kinesis": "kinesis-streams",
    "sagemaker": "sagemaker.runtime",
    "ses": "email",
}


@rule("BG320", "warning")
def first_pull_through_a_cache(env: Environment) -> Iterator[Found]:
    """A private network cannot fill a pull-through cache.

    What: The image's path looks like one of an ECR pull-through cache, and `network.egress` is `endpoints`.
    Why: The first pull of an image through a cache needs a way to the internet, even with all of ECR's endpoints; later ones do not. So
        the first task with a new tag does not start.
    Mend: Pull each new tag once from where the internet is, or use `egress: nat`.
    Source: ECR User Guide, vpc-endpoints (considerations: pull-through cache). The names are those that the ECR console suggests.

    Fails:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/docker-hub/library/nginx:1.27
            port: 80
    Passes:
        network:
          egress: nat
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/docker-hub/library/nginx:1.27
            port: 80
    """
    if env.plan.network.egress != "endpoints":
        return
    for route, image, _ in env.images:
        registry, _, path = image.partition("/")
        if ".dkr.ecr." in registry and path.startswith(_CACHES):
            yield Found(
                route,
                "The first pull through a cache needs the internet, which this network does not have.",
                "Pull each new tag once from elsewhere, or use `network.egress: nat`.",
            )


@rule("BG321", "warning")
def service_out_of_reach(env: Environment) -> Iterator[Found]:
    """The application may call an AWS service that it cannot reach.

    What: `permissions` name an AWS service for which the private network has no endpoint, and `network.egress` is `endpoints`.
    Why: The permission is granted, but no packet arrives: the call hangs until its timeout.
    Mend: Add the service to `network.endpoints`, use `egress: nat`, or remove the permission.
    Source: VPC's AWS PrivateLink guide, aws-services-privatelink-support; https://github.com/anomalyco/sst/issues/6019 is one of many
        threads of a missing endpoint.

    Fails:
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [sqs:SendMessage]
                resources: ["arn:aws:sqs:us-east-1:111122223333:orders"]
    Passes:
        network:
          egress: nat
        services:
          web:
            image: {build: .}
            port: 8080
            permissions:
              - actions: [sqs:SendMessage]
                resources: ["arn:aws:sqs:us-east-1:111122223333:orders"]
    """
    network = env.plan.network
    if network.egress != "endpoints" or not env.permissions:
        return
    reached = [
        endpoint.service.partition(f".{env.plan.region.name}.")[2]
        for endpoint in (*network.interface_endpoints, *network.gateway_endpoints)
    ]
    for route, action in _actions(env):
        service = action.partition(":")[0]
        name = _ENDPOINTS.get(service, service)
        if not any(endpoint in {name, service} or endpoint.startswith((f"{name}.", f"{name}-")) for endpoint in reached):
            yield Found(
                route,
                f"Tasks may call `{service}`, but no endpoint leads there, and nothing else does.",
                f"Add `{name}` to `network.endpoints`, use `network.egress: nat`, or remove the permission.",
                related=(("no way to the internet", ("network", "egress")),) if env.wrote("network", "egress") else (),
            )


def _actions(env: Environment) -> Iterator[tuple[Route, str]]:
    """The first action of each AWS service that an application may use."""
    seen = set()
    for route, permission in env.permissions:
        for index, action in enumerate(permission.actions):
            found = (route[1], action.partition(":")[0])
            if found not in seen:
                seen.add(found)
                yield (*route, "actions", index), action


@rule("BG322", "warning")
def private_callers_of_a_public_listener(env: Environment) -> Iterator[Found]:
    """Nobody calls a public listener from a private address.

    What: `allow` names private addresses, and the load balancer is internet-facing.
    Why: An internet-facing load balancer is called at its public addresses. Whoever calls it from inside leaves through a NAT gateway and
        arrives with that one's address; bgspec admits those of its own.
    Mend: Name the public addresses of the callers, or use `scheme: internal`.
    Source: Elastic Load Balancing User Guide, how-elastic-load-balancing-works (the nodes of an internet-facing load balancer have
        public addresses, and its name resolves to those).

    Fails:
        load_balancer:
          allow: [10.0.0.0/8]
    Passes:
        load_balancer:
          scheme: internal
          allow: [10.0.0.0/8]
    """
    if env.plan.load_balancer.scheme != "internet-facing":
        return
    for route, cidr in (caller for callers in _callers(env) for caller in callers):
        if private(cidr):
            yield Found(
                route,
                f"{cidr} is private: nobody arrives from there at an internet-facing load balancer.",
                "Name the public addresses of the callers, or use `load_balancer.scheme: internal`.",
            )


@rule("BG323", "warning")
def caller_twice(env: Environment) -> Iterator[Found]:
    """One of the networks that may call holds another.

    What: A network in `allow` lies inside another of the same list.
    Why: The smaller one changes nothing: whoever wrote it may think that only it may call.
    Mend: Remove the smaller one, or the larger one where it is too much.
    Source: VPC User Guide, security-group-rules (rules only admit; together they admit whatever one of them does).

    Fails:
        load_balancer:
          allow: [203.0.113.0/24, 203.0.113.7/32]
    Passes:
        load_balancer:
          allow: [203.0.113.0/24, 198.51.100.7/32]
    """
    for callers in _callers(env):
        for route, cidr, there, around in _admitted_already(callers) if len(callers) > 1 else ():
            yield Found(
                route,
                f"{cidr} is admitted already with {around}.",
                "Remove it, or the larger network where that is too much.",
                related=(("admitted here", there),),
            )


def _admitted_already(callers: list[tuple[Route, str]]) -> Iterator[tuple[Route, str, Route, str]]:
    """Every network with the one that holds it: networks nest or are apart, so in the order of their addresses the holder comes first."""
    placed = [(*bounds(cidr), route, cidr) for route, cidr in callers]
    end = -1
    around: tuple[Route, str] = ((), "")
    for _, last, route, cidr in sorted(placed, key=lambda one: (one[0], -one[1])):
        if last <= end:
            yield route, cidr, *around
        else:
            end, around = last, (route, cidr)


def _callers(env: Environment) -> Iterator[list[tuple[Route, str]]]:
    """The networks that each listener's list admits, with their routes."""
    balancer = env.spec.load_balancer
    for route, allow in ((("load_balancer", "allow"), balancer.allow), (("load_balancer", "test", "allow"), balancer.test.allow)):
        yield [((*route, index), cidr) for index, cidr in enumerate(allow or ())]


@rule("BG324")
def secret_of_another_region(env: Environment) -> Iterator[Found]:
    """A private network cannot reach the secrets of another Region.

    What: A secret's ARN names another Region, and `network.egress` is `endpoints`.
    Why: The endpoints of a VPC lead to their own Region only. Tasks stop with ResourceInitializationError before they start.
    Mend: Replicate the secret into this Region, or use `egress: nat`.
    Source: ECS Developer Guide, vpc-endpoints ("VPC endpoints don't support cross-Region requests"); bc:ecs.Secret.valueFrom.

    Fails:
        region: us-east-1
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop/db-AbCdEf
    Passes:
        region: us-east-1
        services:
          web:
            image: {build: .}
            port: 8080
            secrets:
              DB_PASSWORD: arn:aws:secretsmanager:us-east-1:111122223333:secret:shop/db-AbCdEf
    """
    if env.plan.network.egress != "endpoints":
        return
    for route, value in env.secrets:
        region = value.split(":")[3] if value.startswith("arn:") else env.plan.region.name
        if region != env.plan.region.name:
            yield Found(
                route,
                f"This secret lies in {region}, but endpoints lead to {env.plan.region.name} only.",
                f"Replicate it into {env.plan.region.name}, or use `network.egress: nat`.",
                related=(("the Region", ("region",)),),
            )
