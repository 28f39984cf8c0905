"""Roles with exactly what they need: exact actions on exact ARNs.

`*` as a resource stands only where AWS knows no resource-level permission for the action (Service Authorization Reference); each such
statement says so in its reason, which becomes the comment above it.
"""

from typing import NamedTuple

from bgspec.cfn import GetAtt, Sub, Value, Word
from bgspec.naming import Names

ANY: tuple[Value, ...] = ("*",)

MOST = 10_240
"""Characters of inline policy that a role takes, without spaces (IAM User Guide, reference_iam-quotas)."""


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

    @property
    def characters(self) -> int:
        """At least as many as its policy has without its spaces: keys, quotes and commas included."""
        written: list[Value] = []
        compared = [condition for statement in self.statements for condition in statement.conditions]
        for statement in self.statements:
            written += statement.actions
            written += statement.resources
        for condition in compared:
            written += (condition.operator, condition.key, *condition.values)
        return 70 * len(self.statements) + 30 * len(compared) + 3 * len(written) + len("".join(map(str, written)))

    def fitting(self, names: Names) -> "Role":
        """The same role, as long as it fits: otherwise what is named alike for every service is named once, with `*` for the service."""
        if self.characters <= MOST:
            return self
        patterns = _patterns(names)
        statements = (
            one._replace(resources=tuple(dict.fromkeys(_covering(resource, patterns) for resource in one.resources)))
            for one in self.statements
        )
        return self._replace(statements=tuple(statements))


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


def _patterns(names: Names) -> tuple[Sub, ...]:
    """The ARNs of what services of this environment have, and nothing else has."""
    cluster, service = names.cluster(), names.service("*")
    roles = (
        Sub(f"arn:${{AWS::Partition}}:iam::${{AWS::AccountId}}:role/{names.role(use, '*')}") for use in ("exec", "task", "infra", "ask")
    )
    return (
        *roles,
        arn("ecs", f"service/{cluster}/{service}"),
        arn("ecs", f"service-deployment/{cluster}/{service}/*"),
        arn("ecs", f"task-set/{cluster}/{service}/*"),
        arn("ecs", f"task-definition/{names.task_family('*')}:*"),
        arn("logs", f"log-group:{names.log_group('*')}"),
        arn("logs", f"log-group:{names.log_group('*')}:*"),
        arn("codebuild", f"project/{names.build_project('*')}"),
        arn("codedeploy", f"deploymentgroup:{names.deploy_application()}/{names.deployment_group('*')}"),
        arn("cloudformation", f"stack/{names.stack('service-*')}/*"),
        arn("ecr", f"repository/{names.repository('*')}"),
    )


def _covering(resource: Value, patterns: tuple[Sub, ...]) -> Value:
    """The pattern that covers the resource, or itself: a name that had to be shortened is like no other."""
    for pattern in patterns:
        front, _, back = pattern.partition("*")
        if len(resource) >= len(front) + len(back) and str(resource).startswith(front) and str(resource).endswith(back):
            return pattern
    return resource


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
