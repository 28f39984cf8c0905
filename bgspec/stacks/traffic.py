"""Target groups blue and green, and the two listeners: everything that a deployment moves, and nothing else."""

from bgspec.cfn import Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import VPC, Output, Stack, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if not plan.served:
        return ()
    groups = [(service.target, group) for service in plan.served for group in service.target.groups]
    return (
        Stack(
            key="traffic",
            name=plan.names.stack("traffic"),
            template="traffic.yaml.j2",
            description="Target groups blue and green, production and test listener",
            parameters=(
                VPC,
                text(Word("LoadBalancerArn"), "The load balancer"),
                *(text(certificate.output, "A listener's certificate") for certificate in plan.load_balancer.certificates),
            ),
            outputs=(
                *(Output(group.output, f"Target group {group.colour} of {target.service}", Ref(group.id)) for target, group in groups),
                *(
                    Output(rule.output, f"The {rule.listener.kind} rule of {rule.target.service}", Ref(rule.id))
                    for rule in plan.traffic.rules
                    if rule.weights
                ),
                *(Output(listener.output, f"The {listener.kind} listener", Ref(listener.id)) for listener in plan.load_balancer.listeners),
            ),
            context={
                "groups": groups,
                "listeners": plan.load_balancer.listeners,
                "redirects": plan.load_balancer.redirects,
                "production": plan.load_balancer.production,
                "traffic": plan.traffic,
                "about_rules": "(ECS knows each of them by its ARN.)"
                if any(rule.weights for rule in plan.traffic.rules)
                else "(CodeDeploy is seen to do so in practice; AWS's pages describe only the default rule.)",
            },
            policy=True,
        ),
    )
