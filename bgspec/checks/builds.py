"""BG73x: the machines on which images are built and tested."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.regions import WITHOUT_ARM_BUILDS


@rule("BG731")
def layers_kept_in_a_vpc(env: Environment) -> Iterator[Found]:
    """Builds in a VPC keep no layers.

    What: `pipeline.build.cache` is `docker`, and the build runs in the VPC.
    Why: CodeBuild has no local cache for projects with a VPC; it refuses the project, or keeps nothing.
    Mend: Use `cache: none` or `cache: {s3: [PATH]}`, or leave `vpc` away.
    Source: CodeBuild User Guide, caching-local.

    Fails:
        pipeline:
          source: {provider: codecommit}
          build:
            vpc: true
            cache: docker
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            vpc: true
    """
    build = env.spec.pipeline.build if env.spec.pipeline else None
    if build and build.vpc and build.cache == "docker":
        yield Found(
            ("pipeline", "build", "cache"),
            "Builds in a VPC keep no layers for the next one.",
            "Use `none` or `s3:`, or leave `vpc` away.",
            related=(("in the VPC", ("pipeline", "build", "vpc")),),
        )


@rule("BG732")
def build_without_a_way_out(env: Environment) -> Iterator[Found]:
    """A build in public subnets reaches nothing.

    What: A build runs in the VPC, and the VPC's only subnets are public (`network.egress: public`).
    Why: CodeBuild gives its machines no public addresses, so from a public subnet they reach neither the internet nor AWS.
    Mend: Leave `vpc` away, or use `network.egress: nat`.
    Source: CodeBuild User Guide, vpc-support (private subnets with a NAT gateway are needed).

    Fails:
        network: {egress: public}
        pipeline:
          source: {provider: codecommit}
          build: {vpc: true}
    Passes:
        network: {egress: nat}
        pipeline:
          source: {provider: codecommit}
          build: {vpc: true}
    """
    for route, machine in env.machines:
        if machine.vpc and env.plan.network.egress == "public":
            yield Found(
                (*route, "vpc"),
                "A build in public subnets reaches nothing: it has no public address.",
                "Leave `vpc` away, or use `network.egress: nat`.",
                related=(("only public subnets", ("network", "egress")),),
            )


@rule("BG733")
def build_image_for_another_processor(env: Environment) -> Iterator[Found]:
    """The build's image is for another processor.

    What: `pipeline.build.image` is one of CodeBuild's own images, for another processor than a service's.
    Why: An image is built on the processor that it runs on, so the build of this service cannot start its own image.
    Mend: Leave `image` away: then each build gets the right one. CodeBuild's own image for arm64 has `aarch64` in its name.
    Source: CodeBuild User Guide, ec2-compute-images.

    Fails:
        services:
          web:
            image: {build: ., architecture: arm64}
            port: 8080
        pipeline:
          source: {provider: codecommit}
          build:
            image: aws/codebuild/standard:7.0
    Passes:
        services:
          web:
            image: {build: ., architecture: arm64}
            port: 8080
        pipeline:
          source: {provider: codecommit}
          build:
            image: aws/codebuild/amazonlinux-aarch64-standard:3.0
    """
    for project in env.plan.pipeline.projects if env.plan.pipeline else ():
        image, wanted = project.machine.image, project.service.architecture
        if image.startswith("aws/codebuild/") and ("aarch64" in image) != (wanted == "ARM64"):
            yield Found(
                ("pipeline", "build", "image"),
                f"This image does not run on {wanted.lower()}, for which {project.service.key} is built.",
                "Leave `image` away: then each build gets the right one.",
                related=(("the service's processor", ("services", project.service.key, "image")),),
            )


@rule("BG734")
def variable_in_the_open_and_secret(env: Environment) -> Iterator[Found]:
    """A build's variable is set twice.

    What: The same name stands in `environment` and in `secrets` of a build.
    Why: CodeBuild refuses a project with two variables of one name.
    Mend: Remove one of them.
    Source: bc:codebuild.ProjectEnvironment.environmentVariables; CodeBuild User Guide, change-project (names of variables are unique).

    Fails:
        pipeline:
          source: {provider: codecommit}
          build:
            environment:
              TOKEN: none
            secrets:
              TOKEN: /shop/token
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            secrets:
              TOKEN: /shop/token
    """
    for route, machine in env.machines:
        for name in machine.secrets:
            if name in machine.environment:
                yield Found(
                    (*route, "secrets", name),
                    f"`{name}` is set in `environment` too.",
                    "Remove one of them.",
                    "key",
                    (("in the open", (*route, "environment", name)),),
                )


@rule("BG735")
def parameter_of_another_region(env: Environment) -> Iterator[Found]:
    """A build takes a parameter from another Region.

    What: A secret of a build is the ARN of an SSM parameter in another Region.
    Why: CodeBuild takes parameters by name, from its own Region: it would look for the parameter here.
    Mend: Use a parameter of this Region, or a secret of Secrets Manager, which is taken by its ARN.
    Source: CodeBuild User Guide, build-spec-ref (env/parameter-store: the parameter's name).

    Fails:
        pipeline:
          source: {provider: codecommit}
          build:
            secrets:
              TOKEN: arn:aws:ssm:eu-west-1:111122223333:parameter/shop/token
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            secrets:
              TOKEN: arn:aws:ssm:us-east-1:111122223333:parameter/shop/token
    """
    for route, machine in env.machines:
        for name, value in machine.secrets.items():
            if value.startswith("arn:") and ":ssm:" in value and value.split(":")[3] != env.plan.region.name:
                yield Found(
                    (*route, "secrets", name),
                    f"CodeBuild looks for parameters in {env.plan.region.name} only.",
                    "Use a parameter of this Region, or a secret of Secrets Manager.",
                    related=(("the Region", ("region",)),),
                )


@rule("BG736", "warning")
def permissions_of_an_existing_role(env: Environment) -> Iterator[Found]:
    """A build's permissions are given to nobody.

    What: `permissions` stand beside a `role` that exists.
    Why: bgspec changes no role that it has not made, so the build would not be allowed what stands there.
    Mend: Give the permissions where the role is made, or leave `role` away.
    Source: cfn:AWS::CodeBuild::Project.ServiceRole (one role, and it is the existing one).

    Fails:
        pipeline:
          source: {provider: codecommit}
          build:
            role: arn:aws:iam::111122223333:role/build
            permissions:
              - actions: [s3:GetObject]
                resources: ["arn:aws:s3:::tools/*"]
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            role: arn:aws:iam::111122223333:role/build
    """
    for route, machine in env.machines:
        if machine.role and machine.permissions:
            yield Found(
                (*route, "permissions"),
                "The role exists already, so these permissions would never be given to it.",
                "Give them where the role is made, or leave `role` away.",
                "key",
                (("the role", (*route, "role")),),
            )


@rule("BG737", "warning")
def runtimes_of_another_image(env: Environment) -> Iterator[Found]:
    """Nothing comes of the versions of languages that a build chooses.

    What: `runtimes` stands beside an `image` that is none of CodeBuild's own.
    Why: Only CodeBuild's own images bring languages to choose from. With any other the build skips this ("Skipping install of runtimes"),
        and runs with what the image holds.
    Mend: Take an image that holds the version, and leave `runtimes` away.
    Source: CodeBuild User Guide, runtime-versions ("not supported for the custom images") and troubleshooting.

    Fails:
        network: {egress: nat}
        pipeline:
          source: {provider: codecommit}
          test:
            image: public.ecr.aws/docker/library/node:24
            runtimes: {nodejs: 24}
            commands: [npm test]
    Passes:
        pipeline:
          source: {provider: codecommit}
          test:
            runtimes: {nodejs: 22}
            commands: [npm test]
    """
    for route, machine in env.machines:
        if machine.runtimes and machine.image and not machine.image.startswith("aws/codebuild/"):
            yield Found(
                (*route, "runtimes"),
                "Only CodeBuild's own images have languages to choose from; with this one it is skipped.",
                "Take an image that holds the version, and leave `runtimes` away.",
                "key",
                (("the image", (*route, "image")),),
            )


@rule("BG738", "warning")
def words_of_the_rendered_buildspec(env: Environment) -> Iterator[Found]:
    """Nothing comes of a word beside a buildspec of one's own.

    What: `pipeline.build` has a `buildspec`, and also `test` or `runtimes`.
    Why: These words stand in the buildspec that bgspec renders. With one of your own it is not rendered.
    Mend: Write them in your buildspec, under `phases.build.commands` and `phases.install.runtime-versions`. For tests there is also
        `pipeline.test`, a stage of its own.
    Source: The language itself.

    Fails:
        pipeline:
          source: {provider: codecommit}
          build:
            buildspec: ci/buildspec.yml
            test: [make test]
    Passes:
        pipeline:
          source: {provider: codecommit}
          build:
            buildspec: ci/buildspec.yml
          test: {commands: [make test]}
    """
    build = env.spec.pipeline.build if env.spec.pipeline else None
    if build and build.buildspec:
        for word, wanted in (("test", build.test), ("runtimes", build.runtimes)):
            if wanted:
                yield Found(
                    ("pipeline", "build", word),
                    f"Your own buildspec is used, and `{word}` stands in the rendered one only.",
                    "Write it there, or leave `buildspec` away.",
                    "key",
                    (("your buildspec", ("pipeline", "build", "buildspec")),),
                )


@rule("BG739")
def no_arm_builds_here(env: Environment) -> Iterator[Found]:
    """CodeBuild has no machines for arm64 in this Region.

    What: A service is built for arm64, in a Region where CodeBuild builds for x86_64 only.
    Why: An image is built on the processor that it runs on. CodeBuild knows no environment of the type ARM_CONTAINER there.
    Mend: Use `architecture: x86_64`, or another Region, or build elsewhere and give the image with `uri:`.
    Source: CodeBuild User Guide, build-env-ref-compute-types (the Regions of ARM_CONTAINER); `bgspec.regions`.

    Fails:
        region: eu-central-2
        services:
          web:
            image: {build: ., architecture: arm64}
            port: 8080
        pipeline:
          source: {provider: s3}
    Passes:
        region: eu-central-1
        services:
          web:
            image: {build: ., architecture: arm64}
            port: 8080
        pipeline:
          source: {provider: s3}
    """
    for project in env.plan.pipeline.projects if env.plan.pipeline and env.plan.region.name in WITHOUT_ARM_BUILDS else ():
        if project.machine.container_type == "ARM_CONTAINER":
            yield Found(
                ("services", project.service.key, "image", "architecture"),
                f"CodeBuild has no machines for arm64 in {env.plan.region.name}.",
                "Use `architecture: x86_64`, or another Region.",
                related=(("the Region", ("region",)),),
            )
