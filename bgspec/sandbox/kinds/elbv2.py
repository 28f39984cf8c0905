"""AWS::ElasticLoadBalancingV2::*."""

from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.services.ec2_records import VPC
from bgspec.sandbox.services.elbv2 import LOAD_BALANCER_ATTRIBUTES, TARGET_GROUP_ATTRIBUTES
from bgspec.sandbox.world import Context


def without(props: Props, *names: str) -> Props:
    return {name: value for name, value in props.items() if name not in names}


class LoadBalancer(Kind):
    type = "AWS::ElasticLoadBalancingV2::LoadBalancer"
    service, table = "elbv2", "elbv2.balancers"
    delete_op, key = "delete_load_balancer", "LoadBalancerArn"
    named = ("Name", 32)
    attributes: ClassVar[Mapping[str, str]] = {
        "LoadBalancerArn": "LoadBalancerArn", "DNSName": "DNSName", "LoadBalancerName": "LoadBalancerName",
        "LoadBalancerFullName": "_full", "CanonicalHostedZoneID": "CanonicalHostedZoneId", "SecurityGroups": "SecurityGroups",
    }  # fmt: skip

    def create(self, ctx: Context, props: Props) -> str:
        wanted = self.input("create_load_balancer", without(props, "LoadBalancerAttributes"))
        arn: str = ctx.call("elbv2", "create_load_balancer", **wanted)["LoadBalancers"][0]["LoadBalancerArn"]
        try:
            self._attributes(ctx, arn, props)
        except AwsError:
            self.delete(ctx, arn, props)
            raise
        return arn

    def _attributes(self, ctx: Context, arn: str, props: Props) -> None:
        self.record(ctx, arn)["_attributes"] = dict(LOAD_BALANCER_ATTRIBUTES)
        attributes = [{"Key": a["Key"], "Value": str(a["Value"])} for a in props.get("LoadBalancerAttributes", ())]
        if attributes:
            ctx.call("elbv2", "modify_load_balancer_attributes", LoadBalancerArn=arn, Attributes=attributes)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "LoadBalancerAttributes"):
            self._attributes(ctx, physical, props)
        if changed(props, old, "SecurityGroups"):
            ctx.call(
                "elbv2",
                "set_security_groups",
                LoadBalancerArn=physical,
                SecurityGroups=props.get("SecurityGroups") or self._default(ctx, physical),
            )
        if changed(props, old, "Subnets"):
            ctx.call("elbv2", "set_subnets", LoadBalancerArn=physical, Subnets=props["Subnets"])
        if changed(props, old, "IpAddressType"):
            ctx.call("elbv2", "set_ip_address_type", LoadBalancerArn=physical, IpAddressType=props.get("IpAddressType", "ipv4"))

    def _default(self, ctx: Context, physical: str) -> list[str]:
        return [VPC.get(ctx, self.record(ctx, physical)["VpcId"])["_default_group"]]

    def busy(self, ctx: Context, physical: str) -> bool:
        return bool(self.record(ctx, physical)["State"]["Code"] == "provisioning")


