"""What containers and registries leave on a machine, so that a test can show that they left nothing."""

import subprocess
from pathlib import Path

CONTAINER_TOOLS = frozenset({"podman", "conmon", "runc", "crun", "slirp4netns", "docker-registry"})


def traces() -> set[str]:
    """Everything by which a container, a network or a registry is seen from outside, as lines that can be compared."""
    return {*_processes(), *_mounts(), *_networks(), *_firewall()}


def _processes() -> set[str]:
    found = set()
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            fields = dict(line.split(":\t", 1) for line in status.read_text().splitlines() if ":\t" in line)
        except (FileNotFoundError, ProcessLookupError):
            continue  # it ended while we looked
        # A zombie has ended already; that nobody asks for its exit code is a matter of this machine's process 1.
        if fields["Name"] in CONTAINER_TOOLS and not fields["State"].startswith("Z"):
            found.add(f"process {fields['Name']} {status.parent.name}")
    return found


def _mounts() -> set[str]:
    mounts = (line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines())
    return {f"mount {path}" for path in mounts if "overlay" in path or "containers" in path or "/netns/" in path}


def _networks() -> set[str]:
    links = (path.name for path in Path("/sys/class/net").iterdir())
    spaces = (path.name for path in Path("/run/netns").glob("*"))
    return {f"link {name}" for name in links} | {f"network namespace {name}" for name in spaces}


def _firewall() -> set[str]:
    try:
        rules = subprocess.run(["iptables-save"], capture_output=True, text=True, check=False).stdout
    except FileNotFoundError:
        return set()
    return {f"firewall {line}" for line in rules.splitlines() if line.startswith("-A")}
