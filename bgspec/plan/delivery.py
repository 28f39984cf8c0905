"""How a pipeline brings a new version to a service: the deploy actions, one for each kind, and what they may do."""

from collections.abc import Iterator

from bgspec.cfn import Sub, Word
from bgspec.naming import Names
from bgspec.plan import stack_role
from bgspec.plan.action import Action
from bgspec.plan.build import Project, detail
from bgspec.plan.codedeploy import CodeDeploy
from bgspec.plan.deployment import Deployment
from bgspec.plan.iam import ANY, Condition, Statement, arn, pass_roles
from bgspec.plan.service import Service

SERVICE_TEMPLATE = "service.yaml"
"""The service's template in the deploy artifact, beside its parameters: what the action for CloudFormation reads."""

SERVICE_PARAMETERS = "parameters.json"


def action(names: Names, project: Project, deployment: Deployment, run_order: int) -> Action:
    """One service after another, each in the way of its kind."""
    match project.service.kind:
        case "service" if deployment.native:
            return _native(names, project, deployment, run_order)
        case "service":
            return _code_deploy(project, deployment.codedeploy[0], run_order)
        case "worker":
            return _rolling(names, project, run_order)
        case "task":
            return _new_revision(project, run_order)


def _native(names: Names, project: Project, deployment: Deployment, run_order: int) -> Action:
    """ECS deploys whatever changes in a service, so the image is a parameter of its stack, and the stack the only owner of its task."""
    if deployment.native[0].deploy == "ecs-action":
        return _ecs(names, project, "gives ECS the new image, and ECS moves the traffic", run_order)
    artifact = project.artifact
    return Action(
        f"Deploy-{project.service.key}",
        "updates the service's stack with the new image, and ECS moves the traffic; it waits up to three days",
        "Deploy",
        "CloudFormation",
        (
            (Word("ActionMode"), "CREATE_UPDATE"),
            (Word("StackName"), names.stack(f"service-{project.service.key}")),
            (Word("Capabilities"), "CAPABILITY_NAMED_IAM"),
            (Word("RoleArn"), stack_role.arn_of(names, deployment)),
            (Word("TemplatePath"), f"{artifact}::{SERVICE_TEMPLATE}"),
            (Word("TemplateConfiguration"), f"{artifact}::{SERVICE_PARAMETERS}"),
        ),
        (artifact,),
        (),
        run_order,
    )


def _rolling(names: Names, project: Project, run_order: int) -> Action:
    return _ecs(names, project, "lets ECS replace the worker's tasks one by one", run_order)


def _ecs(names: Names, project: Project, comment: str, run_order: int) -> Action:
    """CP action-reference-ECS; it waits at most an hour (CP limits)."""
    return Action(
        f"Deploy-{project.service.key}",
        comment,
        "Deploy",
        "ECS",
        (
            (Word("ClusterName"), names.cluster()),
            (Word("ServiceName"), project.service.name),
            (Word("FileName"), "imagedefinitions.json"),
        ),
        (project.artifact,),
        (),
        run_order,
    )


def _new_revision(project: Project, run_order: int) -> Action:
    """CP action-reference-Commands. No task runs now: the schedule starts the newest revision when its time comes."""
    return Action(
        f"Deploy-{project.service.key}",
        "registers the task with its new image; it runs when its time comes",
        "Compute",
        "Commands",
        (),
        (project.artifact,),
        (),
        run_order,
        ("aws ecs register-task-definition --cli-input-json file://taskdef.json",),
    )


def _code_deploy(project: Project, deployment: CodeDeploy, run_order: int) -> Action:
    """Each service has its own deployment group (CP action-reference-ECSbluegreen)."""
    group = next(group for group in deployment.groups if group.service.key == project.service.key)
    artifact = project.artifact
    details = (artifact, *(detail(image) for image in project.details))
    return Action(
        f"Deploy-{project.service.key}",
        "registers the task definition and lets CodeDeploy put it in blue's place",
        "Deploy",
        "CodeDeployToECS",
        (
            (Word("ApplicationName"), deployment.application_name),
            (Word("DeploymentGroupName"), group.name),
            (Word("TaskDefinitionTemplateArtifact"), artifact),
            (Word("TaskDefinitionTemplatePath"), "taskdef.json"),
            (Word("AppSpecTemplateArtifact"), artifact),
            (Word("AppSpecTemplatePath"), "appspec.yaml"),
            *(
                setting
                for number, (image, where) in enumerate(zip(project.service.brought, details, strict=True), 1)
                for setting in ((Word(f"Image{number}ArtifactName"), where), (Word(f"Image{number}ContainerName"), image.placeholder))
            ),
        ),
        details,
        (),
        run_order,
    )


def statements(names: Names, projects: tuple[Project, ...], deployment: Deployment) -> Iterator[Statement]:
    """What the pipeline must be allowed for its deploy actions."""
    for codedeploy in deployment.codedeploy:
        yield from code_deploy(codedeploy)
    stacks = tuple(by_stack(projects, deployment))
    if stacks:
        yield from _stack_statements(names, stacks, deployment)
    yield from _ecs_statements(names, projects, deployment)
    through_ecs = tuple(project.service for project in projects if project.service not in stacks)
    yield from _revision_statements(through_ecs, deployment)


def by_stack(projects: tuple[Project, ...], deployment: Deployment) -> Iterator[Service]:
    """The services that get a new image by an update of their stack."""
    for native in deployment.native:
        if native.deploy == "cloudformation":
            yield from (project.service for project in projects if project.service.kind == "service")


