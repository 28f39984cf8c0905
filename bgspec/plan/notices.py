"""Whom the pipeline tells what: approvals that it asks for, and how its runs end."""

from typing import NamedTuple

from bgspec.cfn import Ref, Value, Word
from bgspec.naming import Names
from bgspec.plan.action import Action
from bgspec.plan.iam import Statement
from bgspec.spec import Notifications, PipelineApproval


class Topic(NamedTuple):
    """An SNS topic, and who gets what is published to it."""

    id: Word
    name: str
    comment: str
    emails: tuple[str, ...]
    publishers: tuple[str, ...]
    """The services that publish to it in their own name; none where the pipeline's role does."""


class Target(NamedTuple):
    """Where a notification goes."""

    address: Value
    type: Word


class Notice(NamedTuple):
    """A notification rule of the developer tools."""

    name: str
    events: tuple[str, ...]
    targets: tuple[Target, ...]
    after: tuple[Word, ...]
    """The topic's policy, where there is one."""


# Developer Tools console User Guide, concepts, "Events for notification rules on pipelines".
_EVENTS = {
    "started": ("codepipeline-pipeline-pipeline-execution-started",),
    "succeeded": ("codepipeline-pipeline-pipeline-execution-succeeded",),
    "failed": ("codepipeline-pipeline-pipeline-execution-failed",),
    "canceled": ("codepipeline-pipeline-pipeline-execution-canceled",),
    "superseded": ("codepipeline-pipeline-pipeline-execution-superseded",),
    "approval": (
        "codepipeline-pipeline-manual-approval-needed",
        "codepipeline-pipeline-manual-approval-succeeded",
        "codepipeline-pipeline-manual-approval-failed",
    ),
}


class Approval(NamedTuple):
    """A stage that waits for a person."""

    action: Action
    statements: tuple[Statement, ...]
    topics: tuple[Topic, ...]


def approval(wanted: PipelineApproval, names: Names) -> Approval:
    """CP approvals-action-add: the configuration; CP approvals-iam-permissions: the permission to publish."""
    topics = (Topic(Word("ApprovalTopic"), names.topic("approval"), "Who is asked for approval.", tuple(wanted.notify), ()),)
    told = topics if wanted.notify else ()
    return Approval(
        Action(
            "Approve",
            "waits for a person: in the console, or with `aws codepipeline put-approval-result`",
            "Approval",
            "Manual",
            (
                *((Word("NotificationArn"), Ref(topic.id)) for topic in told),
                *(((Word("CustomData"), wanted.message),) if wanted.message else ()),
            ),
            (),
            (),
            timeout=(wanted.timeout // 60,),
        ),
        tuple(Statement(Word("AskForApproval"), "tells that somebody must approve", ("sns:Publish",), (Ref(topic.id),)) for topic in told),
        told,
    )


def topics(wanted: Notifications, names: Names) -> tuple[Topic, ...]:
    """The topic through which mail is sent, if there is any."""
    emails = tuple(one for one in wanted.to if "@" in one)
    topic = Topic(
        Word("NotificationTopic"),
        names.topic("notification"),
        "Who is told how the pipeline fares.",
        emails,
        ("codestar-notifications.amazonaws.com",),
    )
    return (topic,) if emails else ()


def notice(wanted: Notifications, names: Names) -> Notice:
    """The rule that tells of what happens to the pipeline."""
    own = topics(wanted, names)
    return Notice(
        names.notification_rule(),
        tuple(event for word in wanted.on for event in _EVENTS[word]),
        (*(Target(Ref(topic.id), Word("SNS")) for topic in own), *(_target(one) for one in wanted.to if "@" not in one)),
        tuple(Word(f"{topic.id}Policy") for topic in own),
    )


def _target(arn: str) -> Target:
    """bc:codestar-notifications.Target."""
    if ":chatbot:" not in arn:
        return Target(arn, Word("SNS"))
    return Target(arn, Word("AWSChatbotSlack" if "/slack-channel/" in arn else "AWSChatbotMicrosoftTeams"))
