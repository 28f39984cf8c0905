"""The bucket for the load balancer's access logs, where the environment has one of its own.

Who writes them: Elastic Load Balancing User Guide, enable-access-logging (the policy that replaces those for each Region). It holds in all
Regions of `aws` (https://github.com/trussworks/terraform-aws-logs/pull/332); in other partitions unverified.
"""

from bgspec.cfn import Ref, Word
from bgspec.plan import Plan
from bgspec.stacks.stack import Output, Stack


def stacks(plan: Plan) -> tuple[Stack, ...]:
    return tuple(
        Stack(
            key="access-logs",
            name=plan.names.stack("access-logs"),
            template="access-logs.yaml.j2",
            description="Bucket for the load balancer's access logs",
            parameters=(),
            outputs=(Output(Word("AccessLogBucketName"), "Where the load balancer writes its access logs", Ref("AccessLogBucket")),),
            context={"bucket": bucket},
        )
        for logs in plan.load_balancer.access_logs
        for bucket in logs.own
    )
