"""Target groups blue and green, and the two listeners: everything that a deployment moves, and nothing else."""

from bgspec.cfn import Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Output, Stack, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    groups = [
        (service, group)
        for service in plan.services
        for group in (
            ("blue", service.blue, service.blue_name, service.blue_output),
            ("green", service.green, service.green_name, service.green_output),
        )
    ]
    return (
        Stack(
            key="traffic",
            name=plan.names.stack("traffic"),
            template="traffic.yaml.j2",
            description="Target groups blue and green, production and test listener",
            parameters=(VPC, text(Word("LoadBalancerArn"), "The load balancer, from the load-balancer stack")),
            outputs=(
                *(Output(output, f"Target group {colour} of {service.key}", Ref(group)) for service, (colour, group, _, output) in groups),
                *(Output(listener.output, f"The {listener.kind} listener", Ref(listener.id)) for listener in plan.load_balancer.listeners),
            ),
            context={
                "groups": [
                    {"service": service, "colour": colour, "id": group, "name": name} for service, (colour, group, name, _) in groups
                ],
                "listeners": plan.load_balancer.listeners,
                "default": plan.services[0],
            },
            policy=True,
        ),
    )
