"""Tasks meet: with taskdef.json, their logs, their load balancer, and what they call."""

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from tests.output.agreement.check import check
from tests.output.cloudformation import Resource
from tests.output.environment import Environment


@check
def the_two_task_definitions_are_one(env: Environment) -> Iterator[str]:
    """taskdef.json says in the API's spelling what the stack says in CloudFormation's."""
    in_stacks = {each.properties["Family"]: each for each in env.region.all("ECS::TaskDefinition")}
    for registered in env.task_definitions:
        stack = in_stacks.get(registered["family"])
        if stack is None:
            yield f"no stack has the family {registered['family']}"
            continue
        there, here = _plain(stack.properties), _plain(registered)
        images = zip(there["containerdefinitions"], here["containerdefinitions"], strict=False)
        for theirs, ours in images:
            if re.fullmatch(r"<\w+>", ours["image"]):
                ours["image"] = theirs["image"]
        for key in there.keys() | here.keys():
            if there.get(key) != here.get(key):
                yield f"{registered['family']}: {key} is {here.get(key)} in taskdef.json and {there.get(key)} in the stack"


_FREE = {name for key in ("Options", "DockerLabels", "DriverOpts", "Labels") for name in (key, key[0].lower() + key[1:])}
"""Mappings whose keys are not AWS's."""


