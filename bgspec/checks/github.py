"""BG75x: a workflow of GitHub Actions instead of a pipeline."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.plan.github import LONGEST_JOB


@rule("BG750")
def two_ways(env: Environment) -> Iterator[Found]:
    """Two would deploy every commit.

    What: The spec has `github_actions:` beside `pipeline:` or `tools_account:`.
    Why: Both would build every commit and deploy it, one into the other's deployment, which CodeDeploy and CloudFormation refuse.
    Mend: Keep one. A pipeline can take its source from GitHub: `provider: github`.
    Source: bc:codedeploy.DeploymentLimitExceededException; CodeDeploy User Guide, limits (one deployment of a group at a time).

    Fails:
        pipeline:
          source: {provider: codecommit}
        github_actions:
          repository: acme/shop
    Passes:
        github_actions:
          repository: acme/shop
    """
    spec = env.spec
    for name, way in (("pipeline", spec.pipeline), ("tools_account", spec.tools_account)):
        if way and spec.github_actions:
            yield Found(
                ("github_actions",),
                f"`{name}` and `github_actions` would both deploy every commit.",
                "Remove one of them; a pipeline can have its source on GitHub too.",
                "key",
                ((f"`{name}`", (name,)),),
            )
            return


@rule("BG751")
def nothing_to_build(env: Environment) -> Iterator[Found]:
    """The workflow has nothing to build.

    What: There are `github_actions:`, but the image of no service is built.
    Why: GitHub refuses a workflow without a job, and a commit would change nothing: all images exist already.
    Mend: Use `image: {build: DIR}`, or remove `github_actions:`.
    Source: https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax (jobs: a run has one job at least).

    Fails:
        services:
          web:
            image:
              uri: 111122223333.dkr.ecr.us-east-1.amazonaws.com/shop/web:1
            port: 8080
        github_actions:
          repository: acme/shop
    Passes:
        services:
          web:
            image: {build: .}
            port: 8080
        github_actions:
          repository: acme/shop
    """
    if env.plan.github and not env.plan.github.jobs:
        yield Found(
            ("github_actions",),
            "The workflow has nothing to build: the images of all services exist already.",
            "Use `image: {build: DIR}` in a service, or remove `github_actions:`.",
            "key",
            tuple(("an image that exists", ("services", key, "image")) for key in env.spec.services),
        )


@rule("BG752", "warning")
def longer_than_a_job(env: Environment) -> Iterator[Found]:
    """A deployment takes longer than a job of GitHub's.

    What: Approval, shift and the time that the old version stays are together longer than five hours.
    Why: A job ends after six hours, with the build in them: it would be shown as failed while the deployment goes on.
    Mend: Shorten `approval.timeout`, `terminate_after` or `bake`; or let GitHub ask its reviewers before the job begins.
    Source: https://docs.github.com/actions/reference/limits (a job on GitHub's machines: 6 hours).

    Fails:
        deployment:
          terminate_after: 1d
        github_actions:
          repository: acme/shop
    Passes:
        deployment:
          terminate_after: 1h
        github_actions:
          repository: acme/shop
    """
    if env.plan.github and env.plan.github.jobs and env.plan.github.minutes > LONGEST_JOB:
        yield Found(
            env.written(
                ("deployment", "terminate_after"), ("deployment", "bake"), ("deployment", "approval", "timeout"), ("deployment", "approval")
            )
            if env.wrote("deployment")
            else ("github_actions",),
            "A job on GitHub ends after 6 hours, before this deployment is over.",
            "Let the old version stay for a shorter time, or wait for nobody here: GitHub's environment can ask its reviewers.",
            "key",
        )
