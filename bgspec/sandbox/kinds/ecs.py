"""AWS::ECS::* and AWS::ECR::Repository."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.kinds.elbv2 import without
from bgspec.sandbox.services.ecs_records import controller, services
from bgspec.sandbox.services.ecs_rollouts import deployments, over
from bgspec.sandbox.services.ecs_tasks import steady
from bgspec.sandbox.world import Context

# How long CloudFormation waits for a service to become steady: 3 hours on AWS. Shorter here, so that a service that will
# never be steady fails while somebody is looking.
STABILISE = 1800.0


class Cluster(Kind):
    type = "AWS::ECS::Cluster"
    service, table = "ecs", "ecs.clusters"
    delete_op, update_op, key = "delete_cluster", "update_cluster", "cluster"
    named = ("ClusterName", 255)
    renames: ClassVar[Mapping[str, str]] = {"ClusterSettings": "settings"}
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "clusterArn"}
    defaults: ClassVar[Mapping[str, Any]] = {"ClusterSettings": [{"Name": "containerInsights", "Value": "disabled"}]}

    def create(self, ctx: Context, props: Props) -> str:
        there = ctx.table("ecs.clusters").get(props["ClusterName"])
        if there and there["status"] == "ACTIVE":
            raise AwsError(
                "AlreadyExists", f"Resource of type 'AWS::ECS::Cluster' with identifier '{props['ClusterName']}' already exists."
            )
        ctx.call("ecs", "create_cluster", **self.input("create_cluster", props))
        return str(props["ClusterName"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        super().update(ctx, physical, without(props, "ClusterName"), without(old, "ClusterName"))
        names = ("CapacityProviders", "DefaultCapacityProviderStrategy")
        if changed(props, old, *names):
            wanted = self.input("put_cluster_capacity_providers", {name: props.get(name, []) for name in names})
            ctx.call("ecs", "put_cluster_capacity_providers", cluster=physical, **wanted)


class CapacityProviders(Kind):
    type = "AWS::ECS::ClusterCapacityProviderAssociations"
    service, table = "ecs", "ecs.clusters"

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("ecs", "put_cluster_capacity_providers", **self.input("put_cluster_capacity_providers", props))
        return str(props["Cluster"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        self.create(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("ecs", "put_cluster_capacity_providers", cluster=physical, capacityProviders=[], defaultCapacityProviderStrategy=[])


class TaskDefinition(Kind):
    type = "AWS::ECS::TaskDefinition"
    service, table = "ecs", "ecs.definitions"
    create_op, result = "register_task_definition", "taskDefinition.taskDefinitionArn"
    delete_op, key = "deregister_task_definition", "taskDefinition"
    named, renames_itself = ("Family", 255), True
    renames: ClassVar[Mapping[str, str]] = {"EFSVolumeConfiguration": "efsVolumeConfiguration", "IAM": "iam"}
    attributes: ClassVar[Mapping[str, str]] = {"TaskDefinitionArn": "taskDefinitionArn"}


class Service(Kind):
    type = "AWS::ECS::Service"
    service, table = "ecs", "ecs.services"
    create_op, result = "create_service", "service.serviceArn"
    named = ("ServiceName", 255)
    attributes: ClassVar[Mapping[str, str]] = {"Name": "serviceName", "ServiceArn": "serviceArn"}
    # What UpdateService is told once a property is gone from the template. Nothing of the rest: to UpdateService null means that it stays.
    defaults: ClassVar[Mapping[str, Any]] = {
        "HealthCheckGracePeriodSeconds": 0, "EnableECSManagedTags": False, "PropagateTags": "NONE",
    }  # fmt: skip

    def create(self, ctx: Context, props: Props) -> str:
        physical = super().create(ctx, {"DesiredCount": 1, **props})
        self.record(ctx, physical)["_since"] = ctx.world.elapsed()
        return physical

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        """The whole service goes into UpdateService, the task definition always (aws-facts, section 5.5).

        Network, load balancers and platform only when they changed: ECS refuses their mere presence under CODE_DEPLOY.
        """
        unchanged = [
            name
            for name in ("NetworkConfiguration", "LoadBalancers", "PlatformVersion", "ServiceRegistries")
            if not changed(props, old, name)
        ]
        wanted = without(props, *unchanged, "ServiceName", "Cluster", "LaunchType", "SchedulingStrategy", "Role")
        wanted |= {name: self.defaults[name] for name in old.keys() - props.keys() if name in self.defaults}
        record = self.record(ctx, physical)
        update = self.input("update_service", wanted) | {"cluster": record["clusterArn"], "service": record["serviceName"]}
        before = record.get("currentServiceDeployment")
        ctx.call("ecs", "update_service", **update)
        # Going back to what a deployment of ECS's own went back to already begins none: that one's failure is not this update's.
        record["_over"] = before if record.get("currentServiceDeployment") == before else None
        record["_since"] = ctx.world.elapsed()

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        record = self.record(ctx, physical)
        ctx.call("ecs", "delete_service", cluster=record["clusterArn"], service=record["serviceName"], force=True)

    def busy(self, ctx: Context, physical: str) -> bool:
        record = self.record(ctx, physical)
        fleets = list(record["_fleets"].values())
        if controller(record) == "ECS":
            current = deployments(ctx)[record["currentServiceDeployment"]]
            if over(current) and current["status"] != "SUCCESSFUL" and record.get("_over") != record["currentServiceDeployment"]:
                message = f"Error occurred during operation 'ECS Deployment Circuit Breaker was triggered'. {current['statusReason']}"
                raise AwsError("NotStabilized", message)
            waiting = not over(current)
        else:
            waiting = not all(steady(ctx, fleet) for fleet in fleets if fleet["status"] == "PRIMARY")
        if waiting and controller(record) != "ECS" and ctx.world.elapsed() - record["_since"] > STABILISE:
            raise AwsError("NotStabilized", f"Exceeded attempts to wait: {record['events'][0]['message'] if record['events'] else ''}")
        return waiting

    def leaving(self, ctx: Context, physical: str) -> bool:
        return bool(services(ctx)[physical]["status"] != "INACTIVE")


class Repository(Kind):
    type = "AWS::ECR::Repository"
    service, table = "ecr", "ecr.repositories"
    named = ("RepositoryName", 256)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "repositoryArn", "RepositoryUri": "repositoryUri"}
    renames: ClassVar[Mapping[str, str]] = {
        "ImageTagMutabilityExclusionFilterType": "filterType", "ImageTagMutabilityExclusionFilterValue": "filter",
    }  # fmt: skip

    def create(self, ctx: Context, props: Props) -> str:
        separate = ("LifecyclePolicy", "RepositoryPolicyText", "EmptyOnDelete")
        ctx.call("ecr", "create_repository", **self.input("create_repository", without(props, *separate)))
        name = str(props["RepositoryName"])
        try:
            self._documents(ctx, name, props)
        except AwsError:
            ctx.call("ecr", "delete_repository", repositoryName=name)
            raise
        return name

    def _documents(self, ctx: Context, name: str, props: Props) -> None:
        record = self.record(ctx, name)
        record.pop("_lifecyclePolicyText", None)
        record.pop("_policyText", None)
        text = props.get("LifecyclePolicy", {}).get("LifecyclePolicyText")
        if text:
            try:
                json.loads(text)
            except ValueError as error:
                raise AwsError(
                    "InvalidParameterException",
                    "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure'",
                ) from error
            ctx.call("ecr", "put_lifecycle_policy", repositoryName=name, lifecyclePolicyText=text)
        policy = props.get("RepositoryPolicyText")
        if policy:
            ctx.call(
                "ecr", "set_repository_policy", repositoryName=name, policyText=policy if isinstance(policy, str) else json.dumps(policy)
            )

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        mutability = {"ImageTagMutability": "MUTABLE"} | {
            k: props[k] for k in ("ImageTagMutability", "ImageTagMutabilityExclusionFilters") if k in props
        }
        wanted = self.input("put_image_tag_mutability", mutability)
        ctx.call("ecr", "put_image_tag_mutability", repositoryName=physical, **wanted)
        scanning = self.input(
            "put_image_scanning_configuration",
            {"ImageScanningConfiguration": props.get("ImageScanningConfiguration", {"ScanOnPush": False})},
        )
        ctx.call("ecr", "put_image_scanning_configuration", repositoryName=physical, **scanning)
        self._documents(ctx, physical, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        force = str(props.get("EmptyOnDelete", False)).lower() == "true"
        ctx.call("ecr", "delete_repository", repositoryName=physical, force=force)


ECS = (Cluster(), CapacityProviders(), TaskDefinition(), Service(), Repository())
