"""BG76x: a pipeline in another account."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule
from bgspec.diagnostics import Route
from bgspec.spec import EcrSource, EcsDeployment, Pipeline, ToolsAccount

_TOOLS: Route = ("tools_account",)


def _both(env: Environment) -> Iterator[tuple[Pipeline, ToolsAccount]]:
    """The pipeline and the account in which it is made, where both are in the spec."""
    if env.spec.pipeline and env.spec.tools_account:
        yield env.spec.pipeline, env.spec.tools_account


@rule("BG760")
def nothing_of_the_other_half(env: Environment) -> Iterator[Found]:
    """Nobody says through what artifacts come.

    What: `tools_account` without `pipeline:`, and without the bucket or the key of the pipeline that stands there.
    Why: The role that this pipeline takes must read its artifacts: their bucket and their key stand in its policy.
    Mend: Name both, or say `pipeline:`, and bgspec makes that half, too.
    Source: CodePipeline User Guide, pipelines-create-cross-account (AWS's own key cannot be used from another account).

    Fails:
        tools_account:
          account: "444455556666"
    Passes:
        tools_account:
          account: "444455556666"
          bucket: tools-artifacts
          key: arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab
    """
    wanted = env.spec.tools_account
    if wanted and not env.spec.pipeline:
        missing = [name for name, value in (("bucket", wanted.bucket), ("key", wanted.key)) if not value]
        if missing:
            yield Found(
                _TOOLS,
                f"The pipeline there is not made here, and nobody names its {' and its '.join(missing)}.",
                f"Write {' and '.join(f'`{name}:`' for name in missing)}, or say `pipeline:` to have that half made, too.",
                "key",
            )


@rule("BG761")
def which_account(env: Environment) -> Iterator[Found]:
    """The environment's own account is not said, or is the tools account.

    What: `pipeline:` and `tools_account:`, but no `account:`, or the same one.
    Why: Each half's policies let the other account in, by its number. Within one account there is nothing to let in.
    Mend: Write the environment's `account:`; where the pipeline stands in it, remove `tools_account:`.
    Source: CodePipeline User Guide, pipelines-create-cross-account.

    Fails:
        tools_account:
          account: "444455556666"
        pipeline:
          source: {provider: codecommit}
    Passes:
        account: "111122223333"
        tools_account:
          account: "444455556666"
        pipeline:
          source: {provider: codecommit}
    """
    for _, wanted in _both(env):
        if not env.spec.account:
            yield Found(
                _TOOLS,
                "The pipeline stands in another account, and must know into which one it deploys.",
                'Write the environment\'s own account: `account: "111122223333"`.',
                "key",
            )
        elif env.spec.account == wanted.account:
            yield Found(
                (*_TOOLS, "account"),
                "This is the environment's own account.",
                "Name the other one, or remove `tools_account:`: then the pipeline stands here.",
                related=(("the account", ("account",)),),
            )


@rule("BG762")
def not_across_accounts(env: Environment) -> Iterator[Found]:
    """Something does not reach from one account into the other.

    What: With `tools_account:`, a pipeline that starts with images in ECR, builds in the environment's VPC, updates services' stacks
        (`engine: ecs` with `deploy: cloudformation`) or registers a scheduled task; or `pipeline.bucket`.
    Why: The repositories and the VPC belong to the environment's account, and so do the values that a stack is given; of the Commands
        action, which registers tasks, AWS says nowhere that it takes a role of another account. A bucket there is named by
        `tools_account.bucket`.
    Mend: As the message says.
    Source: CP action-reference-ECR (its repository is of the pipeline's account); cfn:AWS::CodeBuild::Project.VpcConfig; CP
        action-reference-CloudFormation (all parameters of a template are given); CP action-reference-Commands.

    Fails:
        account: "111122223333"
        tools_account:
          account: "444455556666"
        deployment:
          engine: ecs
        pipeline:
          source: {provider: codecommit}
    Passes:
        account: "111122223333"
        tools_account:
          account: "444455556666"
        deployment:
          engine: ecs
          deploy: ecs-action
        pipeline:
          source: {provider: codecommit}
    """
    for pipeline, _ in _both(env):
        related = (("the other account", _TOOLS),)
        if isinstance(pipeline.source, EcrSource):
            what = "The pipeline in the other account sees no pushes to this account's repositories."
            yield Found(
                ("pipeline", "source", "provider"), what, "Let it build the images: `provider: codecommit`, or another.", related=related
            )
        for section, machine in (("build", pipeline.build), ("test", pipeline.test)):
            if machine and machine.vpc:
                what = "The build runs in the other account, and the VPC is in this one."
                yield Found(("pipeline", section, "vpc"), what, "Remove it.", related=related)
        if pipeline.bucket:
            what = "The artifacts of this pipeline lie in the other account."
            yield Found(("pipeline", "bucket"), what, "Name a bucket of that account: `tools_account.bucket`.", "key", related)
        yield from _deliveries(env, related)


def _deliveries(env: Environment, related: tuple[tuple[str, Route], ...]) -> Iterator[Found]:
    deployment = env.spec.deployment
    if isinstance(deployment, EcsDeployment) and deployment.deploy == "cloudformation" and env.served:
        what = "The pipeline in the other account does not know what the services' stacks are given."
        route = env.written(("deployment", "deploy"), ("deployment", "engine"))
        yield Found(route, what, "Let ECS's own action bring the image: `deploy: ecs-action`.", related=related)
    for project in env.plan.pipeline.projects if env.plan.pipeline else ():
        if project.service.kind == "task":
            what = f"The pipeline in the other account cannot register the task {project.service.key}."
            mend = "Run it as an image that exists (`image: {uri: …}`), or leave the pipeline in this account."
            yield Found(("services", project.service.key, "schedule"), what, mend, "key", related)


@rule("BG763")
def unbounded_there(env: Environment) -> Iterator[Found]:
    """The roles in the tools account have no permissions boundary.

    What: `permissions_boundary` is given, but `tools_account.permissions_boundary` is not, or belongs to another account.
    Why: Who demands a boundary demands it of every role; and a policy bounds roles of its own account only.
    Mend: Name the policy of the tools account that does there what the other does here; AWS's own policies hold in every account.
    Source: IAM User Guide, access_policies_boundaries; bc:iam.CreateRoleRequest.PermissionsBoundary.

    Fails:
        account: "111122223333"
        permissions_boundary: arn:aws:iam::111122223333:policy/developers
        tools_account:
          account: "444455556666"
        pipeline:
          source: {provider: codecommit}
    Passes:
        account: "111122223333"
        permissions_boundary: arn:aws:iam::111122223333:policy/developers
        tools_account:
          account: "444455556666"
          permissions_boundary: arn:aws:iam::444455556666:policy/developers
        pipeline:
          source: {provider: codecommit}
    """
    for _, wanted in _both(env):
        policy = wanted.permissions_boundary
        if policy and policy.split(":")[4] not in {"aws", wanted.account}:
            what = f"This policy belongs to the account {policy.split(':')[4]}, but the pipeline's roles to {wanted.account}."
            yield Found(
                (*_TOOLS, "permissions_boundary"), what, "Name a policy of that account.", related=(("the account", (*_TOOLS, "account")),)
            )
        elif env.spec.permissions_boundary and not policy:
            what = f"The pipeline's roles in the account {wanted.account} would have no permissions boundary."
            mend = f"Name one of that account: `permissions_boundary: arn:aws:iam::{wanted.account}:policy/…`."
            yield Found(_TOOLS, what, mend, "key", (("the boundary here", ("permissions_boundary",)),))


@rule("BG764")
def key_of_neither(env: Environment) -> Iterator[Found]:
    """The key of the artifacts belongs to another account than the pipeline.

    What: `tools_account.key` names a key of another account than `tools_account.account`.
    Why: The pipeline's account must be allowed to use the key, and the environment's, too: its policy would have to name both.
    Mend: Name a key of the tools account.
    Source: CodePipeline User Guide, pipelines-create-cross-account (the key is made in the pipeline's account).

    Fails:
        tools_account:
          account: "444455556666"
          bucket: tools-artifacts
          key: arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab
    Passes:
        tools_account:
          account: "444455556666"
          bucket: tools-artifacts
          key: arn:aws:kms:us-east-1:444455556666:key/1234abcd-12ab-34cd-56ef-1234567890ab
    """
    wanted = env.spec.tools_account
    if wanted and wanted.key and wanted.key.split(":")[4] != wanted.account:
        yield Found(
            (*_TOOLS, "key"),
            f"This key belongs to the account {wanted.key.split(':')[4]}, but the pipeline stands in {wanted.account}.",
            "Name a key of that account.",
            related=(("the account", (*_TOOLS, "account")),),
        )


def owner(env: Environment, route: Route) -> str:
    """The account that what stands at `route` belongs to; empty where nobody says."""
    tools = env.spec.tools_account
    return tools.account if tools and route[0] == "pipeline" else env.plan.account
