"""AWS::IAM::*."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.kinds.elbv2 import without
from bgspec.sandbox.services.iam import role
from bgspec.sandbox.services.iam_providers import providers
from bgspec.sandbox.world import Context, Record


def text(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


class Role(Kind):
    type = "AWS::IAM::Role"
    service = "iam"
    named = ("RoleName", 64)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "Arn", "RoleId": "RoleId"}

    def records(self, ctx: Context) -> dict[str, Record]:
        return ctx.shared("iam.roles")

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("iam", "create_role", **self.input("create_role", without(props, "Policies", "ManagedPolicyArns")))
        name = str(props["RoleName"])
        try:
            self._policies(ctx, name, props)
        except AwsError:
            self.delete(ctx, name, props)
            raise
        return name

    def _policies(self, ctx: Context, name: str, props: Props) -> None:
        wanted = {policy["PolicyName"]: text(policy["PolicyDocument"]) for policy in props.get("Policies", ())}
        apart = role(ctx, name).get("_apart", set())  # policies that stand in resources of their own
        for gone in role(ctx, name)["_inline"].keys() - wanted.keys() - apart:
            ctx.call("iam", "delete_role_policy", RoleName=name, PolicyName=gone)
        for policy, document in wanted.items():
            ctx.call("iam", "put_role_policy", RoleName=name, PolicyName=policy, PolicyDocument=document)
        arns = props.get("ManagedPolicyArns", [])
        for arn in [arn for arn in role(ctx, name)["_attached"] if arn not in arns and arn not in apart]:
            ctx.call("iam", "detach_role_policy", RoleName=name, PolicyArn=arn)
        for arn in arns:
            ctx.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "AssumeRolePolicyDocument"):
            ctx.call("iam", "update_assume_role_policy", RoleName=physical, PolicyDocument=text(props["AssumeRolePolicyDocument"]))
        if changed(props, old, "Description", "MaxSessionDuration"):
            duration = int(props.get("MaxSessionDuration", 3600))
            ctx.call("iam", "update_role", RoleName=physical, Description=props.get("Description", ""), MaxSessionDuration=duration)
        if "PermissionsBoundary" in props:
            ctx.call("iam", "put_role_permissions_boundary", RoleName=physical, PermissionsBoundary=props["PermissionsBoundary"])
        else:
            ctx.call("iam", "delete_role_permissions_boundary", RoleName=physical)
        self._policies(ctx, physical, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        found = role(ctx, physical)
        apart = found.get("_apart", set())
        found["_inline"] = {name: document for name, document in found["_inline"].items() if name in apart}
        found["_attached"] = [arn for arn in found["_attached"] if arn in apart]
        ctx.call("iam", "delete_role", RoleName=physical)


class RolePolicy(Kind):
    """An inline policy in a resource of its own. `AWS::IAM::Policy` may name several roles."""

    type = "AWS::IAM::RolePolicy"
    service = "iam"

    def roles(self, props: Props) -> list[str]:
        return [props["RoleName"]]

    def create(self, ctx: Context, props: Props) -> str:
        for name in self.roles(props):
            ctx.call(
                "iam",
                "put_role_policy",
                RoleName=name,
                PolicyName=props["PolicyName"],
                PolicyDocument=text(props.get("PolicyDocument", {})),
            )
            role(ctx, name).setdefault("_apart", set()).add(props["PolicyName"])
        return f"{props['PolicyName']}|{self.roles(props)[0]}"

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        gone = [name for name in self.roles(old) if name not in self.roles(props) or old["PolicyName"] != props["PolicyName"]]
        self.create(ctx, props)
        for name in gone:
            ctx.call("iam", "delete_role_policy", RoleName=name, PolicyName=old["PolicyName"])
        del physical

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del physical
        for name in self.roles(props):
            ctx.call("iam", "delete_role_policy", RoleName=name, PolicyName=props["PolicyName"])
            role(ctx, name)["_apart"].discard(props["PolicyName"])


class Policy(RolePolicy):
    type = "AWS::IAM::Policy"

    def roles(self, props: Props) -> list[str]:
        if props.get("Users") or props.get("Groups") or not props.get("Roles"):
            raise AwsError("ValidationError", "The sandbox knows policies of roles only.")
        return list(props["Roles"])


class ManagedPolicy(Kind):
    type = "AWS::IAM::ManagedPolicy"
    service = "iam"
    named = ("ManagedPolicyName", 128)
    renames: ClassVar[Mapping[str, str]] = {"ManagedPolicyName": "PolicyName"}
    attributes: ClassVar[Mapping[str, str]] = {"PolicyArn": "Arn", "PolicyId": "PolicyId"}

    def records(self, ctx: Context) -> dict[str, Record]:
        return ctx.shared("iam.policies")

    def create(self, ctx: Context, props: Props) -> str:
        wanted = self.input("create_policy", without(props, "Roles"))
        arn = str(ctx.call("iam", "create_policy", **wanted)["Policy"]["Arn"])
        self._attach(ctx, arn, props.get("Roles", []))
        return arn

    def _attach(self, ctx: Context, arn: str, roles: list[str]) -> None:
        for name in roles:
            ctx.call("iam", "attach_role_policy", RoleName=name, PolicyArn=arn)
            role(ctx, name).setdefault("_apart", set()).add(arn)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        if changed(props, old, "PolicyDocument"):
            versions = [
                v["VersionId"] for v in ctx.call("iam", "list_policy_versions", PolicyArn=physical)["Versions"] if not v["IsDefaultVersion"]
            ]
            if len(versions) >= 4:
                ctx.call("iam", "delete_policy_version", PolicyArn=physical, VersionId=versions[0])
            ctx.call("iam", "create_policy_version", PolicyArn=physical, PolicyDocument=text(props["PolicyDocument"]), SetAsDefault=True)
        for name in set(old.get("Roles", ())) - set(props.get("Roles", ())):
            ctx.call("iam", "detach_role_policy", RoleName=name, PolicyArn=physical)
        self._attach(ctx, physical, props.get("Roles", []))

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        for name in props.get("Roles", ()):
            if name in ctx.shared("iam.roles"):
                ctx.call("iam", "detach_role_policy", RoleName=name, PolicyArn=physical)
        ctx.call("iam", "delete_policy", PolicyArn=physical)


class OidcProvider(Kind):
    type = "AWS::IAM::OIDCProvider"
    service = "iam"
    create_op, result = "create_open_id_connect_provider", "OpenIDConnectProviderArn"
    delete_op, key = "delete_open_id_connect_provider", "OpenIDConnectProviderArn"

    def records(self, ctx: Context) -> dict[str, Record]:
        return providers(ctx)

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        which = {self.key: physical}
        before, wanted = old.get("ClientIdList", ()), props.get("ClientIdList", ())
        for name in [name for name in before if name not in wanted]:
            ctx.call("iam", "remove_client_id_from_open_id_connect_provider", **which, ClientID=name)
        for name in wanted:
            ctx.call("iam", "add_client_id_to_open_id_connect_provider", **which, ClientID=name)
        ctx.call("iam", "update_open_id_connect_provider_thumbprint", **which, ThumbprintList=props.get("ThumbprintList", []))

    def attribute(self, ctx: Context, physical: str, name: str) -> str:
        return physical if name == "Arn" else super().attribute(ctx, physical, name)


IAM = (Role(), RolePolicy(), Policy(), ManagedPolicy(), OidcProvider())
