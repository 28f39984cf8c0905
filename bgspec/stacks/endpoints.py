"""The VPC endpoints through which tasks without internet reach AWS."""

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Parameter, Stack, subnets


def stacks(plan: Plan) -> tuple[Stack, ...]:
    network = plan.network
    if not network.gateway_endpoints:
        return ()
    route_tables = Parameter(
        Word("PrivateRouteTableIds"), "CommaDelimitedList", "The route tables of the private subnets, from the network stack"
    )
    inside = (subnets(network.task_subnets),) if network.interface_endpoints else ()
    return (
        Stack(
            key="endpoints",
            name=plan.names.stack("endpoints"),
            template="endpoints.yaml.j2",
            description="VPC endpoints: the private ways to ECR, S3 and the other services that tasks need",
            parameters=(VPC, *inside, route_tables),
            outputs=(),
            context={"network": network, "groups": (network.endpoint_group_name,) if network.interface_endpoints else ()},
        ),
    )
