"""What a pipeline is made of: actions in stages, as CodePipeline describes them, and what starts it."""

from typing import Literal, NamedTuple

from bgspec.cfn import Sub, Value, Word
from bgspec.plan.iam import Condition


class Action(NamedTuple):
    """One action of a stage."""

    name: str
    comment: str
    category: Literal["Source", "Build", "Deploy", "Compute", "Approval", "Test"]
    provider: str
    configuration: tuple[tuple[Word, Value], ...]
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    run_order: int = 1
    commands: tuple[str, ...] = ()
    """What a Commands action runs in a shell."""
    timeout: tuple[int, ...] = ()
    """Minutes, where they are not CodePipeline's to choose."""
    role: tuple[Value, ...] = ()
    """The role in another account with which it is done; none for the pipeline's own."""


class Stage(NamedTuple):
    """Actions of the pipeline that begin together."""

    name: str
    actions: tuple[Action, ...]


class Trigger(NamedTuple):
    """An EventBridge rule that starts the pipeline: nothing is polled."""

    id: Word
    rule_name: str
    comment: str
    event_source: str
    detail_type: str
    resources: tuple[Value, ...]
    detail: tuple[tuple[Word, tuple[str, ...]], ...] = ()
    object_keys: tuple[str, ...] = ()
    """Of an object in S3: its key."""


class GitTrigger(NamedTuple):
    """A push that starts the pipeline, told by the connection itself."""

    action: str
    branch: str


def own_account() -> Condition:
    """Keeps a bucket of the same name in another account from being read and written (CP how-to-custom-role)."""
    return Condition("StringEquals", "aws:ResourceAccount", (Sub("${AWS::AccountId}"),))
