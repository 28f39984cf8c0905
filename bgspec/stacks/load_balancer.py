"""The application load balancer, and the security groups between it and the tasks."""

from bgspec.cfn import GetAtt, Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Output, Stack, subnets, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    balancer = plan.load_balancer
    admitted = [(listener, allowed) for listener in balancer.ports for allowed in listener.allow]
    return (
        Stack(
            key="load-balancer",
            name=plan.names.stack("load-balancer"),
            template="load-balancer.yaml.j2",
            description="Application load balancer and security groups",
            parameters=(
                VPC,
                subnets(balancer.subnets),
                *(
                    text(nat.address_output, "An address from which private tasks call, from the network stack")
                    for nat in plan.network.nats
                    if any(nat.address_output in allowed for _, allowed in admitted)
                ),
                *(
                    text(Word("AccessLogBucketName"), "Where access logs are written to, from the access-logs stack")
                    for logs in balancer.access_logs
                    if logs.own
                ),
            ),
            outputs=(
                Output(Word("LoadBalancerArn"), "The load balancer", Ref("LoadBalancer")),
                Output(Word("LoadBalancerDnsName"), "Where it answers", GetAtt("LoadBalancer", "DNSName")),
                *_security_group(plan),
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
                "services": plan.services,
                "admitted": admitted,
            },
        ),
    )


def _security_group(plan: Plan) -> tuple[Output, ...]:
    """Told where smoke tests ask from inside the VPC."""
    inside = any(function.security_groups for function in plan.deployment.hooks.functions)
    output = Output(Word("LoadBalancerSecurityGroupId"), "Its security group", GetAtt("LoadBalancerSecurityGroup", "GroupId"))
    return (output,) if inside else ()
