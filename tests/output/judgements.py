"""What other judges find in the output and what stays, each with the reason. Tests compare these lists with what is found."""

from typing import NamedTuple


class Judgement(NamedTuple):
    finding: str
    """What the judge calls it."""
    about: str
    """What it is found in, or a part of its sentence."""
    reason: str


POLICIES = (
    Judgement(
        "RESOURCE_STAR",
        "ecs:RegisterTaskDefinition",
        "A revision has no ARN before it is registered. AWS's own policy for the deploy action has `*` (CodePipeline User Guide,"
        " action-reference-ECSbluegreen).",
    ),
    Judgement(
        "RESOURCE_STAR",
        "NetworkInterface",
        "A network interface has no ARN before Lambda makes it. These are the actions of AWS's managed policy"
        " AWSLambdaVPCAccessExecutionRole, which has `*` (AWS Managed Policy Reference).",
    ),
    Judgement(
        "RESOURCE_STAR",
        "ec2:AssignPrivateIpAddresses",
        "As above.",
    ),
    Judgement(
        "RESOURCE_STAR",
        "ec2:UnassignPrivateIpAddresses",
        "As above.",
    ),
    Judgement(
        "RESOURCE_STAR",
        "Key: kms:",
        "In a key's own policy `*` is that key and no other (KMS Developer Guide, key-policies).",
    ),
    Judgement(
        "RESOURCE_MISMATCH",
        "/net/",
        "parliament wants every kind of load balancer among the resources; there is only an application load balancer.",
    ),
    Judgement(
        "RESOURCE_MISMATCH",
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "The Service Authorization Reference names no resource for it, but AWS's example for hook functions restricts it to the"
        " deployment group (SAM Developer Guide, automating-updates-to-serverless-apps), and so does bgspec.",
    ),
    Judgement(
        "UNKNOWN_ACTION",
        "ecs:StopServiceDeployment",
        "It is of 2025, and newer than what parliament knows (bc:ecs.StopServiceDeployment).",
    ),
    Judgement(
        "UNKNOWN_CONDITION_FOR_ACTION",
        "kms:ResourceAliases",
        "The condition is newer than what parliament knows (KMS Developer Guide, conditions-kms).",
    ),
    Judgement(
        "MISMATCHED_TYPE",
        "Key: Type mismatch: ArnLike requires a value of type Arn but given String",
        "`kms:EncryptionContext:aws:logs:arn` is compared as AWS's example does it (CloudWatch Logs User Guide, encrypt-log-data-kms).",
    ),
    Judgement(
        "MISMATCHED_TYPE_BUT_USABLE",
        "StringEquals requires a value of type String but given Arn",
        "`elasticfilesystem:AccessPointArn` is compared as AWS's example does it (EFS User Guide, efs-access-points).",
    ),
)
"""parliament's findings about policies. Its knowledge of actions is older than some of them."""

CHECKOV = (
    Judgement("CKV_AWS_2", "Listener", "Without a certificate a listener can only speak HTTP. With `certificate:` it speaks HTTPS."),
    Judgement("CKV_AWS_103", "Listener", "As above: a listener without a certificate has no TLS version."),
    Judgement(
        "CKV_AWS_260", "SecurityGroup", "Port 80 redirects to HTTPS, or is the listener without a certificate that the spec asks for."
    ),
    Judgement("CKV2_AWS_71", "Certificate", "The spec asks for a wildcard among the certificate's names."),
    Judgement("CKV_AWS_91", "LoadBalancer", "`load_balancer.access_logs` turns them on. They cost money, so they are not on unasked."),
    Judgement("CKV_AWS_18", "Bucket", "Nobody would read logs about a bucket of logs, or about copies that leave after 90 days."),
    Judgement("CKV_AWS_21", "AccessLogBucket", "Logs are written once and expire; versions would keep what the lifecycle removes."),
    Judgement("CKV_AWS_21", "CacheBucket", "A build's cache can be made again; versions would only cost."),
    Judgement("CKV_AWS_136", "Repository", "Images are encrypted with ECR's own key; a key of one's own must be granted to all who pull."),
    Judgement("CKV_AWS_163", "Repository", "The spec turns scanning at the push off: `scan_on_push: false`."),
    Judgement("CKV_AWS_51", "Repository", "Where the pipeline starts at a tag that moves, ECR must let it move."),
    Judgement("CKV_AWS_158", "LogGroup", "Logs are encrypted with CloudWatch's own key; `logs.group` takes a group with a key of its own."),
    Judgement("CKV_AWS_26", "Topic", "Messages say which deployment waits, no more; AWS's services cannot publish with SNS's managed key."),
    Judgement("CKV_AWS_107", "BuildRole", "The spec grants it: `codeartifact:GetAuthorizationToken` with a resource of `*`."),
    Judgement("CKV_AWS_111", "Role", "A network interface has no ARN before Lambda makes it (AWSLambdaVPCAccessExecutionRole)."),
    Judgement("CKV_AWS_115", "Function", "A smoke test runs once in a deployment; a reserved share of the account's limit would lie idle."),
    Judgement("CKV_AWS_116", "Function", "CodeDeploy calls the function and learns its answer; there is no event that could get lost."),
    Judgement(
        "CKV_AWS_117",
        "Function",
        "An internet-facing load balancer is tried from outside, where its users are; an internal one from the VPC.",
    ),
    Judgement("CKV_AWS_65", "Cluster", "The spec turns Container Insights off: `cluster.insights`."),
    Judgement("CKV_AWS_173", "Function", "The environment holds an address, paths and numbers, all of them from the spec."),
)
"""checkov's failed checks about the goldens' templates."""

