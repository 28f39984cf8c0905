"""Which VPC endpoints an environment needs, each with its reason."""

from bgspec.plan.container import secrets_of
from bgspec.spec import NewNetwork, ServiceConnect, Smoke, Spec

GATEWAYS = frozenset({"s3", "dynamodb"})
"""The services whose endpoints are routes (VPC User Guide, gateway-endpoints); all others have interfaces."""


def needed(spec: Spec) -> dict[str, str]:
    """The services that need an endpoint, in the order in which they are made, each with its reason."""
    network = spec.network
    found = _derived(spec) if network.egress == "endpoints" else {}
    found.update({service: "spec: network.endpoints" for service in network.endpoints if service not in found})
    if network.egress == "endpoints" or (network.egress == "nat" and isinstance(network, NewNetwork)):
        found["s3"] = "ECR keeps image layers in S3: without this route a pull stops half-way, and through a NAT gateway it costs money"
    return found


def _derived(spec: Spec) -> dict[str, str]:
    """The interface endpoints that tasks without a way to the internet need, each with its reason.

    Sources: ECR User Guide, vpc-endpoints; ECS Developer Guide, vpc-endpoints (platform version 1.4.0 and later) and ecs-exec; CodeDeploy
    User Guide, vpc-endpoints.
    """
    found = {
        "ecr.dkr": "image layers and manifests are pulled through the Docker Registry API",
        "ecr.api": "Fargate asks the ECR API for the token of that pull",
        "logs": "the awslogs driver sends the container's output to CloudWatch Logs",
    }
    for name, service in spec.services.items():
        for value in secrets_of(service):
            if ":secretsmanager:" in value:
                found.setdefault("secretsmanager", f"service {name} takes secrets from Secrets Manager")
            else:
                found.setdefault("ssm", f"service {name} takes secrets from SSM Parameter Store")
        if service.exec:
            found.setdefault("ssmmessages", f"a shell in the containers of {name} comes through Session Manager")
    if isinstance(spec.discovery, ServiceConnect) and any(service.connect for service in spec.services.values()):
        # ECS Developer Guide, vpc-endpoints: Fargate's tasks need none of ECS's own, but `ecs-agent` carries what manages the proxies.
        # That Fargate's own network would carry it, too, is nowhere said.
        found["ecs-agent"] = "Service Connect's proxies learn from it where their neighbours are"
    for section, machine in (("build", spec.pipeline.build), ("test", spec.pipeline.test)) if spec.pipeline else ():
        for value in machine.secrets.values() if machine and machine.vpc else ():
            if ":secretsmanager:" in value:
                found.setdefault("secretsmanager", f"pipeline.{section} takes secrets from Secrets Manager")
            else:
                found.setdefault("ssm", f"pipeline.{section} takes secrets from SSM Parameter Store")
    calls = spec.deployment.engine == "codedeploy" and any(isinstance(hook, Smoke) for hook in vars(spec.deployment.hooks).values())
    if calls and spec.load_balancer.scheme == "internal":
        found["codedeploy"] = "the smoke test asks from inside, and tells CodeDeploy from there what it has found"
    return found
