"""The VPC endpoints through which tasks without internet reach AWS."""

from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Parameter, Stack, subnets


def stacks(plan: Plan) -> tuple[Stack, ...]:
    network = plan.network
    if not network.endpoints:
        return ()
    tables = Parameter(network.task_route_tables, "CommaDelimitedList", "The route tables of the subnets in which tasks run")
    return (
        Stack(
            key="endpoints",
            name=plan.names.stack("endpoints"),
            template="endpoints.yaml.j2",
            description="VPC endpoints: the private ways to ECR, S3 and the other services that tasks need",
            parameters=(
                VPC,
                *((subnets(network.task_subnets),) if network.interface_endpoints else ()),
                *((tables,) if network.gateway_endpoints else ()),
            ),
            outputs=(),
            context={"network": network, "groups": (network.endpoint_group_name,) if network.interface_endpoints else ()},
        ),
    )
