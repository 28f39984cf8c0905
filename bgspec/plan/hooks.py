"""What is asked on the way of a deployment: Lambda functions that exist, and smoke tests that become one."""

from collections.abc import Iterator
from typing import Literal, NamedTuple, get_args

from bgspec.cfn import Value, Word
from bgspec.naming import Names, logical_id
from bgspec.plan.iam import ANY, ExistingRole, Role, Statement, arn, or_existing
from bgspec.plan.load_balancer import ANYWHERE, Listener, LoadBalancer
from bgspec.plan.network import Network
from bgspec.spec import Check, Smoke, Spec

Event = Literal[
    "reconcile",
    "before_install",
    "after_install",
    "during_test_traffic",
    "after_test_traffic",
    "before_traffic",
    "during_traffic",
    "after_traffic",
]
EVENTS: tuple[Event, ...] = get_args(Event)
"""In the order in which a deployment reaches them. CodeDeploy knows the five that begin with `before` and `after`, ECS all."""


class Function(NamedTuple):
    """The Lambda function that a smoke test becomes."""

    id: Word
    name: str
    event: Event
    log_group_id: Word
    log_group: str
    role: Role | ExistingRole
    listener: Listener
    """Where it asks."""
    tests: tuple[str, ...]
    """What it asks, each as a Python mapping of `path`, `status`, `contains` and `host`."""
    within: int
    """Seconds for all of it."""
    timeout: int
    """Seconds after which Lambda ends it."""
    place: Literal["internet", "vpc", "nowhere"]
    """From where the listener can be reached: outside the VPC, from its task subnets, or from neither."""

    @property
    def security_groups(self) -> tuple[Word, ...]:
        """The one it has in the VPC, or none."""
        return (Word("HookSecurityGroup"),) if self.place == "vpc" else ()


class Hook(NamedTuple):
    """One hook of every deployment."""

    event: Event
    function: str
    """What the appspec calls it: the ARN of a function that exists, the name of one of our own."""
    arn: Value

    @property
    def codedeploy(self) -> Word:
        """The event's name in an appspec (CodeDeploy User Guide, reference-appspec-file-structure-hooks)."""
        return _CODEDEPLOY[self.event]


_CODEDEPLOY: dict[Event, Word] = {
    "before_install": Word("BeforeInstall"),
    "after_install": Word("AfterInstall"),
    "after_test_traffic": Word("AfterAllowTestTraffic"),
    "before_traffic": Word("BeforeAllowTraffic"),
    "after_traffic": Word("AfterAllowTraffic"),
}


class Asked(NamedTuple):
    """Everything that is asked on the way."""

    hooks: tuple[Hook, ...]
    functions: tuple[Function, ...]
    """Those of the hooks that bgspec makes."""
    security_group_name: str
    """The security group of those that run in the VPC."""


def resolve(spec: Spec, names: Names, load_balancer: LoadBalancer, network: Network, *, served: bool) -> Asked:
    """What is asked on the way; nothing where no service is `served`, because then nothing is deployed blue/green."""
    events = EVENTS if served else ()
    asked = [(event, hook) for event in events if (hook := getattr(spec.deployment.hooks, event, None)) is not None]
    around = _Around(names, load_balancer, network, calls=spec.deployment.engine == "codedeploy")
    functions = {event: _function(event, hook, around) for event, hook in asked if isinstance(hook, Smoke)}
    return Asked(
        hooks=tuple(
            Hook(event, functions[event].name, arn("lambda", f"function:{functions[event].name}"))
            if event in functions
            else Hook(event, hook, hook)
            for event, hook in asked
        ),
        functions=tuple(functions.values()),
        security_group_name=names.security_group("hook"),
    )


class _Around(NamedTuple):
    """What a smoke test has around it."""

    names: Names
    load_balancer: LoadBalancer
    network: Network
    calls: bool
    """Whether it calls the engine with its answer; ECS takes what it returns."""


def _function(event: Event, smoke: Smoke, around: _Around) -> Function:
    kebab = event.replace("_", "-")
    name = around.names.hook(kebab)
    log_group = f"/aws/lambda/{name}"
    listener = around.load_balancer.production if event == "after_traffic" else around.load_balancer.test
    place = _place(listener, around)
    return Function(
        id=logical_id(kebab, "Function"),
        name=name,
        event=event,
        log_group_id=logical_id(kebab, "LogGroup"),
        log_group=log_group,
        role=or_existing(smoke.role, _role(kebab, log_group, around, in_vpc=place == "vpc")),
        listener=listener,
        tests=tuple(_written(check) for check in smoke.test),
        within=smoke.within,
        timeout=smoke.within + 30,
        place=place,
    )


def _written(check: Check) -> str:
    """A request as Python writes it; a dollar sign in another way, so that nobody takes it for the beginning of a substitution."""
    return ascii({key: value for key, value in vars(check).items() if value is not None}).replace("$", r"\x24")


def _place(listener: Listener, around: _Around) -> Literal["internet", "vpc", "nowhere"]:
    """From where a function can reach the listener.

    Functions outside a VPC have no addresses of their own, so a listener that admits only some cannot admit them; through a NAT
    gateway they come from an address that it admits (see `Listener.allow`). An internal load balancer answers inside its VPC only;
    there the function needs a way to CodeDeploy's API, which subnets with public addresses give to tasks but not to functions.
    """
    if around.load_balancer.scheme == "internal":
        return "nowhere" if around.calls and around.network.egress == "public" else "vpc"
    if ANYWHERE in listener.allow:
        return "internet"
    return "vpc" if around.network.nats else "nowhere"


def _role(event: str, log_group: str, around: _Around, *, in_vpc: bool) -> Role:
    return Role(
        logical_id(event, "Role"),
        around.names.role("hook", event),
        "lambda.amazonaws.com",
        f"The smoke test {event} runs with it",
        tuple(_statements(log_group, around, in_vpc=in_vpc)),
    )


def _statements(log_group: str, around: _Around, *, in_vpc: bool) -> Iterator[Statement]:
    """Lambda Developer Guide, lambda-intro-execution-role; CodeDeploy User Guide, tutorial-ecs-deployment-with-hooks."""
    yield Statement(
        Word("WriteLogs"),
        "the function's own log group",
        ("logs:CreateLogStream", "logs:PutLogEvents"),
        (arn("logs", f"log-group:{log_group}:*"),),
    )
    if around.calls:
        yield Statement(
            Word("Answer"),
            "tells the deployment whether the test has passed",
            ("codedeploy:PutLifecycleEventHookExecutionStatus",),
            (arn("codedeploy", f"deploymentgroup:{around.names.deploy_application()}/*"),),
        )
    if in_vpc:
        yield Statement(
            Word("NetworkInterface"),
            "Lambda makes the function's interface in the VPC with it; the interface has no ARN before it exists",
            (
                "ec2:AssignPrivateIpAddresses",
                "ec2:CreateNetworkInterface",
                "ec2:DeleteNetworkInterface",
                "ec2:DescribeNetworkInterfaces",
                "ec2:DescribeSubnets",
                "ec2:UnassignPrivateIpAddresses",
            ),
            ANY,
        )