class TargetGroup(Kind):
    type = "AWS::ElasticLoadBalancingV2::TargetGroup"
    service, table = "elbv2", "elbv2.groups"
    delete_op, key = "delete_target_group", "TargetGroupArn"
    named = ("Name", 32)
    attributes: ClassVar[Mapping[str, str]] = {
        "TargetGroupArn": "TargetGroupArn", "TargetGroupName": "TargetGroupName", "TargetGroupFullName": "_full",
    }  # fmt: skip

    def create(self, ctx: Context, props: Props) -> str:
        wanted = self.input("create_target_group", without(props, "TargetGroupAttributes", "Targets"))
        arn: str = ctx.call("elbv2", "create_target_group", **wanted)["TargetGroups"][0]["TargetGroupArn"]
        try:
            self._attributes(ctx, arn, props)
            if props.get("Targets"):
                ctx.call(
                    "elbv2",
                    "register_targets",
                    TargetGroupArn=arn,
                    Targets=self.input("register_targets", {"Targets": props["Targets"]})["Targets"],
                )
        except AwsError:
            self.delete(ctx, arn, props)
            raise
        return arn

    def _attributes(self, ctx: Context, arn: str, props: Props) -> None:
        self.record(ctx, arn)["_attributes"] = dict(TARGET_GROUP_ATTRIBUTES)
        attributes = [{"Key": a["Key"], "Value": str(a["Value"])} for a in props.get("TargetGroupAttributes", ())]
        if attributes:
            ctx.call("elbv2", "modify_target_group_attributes", TargetGroupArn=arn, Attributes=attributes)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "TargetGroupAttributes"):
            self._attributes(ctx, physical, props)
        defaults = {"HealthCheckIntervalSeconds": 30, "HealthCheckTimeoutSeconds": 5, "HealthCheckPath": "/", "Matcher": {"HttpCode": "200"},
                    "HealthyThresholdCount": 5, "UnhealthyThresholdCount": 2, "HealthCheckPort": "traffic-port",
                    "HealthCheckProtocol": "HTTP", "HealthCheckEnabled": True}  # fmt: skip
        wanted = defaults | {name: props[name] for name in defaults if name in props}
        ctx.call("elbv2", "modify_target_group", TargetGroupArn=physical, **self.input("modify_target_group", wanted))

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        if name == "LoadBalancerArns":
            return ctx.call("elbv2", "describe_target_groups", TargetGroupArns=[physical])["TargetGroups"][0]["LoadBalancerArns"]
        return super().attribute(ctx, physical, name)


class Listener(Kind):
    type = "AWS::ElasticLoadBalancingV2::Listener"
    service, table = "elbv2", "elbv2.listeners"
    delete_op, update_op, key = "delete_listener", "modify_listener", "ListenerArn"
    attributes: ClassVar[Mapping[str, str]] = {"ListenerArn": "ListenerArn"}

    def create(self, ctx: Context, props: Props) -> str:
        wanted = self.input("create_listener", without(props, "ListenerAttributes"))
        arn: str = ctx.call("elbv2", "create_listener", **wanted)["Listeners"][0]["ListenerArn"]
        self._attributes(ctx, arn, props)
        return arn

    def _attributes(self, ctx: Context, arn: str, props: Props) -> None:
        self.record(ctx, arn)["_attributes"] = {a["Key"]: str(a["Value"]) for a in props.get("ListenerAttributes", ())}

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        wanted = self.input("modify_listener", without(props, "ListenerAttributes", "LoadBalancerArn"))
        ctx.call("elbv2", "modify_listener", ListenerArn=physical, **wanted)
        del old
        self._attributes(ctx, physical, props)


class ListenerRule(Kind):
    type = "AWS::ElasticLoadBalancingV2::ListenerRule"
    service, table = "elbv2", "elbv2.rules"
    create_op, delete_op, key = "create_rule", "delete_rule", "RuleArn"
    attributes: ClassVar[Mapping[str, str]] = {"RuleArn": "RuleArn", "IsDefault": "IsDefault"}

    def create(self, ctx: Context, props: Props) -> str:
        arn: str = ctx.call("elbv2", "create_rule", **self.input("create_rule", props))["Rules"][0]["RuleArn"]
        return arn

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        wanted = self.input("modify_rule", without(props, "ListenerArn", "Priority"))
        ctx.call("elbv2", "modify_rule", RuleArn=physical, **wanted)
        if changed(props, old, "Priority"):
            pair = {"RuleArn": physical, "Priority": int(props["Priority"])}
            ctx.call("elbv2", "set_rule_priorities", RulePriorities=[pair])


class ListenerCertificate(Kind):
    type = "AWS::ElasticLoadBalancingV2::ListenerCertificate"
    service = "elbv2"

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("elbv2", "add_listener_certificates", **self.input("add_listener_certificates", props))
        return f"{props['ListenerArn']}|certificates-{ctx.unique('listener-certificate', 8)}"

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        self.delete(ctx, physical, old)
        ctx.call("elbv2", "add_listener_certificates", **self.input("add_listener_certificates", props))

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del physical
        ctx.call("elbv2", "remove_listener_certificates", **self.input("remove_listener_certificates", props))


ELBV2 = (LoadBalancer(), TargetGroup(), Listener(), ListenerRule(), ListenerCertificate())
