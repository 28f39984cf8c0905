"""The names by which services find each other, in Cloud Map."""

from bgspec.cfn import GetAtt
from bgspec.plan import Plan
from bgspec.plan.discovery import MESH
from bgspec.stacks.stack import VPC, Output, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    discovery = plan.discovery
    if not (discovery.zones or discovery.meshes):
        return ()
    return (
        Stack(
            key="discovery",
            name=plan.names.stack("discovery"),
            template="discovery.yaml.j2",
            description="The names by which services find each other",
            parameters=(VPC,) if discovery.zones else (),
            outputs=(
                *(Output(MESH, "The namespace", GetAtt("Namespace", "Arn")) for _ in discovery.meshes),
                *(
                    Output(registry.output, f"The name of {registry.name} in the private zone", GetAtt(registry.id, "Arn"))
                    for registry in discovery.registries
                ),
            ),
            context={"discovery": discovery},
        ),
    )
