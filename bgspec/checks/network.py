"""BG3xx: addresses, zones, and what a task can reach."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.plan.network import bounds

# The networks that nobody has on the internet (RFC 1918, RFC 6598), from the end, and the one that container engines use.
_PRIVATE = [bounds(cidr) for cidr in ("192.168.0.0/16", "172.16.0.0/12", "100.64.0.0/10", "10.0.0.0/8")]
_BRIDGES = bounds("172.17.0.0/16")

# Regions where many accounts see fewer zones than three.
_ZONES_SEEN = {"us-west-1": 2}

_RESERVED = 5
_SPARE_FOR_ALB = 8


@rule("BG301", "warning")
def public_addresses(env: Environment) -> Iterator[Found]:
    """The VPC's network is not a private one.

    What: `network.cidr` lies outside 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and 100.64.0.0/10.
    Why: Whatever has these addresses on the internet cannot be reached from the VPC any more: the VPC's own route wins.
    Mend: Take a network from 10.0.0.0/8, such as 10.0.0.0/16.
    Source: VPC User Guide, vpc-cidr-blocks (RFC 1918 is recommended; publicly routable ranges are possible); RFC 6598 for 100.64.0.0/10.

    Fails:
        network:
          cidr: 20.0.0.0/16
    Passes:
        network:
          cidr: 10.0.0.0/16
    """
    cidr = env.plan.network.cidr
    if not private(cidr):
        yield Found(
            ("network", "cidr"),
            f"{cidr} holds public addresses: the VPC could not reach their owners on the internet.",
            "Use a private network, such as 10.0.0.0/16.",
        )


@rule("BG302", "warning")
def bridge_network(env: Environment) -> Iterator[Found]:
    """The VPC's network holds 172.17.0.0/16, which container engines use themselves.

    What: `network.cidr` and 172.17.0.0/16 overlap.
    Why: A container engine gives its containers addresses from 172.17.0.0/16, on CodeBuild too: inside a build, such an address of the
        VPC leads nowhere.
    Mend: Choose another network, such as 10.0.0.0/16.
    Source: VPC User Guide, vpc-cidr-blocks ("some AWS services use the 172.17.0.0/16 range").

    Fails:
        network:
          cidr: 172.17.0.0/16
    Passes:
        network:
          cidr: 172.20.0.0/16
    """
    cidr = env.plan.network.cidr
    low, high = bounds(cidr)
    if low <= _BRIDGES[1] and _BRIDGES[0] <= high:
        yield Found(
            ("network", "cidr"),
            "This network overlaps with 172.17.0.0/16, which container engines use for their own bridges.",
            "Use another network, such as 10.0.0.0/16.",
        )


@rule("BG303")
def addresses_run_out(env: Environment) -> Iterator[Found]:
    """The subnets are too small for blue and green at once.

    What: The tasks of all services twice, the VPC endpoints and what AWS keeps for itself do not fit into the subnets.
    Why: During a deployment blue and green run side by side, each task with a network interface of its own. AWS keeps five addresses of
        every subnet; the load balancer wants eight free ones in each of its own; an interface endpoint takes one in each zone. When the
        addresses run out, green cannot start, the deployment waits an hour and fails.
    Mend: Use a larger network, another zone, or fewer tasks.
    Source: VPC User Guide, subnet-sizing (five addresses); ELB User Guide, application-load-balancers (/27 with eight free addresses);
        ECS Developer Guide, deployment-type-blue-green (both versions at once); CodeDeploy waits up to 60 minutes for a steady state (ECS
        Developer Guide, deployment-type-bluegreen).

    Fails:
        network:
          cidr: 10.0.0.0/24
        services:
          web:
            image: {build: .}
            port: 8080
            count: 30
    Passes:
        network:
          cidr: 10.0.0.0/22
        services:
          web:
            image: {build: .}
            port: 8080
            count: 30
    """
    running = _running(env)
    size, needed = _addresses(env, running)
    if needed > size:
        counts = [("services", key, "count") for key in running]
        route = env.written(("network", "cidr"), *counts)
        yield Found(
            route,
            f"Each task subnet has {size} addresses, but blue and green together need {needed} in a zone.",
            "Use a larger `network.cidr`, more zones, or a smaller `count`.",
            related=tuple(("these tasks run twice during a deployment", count) for count in counts if env.wrote(*count) and count != route),
        )


def _running(env: Environment) -> dict[str, int]:
    """How many tasks of each service run all the time."""
    return {service.key: service.tasks for service in env.plan.services if service.kind != "task"}


def _addresses(env: Environment, running: dict[str, int]) -> tuple[int, int]:
    """How many addresses a task subnet has, and how many it needs while every service runs twice; nothing where subnets exist already."""
    network = env.plan.network
    subnets = network.private or network.public
    if not subnets:
        return 0, 0
    tasks = sum(-(-count // len(subnets)) for count in running.values())
    shared = _SPARE_FOR_ALB if env.plan.load_balancer.subnets == network.task_subnets else 0
    size = 1 << (32 - int(subnets[0].cidr.partition("/")[2]))
    return size, _RESERVED + shared + len(network.interface_endpoints) + 2 * tasks


@rule("BG304", "warning")
def zones_missing(env: Environment) -> Iterator[Found]:
    """The Region has fewer zones than the spec asks for.

    What: `network.zones` is more than most accounts see in this Region.
    Why: CloudFormation picks the third zone from the account's list. Where the list has two, the network stack fails with
        "Fn::Select cannot select nonexistent value at index 2" and is rolled back.
    Mend: Use two zones in this Region.
    Source: https://github.com/aws-samples/1click-hpc/issues/1, https://github.com/aws/aws-k8s-tester/pull/183 (us-west-1). Which zones an
        account sees is its own affair, so this is a warning.

    Fails:
        region: us-west-1
        network:
          zones: 3
    Passes:
        region: us-west-1
        network:
          zones: 2
    """
    zones = len(env.plan.network.public)
    seen = _ZONES_SEEN.get(env.plan.region.name, zones)
    if zones > seen:
        yield Found(
            ("network", "zones"),
            f"Most accounts see {seen} zones in {env.plan.region.name}, not {zones}.",
            f"Use {seen}, or make sure that your account sees {zones}: `aws ec2 describe-availability-zones`.",
            related=(("the Region", ("region",)),),
        )


@rule("BG305", "warning")
def nat_without_nat(env: Environment) -> Iterator[Found]:
    """`nat:` is set, but there is no NAT gateway.

    What: `network.nat` says how many NAT gateways there are, but `network.egress` is not `nat`.
    Why: Nothing comes of it: tasks reach no more than without it. Whoever wrote it expects the internet.
    Mend: Write `egress: nat`, or remove `nat:`.
    Source: The language itself; docs/language.md, `network`.

    Fails:
        network:
          nat: per-zone
    Passes:
        network:
          egress: nat
          nat: per-zone
    """
    if env.wrote("network", "nat") and env.plan.network.egress != "nat":
        yield Found(
            ("network", "nat"),
            f"`nat` has no effect where `egress` is `{env.plan.network.egress}`.",
            "Write `egress: nat`, or remove `nat`.",
            "key",
            (("the way out", ("network", "egress")),) if env.wrote("network", "egress") else (),
        )


@rule("BG306")
def image_out_of_reach(env: Environment) -> Iterator[Found]:
    """A private network cannot pull this image.

    What: The image lies in a registry on the internet, and `network.egress` is `endpoints`: there is no way to the internet.
    Why: VPC endpoints lead to the Region's own private ECR and to nothing else; public.ecr.aws has none either. Tasks stop with
        CannotPullContainerError, and the first deployment waits for hours.
    Mend: Use `egress: nat`, or copy the image into a private ECR repository of this Region.
    Source: ECR User Guide, vpc-endpoints; https://github.com/aws/containers-roadmap/issues/1160 (public ECR has no endpoint);
        https://github.com/aws/amazon-ecs-agent/issues/2235.

    Fails:
        services:
          web:
            image:
              uri: public.ecr.aws/nginx/nginx:1.27
            port: 80
    Passes:
        network:
          egress: nat
        services:
          web:
            image:
              uri: public.ecr.aws/nginx/nginx:1.27
            port: 80
    """
    if env.plan.network.egress != "endpoints":
        return
    for route, image, _ in env.images:
        registry = image.partition("/")[0]
        if ".dkr.ecr." not in registry:
            name = registry if "." in registry and "/" in image else "Docker Hub"
            yield Found(
                route,
                f"Tasks without a way to the internet cannot pull from {name}.",
                "Use `network.egress: nat`, or copy the image into a private ECR repository of this Region.",
                related=(("no way to the internet", ("network", "egress")),) if env.wrote("network", "egress") else (),
            )


@rule("BG307")
def image_of_another_region(env: Environment) -> Iterator[Found]:
    """A private network cannot pull an image from another Region.

    What: The image lies in ECR, but in another Region, and `network.egress` is `endpoints`.
    Why: The ECR endpoints of a VPC lead to the ECR of their own Region only.
    Mend: Replicate the repository into this Region, or use `egress: nat`.
    Source: ECS Developer Guide, vpc-endpoints ("VPC endpoints don't support cross-Region requests").

    Fails:
        region: us-east-1
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop/web:1
            port: 8080
    Passes:
        region: us-east-1
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1
            port: 8080
    """
    if env.plan.network.egress != "endpoints":
        return
    for route, image, _ in env.images:
        _, private, rest = image.partition("/")[0].partition(".dkr.ecr.")
        region = rest.partition(".")[0]
        if private and region != env.plan.region.name:
            yield Found(
                route,
                f"The image lies in {region}, but endpoints lead to the ECR of {env.plan.region.name} only.",
                f"Replicate the repository into {env.plan.region.name}, or use `network.egress: nat`.",
                related=(("the Region", ("region",)),),
            )


@rule("BG308", "warning")
def addresses_run_out_at_the_peak(env: Environment) -> Iterator[Found]:
    """The subnets are too small for what scaling allows.

    What: With every service at its `scaling.max`, blue and green do not fit into the subnets.
    Why: On the busiest day a deployment finds no addresses for green, waits an hour and fails; or the service cannot grow.
    Mend: Use a larger network, another zone, or a smaller `max`.
    Source: VPC User Guide, subnet-sizing; ECS Developer Guide, deployment-type-blue-green (both versions at once).

    Fails:
        network:
          cidr: 10.0.0.0/24
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 2, max: 40, cpu: 60}
    Passes:
        network:
          cidr: 10.0.0.0/22
        services:
          web:
            image: {build: .}
            port: 8080
            scaling: {min: 2, max: 40, cpu: 60}
    """
    if not any(service.scaling for service in env.plan.services):
        return
    now = _running(env)
    largest = {key: max(count, scaling.max if (scaling := env.spec.services[key].scaling) else 0) for key, count in now.items()}
    size, needed = _addresses(env, largest)
    if needed > size >= _addresses(env, now)[1]:
        peaks = [("services", key, "scaling", "max") for key in largest if env.wrote("services", key, "scaling", "max")]
        yield Found(
            peaks[0],
            f"At its largest this needs {needed} addresses in a zone during a deployment; each task subnet has {size}.",
            "Use a larger `network.cidr`, more zones, or a smaller `max`.",
            related=(("the network", ("network", "cidr")),) if env.wrote("network", "cidr") else (),
        )


def private(cidr: str) -> bool:
    """Whether nobody has the addresses of a network on the internet. Networks nest or are apart: only one of these can hold it."""
    low, high = bounds(cidr)
    for first, last in _PRIVATE:
        if first <= low:
            return high <= last
    return False
