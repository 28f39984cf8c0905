"""Roles with exactly what they need: exact actions on exact ARNs.

`*` as a resource stands only where AWS knows no resource-level permission for the action (Service Authorization Reference); each such
statement says so in its reason, which becomes the comment above it.
"""

from typing import NamedTuple

from bgspec.cfn import GetAtt, Sub, Value, Word

ANY: tuple[Value, ...] = ("*",)


class Condition(NamedTuple):
    """An operator and what it compares."""

    operator: str
    key: str
    values: tuple[Value, ...]
    also: tuple[tuple[str, tuple[Value, ...]], ...] = ()
    """Further keys and values that the same operator compares."""


class Statement(NamedTuple):
    """One `Allow` of a policy."""

    sid: Word
    reason: str
    actions: tuple[str, ...]
    resources: tuple[Value, ...]
    conditions: tuple[Condition, ...] = ()


class Role(NamedTuple):
    """An IAM role of the environment."""

    id: Word
    path_and_name: str
    """`delivery/cf1-stg-role-task-web-01`; its name alone where it stands at the top."""
    service: Value
    """Who assumes the role: a service, or the provider of the tokens with which somebody does."""
    description: str
    statements: tuple[Statement, ...]
    trust: tuple[Condition, ...] = ()
    principal: Word = Word("Service")
    """What `service` is."""
    assume: Word = Word("sts:AssumeRole")
    """The action by which it is assumed."""
    session: tuple[int, ...] = ()
    """How many seconds it can be kept; empty for AWS's default, an hour."""

    @property
    def name(self) -> str:
        return self.path_and_name.rpartition("/")[2]

    @property
    def path(self) -> tuple[str, ...]:
        """Where in the account it stands, or none for the top."""
        return (f"/{self.path_and_name.rpartition('/')[0]}/",) if "/" in self.path_and_name else ()

    @property
    def arn(self) -> Sub:
        return Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{self.path_and_name}")

    @property
    def reference(self) -> Value:
        """The role as its own stack names it."""
        return GetAtt(self.id, "Arn")

    @property
    def made(self) -> tuple["Role", ...]:
        """The role, since the environment makes it."""
        return (self,)


class ExistingRole(NamedTuple):
    """A role that stands already."""

    arn: str

    @property
    def reference(self) -> Value:
        return self.arn

    @property
    def made(self) -> tuple[Role, ...]:
        """Nothing to make."""
        return ()


def arn(service: str, resource: str) -> Sub:
    """The ARN of a resource of this account and Region."""
    return Sub(f"arn:${{AWS::Partition}}:{service}:${{AWS::Region}}:${{AWS::AccountId}}:{resource}")


def or_existing(existing: str | None, role: Role) -> Role | ExistingRole:
    """The role that the spec names, otherwise the one to make."""
    return ExistingRole(existing) if existing else role


def pass_roles(sid: str, reason: str, roles: tuple["Role | ExistingRole", ...], *services: str) -> Statement:
    """Lets its holder hand `roles`, and no others, to `services`, and to no others."""
    return Statement(
        Word(sid),
        reason,
        ("iam:PassRole",),
        tuple(dict.fromkeys(role.arn for role in roles)),
        (Condition("StringEquals", "iam:PassedToService", services),),
    )
