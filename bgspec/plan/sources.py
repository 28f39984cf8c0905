"""Where a pipeline begins: the source's actions, what they may read, and what starts the pipeline."""

from typing import TYPE_CHECKING, NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.action import Action, GitTrigger, Trigger, own_account
from bgspec.plan.iam import Statement, arn
from bgspec.plan.images import watched
from bgspec.plan.service import Image, Service
from bgspec.spec import BitbucketSource, CodeCommitSource, EcrSource, GitHubSource, GitLabSource, S3Source, Spec

if TYPE_CHECKING:
    from bgspec.spec import Source as SourceSpec

SOURCE_ARTIFACT = "Source"


class Pushed(NamedTuple):
    """An image of a service that somebody else pushes to ECR; its artifact holds its imageDetail.json."""

    service: Service
    image: Image


class Source(NamedTuple):
    """What the source's provider decides."""

    actions: tuple[Action, ...]
    statements: tuple[Statement, ...]
    place: str
    """Where the files are, in words."""
    tag: str
    """The shell's expression for the tag of the image that is built , from the revision in `$IMAGE_TAG`."""
    branch: str = ""
    """The branch; empty where the source has none."""
    repository: tuple[str, ...] = ()
    """The CodeCommit repository that the environment owns, or none."""
    bucket: tuple["Bucket", ...] = ()
    """The bucket for the source that the environment owns, or none."""
    triggers: tuple[Trigger, ...] = ()
    git: tuple[GitTrigger, ...] = ()
    pushed: tuple[Pushed, ...] = ()
    """The images that are built elsewhere, or none where the pipeline builds them."""
    moving_tags: tuple[str, ...] = ()
    """Tags that move from image to image."""

    @property
    def own(self) -> bool:
        """Whether the files lie in the environment's own repository or bucket."""
        return bool(self.repository or self.bucket)


class Bucket(NamedTuple):
    """A bucket for the source, and the key of the file in it."""

    name: Sub
    key: str


# A commit's id is long enough after twelve characters; a version in S3 may hold characters that a tag may not.
_TAG_OF_COMMIT = "${IMAGE_TAG:0:12}"
_TAG_OF_VERSION = '$(printf %s "$IMAGE_TAG" | sha256sum | cut -c 1-12)'


def resolve(wanted: "SourceSpec", spec: Spec, names: Names, services: tuple[Service, ...]) -> Source:
    """Where commits or images come from, with the permissions and the trigger that such a source needs."""
    match wanted:
        case CodeCommitSource():
            return _codecommit(wanted, names)
        case GitHubSource() | GitLabSource() | BitbucketSource():
            return _connection(wanted)
        case S3Source():
            return _s3(wanted, names, spec.region)
        case EcrSource():
            return _ecr(wanted, spec, names, services)


def _action(provider: str, comment: str, **configuration: Value) -> Action:
    settings = tuple((Word(key), value) for key, value in configuration.items())
    return Action("Source", comment, "Source", provider, settings, (), (SOURCE_ARTIFACT,))


