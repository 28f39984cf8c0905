"""BG95x: what can be wrong with an override: one function per code; its docstring is the page that `explain` shows."""

from bgspec.diagnostics import Family, Sentences, suggest
from bgspec.document.rules import shown
from bgspec.overrides.known import Reason

FAMILY = Family({}, {})
rule = FAMILY.rule


def meant(word: str, known: list[str], what: str) -> str:
    """What was probably meant; otherwise all there is, as far as it fits a line."""
    near = suggest(word, known)
    if near:
        return f"Did you mean `{near}`?"
    listed = ", ".join(f"`{name}`" for name in known)
    return f"{what} {listed}." if len(listed) < 120 else f"{what} {len(known)} others: see the rendered files."


# The stacks that not every environment has, and what brings each.
MADE_FOR = {
    "key": "`encryption.key: own`",
    "endpoints": "`network.egress: endpoints`",
    "access-logs": "`load_balancer.access_logs: true`",
    "certificates": "a `certificate` with `domain` and `zone`",
    "traffic": "services with a `port` behind the load balancer",
    "network": "a VPC of the environment's own",
    "cluster": "a cluster of the environment's own",
    "registry": "services with `image.build`",
    "discovery": "services with `connect`",
    "alarms": "`deployment.rollback.alarms` with a `metric`",
    "hooks": "`deployment.hooks` with a `test`",
    "repository": "a `pipeline.source` with a repository or bucket of its own",
    "build": "a `pipeline` that builds or tests",
    "deployment": "services behind the load balancer with `engine: codedeploy`",
    "pipeline": "`pipeline`",
    "github": "`github_actions`",
    "tools": "`tools_account`",
    "parameters": "`publish`",
}


@rule("BG950", at="key")
def unknown_stack(key: str, known: list[str]) -> Sentences:
    """An override names a stack that is not rendered.

    What: A key of `overrides:` is no stack of this environment.
    Why: It would change nothing, and whoever wrote it expects that it does. A stack is named by its file: `stacks/load-balancer.yaml` is
        `load-balancer`.
    Mend: Take the name of a file under `stacks/`.
    Source: The language itself: `overrides` in docs/language.md; `bgspec render` shows what there is.

    Fails:
        overrides:
          registries:
            WebRepository: {EmptyOnDelete: true}
    Passes:
        overrides:
          registry:
            WebRepository: {EmptyOnDelete: true}
    """
    return (
        f"There is no stack {shown(key)} to override.",
        f"It is made for {MADE_FOR[key]}." if key in MADE_FOR else meant(key, known, "The stacks are"),
    )


@rule("BG951", at="key")
def unknown_resource(stack: str, name: str, known: list[str]) -> Sentences:
    """An override names a resource that its stack does not have.

    What: A key below a stack is no logical id in that stack's template.
    Why: It would change nothing. An override patches what bgspec makes; it adds no resources.
    Mend: Take a key under `Resources:` of the rendered template.
    Source: The language itself: `overrides` in docs/language.md; `bgspec render` shows what there is.

    Fails:
        overrides:
          registry:
            WebRepo: {EmptyOnDelete: true}
    Passes:
        overrides:
          registry:
            WebRepository: {EmptyOnDelete: true}
    """
    return f"The stack `{stack}` has no resource {shown(name)}.", meant(name, known, "It has")


@rule("BG952", at="key")
def unknown_property(name: str, kind: str, known: list[str]) -> Sentences:
    """An override sets a property that CloudFormation does not know.

    What: A name is not among those that the resource's type has in that place.
    Why: CloudFormation refuses the template: `Encountered unsupported property`.
    Mend: Write the property as CloudFormation's reference does, with its capital letters.
    Source: CloudFormation's resource schemas (cfn-lint's copies, written down in `bgspec/overrides/properties.json`).

    Fails:
        overrides:
          registry:
            WebRepository: {EmptyOnDeletion: true}
    Passes:
        overrides:
          registry:
            WebRepository: {EmptyOnDelete: true}
    """
    return f"{shown(name)} is not a property of `{kind}` there.", meant(name, known, "There are")


@rule("BG953", at="key")
def no_position(position: str, length: int) -> Sentences:
    """An override names a position that a list does not have.

    What: A mapping stands where the template has a list, and one of its keys is no position in that list.
    Why: In a list, `0` stands for the first item, `1` for the second; the number behind the last adds one. Anything else would hit nothing.
    Mend: Write the position of an item, or a list of your own, which replaces the whole.
    Source: The language itself: `overrides` in docs/language.md; `bgspec render` shows what there is.

    Fails:
        overrides:
          service-web:
            TaskDefinition:
              ContainerDefinitions: {web: {StopTimeout: 60}}
    Passes:
        overrides:
          service-web:
            TaskDefinition:
              ContainerDefinitions: {0: {StopTimeout: 60}}
    """
    return (
        f"{shown(position)} is no position in the list of {length} that stands here.",
        f"Write a list to replace it, `0` to `{length - 1}` for an item that is there, or `{length}` to add one.",
    )


@rule("BG954", at="key")
def not_yours(name: str, reason: Reason) -> Sentences:
    """An override would break what the rendered files hold together.

    What: The property is a name by which other stacks and files know the resource, ties two resources together, says where production
        traffic goes, or has words of its own in the language.
    Why: The rest of the render would still say the other thing: a pipeline would deploy to a service that has another name, or an update of
        a stack would move traffic past every deployment. Nobody would notice before it happens.
    Mend: Use the language's own words where there are some; otherwise leave the property alone.
    Source: The language itself; the refused properties stand in `bgspec/overrides/known.py`.

    Fails:
        overrides:
          service-web:
            Service: {ServiceName: web}
    Passes:
        overrides:
          service-web:
            Service: {PropagateTags: TASK_DEFINITION}
    """
    return f"{shown(name)} cannot be overridden: {reason.why}.", reason.help


@rule("BG955")
def wrong_value(wanted: str) -> Sentences:
    """An override's value is of another kind than the property's, or refers to nothing.

    What: A mapping stands where CloudFormation wants a text, nothing stands there at all, a function is not `Ref`, `Fn::GetAtt` or
        `Fn::Sub`, or it names nothing in the template. Within a task definition no function may stand.
    Why: CloudFormation refuses the template. A task definition is written to taskdef.json too, and no function works there.
    Mend: Write a value of the property's type.
    Source: CloudFormation's resource schemas; CloudFormation Template Reference, intrinsic-function-reference.

    Fails:
        overrides:
          registry:
            WebRepository: {EmptyOnDelete: maybe}
    Passes:
        overrides:
          registry:
            WebRepository: {EmptyOnDelete: true}
    """
    return "CloudFormation would not take this value.", wanted


@rule("BG956", "warning", "key")
def changes_nothing(value: str) -> Sentences:
    """An override says what bgspec says anyway.

    What: The value is the one that stands there without it.
    Why: It changes nothing today, and would hide a better value tomorrow.
    Mend: Remove it.
    Source: The language itself: `overrides` in docs/language.md.

    Fails:
        overrides:
          service-web:
            Service: {PropagateTags: SERVICE}
    Passes:
        overrides:
          service-web:
            Service: {PropagateTags: TASK_DEFINITION}
    """
    return f"The value is {shown(value)} without this override too.", "Remove it."
