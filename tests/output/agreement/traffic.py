"""Deployments meet: with the listeners, the pair of target groups and the service whose traffic they move."""

import posixpath
from collections.abc import Iterator
from typing import Any

from tests.output.agreement.check import check
from tests.output.cloudformation import Resource
from tests.output.environment import Environment, parse


@check
def listeners_forward_to_groups_that_exist(env: Environment) -> Iterator[str]:
    groups = {group.ref for group in env.region.all("ElasticLoadBalancingV2::TargetGroup")}
    for kind, key in (("Listener", "DefaultActions"), ("ListenerRule", "Actions")):
        for each in env.region.all(f"ElasticLoadBalancingV2::{kind}"):
            for action in each.properties[key]:
                for group in _forwards(action):
                    if group not in groups:
                        yield f"{each.id} forwards to {group}, which does not exist"


def _forwards(action: dict[str, Any]) -> list[str]:
    weighted = action.get("ForwardConfig", {}).get("TargetGroups", [])
    return [action["TargetGroupArn"]] if "TargetGroupArn" in action else [group["TargetGroupArn"] for group in weighted]


@check
def no_security_group_has_a_rule_twice(env: Environment) -> Iterator[str]:
    """What makes a rule is all but its description. CloudFormation keeps one of two, and deletes it with either."""
    for group in env.region.all("EC2::SecurityGroup"):
        for side in ("SecurityGroupIngress", "SecurityGroupEgress"):
            rules = [
                sorted((key, str(value)) for key, value in one.items() if key != "Description") for one in group.properties.get(side, ())
            ]
            yield from (f"{group.id}: twice {rule}" for number, rule in enumerate(rules) if rule in rules[:number])


@check
def deployment_groups_move_the_traffic_of_their_service(env: Environment) -> Iterator[str]:
    configs = {each.properties["DeploymentConfigName"] for each in env.region.all("CodeDeploy::DeploymentConfig")}
    for group in env.region.all("CodeDeploy::DeploymentGroup"):
        properties = group.properties
        env.one("CodeDeploy::Application", ApplicationName=properties["ApplicationName"])
        if not properties["DeploymentConfigName"].startswith("CodeDeployDefault.ECS") and properties["DeploymentConfigName"] not in configs:
            yield f"{group.id}: no configuration {properties['DeploymentConfigName']}"
        (named,) = properties["ECSServices"]
        service = env.one("ECS::Service", ServiceName=named["ServiceName"], Cluster=named["ClusterName"])
        if service.properties["DeploymentController"]["Type"] != "CODE_DEPLOY":
            yield f"{group.id}: {service.id} does not belong to CodeDeploy"
        (pair,) = properties["LoadBalancerInfo"]["TargetGroupPairInfoList"]
        blue, green = (env.one("ElasticLoadBalancingV2::TargetGroup", Name=each["Name"]) for each in pair["TargetGroups"])
        if blue.ref != service.properties["LoadBalancers"][0]["TargetGroupArn"]:
            yield f"{group.id}: the service starts in another group than {blue.properties['Name']}"
        if {**blue.properties, "Name": ""} != {**green.properties, "Name": ""}:
            yield f"{group.id}: blue and green differ"
        for route in ("ProdTrafficRoute", "TestTrafficRoute"):
            (listener,) = pair[route]["ListenerArns"]
            found = env.by_ref("ElasticLoadBalancingV2::Listener", listener)
            if blue.ref not in _reached(env, found):
                yield f"{group.id}: {found.id} leads nothing to {blue.properties['Name']}"
        if pair["ProdTrafficRoute"] == pair["TestTrafficRoute"]:
            yield f"{group.id}: production and test are one listener"


def _reached(env: Environment, listener: Resource) -> set[str]:
    rules = [rule for rule in env.region.all("ElasticLoadBalancingV2::ListenerRule") if rule.properties["ListenerArn"] == listener.ref]
    actions = [*listener.properties["DefaultActions"], *(action for rule in rules for action in rule.properties["Actions"])]
    return {group for action in actions for group in _forwards(action)}


@check
def the_test_listener_has_the_rules_of_production(env: Environment) -> Iterator[str]:
    def told(listener: str) -> list[Any]:
        rules = [
            rule.properties for rule in env.region.all("ElasticLoadBalancingV2::ListenerRule") if rule.properties["ListenerArn"] == listener
        ]
        return sorted(
            ((rule["Priority"], rule["Conditions"], [_forwards(action) for action in rule["Actions"]]) for rule in rules), key=str
        )

    for group in env.region.all("CodeDeploy::DeploymentGroup"):
        (pair,) = group.properties["LoadBalancerInfo"]["TargetGroupPairInfoList"]
        production, test = (pair[route]["ListenerArns"][0] for route in ("ProdTrafficRoute", "TestTrafficRoute"))
        if told(production) != told(test):
            yield f"{group.id}: production and test have different rules"


@check
def appspecs_name_the_container_of_their_service(env: Environment) -> Iterator[str]:
    functions = {each.ref for each in env.region.all("Lambda::Function")}
    for path, text in env.sources.items():
        if not path.endswith("appspec.yaml") or env.targets:  # then it speaks of the other account
            continue
        appspec = parse(text)
        (resource,) = appspec["Resources"]
        properties = resource["TargetService"]["Properties"]
        if properties["TaskDefinition"] != "<TASK_DEFINITION>":
            yield f"{path}: the deploy action finds no <TASK_DEFINITION>"
        balancer = properties["LoadBalancerInfo"]
        beside = [task for task in env.task_definitions if env.source(posixpath.join(posixpath.dirname(path), "taskdef.json")) and task]
        containers = {each["name"]: each for task in beside for each in task["containerDefinitions"]}
        ports = [mapping["containerPort"] for mapping in containers[balancer["ContainerName"]]["portMappings"]]
        if balancer["ContainerPort"] not in ports:
            yield f"{path}: {balancer['ContainerName']} listens on {ports}"
        for hook in appspec.get("Hooks", []):
            for event, function in hook.items():
                if not function.startswith("arn:") and function not in functions:
                    yield f"{path}: {event} calls {function}, which does not exist"