def _codecommit(wanted: CodeCommitSource, names: Names) -> Source:
    """Action: CP action-reference-CodeCommit. Rule: CP pipelines-trigger-source-repo-changes-cfn."""
    repository = wanted.repository or names.source_repository()
    repository_arn = arn("codecommit", repository)
    return Source(
        actions=(
            _action(
                "CodeCommit",
                "hands the branch's newest commit to the build",
                RepositoryName=repository,
                BranchName=wanted.branch,
                PollForSourceChanges="false",
            ),
        ),
        statements=(
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
        place=f"branch {wanted.branch} of the CodeCommit repository {repository}",
        tag=_TAG_OF_COMMIT,
        branch=wanted.branch,
        repository=() if wanted.repository else (repository,),
        triggers=(
            Trigger(
                Word("SourceRule"),
                names.rule("source"),
                "A new commit on the branch starts the pipeline within seconds; nothing polls.",
                "aws.codecommit",
                "CodeCommit Repository State Change",
                (repository_arn,),
                (
                    (Word("event"), ("referenceCreated", "referenceUpdated")),
                    (Word("referenceType"), ("branch",)),
                    (Word("referenceName"), (wanted.branch,)),
                ),
            ),
        ),
    )


def _connection(wanted: GitHubSource | GitLabSource | BitbucketSource) -> Source:
    """CP action-reference-CodestarConnectionSource: the provider keeps its old name, and both names of the permission are asked for."""
    region_and_rest = wanted.connection.split(":", 3)[3]
    services = ("codeconnections", "codestar-connections")
    return Source(
        actions=(
            _action(
                "CodeStarSourceConnection",
                "hands the branch's newest commit to the build",
                ConnectionArn=wanted.connection,
                FullRepositoryId=wanted.repository,
                BranchName=wanted.branch,
                # The trigger of the pipeline looks for changes.
                DetectChanges="false",
            ),
        ),
        statements=(
            Statement(
                Word("ReadSource"),
                "fetches the commit through the connection, which AWS knows under its old and its new name",
                tuple(f"{service}:UseConnection" for service in services),
                tuple(Sub(f"arn:${{AWS::Partition}}:{service}:{region_and_rest}") for service in services),
            ),
        ),
        place=f"branch {wanted.branch} of {wanted.repository}",
        tag=_TAG_OF_COMMIT,
        branch=wanted.branch,
        git=(GitTrigger("Source", wanted.branch),),
    )


def _s3(wanted: S3Source, names: Names, region: str) -> Source:
    """Action: CP action-reference-S3. Rule: CP create-S3-source-events."""
    own = Sub(names.source_bucket(region))
    bucket: Value = wanted.bucket or own
    bucket_arn = Sub(f"arn:${{AWS::Partition}}:s3:::{bucket}")
    return Source(
        actions=(
            _action(
                "S3",
                "hands the newest version of the file to the build",
                S3Bucket=bucket,
                S3ObjectKey=wanted.key,
                PollForSourceChanges="false",
            ),
        ),
        statements=(
            Statement(
                Word("ReadSourceBucket"),
                "looks at the bucket of the source",
                ("s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"),
                (bucket_arn,),
                (own_account(),),
            ),
            Statement(
                Word("ReadSource"),
                "fetches this file and no other",
                ("s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion", "s3:GetObjectVersionTagging"),
                (Sub(f"{bucket_arn}/{wanted.key}"),),
                (own_account(),),
            ),
        ),
        place=f"the file {wanted.key} in " + (f"the bucket {wanted.bucket}" if wanted.bucket else "the environment's source bucket"),
        tag=_TAG_OF_VERSION,
        bucket=() if wanted.bucket else (Bucket(own, wanted.key),),
        triggers=(
            Trigger(
                Word("SourceRule"),
                names.rule("source"),
                "A new version of the file starts the pipeline within seconds; nothing polls.",
                "aws.s3",
                "Object Created",
                (bucket_arn,),
                object_keys=(wanted.key,),
            ),
        ),
    )


def _ecr(wanted: EcrSource, spec: Spec, names: Names, services: tuple[Service, ...]) -> Source:
    """Action: CP action-reference-ECR, which writes imageDetail.json itself. Rule: CP create-cwe-ecr-source-cfn."""
    files = resolve(wanted.config, spec, names, services)
    found = tuple(_Watched(service, image, *where) for service in services for image in service.images for where in _place(image, spec))
    return files._replace(
        actions=(*files.actions, *(_image_action(one, wanted.tag) for one in found)),
        statements=(
            *files.statements,
            *(
                Statement(
                    logical_id("Read", one.image.artifact) if one.beside else logical_id("ReadImage", one.service.key),
                    f"asks which image of {one.name} has the tag",
                    ("ecr:DescribeImages",),
                    (one.arn,),
                )
                for one in found
            ),
        ),
        triggers=(*files.triggers, *(_image_trigger(one, wanted.tag, names) for one in found)),
        pushed=tuple(Pushed(one.service, one.image) for one in found),
        moving_tags=(wanted.tag,),
    )


class _Watched(NamedTuple):
    """An image, and the repository that is watched for it."""

    service: Service
    image: Image
    repository: str
    arn: Sub

    @property
    def beside(self) -> bool:
        """Whether it is a sidecar's."""
        return self.image is not self.service.image

    @property
    def name(self) -> str:
        return f"{self.service.key}, container {self.image.container}" if self.beside else self.service.key


def _place(image: Image, spec: Spec) -> tuple[tuple[str, Sub], ...]:
    """Name and ARN of the repository that is watched for an image."""
    if image.builds:
        return tuple((build.repository.name, build.repository.arn) for build in image.builds)
    return tuple((found.repository, found.arn) for found in watched(spec, image.uri))


def _image_action(one: _Watched, tag: str) -> Action:
    return Action(
        f"Image-{one.service.key}.{one.image.container}" if one.beside else f"Image-{one.service.key}",
        f"hands on which image of {one.name} was pushed",
        "Source",
        "ECR",
        ((Word("RepositoryName"), one.repository), (Word("ImageTag"), tag)),
        (),
        (one.image.artifact,),
    )


def _image_trigger(one: _Watched, tag: str, names: Names) -> Trigger:
    return Trigger(
        logical_id(one.image.artifact, "Rule"),
        names.rule("image", f"{one.service.key}.{one.image.container}" if one.beside else one.service.key),
        f"An image of {one.name} that is pushed under the tag starts the pipeline within seconds; nothing polls.",
        "aws.ecr",
        "ECR Image Action",
        (),
        (
            (Word("action-type"), ("PUSH",)),
            (Word("image-tag"), (tag,)),
            (Word("repository-name"), (one.repository,)),
            (Word("result"), ("SUCCESS",)),
        ),
    )
