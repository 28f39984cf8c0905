"""SNS: topics, subscriptions, and the messages that were published."""

import json

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.services.registry import Service, tags_of
from bgspec.sandbox.world import Context, Record, Table

sns = Service("sns")


def topics(ctx: Context) -> Table:
    return ctx.table("sns.topics")


def subscriptions(ctx: Context) -> Table:
    return ctx.table("sns.subscriptions")


def topic(ctx: Context, arn: str) -> Record:
    if arn not in topics(ctx):
        raise AwsError("NotFound", "Topic does not exist", 404)
    return topics(ctx)[arn]


@sns
def create_topic(ctx: Context, p: Record) -> Record:
    arn = ctx.arn("sns", p["Name"])
    if arn not in topics(ctx):
        default = {"Version": "2008-10-17", "Id": "__default_policy_ID", "Statement": [
            {"Sid": "__default_statement_ID", "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": ["SNS:Publish", "SNS:Subscribe"],
             "Resource": arn, "Condition": {"StringEquals": {"AWS:SourceOwner": ctx.account}}}]}  # fmt: skip
        attributes = {"TopicArn": arn, "Owner": ctx.account, "DisplayName": "", "Policy": json.dumps(default), **p.get("Attributes", {})}
        topics(ctx)[arn] = {"TopicArn": arn, "_attributes": attributes, "_tags": tags_of(p.get("Tags")), "_messages": []}
    return {"TopicArn": arn}


@sns
def list_topics(ctx: Context, _: Record) -> Record:
    return {"Topics": list(topics(ctx).values())}


@sns
def get_topic_attributes(ctx: Context, p: Record) -> Record:
    mine = [s for s in subscriptions(ctx).values() if s["TopicArn"] == p["TopicArn"]]
    pending = sum(s["_attributes"]["PendingConfirmation"] == "true" for s in mine)
    found = topic(ctx, p["TopicArn"])["_attributes"]
    return {
        "Attributes": found
        | {"SubscriptionsConfirmed": str(len(mine) - pending), "SubscriptionsPending": str(pending), "SubscriptionsDeleted": "0"}
    }


@sns
def set_topic_attributes(ctx: Context, p: Record) -> None:
    topic(ctx, p["TopicArn"])["_attributes"][p["AttributeName"]] = p.get("AttributeValue", "")


@sns
def delete_topic(ctx: Context, p: Record) -> None:
    topics(ctx).pop(p["TopicArn"], None)
    for arn in [arn for arn, s in subscriptions(ctx).items() if s["TopicArn"] == p["TopicArn"]]:
        del subscriptions(ctx)[arn]


@sns
def subscribe(ctx: Context, p: Record) -> Record:
    topic(ctx, p["TopicArn"])
    arn = f"{p['TopicArn']}:{ctx.uuid('subscription')}"
    waits = p["Protocol"] in {"email", "email-json", "http", "https"}  # somebody has to confirm these
    attributes = {
        "SubscriptionArn": arn, "TopicArn": p["TopicArn"], "Owner": ctx.account, "Protocol": p["Protocol"], "Endpoint": p.get("Endpoint", ""),
        "PendingConfirmation": str(waits).lower(), "RawMessageDelivery": "false", **p.get("Attributes", {}),
    }  # fmt: skip
    shown = {
        "SubscriptionArn": "PendingConfirmation" if waits else arn,
        "Owner": ctx.account,
        "Protocol": p["Protocol"],
        "Endpoint": p.get("Endpoint", ""),
        "TopicArn": p["TopicArn"],
    }
    subscriptions(ctx)[arn] = shown | {"_attributes": attributes}
    return {"SubscriptionArn": arn if not waits or p.get("ReturnSubscriptionArn") else "pending confirmation"}


@sns
def get_subscription_attributes(ctx: Context, p: Record) -> Record:
    if p["SubscriptionArn"] not in subscriptions(ctx):
        raise AwsError("NotFound", "Subscription does not exist", 404)
    return {"Attributes": subscriptions(ctx)[p["SubscriptionArn"]]["_attributes"]}


@sns
def set_subscription_attributes(ctx: Context, p: Record) -> None:
    attributes = (get_subscription_attributes(ctx, p))["Attributes"]
    attributes[p["AttributeName"]] = p.get("AttributeValue", "")


@sns
def list_subscriptions_by_topic(ctx: Context, p: Record) -> Record:
    topic(ctx, p["TopicArn"])
    return {"Subscriptions": [s for s in subscriptions(ctx).values() if s["TopicArn"] == p["TopicArn"]]}


@sns
def unsubscribe(ctx: Context, p: Record) -> None:
    subscriptions(ctx).pop(p["SubscriptionArn"], None)


@sns
def publish(ctx: Context, p: Record) -> Record:
    messages = topic(ctx, p.get("TopicArn") or p.get("TargetArn", ""))["_messages"]
    messages.append({"Message": p["Message"], "Subject": p.get("Subject")})
    del messages[:-100]
    return {"MessageId": ctx.uuid("message")}


sns.tags(topic, "ResourceArn")
