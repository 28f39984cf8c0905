"""BG83x: tags."""

from collections.abc import Iterator

from bgspec.checks.rule import Environment, Found, rule


@rule("BG830")
def tag_of_aws(env: Environment) -> Iterator[Found]:
    """A tag begins with `aws:`.

    What: The key of a tag begins with `aws:`, in capital or small letters.
    Why: These tags are AWS's own; CloudFormation refuses the stack.
    Mend: Choose another key.
    Source: bc:cloudformation.Tag; https://github.com/awsdocs/amazon-ecs-developer-guide/issues/72 (in any case of the letters).

    Fails:
        tags:
          aws:owner: web-team
    Passes:
        tags:
          Owner: web-team
    """
    for key in env.spec.tags:
        if key.lower().startswith("aws:"):
            yield Found(("tags", key), "Tags that begin with `aws:` belong to AWS.", "Choose another key.", "key")


@rule("BG831")
def tags_that_differ_in_case(env: Environment) -> Iterator[Found]:
    """Two tags differ only in the case of their letters.

    What: Two keys of `tags` are the same in small letters, or one is `system` or `environment` in another spelling than bgspec's own
        `System` and `Environment`.
    Why: Roles carry every tag, and for IAM the two are one: "Duplicate tag keys found. Please note that Tag keys are case insensitive".
    Mend: Keep one of them. To replace bgspec's own tag, write it as bgspec does.
    Source: https://github.com/kubernetes/kops/issues/11727, https://github.com/github-aws-runners/terraform-aws-github-runner/pull/1346
        (the reply of the API); bc:iam.Tag.

    Fails:
        tags:
          environment: development
    Passes:
        tags:
          Environment: development
    """
    seen: dict[str, str] = {}
    for key, _ in env.plan.tags:
        first = seen.setdefault(key.lower(), key)
        if first != key:
            mine = first in env.spec.tags
            whose = "" if mine else "bgspec's own "
            yield Found(
                ("tags", key),
                f"For IAM, `{key}` and {whose}`{first}` are one tag.",
                f"Keep one of them: write `{first}`.",
                "key",
                (("the other", ("tags", first)),) if mine else (),
            )


@rule("BG832", "warning")
def one_name_for_all(env: Environment) -> Iterator[Found]:
    """All resources would have one name.

    What: `tags` has the key `Name`.
    Why: The console shows this tag as the name of a resource. bgspec names each resource; with one name for all, nobody can tell them
        apart.
    Mend: Choose another key.
    Source: CloudFormation User Guide, aws-properties-resource-tags; EC2 User Guide, Using_Tags (the console's Name column).

    Fails:
        tags:
          Name: shop
    Passes:
        tags:
          Product: shop
    """
    if "Name" in env.spec.tags:
        yield Found(("tags", "Name"), "`Name` would give all resources the same name.", "Choose another key.", "key")
