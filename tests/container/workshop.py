"""The article's CodeBuild project and its deploy action, both as rendered, in front of an engine and a registry of our own."""

import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

from bgspec.compiler import compile_spec
from tests.container import codebuild, deploy_action
from tests.container.engine import Engine
from tests.container.registry import Registry

SITE = Path(__file__).parents[2] / "container"
SPEC = (SITE.parent / "examples/article/bgspec.yaml").read_text()
ACCOUNT = "111122223333"
PSEUDO_PARAMETERS = {"AWS::AccountId": ACCOUNT, "AWS::Region": "ap-northeast-1", "AWS::URLSuffix": "amazonaws.com"}

# All that a buildspec may call. CodeBuild's images have them and far more; a machine without an engine lacks `docker`.
COMMANDS = ("bash", "cat", "cp", "cut", "env", "grep", "mkdir", "sed", "sh")


class Workshop:
    def __init__(self, engine: Engine, registry: Registry, root: Path) -> None:
        self.engine, self.registry, self.root = engine, registry, root
        self.tools = root / "tools"
        self.tools.mkdir()
        for command in COMMANDS:
            (self.tools / command).symlink_to(str(shutil.which(command)))
        self._tool("aws", f'exec {sys.executable} {Path(__file__).with_name("aws_command.py")} "$@"')
        # Docker's command line is podman's. A build has no network here: what it needs is in the base image.
        self._tool(
            "docker",
            'PATH=/usr/sbin:/usr/bin; command=$1; shift; [ "$command" != build ] || set -- --network=none "$@"\n'
            'exec podman "$command" "$@"',
        )

    def _tool(self, name: str, lines: str) -> None:
        (self.tools / name).write_text(f"#!/bin/sh\n{lines}\n")
        (self.tools / name).chmod(0o755)

    def commit(self, spec: str = SPEC) -> Path:
        """A source tree as the repository holds it: what the spec compiles to, and the site beside it."""
        source = self.root / "commit"
        render_to(source, spec)
        shutil.copytree(SITE, source / "container")
        return source

    def build(self, source: Path, commit_id: str) -> codebuild.Build:
        """One build of the project, as the pipeline starts it."""
        workplace = self.root / f"build-{len(list(self.root.glob('build-*')))}"
        workplace.mkdir()
        project = resource(source / "stacks/build.yaml", "AWS::CodeBuild::Project")
        variables = {v["Name"]: substitute(v["Value"]) for v in project["Environment"]["EnvironmentVariables"]}
        # The one thing that is not as AWS would have it: the host of the registry.
        ecr, _, repository = variables["REPOSITORY_URI"].partition("/")
        assert ecr == f"{ACCOUNT}.dkr.ecr.ap-northeast-1.amazonaws.com"
        codebuilds_own = {
            "AWS_DEFAULT_REGION": "ap-northeast-1",
            "AWS_REGION": "ap-northeast-1",
            "CODEBUILD_RESOLVED_SOURCE_VERSION": commit_id,
        }
        machine = {
            "PATH": str(self.tools),
            "HOME": str(workplace),
            **self.engine.environment,
            "REGISTRY_ADDRESS": self.registry.address,
            "REGISTRY_PASSWORD": self.registry.password,
        }
        return codebuild.run(
            yaml.safe_load((source / project["Source"]["BuildSpec"]).read_text()),
            source,
            workplace,
            {**variables, "REPOSITORY_URI": f"{self.registry.address}/{repository}", **codebuilds_own},
            machine,
        )

    def deploy(self, source: Path, build: codebuild.Build) -> deploy_action.Deployment:
        """What the pipeline's deploy action makes of the build's one artifact."""
        assert build.succeeded, build.log
        stages = resource(source / "stacks/pipeline.yaml", "AWS::CodePipeline::Pipeline")["Stages"]
        actions = {action["ActionTypeId"]["Provider"]: action for stage in stages for action in stage["Actions"]}
        # With one output artifact the pipeline takes the primary one of the buildspec.
        assert actions["CodeBuild"]["OutputArtifacts"] == actions["CodeDeployToECS"]["InputArtifacts"]
        return deploy_action.deploy(deploy_action.zipped(build.artifacts[codebuild.PRIMARY]), actions["CodeDeployToECS"]["Configuration"])

    def pull(self, image: str) -> None:
        """Takes the image from the registry, as a host does that never saw the build."""
        repository = image.partition("@")[0]
        for built in [name for names in self.engine.images().values() for name in names if name.startswith(repository)]:
            self.engine("rmi", "--force", built)
        if any(name.startswith(repository) for names in self.engine.images().values() for name in names):
            raise AssertionError(f"{repository} is still here: a pull would prove nothing")
        login = (f"--password={self.registry.password}", "--username=AWS", self.registry.address)
        self.engine("login", *login)
        self.engine("pull", "--quiet", image)


def render_to(place: Path, spec: str) -> None:
    """What ``bgspec render`` writes."""
    compiled = compile_spec(spec.encode(), "bgspec.yaml")
    assert not compiled.errors, compiled.findings
    for artifact in compiled.artifacts():
        (place / artifact.path).parent.mkdir(parents=True, exist_ok=True)
        (place / artifact.path).write_text(artifact.text)


class _Template(yaml.SafeLoader):
    """CloudFormation's short forms, as mappings."""


_Template.add_multi_constructor("!", lambda loader, name, node: {name: getattr(loader, f"construct_{node.id}")(node)})


def resource(template: Path, kind: str) -> dict[str, Any]:
    """The properties of the template's only resource of that type."""
    resources = yaml.load(template.read_text(), Loader=_Template)["Resources"].values()
    (found,) = [resource["Properties"] for resource in resources if resource["Type"] == kind]
    return found


def substitute(value: str | dict[str, str]) -> str:
    """A literal, or a Fn::Sub of nothing but pseudo parameters."""
    if isinstance(value, str):
        return value
    text = value["Sub"]
    for name, meaning in PSEUDO_PARAMETERS.items():
        text = text.replace(f"${{{name}}}", meaning)
    assert "${" not in text, text
    return text
