"""The pipeline: source, build, deploy, the bucket between them and the rule that starts it."""

from collections.abc import Iterator
from typing import Literal, NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.deployment import Deployment
from bgspec.plan.iam import ANY, Condition, Role, Statement, arn, pass_roles
from bgspec.plan.layout import Layout
from bgspec.plan.service import IMAGE_PLACEHOLDER, Service
from bgspec.spec import Spec

SOURCE_ARTIFACT = "Source"

# bc:codebuild.ProjectEnvironment.computeType; xlarge exists for Linux containers on x86_64 only (CB build-env-ref-compute-types).
_COMPUTE = {
    "small": "BUILD_GENERAL1_SMALL",
    "medium": "BUILD_GENERAL1_MEDIUM",
    "large": "BUILD_GENERAL1_LARGE",
    "xlarge": "BUILD_GENERAL1_XLARGE",
}
# The current Amazon Linux images; an image is built on the processor it runs on (CB ec2-compute-images).
_BUILD_IMAGE = {
    "X86_64": ("LINUX_CONTAINER", "aws/codebuild/amazonlinux-x86_64-standard:5.0"),
    "ARM64": ("ARM_CONTAINER", "aws/codebuild/amazonlinux-aarch64-standard:3.0"),
}


class Project(NamedTuple):
    """The CodeBuild project of one service."""

    id: Word
    name: str
    service: Service
    log_group: str
    container_type: str
    image: str
    compute: str
    buildspec: str
    """The buildspec's path in the source repository."""
    variables: tuple[tuple[str, Value], ...]
    role: Role
    artifact: str
    """The deploy artifact that comes out."""


class Action(NamedTuple):
    """One action of a stage, as CodePipeline describes it."""

    name: str
    comment: str
    category: Literal["Source", "Build", "Deploy", "Compute"]
    provider: str
    configuration: tuple[tuple[Word, Value], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    run_order: int = 1
    commands: tuple[str, ...] = ()
    """What a Commands action runs in a shell."""


class Stage(NamedTuple):
    name: str
    actions: tuple[Action, ...]


class Source(NamedTuple):
    """What the source's provider decides: the action, its permissions, what starts the pipeline."""

    action: Action
    statements: tuple[Statement, ...]
    branch: str
    repository: tuple[str, ...]
    """The CodeCommit repository that the environment owns, or none."""
    trigger: tuple["Trigger", ...]


class Trigger(NamedTuple):
    """The EventBridge rule that starts the pipeline: nothing is polled."""

    rule_name: str
    event_source: str
    detail_type: str
    resources: tuple[Value, ...]
    detail: tuple[tuple[Word, tuple[str, ...]], ...]


class Pipeline(NamedTuple):
    name: str
    bucket: Sub
    bucket_arn: Sub
    source: Source
    projects: tuple[Project, ...]
    stages: tuple[Stage, ...]
    role: Role
    trigger_role: Role


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment, layout: Layout) -> Pipeline | None:
    wanted = spec.pipeline
    if wanted is None:
        return None
    bucket = Sub(f"{names.artifact_bucket(spec.region)}-${{AWS::AccountId}}-${{AWS::Region}}-an")
    bucket_arn = Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}")
    name = names.pipeline()
    source = _codecommit(names, wanted.source.branch)
    projects = tuple(_project(spec, names, service, layout, bucket_arn) for service in services if service.repository)
    return Pipeline(
        name=name,
        bucket=bucket,
        bucket_arn=bucket_arn,
        source=source,
        projects=projects,
        stages=(
            Stage("Source", (source.action,)),
            Stage("Build", tuple(_build_action(project) for project in projects)),
            Stage("Deploy", tuple(_deploy_action(names, project, deployment, number) for number, project in enumerate(projects, 1))),
        ),
        role=_pipeline_role(names, bucket_arn, source, projects, deployment),
        trigger_role=Role(
            Word("TriggerRole"),
            names.role("events"),
            "events.amazonaws.com",
            "EventBridge starts the pipeline with it",
            (
                Statement(
                    Word("StartPipeline"),
                    "starts this pipeline and no other",
                    ("codepipeline:StartPipelineExecution",),
                    (arn("codepipeline", name),),
                ),
            ),
        ),
    )


