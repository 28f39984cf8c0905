"""The artifact bucket, the pipeline and the rule that starts it."""

from bgspec.cfn import Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import Output, Stack, key


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.pipeline is None:
        return ()
    return (
        Stack(
            key="pipeline",
            name=plan.names.stack("pipeline"),
            template="pipeline.yaml.j2",
            description="Artifact bucket, pipeline and the rule that starts it",
            parameters=key(plan),
            outputs=(Output(Word("PipelineName"), "The pipeline", Ref("Pipeline")),),
            context={"pipeline": plan.pipeline},
            after=(
                "deployment",
                *(f"service-{service.key}" for service in plan.served if plan.deployment.native),
                *(("build",) if plan.pipeline.projects or plan.pipeline.tests else ()),
                *(("repository",) if plan.pipeline.source.own else ()),
            ),
            named_iam=True,
        ),
    )
