"""The resource types a template may hold, and what CloudFormation's handlers do for each."""

from bgspec.sandbox.kinds.base import Kind
from bgspec.sandbox.kinds.code import CODE
from bgspec.sandbox.kinds.ec2 import EC2
from bgspec.sandbox.kinds.ecs import ECS
from bgspec.sandbox.kinds.elbv2 import ELBV2
from bgspec.sandbox.kinds.extra import EXTRA
from bgspec.sandbox.kinds.iam import IAM
from bgspec.sandbox.kinds.logs import LOGS
from bgspec.sandbox.kinds.operate import OPERATE
from bgspec.sandbox.kinds.s3 import S3

KINDS: dict[str, Kind] = {kind.type: kind for kind in (*CODE, *EC2, *ECS, *ELBV2, *EXTRA, *IAM, *LOGS, *OPERATE, *S3)}
