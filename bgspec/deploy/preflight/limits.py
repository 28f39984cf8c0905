"""What an account has enough of, and what AWS makes in it on first use: quotas, zones, service-linked roles."""

from collections.abc import Iterator
from functools import partial
from typing import NamedTuple

from bgspec import account as words
from bgspec.checks import Environment
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.decide import Seen
from bgspec.deploy.preflight.look import Look, there
from bgspec.diagnostics import Diagnostic, Route
from bgspec.plan.service import Service
from bgspec.regions import FARGATE_ZONES


class Quota(NamedTuple):
    """A quota as Service Quotas knows it; its page in the console is `/servicequotas/home/services/SERVICE/quotas/CODE`."""

    service: str
    code: str


# AWS General Reference, ecs-service (AWS Fargate quotas); VPC User Guide, amazon-vpc-limits (VPCs per Region, Elastic IP addresses per
# Region): both link each quota's page in the console, and so name its service and its code.
_VCPUS = {"FARGATE": Quota("fargate", "L-3032A538"), "FARGATE_SPOT": Quota("fargate", "L-36FBB829")}
_VPCS = Quota("vpc", "L-F678F1CE")
_ADDRESSES = Quota("ec2", "L-0263D0A3")


def looks(env: Environment, seen: dict[str, Seen]) -> Iterator[Look]:
    """Service-linked roles and quotas, as far as what is `seen` to stand does not count already."""
    yield from _roles(env)
    for provider in _VCPUS:
        if any(_on(provider, service, service.tasks) for service in env.plan.services):
            yield Look(("services",), "the quota of Fargate", partial(_vcpus, env, provider))
    network = env.plan.network
    if network.own:
        yield Look(("network",), "the offer of zones", partial(_zones, env))
        if not seen["network"].status:
            yield Look(("network",), "the quota of VPCs", _vpcs)
            if network.nats:
                route = env.written(("network", "nat"), ("network", "egress"))
                yield Look(route, "the quota of addresses", partial(_addresses, route, len(network.nats)))


def _roles(env: Environment) -> Iterator[Look]:
    """The roles with which services work in an account (ECS, ELB and Application Auto Scaling: their guides' service-linked roles)."""
    wanted: dict[str, tuple[str, Route]] = {"AWSServiceRoleForECS": ("ecs.amazonaws.com", ("services",))}
    if env.plan.served and env.plan.load_balancer.own:
        wanted["AWSServiceRoleForElasticLoadBalancing"] = ("elasticloadbalancing.amazonaws.com", ("load_balancer",))
    for service in env.plan.services:
        if service.scaling:
            wanted["AWSServiceRoleForApplicationAutoScaling_ECSService"] = (
                "ecs.application-autoscaling.amazonaws.com",
                ("services", service.key, "scaling"),
            )
    for role, (service_name, route) in wanted.items():
        yield Look(route, f"the role {role}", partial(_role, route, role, service_name))


def _role(route: Route, role: str, service: str, aws: Aws) -> Iterator[Diagnostic]:
    if not there(lambda: aws.call("iam", "get_role", RoleName=role), "NoSuchEntity"):
        yield words.service_linked_role_missing(route, role, service)


def _zones(env: Environment, aws: Aws) -> Iterator[Diagnostic]:
    """The zones that a template gets: by name, and if any has a default subnet, those that have one (CloudFormation's Fn::GetAZs)."""
    filters = [{"Name": "state", "Values": ["available"]}, {"Name": "zone-type", "Values": ["availability-zone"]}]
    found = {one["ZoneName"]: one["ZoneId"] for one in aws.call("ec2", "describe_availability_zones", Filters=filters)["AvailabilityZones"]}
    own = [{"Name": "default-for-az", "Values": ["true"]}]
    defaults = {one["AvailabilityZone"] for one in aws.pages("ec2", "describe_subnets", "Subnets", Filters=own)}
    offered = sorted(name for name in found if name in defaults or not defaults)
    wanted = len(env.plan.network.public)
    route = env.written(("network", "zones"), ("region",))
    if len(offered) < wanted:
        yield words.zones_missing(route, wanted, len(offered), env.plan.region.name, sorted(set(found) - set(offered)))
        return
    with_fargate = FARGATE_ZONES.get(env.plan.region.name)
    for name in offered[:wanted]:
        if with_fargate and found[name] not in with_fargate:
            yield words.zone_without_fargate(route, f"{name} ({found[name]})")


