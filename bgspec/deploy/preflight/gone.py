"""What a stack has, and somebody deleted by hand: CloudFormation compares templates, so no update would make it again, and nobody is told.

Only what is deleted in a moment and missed much later is looked for: names, the rules of the listeners, and what scales a service. What an
edit of the spec is about to add is not there either; so of what is not found the stack is asked whether it has it.
"""

from collections.abc import Iterator
from functools import partial

from bgspec import account as words
from bgspec.deploy import data
from bgspec.deploy.aws import Aws, RefusedError
from bgspec.deploy.decide import Seen, holds, step
from bgspec.deploy.preflight import names
from bgspec.deploy.preflight.look import Look, there
from bgspec.deploy.units import Environment, Unit, route
from bgspec.diagnostics import Diagnostic, Route
from bgspec.plan.load_balancer import Listener
from bgspec.plan.traffic import Rule

_ROUTED = "Take the route out of the spec, apply, write it back and apply again: a stack makes what is new to it"
_REMADE = (
    "Make it again with `aws elbv2 create-rule`, so that requests find the service; ECS knows its rule by the ARN, so before its next"
    " deployment give the service another name in the spec"
)


def looks(environment: Environment, account: str, seen: dict[str, Seen]) -> Iterator[Look]:
    """The resources of all stacks that stand."""
    for unit in environment.units:
        if step(seen[unit.key]) != "update":
            continue
        for thing in data.named(environment, unit, account):
            place = route(environment.plan, unit.key, thing.id)
            yield Look(place, thing.name, partial(_look, place, unit, thing))
        if unit.key == "traffic":
            for listener in environment.plan.load_balancer.listeners:
                rules = tuple(rule for rule in environment.plan.traffic.rules if rule.listener == listener)
                if rules:
                    arn = seen[unit.key].outputs[listener.output]
                    yield Look(("load_balancer",), f"the {listener.kind} listener", partial(_rules, unit, rules, listener, arn))


def exists(aws: Aws, thing: data.Named) -> bool:
    """Whether something with a name is there, or these credentials may not see it."""
    try:
        return _scaled(aws, thing.name) if thing.type == data.SCALED else names.LOOKS[thing.type](aws, thing.name)
    except RefusedError as error:
        if not error.denied:
            raise
        return True


def _look(place: Route, unit: Unit, thing: data.Named, aws: Aws) -> Iterator[Diagnostic]:
    if not exists(aws, thing) and _has(aws, unit.name, thing.id):
        kind = thing.type.removeprefix("AWS::").replace("::", " ")
        yield words.drifted(place, f"{kind} {thing.name} is gone, and its stack still has it", _way_out(unit, thing))


def _way_out(unit: Unit, thing: data.Named) -> str:
    if thing.type == "AWS::Logs::LogGroup":
        return f"Make it again, no task starts without it: `aws logs create-log-group --log-group-name {thing.name}`"
    if not holds(unit.template):
        command = f"aws cloudformation delete-stack --stack-name {unit.name}"
        return f"Delete its stack, which holds no data and no traffic, and apply makes that anew: `{command}`"
    return f"Make it again by hand, as the stack {unit.name} has it: `bgspec render` shows that"


def _scaled(aws: Aws, name: str) -> bool:
    found = aws.call("application-autoscaling", "describe_scalable_targets", ServiceNamespace="ecs", ResourceIds=[name])
    return bool(found["ScalableTargets"])


def _rules(unit: Unit, rules: tuple[Rule, ...], listener: Listener, arn: str, aws: Aws) -> Iterator[Diagnostic]:
    """The rules of a listener, by their priorities. A listener that is gone itself is told as traffic that leads nowhere."""
    try:
        known = {one["Priority"] for one in aws.call("elbv2", "describe_rules", ListenerArn=arn)["Rules"]}
    except RefusedError as error:
        if error.code != "ListenerNotFound":
            raise
        return
    for rule in rules:
        if str(rule.priority) not in known and _has(aws, unit.name, rule.id):
            yield words.drifted(
                ("services", rule.target.service),
                f"The {listener.kind} listener's rule {rule.id} is gone, and its stack still has it",
                _REMADE if rule.weights else _ROUTED,
            )


def _has(aws: Aws, stack: str, logical_id: str) -> bool:
    """Whether a stack has such a resource (CloudFormation answers with a ValidationError where it has not)."""
    return there(
        lambda: aws.call("cloudformation", "describe_stack_resource", StackName=stack, LogicalResourceId=logical_id), "ValidationError"
    )
