"""The ECS cluster."""

from bgspec.cfn import Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import Output, Stack, key


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(
        Stack(
            key="cluster",
            name=plan.names.stack("cluster"),
            template="cluster.yaml.j2",
            description="ECS cluster",
            parameters=key(plan) if cluster.exec_log_group else (),
            outputs=(Output(Word("ClusterName"), "The cluster", Ref("Cluster")),),
            context={"cluster": cluster},
        )
        for cluster in plan.clusters
    )