def _vpcs(aws: Aws) -> Iterator[Diagnostic]:
    there_are, quota = sum(1 for _ in aws.pages("ec2", "describe_vpcs", "Vpcs")), _quota(aws, _VPCS)
    if there_are + 1 > quota:
        yield words.quota_too_small(("network",), "VPC more than there are", 1, quota, _ask_for(_VPCS, there_are + 1))


def _addresses(route: Route, wanted: int, aws: Aws) -> Iterator[Diagnostic]:
    there_are, quota = len(aws.call("ec2", "describe_addresses")["Addresses"]), _quota(aws, _ADDRESSES)
    if there_are + wanted > quota:
        what = f"public addresses beside {there_are} others"
        yield words.quota_too_small(route, what, wanted, quota, _ask_for(_ADDRESSES, there_are + wanted))


def _vcpus(env: Environment, provider: str, aws: Aws) -> Iterator[Diagnostic]:
    """All tasks, and those of the largest service once more: services of one environment are replaced one after another."""
    quota = _quota(aws, _VCPUS[provider])
    usual = {service.key: _on(provider, service, service.tasks) for service in env.plan.services}
    most = {service.key: _on(provider, service, _most(service)) for service in env.plan.services}
    kind = "vCPUs of Fargate" if provider == "FARGATE" else "vCPUs of Fargate Spot"
    for amounts, grown in ((usual, False), (most, True)):
        needed = sum(amounts.values()) + max(amounts.values())
        if needed > quota:
            own: Route = ("services", max(amounts, key=lambda key: amounts[key]))
            mend = _ask_for(_VCPUS[provider], needed)
            if grown:
                yield words.quota_too_small_at_its_largest(env.written((*own, "scaling", "max"), own), needed, quota, mend)
            else:
                route = env.written((*own, "count"), (*own, "cpu"), own)
                yield words.quota_too_small(route, f"{kind} for blue and green", needed, quota, mend)
            return


def _on(provider: str, service: Service, tasks: int) -> float:
    """The vCPUs of so many tasks of a service that run on a capacity provider (bc:ecs.CapacityProviderStrategyItem: base, then weights)."""
    if service.kind == "task":
        return 0.0
    shares = service.capacity
    if not shares:
        return tasks * service.cpu / 1024 if provider == "FARGATE" else 0.0
    based, weights = sum(one.base for one in shares), sum(one.weight for one in shares)
    rest = max(tasks - based, 0)
    own = [min(one.base, tasks) + (rest * one.weight / weights if weights else 0) for one in shares if one.provider == provider]
    return sum(own) * service.cpu / 1024


def _most(service: Service) -> int:
    return max((service.tasks, *(one.max for one in service.scaling)))


def _quota(aws: Aws, quota: Quota) -> float:
    """What the account has; where nothing was applied to it, the default."""
    try:
        found = aws.call("service-quotas", "get_service_quota", ServiceCode=quota.service, QuotaCode=quota.code)
    except RefusedError as error:
        if error.code != "NoSuchResourceException":
            raise
        found = aws.call("service-quotas", "get_aws_default_service_quota", ServiceCode=quota.service, QuotaCode=quota.code)
    return float(found["Quota"]["Value"])


def _ask_for(quota: Quota, wanted: float) -> str:
    code = f"--service-code {quota.service} --quota-code {quota.code} --desired-value {wanted:g}"
    return f"Ask for more: `aws service-quotas request-service-quota-increase {code}`."
