"""Files and directories that cannot be read or written: one clear line, exit 2, nothing lost. The command as people run it."""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

from bgspec import writer
from tests.corpus import ROOT

SPEC = ROOT / "tests/writer/spec.yaml"
"""A spec that nothing is to say about."""

# Runs the command twice: once as it is, so that everything is loaded, then as somebody else or under a limit.
PROGRAM = """
import os, resource, signal, sys
sys.path.insert(0, {root!r})
from bgspec.__main__ import main
sys.argv = ["bgspec", "render", {spec!r}, "-o", {warm!r}]
assert main() == 0
{then}
sys.argv = ["bgspec", *{arguments!r}]
sys.exit(main())
"""
AS_NOBODY = "os.setgroups([]) if os.getuid() == 0 else None; os.getuid() == 0 and (os.setgid(65534), os.setuid(65534))"
as_nobody = pytest.mark.skipif(
    os.getuid() == 0 and any(not place.stat().st_mode & 0o001 for place in (ROOT, *ROOT.parents)),
    reason="this checkout lies where only its owner may look, so nobody else can run it",
)
DISK_FULL = "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))"


def bgspec(*arguments: object, **options) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "bgspec", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, check=False, **options)


def bgspec_after(then: str, warm: Path, *arguments: object) -> subprocess.CompletedProcess:
    code = PROGRAM.format(root=str(ROOT), spec=str(SPEC), warm=str(warm), then=then, arguments=[str(each) for each in arguments])
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False, cwd="/")
    lines = done.stderr.splitlines(keepends=True)
    first = next(number for number, line in enumerate(lines, 1) if b"files, " in line)
    return subprocess.CompletedProcess(done.args, done.returncode, done.stdout, b"".join(lines[first:]))


def assert_one_line(done: subprocess.CompletedProcess, *words: str) -> None:
    told = done.stderr.decode()
    assert done.returncode == 2, (done.returncode, told, done.stdout)
    assert told.startswith("bgspec: "), told
    assert told.count("\n") == 1, told
    assert all(word in told for word in words), told


def files(directory: Path) -> dict[str, bytes]:
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()}


@pytest.fixture
def open_place():
    """A directory that everybody may enter, unlike pytest's own."""
    with tempfile.TemporaryDirectory(prefix="bgspec-") as place:
        Path(place).chmod(0o755)
        yield Path(place)


@pytest.mark.parametrize("command", [["validate"], ["render", "-o", "{out}"], ["render", "--check", "-o", "{out}"]], ids=" ".join)
class TestSpec:
    def run(self, command, spec, out, **options):
        return bgspec(*(word.replace("{out}", str(out)) for word in command), spec, **options)

    def test_missing(self, command, tmp_path):
        assert_one_line(self.run(command, tmp_path / "none.yaml", tmp_path / "out"), "none.yaml", "No such file")
        assert not (tmp_path / "out").exists()

    def test_missing_among_others(self, command, tmp_path):
        (tmp_path / "wrong.yaml").write_bytes(b"bgspec: 2\n")
        done = self.run([*command, str(tmp_path / "wrong.yaml"), str(tmp_path)], tmp_path / "none.yaml", tmp_path / "out")
        told = done.stderr.decode()
        assert done.returncode == 2
        assert "wrong.yaml:1:9" in told
        assert told.endswith(f"bgspec: {tmp_path}: Is a directory\nbgspec: {tmp_path}/none.yaml: No such file or directory\n")
        assert not (tmp_path / "out").exists()

    def test_a_directory(self, command, tmp_path):
        assert_one_line(self.run(command, tmp_path, tmp_path / "out"), "Is a directory")
        assert not (tmp_path / "out").exists()

    def test_a_name_with_a_file_in_it(self, command, tmp_path):
        assert_one_line(self.run(command, f"{SPEC}/spec.yaml", tmp_path / "out"), "Not a directory")

    def test_invalid_utf_8(self, command, tmp_path):
        (tmp_path / "spec.yaml").write_bytes(b"bgspec: 1\nsystem: \xff\xfe\n")
        done = self.run(command, tmp_path / "spec.yaml", tmp_path / "out")
        assert done.returncode == 2
        assert b"spec.yaml:2:9" in done.stderr
        assert done.stderr.splitlines()[-1] == f"bgspec: {tmp_path}/spec.yaml: not UTF-8".encode()
        assert not (tmp_path / "out").exists()

    @pytest.mark.parametrize("output", ["json", "sarif", "github"])
    def test_invalid_utf_8_for_programs(self, command, output, tmp_path):
        (tmp_path / "spec.yaml").write_bytes(b"bgspec: 1\nsystem: caf\xe9\n")
        (tmp_path / "other.yaml").write_bytes(b"bgspec: 2\n")
        done = self.run([*command, "--format", output, str(tmp_path / "other.yaml")], tmp_path / "spec.yaml", tmp_path / "out")
        assert_one_line(done, "spec.yaml: not UTF-8")
        assert b"BG101" in done.stdout
        assert b"other.yaml" in done.stdout

    def test_standard_input(self, command, tmp_path):
        done = self.run(command, "-", tmp_path / "out", input=SPEC.read_bytes())
        assert done.returncode == (1 if "--check" in command else 0), done.stderr
        done = self.run(command, "-", tmp_path / "out", input=b"bgspec: 2\n")
        assert done.returncode == 1
        assert b"-:1:9" in done.stderr or b"<stdin>:1:9" in done.stderr, done.stderr


