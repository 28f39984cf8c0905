"""The role with which CloudFormation updates the stacks of services for a pipeline."""

from collections.abc import Iterator

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan.deployment import Deployment
from bgspec.plan.iam import ANY, Condition, ExistingRole, Role, Statement, arn, pass_roles
from bgspec.plan.native import NativeService
from bgspec.plan.service import Service
from bgspec.spec import Spec


def arn_of(names: Names, deployment: Deployment) -> Value:
    """The role's ARN, whether it is made or stands already."""
    return next(
        (role.arn for native in deployment.native for role in native.stack_role),
        Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{names.role('stacks')}"),
    )


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment) -> tuple[Role, ...]:
    """The role for the stacks of `services`, or none where there are none, or where one stands already.

    Once it has been given to a stack, CloudFormation uses it for whatever comes later, also for what others ask of that stack
    (bc:cloudformation.UpdateStackInput.RoleARN); so it may do all that such a stack can need. The actions are those that CloudFormation's
    own schemas name for its handlers (cfn:AWS::Logs::LogGroup, AWS::IAM::Role, AWS::ECS::TaskDefinition, AWS::ECS::Service).
    """
    if not services or any(native.stack_role for native in deployment.native):
        return ()
    made = tuple(role for service in services for role in _made(service, deployment))
    return (
        Role(
            Word("StackRole"),
            names.role("stacks"),
            "cloudformation.amazonaws.com",
            "CloudFormation updates the stacks of services with it",
            (
                *_log_statements(services, encrypted=bool(spec.encryption.key)),
                *(_role_statements(spec, made) if made else ()),
                *_looks(services),
                *_service_statements(names, services),
                pass_roles(
                    "PassTaskRoles",
                    "new tasks run with these",
                    tuple(role for service in services for role in (service.execution_role, service.task_role)),
                    "ecs-tasks.amazonaws.com",
                ),
                pass_roles(
                    "PassServiceRoles",
                    "ECS moves traffic and asks functions with these",
                    tuple(role for service in services for native in deployment.native for role in _of_ecs(native.of(service.key))),
                    "ecs.amazonaws.com",
                ),
            ),
        ).fitting(names),
    )


def _of_ecs(native: NativeService) -> tuple[Role | ExistingRole, ...]:
    return (native.infrastructure_role, *native.hook_roles)


def _made(service: Service, deployment: Deployment) -> Iterator[Role]:
    """The roles in a service's stack."""
    yield from (*service.execution_roles, *service.task_roles)
    for native in deployment.native:
        for role in _of_ecs(native.of(service.key)):
            yield from role.made


def _log_statements(services: tuple[Service, ...], *, encrypted: bool) -> Iterator[Statement]:
    groups = tuple(arn("logs", f"log-group:{service.logs.group}:*") for service in services if service.logs.days)
    if groups:
        yield Statement(
            Word("LogGroups"),
            "the services' log groups",
            (
                *(("logs:AssociateKmsKey",) if encrypted else ()),
                "logs:CreateLogGroup",
                "logs:DeleteLogGroup",
                "logs:DeleteRetentionPolicy",
                *(("logs:DisassociateKmsKey",) if encrypted else ()),
                "logs:GetDataProtectionPolicy",
                "logs:ListTagsForResource",
                "logs:PutRetentionPolicy",
                "logs:TagResource",
                "logs:UntagResource",
            ),
            tuple(arn("logs", f"log-group:{service.logs.group}") for service in services if service.logs.days) + groups,
        )
        yield Statement(
            Word("FindLogGroups"),
            "looks for them: AWS knows no resource for these actions",
            ("logs:DescribeIndexPolicies", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies"),
            ANY,
        )


def _role_statements(spec: Spec, roles: tuple[Role, ...]) -> Iterator[Statement]:
    """With a permissions boundary no role can be made, or filled, without it."""
    boundary = spec.permissions_boundary
    bounded = (Condition("StringEquals", "iam:PermissionsBoundary", (boundary,)),) if boundary else ()
    arns = tuple(role.arn for role in roles)
    yield Statement(
        Word("FillRoles"),
        "the services' roles, and what they may do",
        ("iam:CreateRole", "iam:DeleteRolePolicy", "iam:PutRolePolicy", *(("iam:PutRolePermissionsBoundary",) if boundary else ())),
        arns,
        bounded,
    )
    yield Statement(
        Word("KeepRoles"),
        "reads, describes and deletes them",
        (
            "iam:DeleteRole",
            "iam:GetRole",
            "iam:GetRolePolicy",
            "iam:ListAttachedRolePolicies",
            "iam:ListRolePolicies",
            "iam:TagRole",
            "iam:UntagRole",
            "iam:UpdateAssumeRolePolicy",
            "iam:UpdateRole",
            "iam:UpdateRoleDescription",
        ),
        arns,
    )


def _looks(services: tuple[Service, ...]) -> Iterator[Statement]:
    """The handler of task definitions looks at the roles of the task; those that the stack makes may be looked at anyway."""
    roles = (role for service in services for role in (service.execution_role, service.task_role))
    existing = tuple(dict.fromkeys(role.arn for role in roles if isinstance(role, ExistingRole)))
    if existing:
        yield Statement(Word("LookAtRoles"), "asks whether the tasks' roles exist", ("iam:GetRole",), existing)


def _service_statements(names: Names, services: tuple[Service, ...]) -> Iterator[Statement]:
    cluster = names.cluster()
    yield Statement(
        Word("TaskDefinitions"),
        "a revision has no ARN before it exists, and AWS knows no resource for what is done with one",
        ("ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "ecs:RegisterTaskDefinition"),
        ANY,
    )
    yield Statement(
        Word("Services"),
        "the services, and the deployments of each",
        (
            "ecs:CreateService",
            "ecs:DeleteService",
            "ecs:DescribeServiceDeployments",
            "ecs:DescribeServices",
            "ecs:ListServiceDeployments",
            "ecs:ListTagsForResource",
            "ecs:StopServiceDeployment",
            "ecs:TagResource",
            "ecs:UntagResource",
            "ecs:UpdateService",
        ),
        tuple(
            one
            for service in services
            for one in (
                service.arn,
                arn("ecs", f"service-deployment/{cluster}/{service.name}/*"),
                arn("ecs", f"task-definition/{service.family}:*"),
            )
        ),
    )
    yield Statement(
        Word("CheckParameters"),
        "CloudFormation asks whether the subnets exist: AWS knows no resource for this action",
        ("ec2:DescribeSubnets",),
        ANY,
    )
