"""AWS::CodeCommit, CodeBuild, CodeDeploy, CodePipeline, Events and what belongs to them."""

from collections.abc import Mapping
from typing import Any, ClassVar

from bgspec.sandbox.errors import AwsError, NotEmulated
from bgspec.sandbox.kinds.base import Kind, Props, changed
from bgspec.sandbox.kinds.elbv2 import without
from bgspec.sandbox.world import Context, Record


class Repository(Kind):
    type = "AWS::CodeCommit::Repository"
    service, table = "codecommit", "codecommit.repositories"
    delete_op, key = "delete_repository", "repositoryName"
    attributes: ClassVar[Mapping[str, str]] = {
        "Arn": "Arn", "Name": "repositoryName", "CloneUrlHttp": "cloneUrlHttp", "CloneUrlSsh": "cloneUrlSsh", "RepositoryId": "repositoryId",
    }  # fmt: skip

    def records(self, ctx: Context) -> dict[str, Record]:
        return {record["repositoryId"]: record for record in ctx.table(self.table).values()}

    def create(self, ctx: Context, props: Props) -> str:
        if "Code" in props or "Triggers" in props:
            raise NotEmulated("the properties Code and Triggers of AWS::CodeCommit::Repository")
        made = ctx.call("codecommit", "create_repository", **self.input("create_repository", props))
        return str(made["repositoryMetadata"]["repositoryId"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        name = self.record(ctx, physical)["repositoryName"]
        if changed(props, old, "RepositoryName"):
            ctx.call("codecommit", "update_repository_name", oldName=name, newName=props["RepositoryName"])
        text = {"repositoryDescription": props["RepositoryDescription"]} if "RepositoryDescription" in props else {}
        ctx.call("codecommit", "update_repository_description", repositoryName=props["RepositoryName"], **text)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        ctx.call("codecommit", "delete_repository", repositoryName=self.record(ctx, physical)["repositoryName"])


class Project(Kind):
    type = "AWS::CodeBuild::Project"
    service, table = "codebuild", "codebuild.projects"
    create_op, result, update_op, delete_op, key = "create_project", "project.name", "update_project", "delete_project", "name"
    named = ("Name", 150)
    renames: ClassVar[Mapping[str, str]] = {"BuildSpec": "buildspec"}
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "arn"}
    defaults: ClassVar[Mapping[str, Any]] = {"TimeoutInMinutes": 60, "QueuedTimeoutInMinutes": 480}


class Application(Kind):
    type = "AWS::CodeDeploy::Application"
    service, table = "codedeploy", "codedeploy.applications"
    delete_op, key = "delete_application", "applicationName"
    named = ("ApplicationName", 100)

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("codedeploy", "create_application", **self.input("create_application", props))
        return str(props["ApplicationName"])


class DeploymentConfig(Kind):
    type = "AWS::CodeDeploy::DeploymentConfig"
    service, table = "codedeploy", "codedeploy.configurations"
    delete_op, key = "delete_deployment_config", "deploymentConfigName"
    named = ("DeploymentConfigName", 100)

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("codedeploy", "create_deployment_config", **self.input("create_deployment_config", props))
        return str(props["DeploymentConfigName"])


class DeploymentGroup(Kind):
    type = "AWS::CodeDeploy::DeploymentGroup"
    service, table = "codedeploy", "codedeploy.groups"
    named = ("DeploymentGroupName", 100)
    # What the group goes back to once a property is gone from the template. Its alarms stay: an update adds or changes them
    # (bc:codedeploy.UpdateDeploymentGroupInput.alarmConfiguration), and Terraform deletes them by an empty list.
    defaults: ClassVar[Mapping[str, Any]] = {
        "TriggerConfigurations": [], "AutoRollbackConfiguration": {"Enabled": False, "Events": []}, "OutdatedInstancesStrategy": "UPDATE",
    }  # fmt: skip

    def record(self, ctx: Context, physical: str) -> Record:
        found = [g for g in ctx.table(self.table).values() if g["deploymentGroupName"] == physical]
        if not found:
            raise AwsError("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {physical}")
        return found[0]

    def create(self, ctx: Context, props: Props) -> str:
        if "Deployment" in props:
            raise NotEmulated("the property Deployment of AWS::CodeDeploy::DeploymentGroup")
        ctx.call("codedeploy", "create_deployment_group", **self.input("create_deployment_group", props))
        return str(props["DeploymentGroupName"])

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        gone = {name: self.defaults[name] for name in old.keys() - props.keys() if name in self.defaults}
        wanted = self.input("update_deployment_group", without(props, "DeploymentGroupName") | gone)
        ctx.call("codedeploy", "update_deployment_group", currentDeploymentGroupName=physical, **wanted)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        ctx.call("codedeploy", "delete_deployment_group", applicationName=props["ApplicationName"], deploymentGroupName=physical)

    def tag(self, ctx: Context, physical: str, tags: dict[str, str]) -> None:
        self.record(ctx, physical)["_tags"] = tags


class Pipeline(Kind):
    type = "AWS::CodePipeline::Pipeline"
    service, table = "codepipeline", "codepipeline.pipelines"
    delete_op, key = "delete_pipeline", "name"
    named = ("Name", 100)

    def _pipeline(self, action: str, props: Props) -> Record:
        disabled = ("RestartExecutionOnUpdate", "DisableInboundStageTransitions")
        return self.input(action, {"Pipeline": without(props, *disabled)})

    def create(self, ctx: Context, props: Props) -> str:
        ctx.call("codepipeline", "create_pipeline", **self._pipeline("create_pipeline", props))
        self._transitions(ctx, props)
        return str(props["Name"])

    def _transitions(self, ctx: Context, props: Props) -> None:
        self.record(ctx, props["Name"])["_closed"] = {
            stage["StageName"]: {"lastChangedBy": "cloudformation", "lastChangedAt": ctx.now(), "disabledReason": stage["Reason"]}
            for stage in props.get("DisableInboundStageTransitions", ())
        }

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del old
        ctx.call("codepipeline", "update_pipeline", **self._pipeline("update_pipeline", props))
        self._transitions(ctx, props)
        if str(props.get("RestartExecutionOnUpdate", False)).lower() == "true":
            ctx.call("codepipeline", "start_pipeline_execution", name=physical)

    def attribute(self, ctx: Context, physical: str, name: str) -> Any:
        if name == "Version":
            return str(self.record(ctx, physical)["pipeline"]["version"])
        if name == "Arn":
            return self.record(ctx, physical)["arn"]
        return super().attribute(ctx, physical, name)


class Rule(Kind):
    type = "AWS::Events::Rule"
    service, table = "events", "events.rules"
    named = ("Name", 64)
    attributes: ClassVar[Mapping[str, str]] = {"Arn": "Arn"}

    def create(self, ctx: Context, props: Props) -> str:
        if props["Name"] in ctx.table("events.rules"):
            raise AwsError("AlreadyExists", f"Rule {props['Name']} already exists.")
        self._put(ctx, props)
        return str(props["Name"])

    def _put(self, ctx: Context, props: Props) -> None:
        ctx.call("events", "put_rule", **self.input("put_rule", without(props, "Targets")))
        found = self.record(ctx, props["Name"])
        found["_targets"] = {}
        if props.get("Targets"):
            ctx.call("events", "put_targets", Rule=props["Name"], **self.input("put_targets", {"Targets": props["Targets"]}))

    def update(self, ctx: Context, physical: str, props: Props, old: Props) -> None:
        del physical, old
        self._put(ctx, props)

    def delete(self, ctx: Context, physical: str, props: Props) -> None:
        del props
        self.record(ctx, physical)["_targets"] = {}
        ctx.call("events", "delete_rule", Name=physical)


CODE = (Repository(), Project(), Application(), DeploymentConfig(), DeploymentGroup(), Pipeline(), Rule())
