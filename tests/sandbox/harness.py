"""Ways to talk to the emulator as to AWS: over HTTP, with boto3."""

from collections.abc import Callable
from typing import Any

import boto3
from botocore.config import Config

from bgspec.sandbox.server import Server
from tests.waiting import until

ACCOUNT, REGION = "123456789012", "ap-northeast-1"


class Sandbox:
    """The emulator and its clients."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.world = server.world
        self.url = server.url
        self._clients: dict[tuple[str, str, str], Any] = {}

    def client(self, service: str, *, region: str = REGION, account: str = ACCOUNT) -> Any:
        key = service, region, account
        if key not in self._clients:
            self._clients[key] = boto3.client(
                service, endpoint_url=self.url, region_name=region, aws_access_key_id=account, aws_secret_access_key="-",
                config=Config(retries={"mode": "standard", "max_attempts": 1}),
            )  # fmt: skip
        return self._clients[key]

    def arn(self, service: str, resource: str) -> str:
        return self.world.context(ACCOUNT, REGION).arn(service, resource)

    def until(self, look: Callable[[], Any], seconds: float = 20) -> Any:
        """What `look` returns once it is true."""
        return until(look, seconds, told=lambda: f"still {look()!r} after {seconds} s; {self.world.failures}")

    # --- stacks ---

    def stack(self, name: str) -> dict[str, Any]:
        return self.client("cloudformation").describe_stacks(StackName=name)["Stacks"][0]

    def settled(self, name: str) -> dict[str, Any]:
        """The stack once nothing is in progress."""

        def look() -> dict[str, Any] | None:
            found = self.stack(name)
            return None if found["StackStatus"].endswith("_IN_PROGRESS") else found

        return self.until(look)

    def change_set(self, name: str, template: str, kind: str = "CREATE", **more: Any) -> dict[str, Any]:
        """A change set, described once it is ready or has failed."""
        cloudformation = self.client("cloudformation")
        label = f"c{self.world.number('test change sets')}"
        values = more.pop("parameters", {})
        parameters = [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]
        more.setdefault("Capabilities", ["CAPABILITY_NAMED_IAM"])
        cloudformation.create_change_set(
            StackName=name, ChangeSetName=label, ChangeSetType=kind, TemplateBody=template, Parameters=parameters, **more
        )  # fmt: skip

        def look() -> dict[str, Any] | None:
            found = cloudformation.describe_change_set(StackName=name, ChangeSetName=label)
            return found if found["Status"] in {"CREATE_COMPLETE", "FAILED"} else None

        return self.until(look)

    def deploy(self, name: str, template: str, kind: str = "CREATE", **more: Any) -> dict[str, Any]:
        """A change set executed; the stack as it settles."""
        execute = more.pop("execute", {})
        found = self.change_set(name, template, kind, **more)
        assert found["Status"] == "CREATE_COMPLETE", found["StatusReason"] + str(self.events(ChangeSetName=found["ChangeSetId"]))
        self.client("cloudformation").execute_change_set(ChangeSetName=found["ChangeSetId"], **execute)
        return self.settled(found["StackId"])

    def delete(self, name: str, **more: Any) -> dict[str, Any]:
        ident = self.stack(name)["StackId"]
        self.client("cloudformation").delete_stack(StackName=name, **more)
        return self.settled(ident)

    def events(self, **which: Any) -> list[dict[str, Any]]:
        found = self.client("cloudformation").describe_events(**which)["OperationEvents"]
        return [event | {"Timestamp": None} for event in found]

    def outputs(self, name: str) -> dict[str, str]:
        return {output["OutputKey"]: output["OutputValue"] for output in self.stack(name).get("Outputs", ())}

    def failed(self, name: str) -> dict[str, str]:
        """Logical id -> the first reason it failed for."""
        events = self.client("cloudformation").describe_stack_events(StackName=name)["StackEvents"]
        return {e["LogicalResourceId"]: e.get("ResourceStatusReason", "") for e in events if e["ResourceStatus"].endswith("_FAILED")}