def _plain(value: Any, *, free: bool = False) -> Any:
    """Without the difference in spelling: CloudFormation has `FilesystemId` and `IAM`, the API `fileSystemId` and `iam`."""
    if isinstance(value, dict):
        return {key if free else key.lower(): _plain(item, free=key in _FREE) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value


@check
def tasks_write_to_log_groups_that_exist(env: Environment) -> Iterator[str]:
    groups = {group.ref for group in env.region.all("Logs::LogGroup")}
    for task in env.region.all("ECS::TaskDefinition"):
        for container in task.properties["ContainerDefinitions"]:
            options = container.get("LogConfiguration", {}).get("Options", {})
            if container.get("LogConfiguration", {}).get("LogDriver") != "awslogs":
                continue
            if options["awslogs-group"] not in groups and not env.is_users(options["awslogs-group"]):
                yield f"{container['Name']} writes to {options['awslogs-group']}, which does not exist"
            if options["awslogs-region"] != env.region.pseudo["AWS::Region"]:
                yield f"{container['Name']} writes to {options['awslogs-region']}"


@check
def services_run_what_exists_where_it_is_reached(env: Environment) -> Iterator[str]:
    for service in env.region.all("ECS::Service"):
        properties = service.properties
        if properties["Cluster"] not in env.written:
            env.one("ECS::Cluster", ClusterName=properties["Cluster"])
        task = task_of(env, properties["TaskDefinition"])
        network = properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        for balancer in properties.get("LoadBalancers", []):
            ports = _ports(task, balancer["ContainerName"])
            if balancer["ContainerPort"] not in ports:
                yield f"{service.stack}: the load balancer calls {balancer['ContainerPort']} of a container that listens on {ports}"
            group = env.by_ref("ElasticLoadBalancingV2::TargetGroup", balancer["TargetGroupArn"])
            if group.properties["Port"] != balancer["ContainerPort"] or group.properties["TargetType"] != "ip":
                yield f"{service.stack}: its target group calls {group.properties['Port']}"
            checked = group.properties["HealthCheckPort"]
            port = balancer["ContainerPort"] if checked == "traffic-port" else int(checked)
            for wanted in {balancer["ContainerPort"], port}:
                for sentence in _reaches(env, _load_balancer_groups(env), network["SecurityGroups"], network["Subnets"], wanted):
                    yield f"{service.stack}: {sentence}"


def task_of(env: Environment, name: str) -> Resource:
    """A service names its task definition by family or by ARN."""
    family = name.rpartition("task-definition/")[2].partition(":")[0]
    return env.one("ECS::TaskDefinition", Family=family)


def _ports(task: Resource, container: str) -> list[int]:
    (found,) = [each for each in task.properties["ContainerDefinitions"] if each["Name"] == container]
    return [mapping["ContainerPort"] for mapping in found["PortMappings"]]


def _load_balancer_groups(env: Environment) -> list[str]:
    """Of the environment's own load balancer, or of the one that the user named: what that one admits is its own affair."""
    own = env.region.all("ElasticLoadBalancingV2::LoadBalancer")
    return [group for balancer in own for group in balancer.properties["SecurityGroups"]] or [
        text for text in env.written if text.startswith("sg-")
    ]


def _reaches(env: Environment, sources: list[str], targets: list[str], subnets: list[str], port: int) -> Iterator[str]:
    """Whether security groups let the sources call the targets, which have addresses in those subnets."""
    outside = {"", None}
    rules_in = [rule for group in targets for rule in _rules(env, group, "Ingress")]
    if not any(_covers(rule, port) and rule.get("SourceSecurityGroupId") in {*sources, *outside} for rule in rules_in):
        yield f"the security group does not let the caller in at {port}"
    sources = [group for group in sources if group not in env.written]
    if not sources:
        return
    networks = [env.by_ref("EC2::Subnet", subnet).properties["CidrBlock"] for subnet in subnets if not env.is_users(subnet)]
    rules_out = [rule for group in sources for rule in _rules(env, group, "Egress") if _covers(rule, port)]
    for network in networks:
        if not any(rule.get("DestinationSecurityGroupId") in targets or _holds(rule.get("CidrIp"), network) for rule in rules_out):
            yield f"the caller's security group does not let it call {network} at {port}"


def _rules(env: Environment, group: str, direction: str) -> Iterator[dict[str, Any]]:
    for resource in env.region.all("EC2::SecurityGroup"):
        if resource.ref == group:
            yield from resource.properties.get(f"SecurityGroup{direction}", [])
    for resource in env.region.all(f"EC2::SecurityGroup{direction}"):
        if resource.properties["GroupId"] == group:
            yield resource.properties


def _covers(rule: dict[str, Any], port: int) -> bool:
    return rule["IpProtocol"] == "-1" or (rule["IpProtocol"] == "tcp" and rule["FromPort"] <= port <= rule["ToPort"])


def _holds(outer: str | None, inner: str) -> bool:
    return outer is not None and ip_network(inner).subnet_of(ip_network(outer))


@check
def every_listener_is_admitted_to_its_load_balancer(env: Environment) -> Iterator[str]:
    groups = _load_balancer_groups(env)
    rules = [rule for group in groups for rule in _rules(env, group, "Ingress")]
    if env.written.intersection(groups):
        return
    for listener in env.region.all("ElasticLoadBalancingV2::Listener"):
        if not any(_covers(rule, listener.properties["Port"]) for rule in rules):
            yield f"nobody may call {listener.id} at {listener.properties['Port']}"


@check
def private_tasks_reach_what_they_need(env: Environment) -> Iterator[str]:
    """Tasks in subnets without a way out need an endpoint for everything they call (aws-facts: ECR and ECS vpc-endpoints)."""
    region = env.region
    ways_out = {route.properties["RouteTableId"] for route in region.all("EC2::Route")}
    tables = {each.properties["SubnetId"]: each.properties["RouteTableId"] for each in region.all("EC2::SubnetRouteTableAssociation")}
    endpoints = {
        each.properties["ServiceName"].rpartition(f".{region.pseudo['AWS::Region']}.")[2]: each for each in region.all("EC2::VPCEndpoint")
    }
    for service in region.all("ECS::Service"):
        network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        for subnet in network["Subnets"]:
            if subnet not in tables or tables[subnet] in ways_out:
                continue
            for name, why in _called(task_of(env, service.properties["TaskDefinition"])).items():
                endpoint = endpoints.get(name)
                if endpoint is None:
                    yield f"{service.stack}: no endpoint for {name}, but {why}"
                elif endpoint.properties["VpcEndpointType"] == "Gateway":
                    if tables[subnet] not in endpoint.properties["RouteTableIds"]:
                        yield f"{service.stack}: {subnet} has no route to {name}"
                else:
                    if subnet not in endpoint.properties["SubnetIds"] or endpoint.properties["PrivateDnsEnabled"] is not True:
                        yield f"{service.stack}: {name} does not answer in {subnet}"
                    for sentence in _reaches(
                        env, network["SecurityGroups"], endpoint.properties["SecurityGroupIds"], network["Subnets"], 443
                    ):
                        yield f"{service.stack} to {name}: {sentence}"


@check
def tasks_reach_the_file_systems_that_they_mount(env: Environment) -> Iterator[str]:
    """Mount targets have addresses in the VPC and answer on NFS's port (EFS User Guide, network-access)."""
    for service in env.region.all("ECS::Service"):
        network = service.properties["NetworkConfiguration"]["AwsvpcConfiguration"]
        if any(
            "EFSVolumeConfiguration" in volume
            for volume in task_of(env, service.properties["TaskDefinition"]).properties.get("Volumes", [])
        ):
            rules = [rule for group in network["SecurityGroups"] for rule in _rules(env, group, "Egress") if _covers(rule, 2049)]
            for subnet in network["Subnets"]:
                if not any(env.is_users(subnet) or _holds(rule.get("CidrIp"), _network(env, subnet)) for rule in rules):
                    yield f"{service.stack}: no security group lets its tasks call a file system in {subnet}"


def _network(env: Environment, subnet: str) -> str:
    return str(env.by_ref("EC2::Subnet", subnet).properties["CidrBlock"])


def _called(task: Resource) -> dict[str, str]:
    needed: dict[str, str] = {}
    for container in task.properties["ContainerDefinitions"]:
        if ".dkr.ecr." in container["Image"]:
            needed |= dict.fromkeys(("ecr.api", "ecr.dkr", "s3"), "the image is pulled from ECR")
        if container.get("LogConfiguration", {}).get("LogDriver") == "awslogs":
            needed["logs"] = "the container's output goes to CloudWatch Logs"
        for secret in container.get("Secrets", []):
            service = "secretsmanager" if ":secretsmanager:" in secret["ValueFrom"] else "ssm"
            needed[service] = f"{secret['Name']} comes from there"
    return needed
