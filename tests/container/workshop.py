"""A CodeBuild project of the test's own: the machine its builds run on, and the registry they push to."""

import shutil
import sys
from pathlib import Path

import yaml

from tests.container import codebuild
from tests.container.engine import Engine
from tests.container.registry import Registry

SITE = Path(__file__).parents[2] / "container"
ACCOUNT, REGION = "111122223333", "ap-northeast-1"
REPOSITORY = "cf1-stg-ecr-fargate-01"

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

    def commit(self, rendered: Path) -> Path:
        """A source tree as the repository holds it: the rendered files, and the site beside them."""
        source = self.root / "commit"
        shutil.copytree(rendered, source)
        shutil.copytree(SITE, source / "container")
        return source

    def build(self, source: Path, commit_id: str) -> codebuild.Build:
        """One build of the project, as the pipeline starts it."""
        workplace = self.root / f"build-{len(list(self.root.glob('build-*')))}"
        workplace.mkdir()
        project = {
            "AWS_ACCOUNT_ID": ACCOUNT,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_REGION": REGION,
            "CODEBUILD_RESOLVED_SOURCE_VERSION": commit_id,
            "REPOSITORY_NAME": REPOSITORY,
            "REPOSITORY_URI": f"{self.registry.address}/{REPOSITORY}",
        }
        machine = {
            "PATH": str(self.tools),
            "HOME": str(workplace),
            **self.engine.environment,
            "REGISTRY_ADDRESS": self.registry.address,
            "REGISTRY_PASSWORD": self.registry.password,
        }
        buildspec = yaml.safe_load((source / "buildspec.yml").read_text())
        return codebuild.run(buildspec, source, workplace, project, machine)

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
