"""The VPC, its subnets and the ways out of it."""

from bgspec.cfn import Ref, Sub, Word
from bgspec.plan import Plan
from bgspec.plan.network import Network, Subnet
from bgspec.stacks.stack import Output, Stack, key


def stacks(plan: Plan) -> tuple[Stack, ...]:
    network = plan.network
    if not network.own:
        return ()
    private = (
        Output(Word("PrivateSubnetIds"), "The private subnets, one in each zone", _list(network.private)),
        Output(
            Word("PrivateRouteTableIds"),
            "The route tables of the private subnets",
            Sub(",".join(f"${{{table.id}}}" for table in network.route_tables)),
        ),
    )
    return (
        Stack(
            key="network",
            name=plan.names.stack("network"),
            template="network.yaml.j2",
            description="VPC, subnets, routes",
            parameters=key(plan) if network.flow_logs else (),
            outputs=(
                Output(Word("VpcId"), "The VPC", Ref("Vpc")),
                Output(Word("PublicSubnetIds"), "The public subnets, one in each zone", _list(network.public)),
                *(private if network.private else _public_tables(network)),
                *(Output(nat.address_output, "From where private tasks reach the internet", Ref(nat.address)) for nat in network.nats),
            ),
            context={"network": network},
            named_iam=bool(network.flow_logs),
        ),
    )


def _public_tables(network: Network) -> tuple[Output, ...]:
    """Told where tasks run in the public subnets and a gateway endpoint needs their route table."""
    output = Output(Word("PublicRouteTableIds"), "The route table of the public subnets", Ref("PublicRouteTable"))
    return (output,) if network.gateway_endpoints else ()


def _list(subnets: tuple[Subnet, ...]) -> Sub:
    return Sub(",".join(f"${{{subnet.id}}}" for subnet in subnets))
