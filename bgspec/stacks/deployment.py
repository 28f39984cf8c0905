"""CodeDeploy: application, configuration, deployment groups."""

from bgspec.cfn import Ref
from bgspec.plan import Plan
from bgspec.plan.codedeploy import CodeDeploy
from bgspec.stacks.stack import Stack, text


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(_stack(plan, codedeploy) for codedeploy in plan.deployment.codedeploy if codedeploy.groups)


def _stack(plan: Plan, codedeploy: CodeDeploy) -> Stack:
    listeners = plan.load_balancer.listeners
    return Stack(
        key="deployment",
        name=plan.names.stack("deployment"),
        template="deployment.yaml.j2",
        description="CodeDeploy application and deployment groups",
        parameters=tuple(text(listener.output, f"The {listener.kind} listener") for listener in listeners),
        outputs=(),
        context={
            "deployment": plan.deployment,
            "codedeploy": codedeploy,
            "config": Ref("DeploymentConfig") if codedeploy.own_config else codedeploy.config,
            "cluster": plan.cluster,
            "load_balancer": plan.load_balancer,
        },
        after=(
            *(f"service-{service.key}" for service in plan.served),
            *(("alarms",) if plan.deployment.alarms.made else ()),
            *(("hooks",) if plan.deployment.hooks.functions else ()),
        ),
        named_iam=True,
    )
