"""The pipeline: source, build, deploy, the bucket between them and what starts it."""

from collections.abc import Iterator
from typing import NamedTuple

from bgspec.cfn import Sub, Word
from bgspec.naming import Names
from bgspec.plan import build, notices, sources
from bgspec.plan.action import Action, Stage, own_account
from bgspec.plan.build import Project
from bgspec.plan.deployment import Deployment
from bgspec.plan.iam import ANY, Role, Statement, arn, pass_roles
from bgspec.plan.layout import Layout
from bgspec.plan.notices import Notice, Topic
from bgspec.plan.service import IMAGE_PLACEHOLDER, Service
from bgspec.plan.sources import Source
from bgspec.spec import Spec


class Pipeline(NamedTuple):
    name: str
    bucket: Sub
    bucket_arn: Sub
    source: Source
    projects: tuple[Project, ...]
    stages: tuple[Stage, ...]
    topics: tuple[Topic, ...]
    """Those through which mail is sent."""
    notices: tuple[Notice, ...]
    role: Role
    trigger_roles: tuple[Role, ...]
    """The role with which EventBridge's rules start the pipeline; none where a connection does it."""


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment, layout: Layout) -> Pipeline | None:
    wanted = spec.pipeline
    if wanted is None:
        return None
    bucket = Sub(f"{names.artifact_bucket(spec.region)}-${{AWS::AccountId}}-${{AWS::Region}}-an")
    bucket_arn = Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}")
    name = names.pipeline()
    source = sources.resolve(wanted.source, spec, names, services)
    projects = build.resolve(build.Common(wanted, names, source, layout, bucket_arn), services)
    asked = notices.approval(wanted.approval, names) if wanted.approval else None
    before = wanted.approval.before if wanted.approval else ""
    approval = (Stage("Approval", (asked.action,)),) if asked else ()
    return Pipeline(
        name=name,
        bucket=bucket,
        bucket_arn=bucket_arn,
        source=source,
        projects=projects,
        stages=(
            Stage("Source", source.actions),
            *(approval if before == "build" else ()),
            Stage("Build", tuple(build.action(project) for project in projects)),
            *(approval if before == "deploy" else ()),
            Stage("Deploy", tuple(_deploy_action(names, project, deployment, number) for number, project in enumerate(projects, 1))),
        ),
        topics=(*(asked.topics if asked else ()), *(notices.topics(wanted.notifications, names) if wanted.notifications else ())),
        notices=(notices.notice(wanted.notifications, names),) if wanted.notifications else (),
        role=_pipeline_role(names, bucket_arn, (*source.statements, *(asked.statements if asked else ())), projects, deployment),
        trigger_roles=(_trigger_role(names),) if source.triggers else (),
    )


def _trigger_role(names: Names) -> Role:
    return Role(
        Word("TriggerRole"),
        names.role("events"),
        "events.amazonaws.com",
        "EventBridge starts the pipeline with it",
        (
            Statement(
                Word("StartPipeline"),
                "starts this pipeline and no other",
                ("codepipeline:StartPipelineExecution",),
                (arn("codepipeline", names.pipeline()),),
            ),
        ),
    )


def _deploy_action(names: Names, project: Project, deployment: Deployment, run_order: int) -> Action:
    """One service after another, each in the way of its kind."""
    match project.service.kind:
        case "service":
            return _code_deploy(project, deployment, run_order)
        case "worker":
            return _rolling(names, project, run_order)
        case "task":
            return _new_revision(project, run_order)


def _rolling(names: Names, project: Project, run_order: int) -> Action:
    """CP action-reference-ECS; it waits at most an hour (CP limits)."""
    return Action(
        f"Deploy-{project.service.key}",
        "lets ECS replace the worker's tasks one by one",
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


def _code_deploy(project: Project, deployment: Deployment, run_order: int) -> Action:
    """Each service has its own deployment group (CP action-reference-ECSbluegreen)."""
    group = next(group for group in deployment.groups if group.service.key == project.service.key)
    artifact = project.artifact
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
            (Word("Image1ArtifactName"), artifact),
            (Word("Image1ContainerName"), IMAGE_PLACEHOLDER),
        ),
        (artifact,),
        (),
        run_order,
    )


def _pipeline_role(
    names: Names,
    bucket_arn: Sub,
    statements: tuple[Statement, ...],
    projects: tuple[Project, ...],
    deployment: Deployment,
) -> Role:
    """CP how-to-custom-role and the pages of the single actions."""
    return Role(
        Word("PipelineRole"),
        names.role("pipeline"),
        "codepipeline.amazonaws.com",
        "CodePipeline runs the stages with it",
        (
            Statement(
                Word("ArtifactBucket"),
                "looks at the artifact bucket",
                ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"),
                (bucket_arn,),
                (own_account(),),
            ),
            Statement(
                Word("Artifacts"),
                "passes artifacts from stage to stage",
                ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
                (Sub(f"{bucket_arn}/*"),),
                (own_account(),),
            ),
            *statements,
            Statement(
                Word("Build"),
                "starts builds and follows them",
                ("codebuild:BatchGetBuilds", "codebuild:StartBuild"),
                tuple(arn("codebuild", f"project/{project.name}") for project in projects),
            ),
            *_code_deploy_statements(deployment),
            *_ecs_statements(names, projects),
            *_revision_statements(projects, deployment),
        ),
    )


def _code_deploy_statements(deployment: Deployment) -> Iterator[Statement]:
    """CP action-reference-ECSbluegreen."""
    application = deployment.application_name
    if deployment.groups:
        yield Statement(
            Word("Deploy"),
            "starts deployments and follows them",
            ("codedeploy:CreateDeployment", "codedeploy:GetDeployment"),
            tuple(arn("codedeploy", f"deploymentgroup:{application}/{group.name}") for group in deployment.groups),
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
            (arn("codedeploy", f"deploymentconfig:{deployment.config}"),),
        )


def _ecs_statements(names: Names, projects: tuple[Project, ...]) -> Iterator[Statement]:
    """CP action-reference-ECS (workers) and action-reference-Commands (tasks)."""
    workers = tuple(project.service for project in projects if project.service.kind == "worker")
    if workers:
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
    if any(project.service.kind == "task" for project in projects):
        group = arn("logs", f"log-group:/aws/codepipeline/{names.pipeline()}")
        yield Statement(
            Word("CommandLogs"),
            "what the commands print",
            ("logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"),
            (group, Sub(f"{group}:*")),
        )


def _revision_statements(projects: tuple[Project, ...], deployment: Deployment) -> Iterator[Statement]:
    """Whatever the way, a new version is a new revision of the task definition."""
    services = {service.key: service for service in (*(group.service for group in deployment.groups), *(one.service for one in projects))}
    yield Statement(
        Word("RegisterTaskDefinition"),
        "the new revision has no ARN before it exists: AWS knows no resource for this action",
        ("ecs:RegisterTaskDefinition",),
        ANY,
    )
    yield pass_roles(
        "PassTaskRoles",
        "the new revision names these roles",
        tuple(role for service in services.values() for role in (service.execution_role, service.task_role)),
        "ecs.amazonaws.com",
        "ecs-tasks.amazonaws.com",
    )
