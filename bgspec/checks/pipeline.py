"""BG7xx: source, build and the pipeline between them."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.plan.delivery import by_stack
from bgspec.regions import WITHOUT_CODEBUILD, WITHOUT_CODECOMMIT

_LONGEST_BUILD_VARIABLE = 4096
_OF_THE_BUILD = frozenset("AWS_ACCOUNT_ID AWS_DEFAULT_REGION AWS_REGION REPOSITORY_NAME REPOSITORY_URI SERVICE TASKDEF APPSPEC".split())
"""What CodeBuild and the generated buildspec set."""


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
    if env.plan.pipeline and not env.plan.pipeline.projects and not env.plan.pipeline.source.moving_tags:
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
    missing = env.plan.region.name in WITHOUT_CODECOMMIT - WITHOUT_CODEBUILD
    if missing and env.plan.pipeline and any(action.provider == "CodeCommit" for action in env.plan.pipeline.source.actions):
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
    suffixes = [image.suffix for service in env.plan.services for image in service.images if image.suffix]
    taken = _OF_THE_BUILD | {f"{name}{suffix}" for suffix in suffixes for name in ("REPOSITORY_NAME", "REPOSITORY_URI")}
    for route, machine in env.machines:
        for kind in ("environment", "secrets"):
            for name in getattr(machine, kind):
                if name.startswith("CODEBUILD_") or name in taken:
                    whose = "CodeBuild" if name.startswith(("CODEBUILD_", "AWS_DEFAULT", "AWS_REGION")) else "bgspec"
                    yield Found((*route, kind, name), f"`{name}` is set by {whose}.", "Choose another name.", "key")


@rule("BG706")
def branch_that_cannot_be(env: Environment) -> Iterator[Found]:
    """No branch can have this name.

    What: The name breaks a rule of git: it holds `..` or `//`, or a part of it begins with `.` or ends with `.lock`, or it ends with `/`
        or `.`.
    Why: The branch cannot exist, so the pipeline never starts.
    Mend: Write the branch as `git branch` shows it.
    Source: git-check-ref-format, https://git-scm.com/docs/git-check-ref-format.

    Fails:
        pipeline:
          source:
            provider: codecommit
            branch: release..next
    Passes:
        pipeline:
          source:
            provider: codecommit
            branch: release/next
    """
    for route, branch in env.branches:
        parts = branch.split("/")
        if ".." in branch or branch.endswith(".") or any(not part or part[0] == "." or part.endswith(".lock") for part in parts):
            yield Found(route, f"No branch of git can be called `{branch}`.", "Write it as `git branch` shows it.")


@rule("BG707", "warning")
def branch_with_its_ref(env: Environment) -> Iterator[Found]:
    """A branch is named with `refs/heads/`.

    What: The name of the branch begins with `refs/heads/` or `origin/`.
    Why: CodePipeline wants the branch alone. It would watch a branch of that whole name, which nobody pushes to, and never start.
    Mend: Write the branch as `git branch` shows it: `main`.
    Source: CodePipeline User Guide, action-reference-CodeCommit (BranchName) and action-reference-CodestarConnectionSource.

    Fails:
        pipeline:
          source:
            provider: codecommit
            branch: refs/heads/main
    Passes:
        pipeline:
          source:
            provider: codecommit
            branch: main
    """
    for route, branch in env.branches:
        if branch.startswith(("refs/", "origin/")):
            name = branch.removeprefix("refs/heads/").removeprefix("origin/")
            yield Found(route, "A pipeline watches a branch by its name alone.", f"Write `{name}`.")


@rule("BG708")
def files_elsewhere(env: Environment) -> Iterator[Found]:
    """The rendered files would lie outside of the repository.

    What: `pipeline.files` leads above the root of the source repository.
    Why: The pipeline reads buildspec.yml and the other files from the repository; what is not in it does not exist for it.
    Mend: Write a directory inside the repository: `deploy`.
    Source: CodeBuild User Guide, build-spec-ref (the buildspec's path is relative to the source).

    Fails:
        pipeline:
          source: {provider: codecommit}
          files: ../deploy
    Passes:
        pipeline:
          source: {provider: codecommit}
          files: deploy
    """
    if env.plan.pipeline and ".." in env.plan.layout.files and env.plan.layout.in_source(".").startswith(".."):
        yield Found(("pipeline", "files"), "This lies outside of the repository.", "Write a directory inside of it, such as `deploy`.")


@rule("BG709")
def long_build_variable(env: Environment) -> Iterator[Found]:
    r"""A build variable is too long.

    What: The value of a variable in `environment` of `pipeline.build` or `pipeline.test` has more than 4,096 characters; or all `tags`
        together have, where the pipeline updates services' stacks (`engine: ecs`), because the build writes them down for it.
    Why: CodeBuild refuses it when the build starts: "EnvironmentVariable should be at most 4096 characters".
    Mend: Keep the value in a file of the repository, or in S3; use shorter tags, or fewer.
    Source: https://github.com/wolfeidau/buildkite-serverless-agent/issues/35 (the reply of the API).

    Fails (Python):
        "pipeline:\n  source: {provider: codecommit}\n  build:\n    environment:\n      NOTES: " + "x" * 5000 + "\n"
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            environment:
              NOTES: docs/notes.txt
    """
    for route, machine in env.machines:
        for name, value in machine.environment.items():
            if len(value) > _LONGEST_BUILD_VARIABLE:
                yield Found(
                    (*route, "environment", name),
                    f"`{name}` has {len(value):,} characters; CodeBuild takes {_LONGEST_BUILD_VARIABLE:,}.",
                    "Keep the value in a file of the repository.",
                    "key",
                )
    updated = env.plan.pipeline and any(by_stack(env.plan.pipeline.projects, env.plan.deployment))
    size = sum(len(key) + len(value) + len('"": "", ') for key, value in env.plan.tags) if updated else 0
    if size > _LONGEST_BUILD_VARIABLE:
        yield Found(
            ("tags",),
            f"The build is given all tags in one variable: {size:,} characters, and CodeBuild takes {_LONGEST_BUILD_VARIABLE:,}.",
            "Use shorter tags, or fewer.",
            "key",
        )
