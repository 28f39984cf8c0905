"""Services that ECS deploys itself meet: with their groups, their rules, what is asked on the way, and the pipeline that updates them."""

import json
import re
import subprocess
from collections.abc import Iterator
from typing import Any

from tests.output.agreement.check import check
from tests.output.agreement.pipeline import _project_of as project_of
from tests.output.agreement.pipeline import commands_of
from tests.output.agreement.roles import _allows as allows
from tests.output.agreement.roles import statements
from tests.output.cloudformation import Resource, Stack
from tests.output.environment import Environment, parse


def _native(env: Environment) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for service in env.region.all("ECS::Service"):
        for balancer in service.properties.get("LoadBalancers", []):
            if service.properties["DeploymentController"]["Type"] == "ECS":
                yield service, balancer


@check
def rules_hold_both_groups_of_their_service(env: Environment) -> Iterator[str]:
    listeners = {each.ref: each for each in env.region.all("ElasticLoadBalancingV2::Listener")}
    for service, balancer in _native(env):
        advanced = balancer["AdvancedConfiguration"]
        groups = {balancer["TargetGroupArn"]: 1, advanced["AlternateTargetGroupArn"]: 0}
        if len(groups) != 2:
            yield f"{service.id} of {service.stack}: blue and green are one group"
        seen = {}
        for key in ("ProductionListenerRule", "TestListenerRule"):
            rule = env.by_ref("ElasticLoadBalancingV2::ListenerRule", advanced[key])
            (action,) = rule.properties["Actions"]
            weights = {each["TargetGroupArn"]: each["Weight"] for each in action["ForwardConfig"]["TargetGroups"]}
            if weights != groups:
                yield f"{rule.id}: weights {weights}, the service has {groups}"
            seen[rule.properties["ListenerArn"]] = (rule.properties["Priority"], rule.properties["Conditions"])
        if len(seen) != 2 or not set(seen) <= set(listeners) or len({str(each) for each in seen.values()}) != 1:
            yield f"{service.id} of {service.stack}: production and test do not have the same rule"
        if not any(group in _forwarded(listeners) for group in groups):
            continue
        yield f"{service.id} of {service.stack}: a listener's own action goes to one of its groups, where no deployment moves it"


def _forwarded(listeners: dict[str, Resource]) -> set[str]:
    return {str(action.get("TargetGroupArn")) for each in listeners.values() for action in each.properties["DefaultActions"]}


@check
def ecs_may_do_what_a_deployment_needs(env: Environment) -> Iterator[str]:
    roles = {role.attributes["Arn"]: role for role in env.region.all("IAM::Role")}
    for service, balancer in _native(env):
        advanced = balancer["AdvancedConfiguration"]
        needs = [
            (advanced["RoleArn"], "elasticloadbalancing:ModifyRule", advanced[key])
            for key in ("ProductionListenerRule", "TestListenerRule")
        ]
        needs += [
            (advanced["RoleArn"], "elasticloadbalancing:RegisterTargets", group)
            for group in (balancer["TargetGroupArn"], advanced["AlternateTargetGroupArn"])
        ]
        hooks = service.properties["DeploymentConfiguration"].get("LifecycleHooks", [])
        needs += [(hook["RoleArn"], "lambda:InvokeFunction", hook["HookTargetArn"]) for hook in hooks if hook["TargetType"] == "AWS_LAMBDA"]
        functions = {function.attributes["Arn"] for function in env.region.all("Lambda::Function")}
        for role, action, arn in needs:
            if role not in roles and env.is_users(role):
                continue
            if not any(allows(statement, action, arn) for statement in statements(roles[role])):
                yield f"{roles[role].id} may not {action} on {arn}"
            if action == "lambda:InvokeFunction" and arn not in functions and not env.is_users(arn):
                yield f"{service.id} asks {arn}, which does not exist"


@check
def the_pipeline_gives_a_stack_all_its_parameters(env: Environment) -> Iterator[str]:
    """What the build writes, the service's template takes: every parameter, with the value that the stack has now."""
    for pipeline in env.region.all("CodePipeline::Pipeline"):
        for stage in pipeline.properties["Stages"]:
            for action in stage["Actions"]:
                if action["ActionTypeId"]["Provider"] == "CloudFormation":
                    yield from _stack_action(env, action["Name"], action["Configuration"])