def _stack_statements(names: Names, services: tuple[Service, ...], deployment: Deployment) -> Iterator[Statement]:
    """CP action-reference-CloudFormation."""
    yield Statement(
        Word("UpdateStacks"),
        "updates the stacks of these services, and of no others",
        (
            "cloudformation:CreateStack",
            "cloudformation:DescribeStackEvents",
            "cloudformation:DescribeStackResources",
            "cloudformation:DescribeStacks",
            "cloudformation:GetTemplate",
            "cloudformation:UpdateStack",
        ),
        tuple(arn("cloudformation", f"stack/{names.stack(f'service-{service.key}')}/*") for service in services),
    )
    yield Statement(
        Word("ValidateTemplate"),
        "a template is nobody's before it is a stack: AWS knows no resource for this action",
        ("cloudformation:ValidateTemplate",),
        ANY,
    )
    yield pass_stack_role(names, deployment)


def pass_stack_role(names: Names, deployment: Deployment) -> Statement:
    """Whoever has a stack updated names the role that does it."""
    return Statement(
        Word("PassStackRole"),
        "CloudFormation updates the stacks with this role",
        ("iam:PassRole",),
        (stack_role.arn_of(names, deployment),),
        (Condition("StringEquals", "iam:PassedToService", ("cloudformation.amazonaws.com",)),),
    )


def code_deploy(codedeploy: CodeDeploy) -> Iterator[Statement]:
    """CP action-reference-ECSbluegreen."""
    application = codedeploy.application_name
    if codedeploy.groups:
        yield Statement(
            Word("Deploy"),
            "starts deployments and follows them",
            ("codedeploy:CreateDeployment", "codedeploy:GetDeployment"),
            tuple(arn("codedeploy", f"deploymentgroup:{application}/{group.name}") for group in codedeploy.groups),
        )
        yield Statement(
            Word("DeployRevision"),
            "registers the appspec as a revision of the application",
            ("codedeploy:GetApplication", "codedeploy:GetApplicationRevision", "codedeploy:RegisterApplicationRevision"),
            (arn("codedeploy", f"application:{application}"),),
        )
        yield Statement(
            Word("DeployConfig"),
            "reads how traffic moves",
            ("codedeploy:GetDeploymentConfig",),
            (arn("codedeploy", f"deploymentconfig:{codedeploy.config}"),),
        )


def _ecs_statements(names: Names, projects: tuple[Project, ...], deployment: Deployment) -> Iterator[Statement]:
    """CP action-reference-ECS (workers, and services where it is asked for) and action-reference-Commands (tasks)."""
    direct = any(native.deploy == "ecs-action" for native in deployment.native)
    workers = tuple(one.service for one in projects if one.service.kind == "worker" or (direct and one.service.kind == "service"))
    if workers:
        yield from through_ecs(workers)
    if any(project.service.kind == "task" for project in projects):
        group = arn("logs", f"log-group:/aws/codepipeline/{names.pipeline()}")
        yield Statement(
            Word("CommandLogs"),
            "what the commands print",
            ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
            (group, Sub(f"{group}:*")),
        )


def through_ecs(workers: tuple[Service, ...]) -> Iterator[Statement]:
    """What it takes to give services a new revision of their task."""
    yield Statement(
        Word("DeployWorkers"),
        "gives workers their new task and follows them",
        ("ecs:DescribeServices", "ecs:UpdateService"),
        tuple(worker.arn for worker in workers),
    )
    yield Statement(
        Word("ReadTaskDefinition"),
        "takes the worker's task as it is and puts the new image in: AWS knows no resource for this action",
        ("ecs:DescribeTaskDefinition",),
        ANY,
    )


def _revision_statements(services: tuple[Service, ...], deployment: Deployment) -> Iterator[Statement]:
    """Where the action registers it: a new version is a new revision of the task definition."""
    grouped = (group.service for codedeploy in deployment.codedeploy for group in codedeploy.groups)
    registered = {service.key: service for service in (*grouped, *services)}
    if registered:
        yield from revisions(tuple(registered.values()))


def revisions(services: tuple[Service, ...]) -> Iterator[Statement]:
    """What it takes to register new revisions of task definitions.

    With tags ECS asks for a second permission (ECS Developer Guide, supported-iam-actions-tagging; CP action-reference-ECS), and the
    task definitions of a stack have the stack's tags. CodePipeline's action for ECS copies them (https://github.com/aws/aws-cdk/issues/25768),
    and so does aws-actions/amazon-ecs-render-task-definition (index.js); taskdef.json has those that `overrides` give it.
    """
    yield Statement(
        Word("RegisterTaskDefinition"),
        "the new revision has no ARN before it exists, and AWS's own policies for it name none either",
        ("ecs:RegisterTaskDefinition",),
        ANY,
    )
    yield Statement(
        Word("TagTaskDefinition"),
        "and with the tags of the one before it, if it is a copy; nothing that exists can be tagged",
        ("ecs:TagResource",),
        (arn("ecs", "task-definition/*"),),
        (Condition("StringEquals", "ecs:CreateAction", ("RegisterTaskDefinition",)),),
    )
    yield pass_roles(
        "PassTaskRoles",
        "the new revision names these roles",
        tuple(role for service in services for role in (service.execution_role, service.task_role)),
        "ecs.amazonaws.com",
        "ecs-tasks.amazonaws.com",
    )
