"""Roles meet: with who assumes them, with what exists, and with what is asked of them."""

import re
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from tests.output.agreement.check import check
from tests.output.agreement.tasks import task_of
from tests.output.cloudformation import Resource
from tests.output.environment import Environment

# What assumes the role that a property names.
PRINCIPALS = {
    ("CodeBuild::Project", "ServiceRole"): "codebuild",
    ("CodeDeploy::DeploymentGroup", "ServiceRoleArn"): "codedeploy",
    ("CodePipeline::Pipeline", "RoleArn"): "codepipeline",
    ("CodePipeline::Pipeline", "Configuration.RoleArn"): "cloudformation",
    ("EC2::FlowLog", "DeliverLogsPermissionArn"): "vpc-flow-logs",
    ("ECS::TaskDefinition", "ExecutionRoleArn"): "ecs-tasks",
    ("ECS::TaskDefinition", "TaskRoleArn"): "ecs-tasks",
    ("ECS::Service", "RoleArn"): "ecs",
    ("Events::Rule", "RoleArn"): "events",
    ("Lambda::Function", "Role"): "lambda",
    ("Scheduler::Schedule", "RoleArn"): "scheduler",
}


@check
def roles_exist_and_trust_who_assumes_them(env: Environment) -> Iterator[str]:
    roles = {role.attributes["Arn"]: role for role in env.region.all("IAM::Role")}
    for resource in env.region.resources:
        if resource.type == "AWS::IAM::Role":
            continue
        for key, arn in _named(resource.properties):
            if not re.fullmatch(r"arn:[a-z-]+:iam::\d+:role/.*", arn) or "Policy" in key:
                continue
            service = PRINCIPALS.get((resource.type.removeprefix("AWS::"), key))
            if arn not in roles:
                if not env.is_users(arn):
                    yield f"{resource.id}.{key}: {arn} does not exist"
            elif service is None:
                yield f"{resource.id}.{key}: who assumes this role? Add it to PRINCIPALS"
            elif f"{service}.amazonaws.com" not in _principals(roles[arn]):
                yield f"{resource.id}.{key}: the role trusts {_principals(roles[arn])}"