@as_nobody
def test_a_spec_that_may_not_be_read(open_place):
    spec = open_place / "spec.yaml"
    spec.write_bytes(SPEC.read_bytes())
    spec.chmod(0)
    assert_one_line(bgspec_after(AS_NOBODY, open_place / "warm", "validate", spec), "spec.yaml", "Permission denied")


@as_nobody
def test_a_directory_that_may_not_be_written(open_place):
    out = open_place / "out"
    assert bgspec("render", SPEC, "-o", out).returncode == 0
    before = files(out)
    for path in (out, *out.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    spec = open_place / "spec.yaml"
    spec.write_text(SPEC.read_text().replace("shop", "other"))
    assert_one_line(bgspec_after(AS_NOBODY, open_place / "warm", "render", spec, "-o", out), "Permission denied")
    for path in (out, *out.rglob("*")):
        path.chmod(0o755)
    assert files(out) == before


@as_nobody
def test_a_part_of_the_directory_that_may_not_be_written(open_place):
    """The files at the top could be written, those in stacks/ cannot: none is."""
    out = open_place / "out"
    out.mkdir()
    out.chmod(0o777)
    (out / "stacks").mkdir()
    assert_one_line(bgspec_after(AS_NOBODY, open_place / "warm", "render", SPEC, "-o", out), "stacks", "Permission denied")
    assert files(out) == {}


@as_nobody
def test_a_directory_that_may_not_be_made(open_place):
    assert_one_line(bgspec_after(AS_NOBODY, open_place / "warm", "render", SPEC, "-o", open_place / "a/b"), "Permission denied")
    assert not (open_place / "a").exists()


def test_a_full_disk(tmp_path):
    out = tmp_path / "out"
    assert bgspec("render", SPEC, "-o", out).returncode == 0
    before = files(out)
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC.read_text().replace("shop", "other"))
    assert_one_line(bgspec_after(DISK_FULL, tmp_path / "warm", "render", spec, "-o", out), "File too large")
    assert files(out) == before
    assert_one_line(bgspec_after(DISK_FULL, tmp_path / "warm", "render", spec, "-o", tmp_path / "new/er"), "File too large")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("command", [["validate", "--format", "json", SPEC], ["render", "--check", "-o", "/nonexistent", SPEC]])
def test_standard_output_on_a_full_disk(command):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "bgspec", *map(str, command)], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert_one_line(done, "No space left on device")


