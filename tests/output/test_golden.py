"""The output is what was last read and blessed, on every machine."""

import os
import subprocess
import sys

import pytest

from tests.corpus import GOLDEN, ROOT, artifacts, kept, specs

BLESS = "Read the difference; if it is meant, run `make bless`."


@pytest.mark.parametrize("name", specs())
def test_the_output_is_the_golden(name):
    wanted = {path: file.read_text(encoding="utf-8") for path, file in kept(name)}
    made = {artifact.path: artifact.text for artifact in artifacts(name)}
    assert list(wanted) == sorted(made), BLESS
    for path, text in made.items():
        assert text == wanted[path], f"{name}/{path}: {BLESS}"


@pytest.mark.parametrize("name", specs())
def test_only_scripts_are_executable(name):
    executable = {path for path, file in kept(name) if os.access(file, os.X_OK)}
    assert executable == {artifact.path for artifact in artifacts(name) if artifact.executable}


def test_no_golden_is_an_orphan():
    assert sorted(path.name for path in GOLDEN.iterdir()) == sorted(specs()), BLESS


# What must make no difference: the order of hashes, the locale and its encoding, the time zone, the directory.
SURROUNDINGS = [
    {"PYTHONHASHSEED": "0", "LC_ALL": "C", "TZ": "UTC", "PYTHONUTF8": "0"},
    {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "Asia/Tokyo", "COLUMNS": "20"},
    {"PYTHONHASHSEED": "4294967295", "LC_ALL": "POSIX", "TZ": "America/St_Johns", "PYTHONCOERCECLOCALE": "0", "PYTHONOPTIMIZE": "1"},
]


PROGRAM = """
import sys
from bgspec.__main__ import main
for name, spec in list(zip(sys.argv[1::2], sys.argv[2::2])):
    sys.argv = ["bgspec", "render", spec, "-o", name]
    if main():
        sys.exit(name)
"""


@pytest.mark.parametrize("surroundings", SURROUNDINGS, ids=lambda surroundings: surroundings["TZ"])
def test_the_same_spec_gives_the_same_bytes_everywhere(surroundings, tmp_path):
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "HOME": str(tmp_path), **surroundings}
    somewhere = tmp_path / "somewhere"
    somewhere.mkdir()
    arguments = [word for name, spec in specs().items() for word in (name, os.path.relpath(spec, somewhere))]
    done = subprocess.run([sys.executable, "-c", PROGRAM, *arguments], cwd=somewhere, env=environment, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    for name in specs():
        for path, file in kept(name):
            assert (somewhere / name / path).read_bytes() == file.read_bytes(), path
