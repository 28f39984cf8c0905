"""The application load balancer, and the security groups between it and the tasks."""

from bgspec.cfn import GetAtt, Ref, Word
from bgspec.plan import Plan
from bgspec.plan.network import Egress
from bgspec.plan.service import Service
from bgspec.stacks.stack import VPC, Output, Stack, subnets, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    balancer = plan.load_balancer
    admitted = [(listener, allowed) for listener in balancer.ports for allowed in listener.allow]
    return (
        Stack(
            key="load-balancer",
            name=plan.names.stack("load-balancer"),
            template="load-balancer.yaml.j2",
            description="Application load balancer and security groups" if balancer.own else "Security groups of the tasks",
            parameters=(
                VPC,
                *((subnets(balancer.subnets),) if balancer.own else ()),
                *((text(Word("LoadBalancerSecurityGroupId"), "The load balancer's security group"),) if balancer.given else ()),
                *(
                    text(nat.address_output, "An address from which private tasks call")
                    for nat in plan.network.nats
                    if balancer.own and any(nat.address_output in allowed for _, allowed in admitted)
                ),
                *(text(Word("AccessLogBucketName"), "Where access logs are written to") for logs in balancer.access_logs if logs.own),
            ),
            outputs=(
                *(_outputs(plan) if balancer.own else ()),
                *(
                    Output(
                        service.security_group_output,
                        f"The security group of the tasks of {service.key}",
                        GetAtt(service.security_group, "GroupId"),
                    )
                    for service in plan.services
                ),
            ),
            context={
                "load_balancer": balancer,
                "network": plan.network,
                "groups": _groups(plan),
                "calls": plan.discovery.calls,
                "called": list(_called(plan).items()),
                "admitted": admitted,
            },
        ),
    )


def _groups(plan: Plan) -> list[tuple[Service, tuple[Egress, ...], str]]:
    """Every service with whom its tasks may call, and who may call them."""
    pairs = zip(plan.services, plan.network.task_egress, strict=True)
    return [(service, egress, _callers(plan, service)) for service, egress in pairs]


def _called(plan: Plan) -> dict[int, str]:
    """The ports that the load balancer calls, each once (EC2 refuses a rule that stands twice), with whose they are."""
    services: dict[int, list[str]] = {}
    for service in plan.services:
        for target in service.targets:
            for port in target.ports:
                services.setdefault(port, []).append(service.key)
    words = {port: f"tasks of {', '.join(names)}" for port, names in services.items()}
    return {port: text if len(text) <= _LONGEST else f"tasks of {len(services[port])} services" for port, text in words.items()}


_LONGEST = 255
"""Characters of a rule's description (bc:ec2.IpRange.Description)."""


def _callers(plan: Plan, service: Service) -> str:
    """Who may call the tasks of a service, as the comment above its security group."""
    neighbours = any(call.callee == service.key for call in plan.discovery.calls)
    if service.targets:
        return f"only the load balancer may call them, and only on their port{'; neighbours that may stand below' if neighbours else ''}"
    return "only their neighbours may call them, who stand below" if neighbours else "nobody may call them"


def _outputs(plan: Plan) -> tuple[Output, ...]:
    """The load balancer; its security group is told where smoke tests ask from inside the VPC."""
    inside = any(function.security_groups for function in plan.deployment.hooks.functions)
    group = Output(Word("LoadBalancerSecurityGroupId"), "Its security group", GetAtt("LoadBalancerSecurityGroup", "GroupId"))
    return (
        Output(Word("LoadBalancerArn"), "The load balancer", Ref("LoadBalancer")),
        Output(Word("LoadBalancerDnsName"), "Where it answers", GetAtt("LoadBalancer", "DNSName")),
        *((group,) if inside else ()),
    )
