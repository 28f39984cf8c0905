"""A rendered environment deployed by hand, as an impatient user of the AWS CLI would: stack after stack."""

import re
from pathlib import Path
from typing import Any

from tests.sandbox.harness import Sandbox

ORDER = (
    "network",
    "endpoints",
    "load-balancer",
    "traffic",
    "registry",
    "cluster",
    "service-.*",
    "repository",
    "build",
    "deployment",
    "pipeline",
)


class Environment:
    def __init__(self, sandbox: Sandbox, directory: Path) -> None:
        self.sandbox = sandbox
        self.directory = directory
        self.outputs: dict[str, str] = {}

    def names(self) -> list[str]:
        """The stacks' files, in the order of who needs whose output."""
        files = sorted(path.stem for path in (self.directory / "stacks").glob("*.yaml"))
        return [name for pattern in ORDER for name in files if re.fullmatch(pattern, name)]

    def deploy(self, name: str, kind: str = "CREATE", **more: Any) -> dict[str, Any]:
        template = (self.directory / "stacks" / f"{name}.yaml").read_text("utf-8")
        summary = self.sandbox.client("cloudformation").get_template_summary(TemplateBody=template)
        known = self.outputs | more.pop("parameters", {})
        wanted = {p["ParameterKey"]: known[p["ParameterKey"]] for p in summary["Parameters"] if p["ParameterKey"] in known}
        stack = self.sandbox.deploy(f"env-{name}", template, kind, parameters=wanted, **more)
        self.outputs |= self.sandbox.outputs(f"env-{name}")
        return stack
