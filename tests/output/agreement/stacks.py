"""Stacks meet: what one puts out, another takes, and the script passes it on."""

import re
import shlex
from collections.abc import Iterator
from typing import Any

from tests.output.agreement.check import check
from tests.output.environment import Environment


@check
def parameters_and_outputs(env: Environment) -> Iterator[str]:
    """Every parameter has a producer before it, or a default, or is an image; every output has a reader."""
    produced: dict[str, str] = {}
    read: set[str] = set()
    for path, template in env.templates.items():
        for key, parameter in template.get("Parameters", {}).items():
            read.add(key)
            if key not in produced and key not in env.given and "Default" not in parameter:
                yield f"{path}: nothing puts out {key}"
        produced |= dict.fromkeys(template.get("Outputs", {}), path)
    spoken = set(re.findall(r"\$\(output \S+ (\w+)\)", env.script))
    for key, path in produced.items():
        if key not in read | spoken | FOR_PEOPLE and not FOR_PEOPLE_PATTERN.fullmatch(key):
            yield f"{path}: nobody reads {key}"


FOR_PEOPLE = {"PipelineName", "AccessLogBucketName", "PublicSubnetIds", "ProductionListenerArn", "TestListenerArn"}
"""Outputs that no stack and no script reads: whoever looks at the stack wants to know them, a role of the
user's own may speak of them, a load balancer may come later, or `apply` compares what it did last (the count of tasks)."""
FOR_PEOPLE_PATTERN = re.compile(r"Nat\dPublicIp|\w+RepositoryUri|\w+GreenTargetGroupArn|\w+TaskCount|ClusterName")


@check
def a_service_of_codedeploy_begins_with_what_the_spec_wants(env: Environment) -> Iterator[str]:
    """What is sent of it never changes later, so it comes from parameters that keep their first values."""
    for path, template in env.templates.items():
        for service in (one["Properties"] for one in template["Resources"].values() if one["Type"] == "AWS::ECS::Service"):
            if service.get("DeploymentController", {}).get("Type") != "CODE_DEPLOY":
                continue
            for name in ("DesiredCount", "HealthCheckGracePeriodSeconds"):
                if set(service[name]) != {"Ref"}:
                    yield f"{path}: {name} is {service[name]}: an update would be refused"
            first = template["Parameters"][service["DesiredCount"]["Ref"]]["Default"]
            told = [output["Value"] for key, output in template.get("Outputs", {}).items() if key.endswith("TaskCount")]
            if told not in ([first], []):
                yield f"{path}: the service begins with {first} tasks, and the stack tells {told}"


@check
def the_script_deploys_every_stack_with_its_parameters(env: Environment) -> Iterator[str]:
    names: dict[str, str] = {}
    for words in _commands(env.script, "deploy"):
        name, path, *given = words
        names[name] = path
        template = next((template for place, template in env.templates.items() if place.endswith(path)), None)
        if template is None:
            yield f"deploy.sh: no {path}"
            continue
        wanted = {
            key for key, parameter in template.get("Parameters", {}).items() if "Default" not in parameter or key.endswith("ImageUri")
        }
        keys = {word.partition("=")[0] for word in given}
        if keys != wanted:
            yield f"deploy.sh: {path} wants {sorted(wanted)} and gets {sorted(keys)}"
        for word in given:
            key, _, value = word.partition("=")
            producer = re.fullmatch(r"\$\(output (\S+) (\w+)\)", value)
            if producer and (producer[2] != key or key not in _template(env, names.get(producer[1], "?")).get("Outputs", {})):
                yield f"deploy.sh: {path} gets {key} from {producer[0]}, which does not put it out"
    if list(names.values()) != [f"stacks/{path.rpartition('stacks/')[2]}" for path in env.templates]:
        yield f"deploy.sh deploys {list(names.values())}"


def _template(env: Environment, path: str) -> dict[str, Any]:
    return next((template for place, template in env.templates.items() if place.endswith(path)), {})


def _commands(script: str, name: str) -> Iterator[list[str]]:
    """The words of every call of a function, lines that continue joined; `$(…)` stays one word."""
    joined = script.replace("\\\n", " ")
    for line in joined.splitlines():
        if line.strip().startswith(f"{name} "):
            yield shlex.split(line)[1:]
