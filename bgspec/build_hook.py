"""Runs when a wheel is built: writes down what would otherwise be worked out at every start."""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuildHook(BuildHookInterface[Any]):
    """Compiles the templates into the wheel. An editable install has its sources and does without."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if self.target_name != "wheel" or version == "editable":
            return
        sys.path.insert(0, self.root)
        from bgspec.write_down import write_down  # noqa: PLC0415  the package is importable only now

        directory = Path(tempfile.mkdtemp(prefix="bgspec-build-"))
        write_down(directory)
        build_data["force_include"][str(directory)] = "bgspec/written"
