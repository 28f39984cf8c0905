"""AWS::Logs::LogGroup."""

from collections.abc import Mapping
from typing import ClassVar

from bgspec.sandbox.kinds.base import Kind, Props
from bgspec.sandbox.kinds.elbv2 import without
from bgspec.sandbox.world import Context


class LogGroup(Kind):
    type = "AWS::Logs::LogGroup"
    service, table = "logs", "logs.groups"
    delete_op, key = "delete_log_group", "logGroupName"
    named = ("LogGroupName", 512)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "arn"}

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("logs", "create_log_group", **self.input("create_log_group", without(props, "RetentionInDays")))
        name = str(props["LogGroupName"])
        self._retain(ctx, name, props)
        return name

    def _retain(self, ctx: Context, name: str, props: Props) -> None:
        if "RetentionInDays" in props:
            ctx.call("logs", "put_retention_policy", logGroupName=name, retentionInDays=int(props["RetentionInDays"]))
        else:
            ctx.call("logs", "delete_retention_policy", logGroupName=name)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        self._retain(ctx, physical, props)
        protected = str(props.get("DeletionProtectionEnabled", False)).lower() == "true"
        ctx.call("logs", "put_log_group_deletion_protection", logGroupIdentifier=physical, deletionProtectionEnabled=protected)
        record = self.record(ctx, physical)
        record["kmsKeyId"] = props.get("KmsKeyId")


LOGS = (LogGroup(),)
