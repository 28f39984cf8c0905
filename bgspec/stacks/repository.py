"""The CodeCommit repository or the bucket for the source, where the environment owns one."""

from bgspec.cfn import GetAtt, Ref, Word
from bgspec.plan import Plan
from bgspec.plan.sources import Bucket
from bgspec.stacks.stack import Output, Stack, key


def stacks(plan: Plan) -> tuple[Stack, ...]:
    if plan.pipeline is None:
        return ()
    source = plan.pipeline.source
    return (*(_repository(plan, name) for name in source.repository), *(_bucket(plan, bucket) for bucket in source.bucket))


def _repository(plan: Plan, name: str) -> Stack:
    return Stack(
        key="repository",
        name=plan.names.stack("repository"),
        template="repository.yaml.j2",
        description="CodeCommit repository",
        parameters=(),
        outputs=(Output(Word("SourceCloneUrl"), "Where the source is pushed to", GetAtt("SourceRepository", "CloneUrlHttp")),),
        context={"name": name},
    )


def _bucket(plan: Plan, bucket: Bucket) -> Stack:
    return Stack(
        key="repository",
        name=plan.names.stack("repository"),
        template="source-bucket.yaml.j2",
        description="Bucket for the source",
        parameters=key(plan),
        outputs=(Output(Word("SourceBucketName"), "Where the source is uploaded to", Ref("SourceBucket")),),
        context={"bucket": bucket},
    )
