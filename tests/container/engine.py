"""A container engine of our own: podman, with its images, its state and its settings in one directory.

Nothing outside of that directory changes: no firewall rule, no bridge, no global configuration. A container gets
user-mode networking (slirp4netns), whose ports are plain sockets of a process on this machine.
"""

import json
import re
import resource
import shutil
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

NEEDED = ("podman", "runc", "conmon", "slirp4netns")


class EngineError(Exception):
    pass


def missing_tools() -> list[str]:
    return [tool for tool in NEEDED if shutil.which(tool) is None]


class Engine:
    def __init__(self, root: Path) -> None:
        self.root = root
        self._configure()
        self.environment = {
            "CONTAINERS_CONF": str(root / "containers.conf"),
            "CONTAINERS_STORAGE_CONF": str(root / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(root / "registries.conf"),
            "REGISTRY_AUTH_FILE": str(root / "auth.json"),
            "XDG_RUNTIME_DIR": str(root),
        }

    def _configure(self) -> None:
        # A limit above the caller's own cannot be given to a container without CAP_SYS_RESOURCE, and podman's default
        # is above. runc: crun refuses a machine whose control groups are hybrid.
        files = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        (self.root / "containers.conf").write_text(f"""
[containers]
default_ulimits = ["nofile={files}:{files}", "nproc=4096:4096"]
netns = "slirp4netns"
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "none"
lock_type = "file"
tmp_dir = "{self.root}/tmp"
[network]
network_config_dir = "{self.root}/networks"
""")
        (self.root / "storage.conf").write_text(f"""
[storage]
driver = "overlay"
graphroot = "{self.root}/images"
runroot = "{self.root}/run"
""")
        (self.root / "registries.conf").write_text("")

    def trust(self, registry: str) -> None:
        """Lets the engine talk plain HTTP to ``registry``, as Docker does with every registry on 127.0.0.0/8."""
        (self.root / "registries.conf").write_text(f'[[registry]]\nlocation = "{registry}"\ninsecure = true\n')

    def __call__(self, *arguments: str) -> str:
        done = subprocess.run(
            ["podman", *arguments],
            env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(self.root), **self.environment},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise EngineError(f"podman {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout.strip()

    def start(self, container: Mapping[str, Any], task: Mapping[str, Any], ports: Mapping[int, int]) -> str:
        """Runs one container of a task definition; ``ports`` are host ports of 127.0.0.1 and what they lead to."""
        for port in ports:
            with socket.socket() as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                try:
                    probe.bind(("127.0.0.1", port))
                except OSError as refused:
                    raise EngineError(f"port {port} of 127.0.0.1 cannot be published: {refused.strerror}") from None
        published = [f"--publish=127.0.0.1:{host}:{inner}" for host, inner in ports.items()]
        network = "--network=slirp4netns:port_handler=slirp4netns"
        return self("run", "--detach", "--pull=never", network, *published, *run_arguments(container, task))

    def stop(self, name: str, signal: str | None = None) -> tuple[float, int]:
        """Ends a container, by its own stop signal or the one given; returns the seconds it took and its exit code."""
        began = time.monotonic()
        if signal:
            self("kill", f"--signal={signal}", name)
            code = int(self("wait", name))
        else:
            self("stop", "--time=30", name)
            code = int(self("inspect", "--format={{.State.ExitCode}}", name))
        return time.monotonic() - began, code

    def users(self, name: str) -> set[int]:
        """The user ids of every process in a container, as this machine sees them."""
        processes, users = [int(self("inspect", "--format={{.State.Pid}}", name))], set()
        for process in processes:
            processes += map(int, Path(f"/proc/{process}/task/{process}/children").read_text().split())
            users |= set(map(int, re.findall(r"^Uid:(?:\t(\d+)){4}", Path(f"/proc/{process}/status").read_text(), re.MULTILINE)))
        return users

    def size(self, image: str) -> int:
        return int(self("image", "inspect", "--format={{.Size}}", image))

    def images(self) -> dict[str, list[str]]:
        return {image["Id"]: image.get("Names") or [] for image in json.loads(self("images", "--all", "--format=json"))}

    def containers(self) -> list[str]:
        return self("ps", "--all", "--quiet", "--external").split()

    def clean(self, keep: Sequence[str] = ()) -> None:
        """Removes every container and every image but those of ``keep``."""
        self("rm", "--all", "--force", "--time=0")
        for image in self.containers():  # what a broken build left
            self("rm", "--force", image)
        for image in self.images().keys() - set(keep):
            if image in self.images():
                self("rmi", "--force", image)
        (self.root / "auth.json").unlink(missing_ok=True)

    def close(self) -> None:
        try:
            self.clean()
        finally:
            mounts = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
            for mount in sorted((path for path in mounts if path.startswith(f"{self.root}/")), reverse=True):
                subprocess.run(["umount", mount], check=True)
            shutil.rmtree(self.root)


# What a task definition may say and this engine cannot: either another part of AWS acts on it, or it only means
# something with several containers. Anything that is in neither list is an error, never silence.
NOT_OURS = frozenset({"name", "image", "essential", "portMappings", "logConfiguration", "stopTimeout", "versionConsistency"})


def run_arguments(container: Mapping[str, Any], task: Mapping[str, Any]) -> list[str]:
    """``podman run`` as ECS would run ``container`` of ``task`` (both as in RegisterTaskDefinition)."""
    said = {key: value for key, value in container.items() if key not in NOT_OURS}
    flags = [f"--cpus={int(task['cpu']) / 1024}", f"--memory={task['memory']}m"]
    flags += [f"--ulimit={x['name']}={x['softLimit']}:{x['hardLimit']}" for x in said.pop("ulimits", [])]
    flags += [f"--env={variable['name']}={variable['value']}" for variable in said.pop("environment", [])]
    linux = dict(said.pop("linuxParameters", {}))
    flags += [f"--cap-drop={capability}" for capability in linux.pop("capabilities", {}).get("drop", [])]
    if linux.pop("initProcessEnabled", False):
        flags.append("--init")
    for key, flag in (("user", "--user"), ("workingDirectory", "--workdir")):
        if key in said:
            flags.append(f"{flag}={said.pop(key)}")
    if said.pop("readonlyRootFilesystem", False):
        flags.append("--read-only")
    said.pop("cpu", None)  # a share of the task's, which this one container has to itself
    if "memory" in said:
        flags.append(f"--memory={said.pop('memory')}m")
    entry_point, command = said.pop("entryPoint", []), said.pop("command", [])
    if entry_point:
        flags.append(f"--entrypoint={json.dumps(entry_point)}")
    if unknown := [*said, *linux]:
        raise EngineError(f"the task definition says what this engine does not know: {', '.join(unknown)}")
    return [*flags, container["image"], *command]
