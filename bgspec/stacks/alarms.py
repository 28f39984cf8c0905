"""The alarms that stop a deployment."""

from bgspec.cfn import Word
from bgspec.plan import Plan
from bgspec.stacks.stack import Stack, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    alarms = plan.deployment.alarms.made
    if not alarms:
        return ()
    groups = {group.output: group for alarm in alarms for group in alarm.groups}
    return (
        Stack(
            key="alarms",
            name=plan.names.stack("alarms"),
            template="alarms.yaml.j2",
            description="Alarms that stop a deployment",
            parameters=(
                text(Word("LoadBalancerArn"), "The load balancer"),
                *(text(output, f"Target group {group.colour}") for output, group in groups.items()),
            ),
            outputs=(),
            context={"alarms": alarms},
        ),
    )
