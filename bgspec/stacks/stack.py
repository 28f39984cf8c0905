"""What a CloudFormation stack is to bgspec: a template, what goes in and what comes out."""

from typing import Any, NamedTuple, Protocol

from bgspec.cfn import Value, Word
from bgspec.plan import Plan
from bgspec.plan.encryption import KEY


class Parameter(NamedTuple):
    """What a stack is given. A parameter is filled from the output of the same name, whichever stack has it."""

    id: Word
    type: str
    description: str
    """What it is; where it comes from is added when all stacks are known (see `stacks_of`)."""
    default: tuple[str, ...] = ()
    origin: str = ""
    """The key of the stack whose output it takes; as above."""
    lasting: bool = False
    """Whether a stack that stands keeps the value it was made with, whatever the default is now."""


class Output(NamedTuple):
    """What a stack tells the others. Names are unique over all stacks of an environment."""

    id: Word
    description: str
    value: Value


class Stack(NamedTuple):
    """One stack, ready to be laid out."""

    key: str
    """Its short name, `network`: the file's name and the last part of the stack's."""
    name: str
    template: str
    """The Jinja2 template under `templates/stacks/`."""
    description: str
    parameters: tuple[Parameter, ...]
    outputs: tuple[Output, ...]
    context: dict[str, Any]
    """What the template inserts."""
    after: tuple[str, ...] = ()
    """Stacks that must stand before this one without handing it anything."""
    needs: tuple[str, ...] = ()
    """All stacks that must stand before this one, in deployment order; filled when all are known."""
    named_iam: bool = False
    """Whether it makes roles with names: then it needs CAPABILITY_NAMED_IAM."""
    policy: bool = False
    """Whether a stack policy belongs to it."""


class Module(Protocol):
    """A module of this package: it yields the stacks of its kind that the plan asks for, often one, sometimes none or several."""

    def stacks(self, plan: Plan, /) -> tuple[Stack, ...]: ...


# CloudFormation's own parameter types: it asks EC2 whether the thing exists, before anything is made.
VPC = Parameter(Word("VpcId"), "AWS::EC2::VPC::Id", "The VPC")


SUBNETS = "List<AWS::EC2::Subnet::Id>"


def subnets(name: Word) -> Parameter:
    tier = "private" if name.startswith("Private") else "public"
    return Parameter(name, SUBNETS, f"The {tier} subnets")


def key(plan: Plan) -> tuple[Parameter, ...]:
    """The key that the environment makes, for a stack that encrypts something."""
    return (text(KEY, "The key with which the environment encrypts what it keeps"),) if plan.encryption.own else ()


def text(name: Word, description: str) -> Parameter:
    return Parameter(name, "String", description)
