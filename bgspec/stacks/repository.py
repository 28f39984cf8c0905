"""The CodeCommit repository, where the environment owns one."""

from bgspec.cfn import GetAtt, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import Output, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    names = plan.pipeline.source.repository if plan.pipeline else ()
    return tuple(
        Stack(
            key="repository",
            name=plan.names.stack("repository"),
            template="repository.yaml.j2",
            description="CodeCommit repository",
            parameters=(),
            outputs=(Output(Word("SourceCloneUrl"), "Where the source is pushed to", GetAtt("SourceRepository", "CloneUrlHttp")),),
            context={"name": name, "plan": plan},
        )
        for name in names
    )