def test_a_reader_that_has_seen_enough(tmp_path):
    command = f"{sys.executable} -m bgspec render --check -o {tmp_path / 'out'} {SPEC} | head -n 1"
    done = subprocess.run(command, shell=True, cwd=ROOT, capture_output=True, check=False)
    assert done.stdout.count(b"\n") == 1
    assert b"Error" not in done.stderr, done.stderr
    assert b"Exception" not in done.stderr, done.stderr


def test_a_file_in_the_place_of_the_directory(tmp_path):
    (tmp_path / "out").write_text("mine")
    assert_one_line(bgspec("render", SPEC, "-o", tmp_path / "out"), "out: not a directory")
    assert_one_line(bgspec("render", SPEC, "-o", tmp_path / "out/deeper"), "Not a directory")
    assert (tmp_path / "out").read_text() == "mine"


def test_a_file_in_the_place_of_a_directory_inside(tmp_path):
    (tmp_path / "stacks").write_text("mine")
    assert_one_line(bgspec("render", SPEC, "-o", tmp_path, "--force"), "stacks: a file is in the place of a directory")
    assert files(tmp_path) == {"stacks": b"mine"}


def test_a_directory_in_the_place_of_a_file(tmp_path):
    (tmp_path / "taskdef.json").mkdir()
    assert_one_line(bgspec("render", SPEC, "-o", tmp_path, "--force"), "taskdef.json: a directory is in the place of a file")
    assert files(tmp_path) == {}


def test_foreign_files_are_named_and_stay(tmp_path):
    (tmp_path / "taskdef.json").write_bytes(b"\xff\x00mine")
    (tmp_path / "deploy.sh").write_text("mine too")
    before = files(tmp_path)
    assert_one_line(bgspec("render", SPEC, "-o", tmp_path), "taskdef.json", "deploy.sh", "--force")
    assert files(tmp_path) == before
    done = bgspec("render", SPEC, "-o", tmp_path, "--check")
    assert done.returncode == 1
    assert b"+++ b/taskdef.json" in done.stdout, done.stderr
    assert bgspec("render", SPEC, "-o", tmp_path, "--force").returncode == 0
    assert bgspec("render", SPEC, "-o", tmp_path, "--check").returncode == 0


def test_check_writes_nothing(tmp_path):
    done = bgspec("render", SPEC, "-o", tmp_path / "out", "--check")
    assert done.returncode == 1
    assert list(tmp_path.iterdir()) == []


def test_one_environment_of_several_leaves_the_others(tmp_path):
    spec = tmp_path / "spec.yaml"
    spec.write_text(SPEC.read_text().replace("environment: dev\n", "") + "environments: {stg: {}, prd: {}}\n")
    assert bgspec("render", spec, "-o", tmp_path / "out").returncode == 0
    before = files(tmp_path / "out")
    assert bgspec("render", spec, "-o", tmp_path / "out", "--env", "stg").returncode == 0
    assert files(tmp_path / "out") == before
    assert bgspec("render", spec, "-o", tmp_path / "out", "--env", "stg", "--check").returncode == 0


WRITER = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from bgspec.render import Artifact
from bgspec.writer import write
def made(word): return tuple(Artifact(f"{'abc'[n % 3]}/{n}.txt", word * 2000) for n in range(20)) + (Artifact(word, ""),)
while True:
    for word in ("old", "new"):
        write(made(word), Path(sys.argv[2]))
        print(flush=True)
"""


def test_killed_at_any_moment_every_file_is_whole_and_all_are_of_one_run(tmp_path):
    chance = random.Random(20)
    for number in range(25):
        directory = tmp_path / str(number)
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(ROOT), str(directory)], stdout=subprocess.PIPE)
        assert process.stdout.readline() == b"\n"
        time.sleep(chance.random() / 50)
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        whole = {b"old" * 2000, b"new" * 2000, b""}
        assert all(text in whole for path, text in files(directory).items() if not path.startswith(".bgspec"))
        writer.undo(directory)
        words = {text[:3].decode() or path for path, text in files(directory).items() if not path.startswith(".bgspec")}
        assert len(words) == 1, words
        assert not os.path.lexists(directory / ".bgspec-new")
