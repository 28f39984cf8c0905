"""BG72x: where the source comes from, and who hears of it."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.plan.images import ecr_image
from bgspec.regions import WITHOUT_CODEBUILD, WITHOUT_CONNECTIONS, WITHOUT_NOTIFICATION_RULES


@rule("BG720")
def no_connections_here(env: Environment) -> Iterator[Found]:
    """Connections to Git providers do not exist in this Region.

    What: The source lies behind a connection, in a Region without connections.
    Why: CodePipeline has no source action for connections there; the pipeline cannot be made.
    Mend: Use another source, or another Region.
    Source: CodePipeline User Guide, action-reference-CodestarConnectionSource; CloudFormation's resource schemas of the Regions
        (cfn-lint's copies); `bgspec.regions`.

    Fails:
        region: eu-south-2
        pipeline:
          source:
            provider: github
            connection: arn:aws:codeconnections:eu-south-2:111122223333:connection/4dca0a3c
            repository: acme/shop
    Passes:
        region: eu-south-1
        pipeline:
          source:
            provider: github
            connection: arn:aws:codeconnections:eu-south-1:111122223333:connection/4dca0a3c
            repository: acme/shop
    """
    pipeline = env.plan.pipeline
    # Where CodeBuild is missing too, BG703 says that this is no Region for a pipeline.
    if pipeline and pipeline.source.git and env.plan.region.name in WITHOUT_CONNECTIONS - WITHOUT_CODEBUILD:
        yield Found(
            env.written(("pipeline", "source", "config", "provider"), ("pipeline", "source", "provider")),
            f"There are no connections to Git providers in {env.plan.region.name}.",
            "Use another provider or another Region.",
            related=(("the Region", ("region",)),),
        )


@rule("BG721")
def no_image_to_wait_for(env: Environment) -> Iterator[Found]:
    """The pipeline waits for images, but no service has one in ECR.

    What: The source is `ecr`, and no service's image lies in an ECR repository of this Region.
    Why: There is nothing whose push could start the pipeline: the source action watches one repository of its own account and Region.
    Mend: Give a service an image in ECR, of this Region, or use another source.
    Source: CodePipeline User Guide, action-reference-ECR (the repository is given by its name alone).

    Fails:
        network: {egress: nat}
        services:
          web:
            image: {uri: "111122223333.dkr.ecr.us-west-2.amazonaws.com/shop/web:1"}
            port: 8080
        pipeline:
          source:
            provider: ecr
            config: {provider: codecommit}
    Passes:
        network: {egress: nat}
        services:
          web:
            image: {uri: "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1"}
            port: 8080
        pipeline:
          source:
            provider: ecr
            config: {provider: codecommit}
    """
    pipeline = env.plan.pipeline
    if pipeline and pipeline.source.moving_tags and not pipeline.source.pushed:
        yield Found(
            ("pipeline", "source", "provider"),
            f"No service has an image in ECR in {env.plan.region.name}, so nothing can start the pipeline.",
            "Give a service such an image, or use another provider.",
            related=tuple(("an image that is not there", ("services", key, "image")) for key in env.spec.services),
        )


@rule("BG722")
def image_of_another_account(env: Environment) -> Iterator[Found]:
    """The pipeline waits for an image in another account.

    What: The source is `ecr`, and a service's image lies in the registry of an account that is not the environment's.
    Why: The source action watches a repository of its own account only: it would wait for a repository of the same name here.
    Mend: Push to a repository of this account, or let ECR copy the repository to it (registry replication).
    Source: CodePipeline User Guide, action-reference-ECR (the repository is given by its name alone).

    Fails:
        account: "111122223333"
        services:
          web:
            image: {uri: "444455556666.dkr.ecr.us-east-1.amazonaws.com/shop/web:1"}
            port: 8080
        pipeline:
          source:
            provider: ecr
            config: {provider: codecommit}
    Passes:
        account: "111122223333"
        services:
          web:
            image: {uri: "111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1"}
            port: 8080
        pipeline:
          source:
            provider: ecr
            config: {provider: codecommit}
    """
    for pushed in env.plan.pipeline.source.pushed if env.plan.pipeline else ():
        for image in ecr_image(pushed.image.uri):
            if env.plan.account and image.account != env.plan.account:
                yield Found(
                    ("services", pushed.service.key, "image", "uri"),
                    f"The image lies in account {image.account}, where the pipeline cannot watch it.",
                    f"Push to a repository of account {env.plan.account}.",
                    related=(("the pipeline waits for images", ("pipeline", "source", "provider")),),
                )


@rule("BG723")
def no_notifications_here(env: Environment) -> Iterator[Found]:
    """There are no notification rules in this Region.

    What: `pipeline.notifications` is set in a Region without the developer tools' notification rules.
    Why: CloudFormation knows no AWS::CodeStarNotifications::NotificationRule there: the pipeline's stack fails.
    Mend: Leave `notifications` away and watch the pipeline's events with a rule of your own, or use another Region.
    Source: CloudFormation's resource schemas of the Regions (cfn-lint's copies); `bgspec.regions`.

    Fails:
        region: eu-south-1
        pipeline:
          source: {provider: codecommit}
          notifications:
            to: [ops@example.com]
    Passes:
        region: eu-west-1
        pipeline:
          source: {provider: codecommit}
          notifications:
            to: [ops@example.com]
    """
    if env.plan.pipeline and env.plan.pipeline.notices and env.plan.region.name in WITHOUT_NOTIFICATION_RULES:
        yield Found(
            ("pipeline", "notifications"),
            f"There are no notification rules in {env.plan.region.name}.",
            "Remove `notifications:`, or use another Region.",
            "key",
            (("the Region", ("region",)),),
        )