def _stack_action(env: Environment, name: str, configuration: dict[str, str]) -> Iterator[str]:
    artifact, template = configuration["TemplatePath"].split("::")
    project = project_of(env, artifact)
    buildspec = env.source(project.properties["Source"]["BuildSpec"])
    files = parse(buildspec)["artifacts"]["files"]
    written = configuration["TemplateConfiguration"].removeprefix(f"{artifact}::")
    if missing := {template, written} - set(files):
        yield f"{name}: the build does not hand on {missing}"
    commands = commands_of(buildspec)
    (source,) = re.findall(rf"cp (\S+) \S+/{re.escape(template)}", commands)
    (path,) = [path for path in env.templates if source.endswith(path)]
    stack = env.region.stacks[path]
    if not stack.template["Description"].startswith(f"{configuration['StackName']}:"):
        yield f"{name}: {configuration['StackName']} is not the stack of {path}"
    told = _printed(commands, project)
    changed = {key: value for key, value in told["Parameters"].items() if stack.parameters.get(key) != value}
    new = {key: f"uri{suffix}@sha256:{suffix}" for key, suffix in _pushed(commands, project, stack).items()}
    if told["Parameters"].keys() != stack.parameters.keys() or not new or changed != new:
        yield f"{name}: the stack is given {told['Parameters']}, it has {stack.parameters}"
    if any(len(value) > 255 or not value for value in told["Tags"].values()):
        yield f"{name}: tags {told['Tags']}"
    yield from _stack_role(env, name, configuration["RoleArn"], path)


def _pushed(commands: str, project: Resource, stack: Stack) -> dict[str, str]:
    """The variables' suffix by the parameter that takes what is pushed into the repository that the stack's first image lies in."""
    variables = {each["Name"]: each["Value"] for each in project.properties["Environment"]["EnvironmentVariables"]}
    pushed = {f"{variables[f'REPOSITORY_URI{suffix}']}@": suffix for suffix in re.findall(r'docker push "\$REPOSITORY_URI(\w*):', commands)}
    if "imageDetail.json" in commands and not pushed:  # somebody else has pushed it, and the source says which
        return {key: "" for key in re.findall(r'"(\w+ImageUri)":"%s@%s"', commands) if key in stack.parameters}
    return {key: suffix for key, value in stack.parameters.items() for uri, suffix in pushed.items() if str(value).startswith(uri)}


def _printed(commands: str, project: Resource) -> dict[str, Any]:
    """What the build's `printf` writes, by a shell."""
    variables = {each["Name"]: each["Value"] for each in project.properties["Environment"]["EnvironmentVariables"]}
    for suffix in ("", *re.findall(r"DIGEST(_\w+)", commands)):
        variables |= {f"REPOSITORY_URI{suffix}": f"uri{suffix}", f"DIGEST{suffix}": f"sha256:{suffix}"}
    (line,) = re.findall(r"printf '\{\"Parameters\".*?(?= > )", commands, re.DOTALL)
    made = subprocess.run(["bash", "-c", line], env=variables, capture_output=True, text=True, check=True)
    return json.loads(made.stdout)


def _stack_role(env: Environment, name: str, arn: str, path: str) -> Iterator[str]:
    """The role with which CloudFormation updates the stack may change everything in it, and hand its roles on."""
    if env.is_users(arn):
        return
    (role,) = [each for each in env.region.all("IAM::Role") if each.attributes["Arn"] == arn]
    for resource in env.region.resources:
        if resource.stack == path:
            for action, on in _changes(resource):
                if not env.is_users(on) and not any(allows(statement, action, on) for statement in statements(role)):
                    yield f"{name}: {role.id} may not {action} on {on}"


def _changes(resource: Resource) -> Iterator[tuple[str, str]]:
    properties = resource.properties
    match resource.type:
        case "AWS::IAM::Role":
            yield "iam:PutRolePolicy", resource.attributes["Arn"]
        case "AWS::Logs::LogGroup":
            yield "logs:PutRetentionPolicy", resource.attributes["Arn"]
        case "AWS::ECS::TaskDefinition":
            yield "ecs:RegisterTaskDefinition", "*"
            yield from (("iam:PassRole", properties[key]) for key in ("ExecutionRoleArn", "TaskRoleArn"))
        case "AWS::ECS::Service":
            yield "ecs:UpdateService", resource.ref
            yield from (("iam:PassRole", balancer["AdvancedConfiguration"]["RoleArn"]) for balancer in properties["LoadBalancers"])
            hooks = properties["DeploymentConfiguration"].get("LifecycleHooks", [])
            yield from (("iam:PassRole", hook["RoleArn"]) for hook in hooks if "RoleArn" in hook)