RESOURCES: tuple[Judgement, ...] = (
    Judgement(
        "codedeploy:PutLifecycleEventHookExecutionStatus",
        "Answer",
        "The Service Authorization Reference names no resource for it; see above.",
    ),
    Judgement(
        "ecs:RunTask",
        "RunTask",
        "A schedule names the task's family without a revision, and so may the ARN that the permission is asked for: AWS asks its users to"
        " name both (https://github.com/aws/aws-cdk/issues/30368).",
    ),
)
"""Actions, with the statement's Sid, some of whose resources the Service Authorization Reference does not show."""

HANDLERS = (
    Judgement("acm-pca:", "Certificate", "Certificates are public ones: nobody asks a private authority."),
    Judgement("autoscaling:DescribeTags", "FlowLog", "Flow logs are of a VPC, and go to CloudWatch Logs."),
    Judgement("vpc-lattice:", "VPCEndpoint", "Endpoints are of the types Interface and Gateway."),
    Judgement("vpce:AllowMultiRegion", "VPCEndpoint", "Endpoints lead to services of their own Region."),
    Judgement("cognito-idp:", "Listener", "No listener asks users who they are."),
    Judgement("elasticfilesystem:DescribeMountTargets", "Function", "Functions mount no file system."),
    Judgement("s3files:", "Function", "Functions mount no file system."),
    Judgement("firehose:", "LogGroup", "Log groups are of the standard class."),
    Judgement("s3tables:", "Bucket", "Buckets keep no metadata tables."),
    Judgement("logs:CreateLogDelivery", "LogGroup", "Log groups are of the standard class."),
    Judgement("s3:REST.PUT.OBJECT", "LogGroup", "Log groups are of the standard class."),
    Judgement("logs:PutBearerTokenAuthentication", "LogGroup", "The property stands in no template."),
    Judgement("logs:PutDataProtectionPolicy", "LogGroup", "The property stands in no template."),
    Judgement("logs:DeleteDataProtectionPolicy", "LogGroup", "The property stands in no template."),
    Judgement("logs:PutIndexPolicy", "LogGroup", "The property stands in no template."),
    Judgement("logs:DeleteIndexPolicy", "LogGroup", "The property stands in no template."),
    Judgement("logs:PutResourcePolicy", "LogGroup", "The property stands in no template."),
    Judgement("logs:DeleteResourcePolicy", "LogGroup", "The property stands in no template."),
    Judgement("logs:PutLogGroupDeletionProtection", "LogGroup", "The property stands in no template."),
    Judgement("logs:AssociateKmsKey", "LogGroup", "Granted where the environment has a key."),
    Judgement("logs:DisassociateKmsKey", "LogGroup", "Granted where the environment has a key."),
    Judgement("iam:AttachRolePolicy", "Role", "Roles say themselves what they may do: no managed policy is attached."),
    Judgement("iam:DetachRolePolicy", "Role", "As above."),
    Judgement("iam:PutRolePermissionsBoundary", "Role", "Granted where the roles are bounded."),
    Judgement("iam:DeleteRolePermissionsBoundary", "Role", "Nobody but a person takes a boundary away."),
)
"""What CloudFormation's handlers can call (cfn-lint's copies of their schemas), and does not for bgspec's templates: action, type, why."""
