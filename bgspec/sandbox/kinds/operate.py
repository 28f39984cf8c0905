"""Scaling, alarms, topics, schedules, notifications: what watches and moves a running environment."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.kinds.elbv2 import without
from bgspec.sandbox.world import Context, Record


class ScalableTarget(Kind):
    type = "AWS::ApplicationAutoScaling::ScalableTarget"
    service, table = "application-autoscaling", "autoscaling.targets"

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call(self.service, "register_scalable_target", **self.input("register_scalable_target", without(props, "ScheduledActions")))
        physical = "|".join(props[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace"))
        self._schedules(ctx, physical, props)
        return physical

    def _schedules(self, ctx: Context, physical: str, props: Props) -> None:
        self.record(ctx, physical)["_schedules"] = {}
        where = {name: props[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")}
        for action in props.get("ScheduledActions", ()):
            ctx.call(self.service, "put_scheduled_action", **self.input("put_scheduled_action", where | action))

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        defaults = {
            "SuspendedState": {"DynamicScalingInSuspended": False, "DynamicScalingOutSuspended": False, "ScheduledScalingSuspended": False}
        }
        wanted = self.input("register_scalable_target", defaults | without(props, "ScheduledActions"))
        ctx.call(self.service, "register_scalable_target", **wanted)
        del old
        self._schedules(ctx, physical, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        where = {name: props[name] for name in ("ResourceId", "ScalableDimension", "ServiceNamespace")}
        ctx.call(self.service, "deregister_scalable_target", **where)
        del physical


class ScalingPolicy(Kind):
    type = "AWS::ApplicationAutoScaling::ScalingPolicy"
    service, table = "application-autoscaling", "autoscaling.policies"
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "PolicyARN"}

    def _where(self, props: Props) -> Props:
        """A policy names its target in three properties, or by the target's own id."""
        if "ScalingTargetId" not in props:
            return props
        resource, dimension, namespace = props["ScalingTargetId"].split("|")
        return without(props, "ScalingTargetId") | {"ResourceId": resource, "ScalableDimension": dimension, "ServiceNamespace": namespace}

    def create(self, ctx: Context, props: Props) -> str:
        return str(ctx.call(self.service, "put_scaling_policy", **self.input("put_scaling_policy", self._where(props)))["PolicyARN"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        self.create(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        names = ("PolicyName", "ResourceId", "ScalableDimension", "ServiceNamespace")
        found = self._where(props)
        ctx.call(self.service, "delete_scaling_policy", **{name: found[name] for name in names})
        del physical


class Alarm(Kind):
    type = "AWS::CloudWatch::Alarm"
    service, table = "cloudwatch", "cloudwatch.alarms"
    named = ("AlarmName", 255)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "AlarmArn"}

    def create(self, ctx: Context, props: Props) -> str:
        if props["AlarmName"] in ctx.table(self.table):
            raise AwsError("AlreadyExists", f"Alarm {props['AlarmName']} already exists")
        ctx.call("cloudwatch", "put_metric_alarm", **self.input("put_metric_alarm", props))
        return str(props["AlarmName"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        ctx.call("cloudwatch", "put_metric_alarm", **self.input("put_metric_alarm", props))

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("cloudwatch", "delete_alarms", AlarmNames=[physical])


class Dashboard(Kind):
    type = "AWS::CloudWatch::Dashboard"
    service = "cloudwatch"
    named = ("DashboardName", 255)

    def records(self, ctx: Context) -> dict[str, Record]:
        return ctx.shared("cloudwatch.dashboards")

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("cloudwatch", "put_dashboard", **self.input("put_dashboard", props))
        return str(props["DashboardName"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        self.create(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("cloudwatch", "delete_dashboards", DashboardNames=[physical])


class Topic(Kind):
    type = "AWS::SNS::Topic"
    service, table = "sns", "sns.topics"
    delete_op, key = "delete_topic", "TopicArn"
    named = ("TopicName", 256)
    attributes: ClassVar[Mapping[str, str]] = {"TopicArn": "TopicArn"}
    plain = ("DisplayName", "KmsMasterKeyId", "SignatureVersion", "TracingConfig", "FifoTopic", "ContentBasedDeduplication")

    def _attributes(self, props: Props) -> dict[str, str]:
        if unknown := sorted(props.keys() - {"TopicName", "Subscription", *self.plain}):
            raise NotEmulated(f"the property {self.type}.{unknown[0]}")
        return {
            name: str(props[name]).lower() if isinstance(props[name], bool) else str(props[name]) for name in self.plain if name in props
        }

    def create(self, ctx: Context, props: Props) -> str:
        if ctx.arn("sns", props["TopicName"]) in ctx.table(self.table):
            raise AwsError("AlreadyExists", f"Topic {props['TopicName']} already exists")
        arn = str(ctx.call("sns", "create_topic", Name=props["TopicName"], Attributes=self._attributes(props))["TopicArn"])
        self._subscribe(ctx, arn, props.get("Subscription", []))
        return arn

    def _subscribe(self, ctx: Context, arn: str, wanted: list[Record]) -> None:
        for one in wanted:
            ctx.call("sns", "subscribe", TopicArn=arn, Protocol=one["Protocol"], Endpoint=one["Endpoint"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        wanted, had = self._attributes(props), self._attributes(old)
        for name in wanted.keys() | had.keys():
            if name in wanted:
                ctx.call("sns", "set_topic_attributes", TopicArn=physical, AttributeName=name, AttributeValue=wanted[name])
            elif name == "DisplayName":
                ctx.call("sns", "set_topic_attributes", TopicArn=physical, AttributeName=name, AttributeValue="")
            else:
                self.record(ctx, physical)["_attributes"].pop(name, None)
        gone = [s for s in old.get("Subscription", ()) if s not in props.get("Subscription", ())]
        for found in list(ctx.table("sns.subscriptions").values()):
            if found["TopicArn"] == physical and any(s["Endpoint"] == found["Endpoint"] for s in gone):
                ctx.call("sns", "unsubscribe", SubscriptionArn=found["_attributes"]["SubscriptionArn"])
        self._subscribe(ctx, physical, [s for s in props.get("Subscription", ()) if s not in old.get("Subscription", ())])

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        return physical.rpartition(":")[2] if name == "TopicName" else super().attribute(ctx, physical, name)


class TopicPolicy(Kind):
    type = "AWS::SNS::TopicPolicy"
    service = "sns"

    def create(self, ctx: Context, props: Props) -> str:
        document = props["PolicyDocument"]
        text = document if isinstance(document, str) else json.dumps(document)
        for arn in props["Topics"]:
            ctx.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue=text)
        return f"topic-policy-{ctx.unique('topic-policy', 12)}"

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        self.create(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        for arn in props["Topics"]:
            if arn in ctx.table("sns.topics"):
                ctx.call("sns", "set_topic_attributes", TopicArn=arn, AttributeName="Policy", AttributeValue="{}")
        del physical


class Subscription(Kind):
    type = "AWS::SNS::Subscription"
    service, table = "sns", "sns.subscriptions"
    delete_op, key = "unsubscribe", "SubscriptionArn"

    def create(self, ctx: Context, props: Props) -> str:
        rest = without(props, "TopicArn", "Protocol", "Endpoint", "Region")
        attributes = {name: json.dumps(value) if isinstance(value, dict | bool) else str(value) for name, value in rest.items()}
        made = ctx.call("sns", "subscribe", TopicArn=props["TopicArn"], Protocol=props["Protocol"], Endpoint=props.get("Endpoint", ""),
                        Attributes=attributes, ReturnSubscriptionArn=True)  # fmt: skip
        return str(made["SubscriptionArn"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        for name, value in without(props, "TopicArn", "Protocol", "Endpoint", "Region").items():
            text = json.dumps(value) if isinstance(value, dict | bool) else str(value)
            ctx.call("sns", "set_subscription_attributes", SubscriptionArn=physical, AttributeName=name, AttributeValue=text)
        for name in old.keys() - props.keys():
            self.record(ctx, physical)["_attributes"].pop(name, None)


class Schedule(Kind):
    type = "AWS::Scheduler::Schedule"
    service = "scheduler"
    named = ("Name", 64)

    def _record(self, ctx: Context, physical: str) -> Record:
        return next(s for s in ctx.table("scheduler.schedules").values() if s["Name"] == physical)

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("scheduler", "create_schedule", **self.input("create_schedule", props))
        return str(props["Name"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "GroupName"):
            self.delete(ctx, physical, old)
            self.create(ctx, props)
        else:
            ctx.call("scheduler", "update_schedule", **self.input("update_schedule", props))

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        ctx.call("scheduler", "delete_schedule", Name=physical, GroupName=props.get("GroupName", "default"))

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        return self._record(ctx, physical)["Arn"] if name == "Arn" else super().attribute(ctx, physical, name)


class ScheduleGroup(Kind):
    type = "AWS::Scheduler::ScheduleGroup"
    service, table = "scheduler", "scheduler.groups"
    delete_op, key = "delete_schedule_group", "Name"
    named = ("Name", 64)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "Arn", "State": "State"}

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("scheduler", "create_schedule_group", **self.input("create_schedule_group", props))
        return str(props["Name"])


class NotificationRule(Kind):
    type = "AWS::CodeStarNotifications::NotificationRule"
    service, table = "codestar-notifications", "notifications.rules"
    create_op, result, update_op, delete_op, key = (
        "create_notification_rule",
        "Arn",
        "update_notification_rule",
        "delete_notification_rule",
        "Arn",
    )
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "Arn"}
    defaults: ClassVar[Mapping[str, Any]] = {"Status": "ENABLED"}


OPERATE = (
    ScalableTarget(), ScalingPolicy(), Alarm(), Dashboard(), Topic(), TopicPolicy(), Subscription(), Schedule(), ScheduleGroup(), NotificationRule(),
)  # fmt: skip
