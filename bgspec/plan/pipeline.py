"""The pipeline: source, build, deploy, the bucket between them and what starts it."""

from typing import NamedTuple

from bgspec.cfn import Ref, Sub, Value, Word
from bgspec.naming import Names
from bgspec.plan import build, delivery, notices, sources, stack_role
from bgspec.plan.action import Stage, own_account
from bgspec.plan.build import Project, Tests
from bgspec.plan.deployment import Deployment
from bgspec.plan.encryption import Encryption
from bgspec.plan.iam import Condition, ExistingRole, Role, Statement, arn, or_existing
from bgspec.plan.layout import Layout
from bgspec.plan.machine import Machine, Place
from bgspec.plan.notices import Notice, Topic
from bgspec.plan.service import Repository, Service
from bgspec.plan.sources import Source
from bgspec.spec import Spec


class Guest(NamedTuple):
    """Another account that may read the artifacts."""

    account: Sub
    """The account, as a principal."""
    condition: Condition


class Site(NamedTuple):
    """An account beside the environment's, in which the pipeline stands (see `plan.tools`)."""

    target: str
    """The environment's account."""
    bucket: str | None
    """The artifact bucket that exists there."""
    encryption: Encryption
    guest: Guest
    role: Value
    """The role in the environment's account with which the pipeline deploys."""

    def seen(self, service: Service) -> Service:
        """A service whose repositories are in another account."""
        images = (
            image._replace(builds=tuple(build._replace(repository=self._there(build.repository)) for build in image.builds))
            for image in service.images
        )
        return service._replace(images=tuple(images))

    def _there(self, repository: Repository) -> Repository:
        uri, arn = (Sub(text.replace("${AWS::AccountId}", self.target)) for text in (repository.uri, repository.arn))
        return repository._replace(uri=uri, arn=arn)


class Given(NamedTuple):
    """What was decided for the environment as a whole."""

    layout: Layout
    encryption: Encryption
    sites: tuple[Site, ...]
    """Where the pipeline stands, if that is another account."""


class Pipeline(NamedTuple):
    """The pipeline and everything that stands with it."""

    name: str
    bucket: Value
    """The artifact bucket's name."""
    own_buckets: tuple[Sub, ...]
    """The same, if the environment makes it."""
    store: Value
    """The artifact bucket as the pipeline names it."""
    guests: tuple[Guest, ...]
    source: Source
    projects: tuple[Project, ...]
    tests: tuple[Tests, ...]
    """The test stage, or none."""
    stages: tuple[Stage, ...]
    topics: tuple[Topic, ...]
    """Those through which mail is sent."""
    notices: tuple[Notice, ...]
    role: Role | ExistingRole
    trigger_roles: tuple[Role | ExistingRole, ...]
    """The role with which EventBridge's rules start the pipeline; none where a connection does it."""
    stack_roles: tuple[Role, ...]
    """The role with which CloudFormation updates services' stacks; none where the pipeline updates none."""


def resolve(spec: Spec, names: Names, services: tuple[Service, ...], deployment: Deployment, given: Given) -> Pipeline | None:
    """The pipeline, in whichever account it stands; None where the spec has none."""
    wanted = spec.pipeline
    if wanted is None:
        return None
    own = Sub(names.artifact_bucket(spec.region))
    site = given.sites[0] if given.sites else None
    existing, key = (site.bucket, site.encryption) if site else (wanted.bucket, given.encryption)
    bucket: Value = existing or own
    bucket_arn = Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}")
    name = names.pipeline()
    source = sources.resolve(wanted.source, spec, names, services)
    account: Value = site.target if site else Sub("${AWS::AccountId}")
    place = Place(names, spec.region, bucket_arn, key, spec.encryption.secrets, account)
    common = build.Common(wanted, source, given.layout, place, deployment.engine)
    projects = build.resolve(common, tuple(map(site.seen, services)) if site else services)
    deliveries = tuple(delivery.action(names, project, deployment, number) for number, project in enumerate(projects, 1))
    tests = (build.tests(common, wanted.test),) if wanted.test else ()
    asked = notices.approval(wanted.approval, names) if wanted.approval else None
    before = wanted.approval.before if wanted.approval else ""
    approval = (Stage("Approval", (asked.action,)),) if asked else ()
    return Pipeline(
        name=name,
        bucket=bucket,
        own_buckets=() if existing else (own,),
        store=existing or Ref("ArtifactBucket"),
        guests=tuple(one.guest for one in given.sites),
        source=source,
        projects=projects,
        tests=tests,
        stages=(
            Stage("Source", source.actions),
            *(Stage("Test", (test.action,)) for test in tests),
            *(approval if before == "build" else ()),
            Stage("Build", tuple(build.action(project) for project in projects)),
            *(approval if before == "deploy" else ()),
            Stage("Deploy", tuple(one._replace(role=(site.role,)) if site else one for one in deliveries)),
        ),
        topics=(*(asked.topics if asked else ()), *(notices.topics(wanted.notifications, names) if wanted.notifications else ())),
        notices=(notices.notice(wanted.notifications, names),) if wanted.notifications else (),
        role=or_existing(
            wanted.role,
            _pipeline_role(
                names,
                bucket_arn,
                (
                    *source.statements,
                    *(asked.statements if asked else ()),
                    *key.statements("s3", *(("sns",) if asked and asked.topics else ())),
                    *key.looks(),
                    _build_statement((*(test.machine for test in tests), *(project.machine for project in projects))),
                    *((_take(site.role),) if site else delivery.statements(names, projects, deployment)),
                ),
            ).fitting(names),
        ),
        trigger_roles=(or_existing(wanted.trigger_role, _trigger_role(names)),) if source.triggers else (),
        stack_roles=() if site else stack_role.resolve(spec, names, tuple(delivery.by_stack(projects, deployment)), deployment),
    )


def _take(role: Value) -> Statement:
    """CP pipelines-create-cross-account."""
    return Statement(Word("TakeRole"), "deploys with this role into the environment's account", ("sts:AssumeRole",), (role,))


def _build_statement(machines: tuple[Machine, ...]) -> Statement:
    """CP action-reference-CodeBuild."""
    return Statement(
        Word("Build"),
        "starts builds and follows them",
        ("codebuild:BatchGetBuilds", "codebuild:StartBuild"),
        tuple(arn("codebuild", f"project/{machine.name}") for machine in machines),
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


def _pipeline_role(names: Names, bucket_arn: Sub, statements: tuple[Statement, ...]) -> Role:
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
        ),
    )
