"""BG7xx: source, build and the pipeline between them."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.regions import WITHOUT_CODEBUILD, WITHOUT_CODECOMMIT


@rule("BG701")
def nothing_to_build(env: Environment) -> Iterator[Found]:
    """The pipeline has nothing to build.

    What: There is a `pipeline:`, but the image of no service is built.
    Why: CodePipeline refuses a stage without an action, and a commit would change nothing: all images exist already.
    Mend: Use `image: {build: DIR}`, or remove `pipeline:`.
    Source: bc:codepipeline.StageDeclaration; CodePipeline User Guide, reference-pipeline-structure (a stage has one action at least).

    Fails:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1
            port: 8080
        pipeline:
          source: {provider: codecommit}
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
        pipeline:
          source: {provider: codecommit}
    """
    if env.plan.pipeline and not env.plan.pipeline.projects:
        yield Found(
            ("pipeline",),
            "The pipeline has nothing to build: the images of all services exist already.",
            "Use `image: {build: DIR}` in a service, or remove `pipeline:`.",
            "key",
            tuple(("an image that exists", ("services", key, "image")) for key in env.spec.services),
        )


@rule("BG702")
def no_codecommit_here(env: Environment) -> Iterator[Found]:
    """CodeCommit does not exist in this Region.

    What: The source is CodeCommit, in a Region without it.
    Why: CloudFormation knows no AWS::CodeCommit::Repository there: the repository stack fails.
    Mend: Use another source, or another Region.
    Source: CloudFormation's resource schemas of the Regions (cfn-lint's copies); `bgspec.regions`.

    Fails:
        region: eu-central-2
        pipeline:
          source:
            provider: codecommit
    Passes:
        region: eu-central-1
        pipeline:
          source:
            provider: codecommit
    """
    # Where CodeBuild is missing too, BG703 says that this is no Region for a pipeline.
    if env.plan.pipeline and env.plan.pipeline.source.repository and env.plan.region.name in WITHOUT_CODECOMMIT - WITHOUT_CODEBUILD:
        yield Found(
            ("pipeline", "source", "provider"),
            f"CodeCommit does not exist in {env.plan.region.name}.",
            "Use another provider or another Region.",
            related=(("the Region", ("region",)),),
        )


@rule("BG703")
def no_codebuild_here(env: Environment) -> Iterator[Found]:
    """CodeBuild does not exist in this Region.

    What: Images are built, in a Region without CodeBuild.
    Why: CloudFormation knows no AWS::CodeBuild::Project there: the build stack fails.
    Mend: Use another Region, or build elsewhere and give the image with `uri:`.
    Source: CloudFormation's resource schemas of the Regions (cfn-lint's copies); `bgspec.regions`.

    Fails:
        region: mx-central-1
        pipeline:
          source: {provider: codecommit}
    Passes:
        region: us-east-2
        pipeline:
          source: {provider: codecommit}
    """
    if env.plan.pipeline and env.plan.pipeline.projects and env.plan.region.name in WITHOUT_CODEBUILD:
        yield Found(
            ("region",),
            f"CodeBuild does not exist in {env.plan.region.name}, so the pipeline cannot build there.",
            "Use another Region, or remove `pipeline:` and give images that exist.",
            related=(("the pipeline", ("pipeline",)),),
        )


@rule("BG704")
def largest_machine_on_arm(env: Environment) -> Iterator[Found]:
    """There is no xlarge build machine for arm64.

    What: `pipeline.build.compute` is `xlarge`, and a service is built for arm64.
    Why: BUILD_GENERAL1_XLARGE exists for Linux containers on x86_64 only; CodeBuild refuses the project.
    Mend: Use `compute: large`.
    Source: CodeBuild User Guide, build-env-ref-compute-types.

    Fails:
        services:
          web:
            image: {build: ., architecture: arm64}
            port: 8080
        pipeline:
          source: {provider: codecommit}
          build:
            compute: xlarge
    Passes:
        services:
          web:
            image: {build: ., architecture: arm64}
            port: 8080
        pipeline:
          source: {provider: codecommit}
          build:
            compute: large
    """
    for project in env.plan.pipeline.projects if env.plan.pipeline else ():
        if project.compute == "BUILD_GENERAL1_XLARGE" and project.container_type == "ARM_CONTAINER":
            yield Found(
                ("pipeline", "build", "compute"),
                f"`xlarge` machines build for x86_64 only, but {project.service.key} runs on arm64.",
                "Use `compute: large`.",
                related=(("the architecture", ("services", project.service.key, "image", "architecture")),),
            )


@rule("BG705")
def variable_of_the_build(env: Environment) -> Iterator[Found]:
    """A build variable has a name that is taken.

    What: `pipeline.build.environment` sets a variable that CodeBuild or the generated buildspec sets itself.
    Why: CodeBuild keeps names beginning with CODEBUILD_ for itself; the other would push the image to a wrong place.
    Mend: Choose another name.
    Source: CodeBuild User Guide, build-spec-ref ("don't set any environment variable with a name that starts with CODEBUILD_").

    Fails:
        pipeline:
          source: {provider: codecommit}
          build:
            environment:
              CODEBUILD_MODE: fast
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            environment:
              BUILD_MODE: fast
    """
    own = {"AWS_ACCOUNT_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "REPOSITORY_NAME", "REPOSITORY_URI"}
    for name in env.spec.pipeline.build.environment if env.spec.pipeline else ():
        if name.startswith("CODEBUILD_") or name in own:
            whose = "CodeBuild" if name.startswith(("CODEBUILD_", "AWS_DEFAULT", "AWS_REGION")) else "the generated buildspec"
            yield Found(("pipeline", "build", "environment", name), f"`{name}` is set by {whose}.", "Choose another name.", "key")
