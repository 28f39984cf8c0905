"""How an image is built, and how what is deployed is put together: one CodeBuild project for each service."""

from typing import NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.action import Action, own_account
from bgspec.plan.iam import ANY, Role, Statement, arn
from bgspec.plan.layout import Layout
from bgspec.plan.service import Image, Repository, Service
from bgspec.plan.sources import SOURCE_ARTIFACT, Source
from bgspec.spec import Pipeline

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


class Building(NamedTuple):
    """An image that the project builds."""

    image: Image
    repository: Repository


class Project(NamedTuple):
    """The CodeBuild project of one service."""

    id: Word
    name: str
    comment: str
    service: Service
    builds: tuple[Building, ...]
    """What it builds; nothing where the image is pushed by somebody else."""
    pushed: tuple[str, ...]
    """The artifact that tells which image was pushed by somebody else, or none."""
    log_group: str
    container_type: str
    image: str
    compute: str
    buildspec: str
    """The buildspec's path in the source repository."""
    tag: str
    """The shell's expression for the tag of what is built."""
    variables: tuple[tuple[str, Value], ...]
    role: Role
    artifact: str
    """The deploy artifact that comes out."""


class Common(NamedTuple):
    """What all projects of a pipeline have in common."""

    wanted: Pipeline
    names: Names
    source: Source
    layout: Layout
    bucket: Sub
    """The ARN of the artifact bucket."""


def resolve(common: Common, services: tuple[Service, ...]) -> tuple[Project, ...]:
    """The projects of all services that the pipeline deploys."""
    pushed = {image.service.key: image.artifact for image in common.source.pushed}
    if pushed:
        deployed = tuple(service for service in services if service.key in pushed)
    else:
        deployed = tuple(service for service in services if service.repository)
    return tuple(_project(common, service, pushed.get(service.key, "")) for service in deployed)


def _project(common: Common, service: Service, pushed: str) -> Project:
    names = common.names
    name = names.build_project(service.key)
    log_group = f"/aws/codebuild/{name}"
    container_type, image = _BUILD_IMAGE[service.architecture]
    builds = (Building(service.image, service.repository),) if service.image and service.repository and not pushed else ()
    return Project(
        id=logical_id(service.key, "BuildProject"),
        name=name,
        comment=f"Image of {service.key}",
        service=service,
        builds=builds,
        pushed=(pushed,) if pushed else (),
        log_group=log_group,
        container_type=container_type,
        image=image,
        compute=_COMPUTE[common.wanted.build.compute],
        buildspec=common.layout.in_source(common.layout.buildspec(service.key)),
        tag=common.source.tag,
        variables=(
            ("AWS_ACCOUNT_ID", Sub("${AWS::AccountId}")),
            *(
                variable
                for building in builds
                for variable in (("REPOSITORY_NAME", building.repository.name), ("REPOSITORY_URI", building.repository.uri))
            ),
            *common.wanted.build.environment.items(),
        ),
        role=_role(common, service, builds, log_group),
        artifact=logical_id(service.key, "Deploy"),
    )


def _role(common: Common, service: Service, builds: tuple[Building, ...], log_group: str) -> Role:
    """CB setting-up (logs, artifacts) and CP action-reference-ECRBuildAndPublish (the push)."""
    return Role(
        logical_id(service.key, "BuildRole"),
        common.names.role("build", service.key),
        "codebuild.amazonaws.com",
        f"CodeBuild {'builds and pushes the image of' if builds else 'puts together what is deployed of'} {service.key} with it",
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
                (Sub(f"{common.bucket}/*"),),
                (own_account(),),
            ),
            *(statement for building in builds for statement in _push(building)),
        ),
    )


def _push(building: Building) -> tuple[Statement, ...]:
    return (
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
            (building.repository.arn,),
        ),
    )


def action(project: Project) -> Action:
    """The pipeline's action that runs the project (CP action-reference-CodeBuild)."""
    return Action(
        f"Build-{project.service.key}",
        f"{'builds the image, pushes it' if project.builds else 'takes the image that was pushed'} and hands on what the deployment needs",
        "Build",
        "CodeBuild",
        (
            (Word("ProjectName"), project.name),
            # With more than one input CodeBuild asks in which of them the buildspec lies.
            *(((Word("PrimarySource"), SOURCE_ARTIFACT),) if project.pushed else ()),
        ),
        (SOURCE_ARTIFACT, *project.pushed),
        (project.artifact,),
    )
