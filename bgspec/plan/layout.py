"""Where each file of a render lies, in the output directory and in the source repository."""

import posixpath
from typing import NamedTuple


class Layout(NamedTuple):
    """One service and one environment lie at the top, as AWS's own defaults name them; otherwise nothing may collide."""

    root: str
    """The directory of the environment inside the output directory: empty, or `stg/`."""
    alone: bool
    """Whether there is only one service."""
    files: str
    """Where the output directory lies in the source repository: `.` for its root."""

    def abroad(self) -> "Layout":
        """Where the files for the tools account lie."""
        return self._replace(root=f"{self.root}tools/")

    @property
    def stacks(self) -> str:
        """The directory of the templates and their policies."""
        return f"{self.root}stacks"

    def stack(self, key: str) -> str:
        return f"{self.stacks}/{key}.yaml"

    def stack_policy(self, key: str) -> str:
        return f"{self.stacks}/{key}.policy.json"

    def buildspec(self, service: str) -> str:
        return f"{self.root}buildspec.yml" if self.alone else f"{self.root}buildspec-{service}.yml"

    def testspec(self) -> str:
        """The buildspec of the test stage; no service's buildspec is called so."""
        return f"{self.root}testspec.yml"

    def workflow(self) -> str:
        """The workflow of GitHub Actions; GitHub looks for it under `.github/workflows/`."""
        return f"{self.root}workflow.yml"

    def appspec(self, service: str) -> str:
        return self._of(service, "appspec.yaml")

    def taskdef(self, service: str) -> str:
        return self._of(service, "taskdef.json")

    def deploy_script(self) -> str:
        return f"{self.root}deploy.sh"

    def _of(self, service: str, name: str) -> str:
        return f"{self.root}{name}" if self.alone else f"{self.root}{service}/{name}"

    @property
    def artifact(self) -> str:
        """The directory in which a build puts together what is deployed: never one in which rendered files lie."""
        return "artifact" if posixpath.normpath(self.files).partition("/")[0] == "deploy" else "deploy"

    def in_source(self, path: str) -> str:
        """The path of an output file from the root of the source repository."""
        return posixpath.normpath(posixpath.join(self.files, path))

    def source_from_root(self) -> str:
        """The way from the environment's own directory up to the root of the source repository, when the output lies in it."""
        return posixpath.relpath(".", self.in_source(self.root or "."))
