"""The application load balancer, and the security groups between it and the tasks."""

from bgspec.cfn import GetAtt, Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Output, Stack, subnets


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return (
        Stack(
            key="load-balancer",
            name=plan.names.stack("load-balancer"),
            template="load-balancer.yaml.j2",
            description="Application load balancer and security groups",
            parameters=(VPC, subnets(plan.load_balancer.subnets)),
            outputs=(
                Output(Word("LoadBalancerArn"), "The load balancer", Ref("LoadBalancer")),
                Output(Word("LoadBalancerDnsName"), "Where it answers", GetAtt("LoadBalancer", "DNSName")),
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
                "load_balancer": plan.load_balancer,
                "network": plan.network,
                "services": plan.services,
                "admitted": [(listener, cidr) for listener in plan.load_balancer.listeners for cidr in listener.allow],
            },
        ),
    )
