"""CodeDeploy: application, configuration, deployment groups."""

from bgspec.cfn import Ref
from bgspec.plan import Plan
from bgspec.stacks.stack import Stack, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    listeners = plan.load_balancer.listeners
    if not plan.deployment.groups:
        return ()
    return (
        Stack(
            key="deployment",
            name=plan.names.stack("deployment"),
            template="deployment.yaml.j2",
            description="CodeDeploy application and deployment groups",
            parameters=tuple(text(listener.output, f"The {listener.kind} listener") for listener in listeners),
            outputs=(),
            context={
                "deployment": plan.deployment,
                "config": Ref("DeploymentConfig") if plan.deployment.own_config else plan.deployment.config,
                "cluster": plan.cluster,
                "load_balancer": plan.load_balancer,
            },
            after=(
                *(f"service-{service.key}" for service in plan.served),
                *(("alarms",) if plan.deployment.alarms.made else ()),
                *(("hooks",) if plan.deployment.hooks.functions else ()),
            ),
            named_iam=True,
        ),
    )