def _codecommit(names: Names, branch: str) -> Source:
    """Actions: CP action-reference-CodeCommit. Rule: CP pipelines-trigger-source-repo-changes-cfn."""
    repository = names.source_repository()
    repository_arn = arn("codecommit", repository)
    return Source(
        Action(
            "Source",
            "hands the branch's newest commit to the build",
            "Source",
            "CodeCommit",
            (
                (Word("RepositoryName"), repository),
                (Word("BranchName"), branch),
                (Word("PollForSourceChanges"), "false"),
            ),
            (),
            (SOURCE_ARTIFACT,),
        ),
        (
            Statement(
                Word("ReadSource"),
                "fetches the commit as an archive",
                (
                    "codecommit:CancelUploadArchive",
                    "codecommit:GetBranch",
                    "codecommit:GetCommit",
                    "codecommit:GetRepository",
                    "codecommit:GetUploadArchiveStatus",
                    "codecommit:UploadArchive",
                ),
                (repository_arn,),
            ),
        ),
        branch,
        (repository,),
        (
            Trigger(
                names.rule("source"),
                "aws.codecommit",
                "CodeCommit Repository State Change",
                (repository_arn,),
                (
                    (Word("event"), ("referenceCreated", "referenceUpdated")),
                    (Word("referenceType"), ("branch",)),
                    (Word("referenceName"), (branch,)),
                ),
            ),
        ),
    )


def _project(spec: Spec, names: Names, service: Service, layout: Layout, bucket_arn: Sub) -> Project:
    assert spec.pipeline and service.repository  # noqa: S101, PT018  the caller has asked
    name = names.build_project(service.key)
    log_group = f"/aws/codebuild/{name}"
    container_type, image = _BUILD_IMAGE[service.architecture]
    return Project(
        id=logical_id(service.key, "BuildProject"),
        name=name,
        service=service,
        log_group=log_group,
        container_type=container_type,
        image=image,
        compute=_COMPUTE[spec.pipeline.build.compute],
        buildspec=layout.in_source(layout.buildspec(service.key)),
        variables=(
            ("AWS_ACCOUNT_ID", Sub("${AWS::AccountId}")),
            ("REPOSITORY_NAME", service.repository.name),
            ("REPOSITORY_URI", service.repository.uri),
            *spec.pipeline.build.environment.items(),
        ),
        role=_build_role(names, service, log_group, bucket_arn),
        artifact=logical_id(service.key, "Deploy"),
    )


def _build_role(names: Names, service: Service, log_group: str, bucket_arn: Sub) -> Role:
    """CB setting-up (logs, artifacts) and CP action-reference-ECRBuildAndPublish (the push)."""
    assert service.repository  # noqa: S101  the caller has asked
    return Role(
        logical_id(service.key, "BuildRole"),
        names.role("build", service.key),
        "codebuild.amazonaws.com",
        f"CodeBuild builds and pushes the image of {service.key} with it",
        (
            Statement(
                Word("WriteLogs"),
                "the build's own log group",
                ("logs:CreateLogStream", "logs:PutLogEvents"),
                (arn("logs", f"log-group:{log_group}:*"),),
            ),
            Statement(
                Word("Artifacts"),
                "takes the source out of the artifact bucket and puts the deploy artifact in",
                ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
                (Sub(f"{bucket_arn}/*"),),
                (_own_account(),),
            ),
            Statement(
                Word("RegistryToken"),
                "a token is for the whole registry: AWS knows no resource for this action",
                ("ecr:GetAuthorizationToken",),
                ANY,
            ),
            Statement(
                Word("PushImage"),
                "asks whether the commit's image is there already, and pushes it",
                (
                    "ecr:BatchCheckLayerAvailability",
                    "ecr:BatchGetImage",
                    "ecr:CompleteLayerUpload",
                    "ecr:DescribeImages",
                    "ecr:GetDownloadUrlForLayer",
                    "ecr:InitiateLayerUpload",
                    "ecr:PutImage",
                    "ecr:UploadLayerPart",
                ),
                (service.repository.arn,),
            ),
        ),
    )


def _own_account() -> Condition:
    """Keeps a bucket of the same name in another account from being written to (CP how-to-custom-role)."""
    return Condition("StringEquals", "aws:ResourceAccount", (Sub("${AWS::AccountId}"),))


def _build_action(project: Project) -> Action:
    return Action(
        f"Build-{project.service.key}",
        "builds the image, pushes it and hands on what the deployment needs",
        "Build",
        "CodeBuild",
        ((Word("ProjectName"), project.name),),
        (SOURCE_ARTIFACT,),
        (project.artifact,),
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
    source: Source,
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
                (_own_account(),),
            ),
            Statement(
                Word("Artifacts"),
                "passes artifacts from stage to stage",
                ("s3:GetObject", "s3:GetObjectVersion", "s3:PutObject"),
                (Sub(f"{bucket_arn}/*"),),
                (_own_account(),),
            ),
            *source.statements,
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