def _named(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _named(item, f"Configuration.{name}" if key == "Configuration" else name)
    elif isinstance(value, list):
        for item in value:
            yield from _named(item, key)
    elif isinstance(value, str):
        yield key, value


def _principals(role: Resource) -> list[str]:
    services = [statement["Principal"].get("Service", []) for statement in role.properties["AssumeRolePolicyDocument"]["Statement"]]
    return [name for names in services for name in ([names] if isinstance(names, str) else names)]


def statements(role: Resource) -> Iterator[dict[str, Any]]:
    for policy in role.properties.get("Policies", []):
        yield from policy["PolicyDocument"]["Statement"]


@check
def policies_speak_of_what_exists(env: Environment) -> Iterator[str]:
    """Every ARN matches something that the stacks make or that the user named."""
    descriptions = [stack.template["Description"] for stack in env.region.stacks.values()]
    stacks = [env.region.arn("cloudformation", f"stack/{text.partition(':')[0]}/1") for text in descriptions]
    lent = env.region.arn("ec2", "network-interface/eni-0")  # by a VPC to whatever runs in it
    existing = [*env.region.arns(), *_named_by_the_user(env), *stacks, lent]
    for role in env.region.all("IAM::Role"):
        for statement in statements(role):
            for arn in statement["Resource"]:
                plain = arn.removesuffix(":*")
                bucket = arn.partition("/")[0] if ":s3:::" in arn else plain
                if arn == "*" or env.is_users(plain) or env.is_users(bucket) or bucket in existing:
                    continue
                if not any(fnmatchcase(known, plain) or fnmatchcase(known, arn) for known in existing):
                    yield f"{role.id}, {statement.get('Sid')}: {arn} matches nothing"


def _named_by_the_user(env: Environment) -> Iterator[str]:
    """Images, alarms and the tasks of a cluster that no stack makes."""
    for text in env.written:
        if ":loadbalancer/app/" in text:
            yield env.region.arn("elasticloadbalancing", f"listener-rule/{text.partition(':loadbalancer/')[2]}/listener/rule")
    for schedule in env.region.all("Scheduler::Schedule"):
        cluster = schedule.properties["Target"]["Arn"]
        if cluster.rpartition("/")[2] in env.written:
            yield f"{cluster.replace(':cluster/', ':task/')}/1"
    for task in env.region.all("ECS::TaskDefinition"):
        for container in task.properties["ContainerDefinitions"]:
            if arn := _repository_of(env, container["Image"]):
                yield arn
    for group in env.region.all("CodeDeploy::DeploymentGroup"):
        for alarm in group.properties.get("AlarmConfiguration", {}).get("Alarms", []):
            yield env.region.arn("cloudwatch", f"alarm:{alarm['Name']}")


@check
def roles_may_do_what_is_asked_of_them(env: Environment) -> Iterator[str]:
    for who, action, arn in _needs(env):
        if who is not None and not any(_allows(statement, action, arn) for statement in statements(who)):
            yield f"{who.id} may not {action} on {arn}"


def _needs(env: Environment) -> Iterator[tuple[Resource | None, str, str]]:
    """(role, action, ARN) of what the tasks, the pipeline and the deployments do; the role is None where it is the user's own."""
    roles = {role.attributes["Arn"]: role for role in env.region.all("IAM::Role")}
    for task in env.region.all("ECS::TaskDefinition"):
        yield from ((roles.get(task.properties["ExecutionRoleArn"]), *need) for need in _task_needs(env, task))
    for pipeline in env.region.all("CodePipeline::Pipeline"):
        bucket = pipeline.properties["ArtifactStore"]["Location"]
        role = roles.get(pipeline.properties["RoleArn"])
        yield role, "s3:PutObject", f"arn:{env.region.pseudo['AWS::Partition']}:s3:::{bucket}/x"
        for stage in pipeline.properties["Stages"]:
            for action in stage["Actions"]:
                if "RoleArn" in action:
                    yield role, "sts:AssumeRole", action["RoleArn"]
                there = {one.attributes["Arn"]: one for one in env.target.region.all("IAM::Role")}
                taken = there.get(action["RoleArn"]) if "RoleArn" in action else role  # none of ours: what it may is its maker's affair
                yield from ((taken, *need) for need in _action_needs(env.target if "RoleArn" in action else env, action))
    for group in env.region.all("CodeDeploy::DeploymentGroup"):
        yield from ((roles.get(group.properties["ServiceRoleArn"]), *need) for need in _deployment_needs(env, group))


def _task_needs(env: Environment, task: Resource) -> Iterator[tuple[str, str]]:
    for container in task.properties["ContainerDefinitions"]:
        group = container.get("LogConfiguration", {}).get("Options", {}).get("awslogs-group")
        if group:
            yield "logs:PutLogEvents", env.region.arn("logs", f"log-group:{group}:log-stream:x")
        for secret in container.get("Secrets", []):
            yield _secret(env, secret["ValueFrom"])
        if arn := _repository_of(env, container["Image"]):
            yield "ecr:BatchGetImage", arn
            yield "ecr:GetAuthorizationToken", "*"


def _deployment_needs(env: Environment, group: Resource) -> Iterator[tuple[str, str]]:
    (named,) = group.properties["ECSServices"]
    service = env.one("ECS::Service", ServiceName=named["ServiceName"])
    task = task_of(env, service.properties["TaskDefinition"])
    yield "ecs:UpdateServicePrimaryTaskSet", service.ref
    yield "ecs:CreateTaskSet", f"{service.ref.replace(':service/', ':task-set/')}/1"
    yield from (("iam:PassRole", task.properties[key]) for key in ("ExecutionRoleArn", "TaskRoleArn"))
    (pair,) = group.properties["LoadBalancerInfo"]["TargetGroupPairInfoList"]
    for route in ("ProdTrafficRoute", "TestTrafficRoute"):
        yield "elasticloadbalancing:ModifyListener", pair[route]["ListenerArns"][0]
    for alarm in group.properties.get("AlarmConfiguration", {}).get("Alarms", []):
        yield "cloudwatch:DescribeAlarms", env.region.arn("cloudwatch", f"alarm:{alarm['Name']}")


def _repository_of(env: Environment, image: str) -> str | None:
    """The ARN of the private repository that an image lies in."""
    found = re.fullmatch(r"(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.[^/]+/([^@:]+)([@:].*)?", image)
    return found and f"arn:{env.region.pseudo['AWS::Partition']}:ecr:{found[2]}:{found[1]}:repository/{found[3]}"


def _action_needs(env: Environment, action: dict[str, Any]) -> Iterator[tuple[str, str]]:
    region, configuration = env.region, action.get("Configuration", {})
    match action["ActionTypeId"]["Provider"]:
        case "CodeCommit":
            arn = region.arn("codecommit", configuration["RepositoryName"])
            yield from (("codecommit:" + verb, arn) for verb in ("GetBranch", "GetCommit", "UploadArchive", "GetUploadArchiveStatus"))
        case "CodeBuild":
            yield from (
                ("codebuild:" + verb, region.arn("codebuild", f"project/{configuration['ProjectName']}"))
                for verb in ("StartBuild", "BatchGetBuilds")
            )
        case "CloudFormation":
            yield "cloudformation:UpdateStack", region.arn("cloudformation", f"stack/{configuration['StackName']}/1")
            yield "cloudformation:DescribeStacks", region.arn("cloudformation", f"stack/{configuration['StackName']}/1")
            yield "iam:PassRole", configuration["RoleArn"]
        case "ECS":
            service = env.one("ECS::Service", ServiceName=configuration["ServiceName"])
            yield "ecs:UpdateService", service.ref
            task = task_of(env, service.properties["TaskDefinition"])
            yield from (("iam:PassRole", task.properties[key]) for key in ("ExecutionRoleArn", "TaskRoleArn"))
        case "CodeDeployToECS":
            group = env.one("CodeDeploy::DeploymentGroup", DeploymentGroupName=configuration["DeploymentGroupName"])
            application = configuration["ApplicationName"]
            yield (
                "codedeploy:CreateDeployment",
                region.arn("codedeploy", f"deploymentgroup:{application}/{configuration['DeploymentGroupName']}"),
            )
            yield "codedeploy:RegisterApplicationRevision", region.arn("codedeploy", f"application:{application}")
            yield "codedeploy:GetDeploymentConfig", region.arn("codedeploy", f"deploymentconfig:{group.properties['DeploymentConfigName']}")
            yield "ecs:RegisterTaskDefinition", "*"
            (named,) = group.properties["ECSServices"]
            task = task_of(env, env.one("ECS::Service", ServiceName=named["ServiceName"]).properties["TaskDefinition"])
            yield from (("iam:PassRole", task.properties[key]) for key in ("ExecutionRoleArn", "TaskRoleArn"))


def _secret(env: Environment, value: str) -> tuple[str, str]:
    if ":secretsmanager:" in value:
        return "secretsmanager:GetSecretValue", ":".join(value.split(":")[:7])
    return "ssm:GetParameters", value if value.startswith("arn:") else env.region.arn("ssm", f"parameter/{value.removeprefix('/')}")


def _allows(statement: dict[str, Any], action: str, arn: str) -> bool:
    return any(fnmatchcase(action, allowed) for allowed in statement["Action"]) and any(
        fnmatchcase(arn, allowed) or (arn == "*" and allowed == "*") for allowed in statement["Resource"]
    )
