"""The output directory: all files or none, nothing foreign lost, nothing outside touched."""

import errno
import json
import os
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bgspec import writer
from bgspec.errors import UsageError
from bgspec.render import Artifact
from bgspec.writer import MANIFEST, ForeignFileError, changes, write

OLD = (
    Artifact("a.txt", "old a"),
    Artifact("stacks/b.yaml", "old b"),
    Artifact("stacks/gone.yaml", "leaves"),
    Artifact("run.sh", "old", executable=True),
)
NEW = (
    Artifact("a.txt", "new a"),
    Artifact("stacks/b.yaml", "new b"),
    Artifact("more/c/d.json", "new d"),
    Artifact("run.sh", "new", executable=True),
)


def state(directory: Path) -> dict[str, str]:
    """Every file below a directory, bgspec's own too."""
    found = (path for path in sorted(directory.rglob("*")) if path.is_file())
    return {path.relative_to(directory).as_posix(): path.read_bytes().decode("utf-8", "replace") for path in found}


def expected(artifacts: tuple[Artifact, ...]) -> dict[str, str]:
    return {artifact.path: artifact.text for artifact in artifacts}


def without_manifest(found: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in found.items() if path != MANIFEST}


def test_writes_what_is_missing_changes_what_differs_removes_what_is_gone(tmp_path):
    assert [change.kind for change in write(OLD, tmp_path)] == ["create"] * 4
    assert without_manifest(state(tmp_path)) == expected(OLD)
    assert [(change.path, change.kind) for change in write(NEW, tmp_path)] == [
        ("a.txt", "update"),
        ("stacks/b.yaml", "update"),
        ("more/c/d.json", "create"),
        ("run.sh", "update"),
        ("stacks/gone.yaml", "remove"),
    ]
    assert without_manifest(state(tmp_path)) == expected(NEW)
    assert write(NEW, tmp_path) == []
    assert changes(NEW, tmp_path) == []


def test_a_second_run_does_not_touch_a_file(tmp_path):
    write(OLD, tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    write(OLD, tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == before


def test_scripts_can_be_run_and_the_umask_is_honoured(tmp_path):
    before = os.umask(0o027)
    try:
        write(OLD, tmp_path / "out")
    finally:
        os.umask(before)
    assert (tmp_path / "out/run.sh").stat().st_mode & 0o777 == 0o750
    assert (tmp_path / "out/a.txt").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("path", ["a.txt", "stacks/b.yaml"])
def test_a_file_that_was_there_before_is_not_overwritten(tmp_path, path):
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text("mine")
    before = state(tmp_path)
    with pytest.raises(ForeignFileError, match=path):
        write(OLD, tmp_path)
    assert state(tmp_path) == before
    write(OLD, tmp_path, force=True)
    assert without_manifest(state(tmp_path)) == expected(OLD)


def test_an_edited_file_is_not_overwritten(tmp_path):
    write(OLD, tmp_path)
    (tmp_path / "stacks/b.yaml").write_text("edited")
    before = state(tmp_path)
    with pytest.raises(ForeignFileError, match=r"stacks/b\.yaml"):
        write(NEW, tmp_path)
    assert state(tmp_path) == before


def test_an_edited_file_that_the_spec_no_longer_yields_stays(tmp_path):
    write(OLD, tmp_path)
    (tmp_path / "stacks/gone.yaml").write_text("edited")
    write(NEW, tmp_path)
    assert (tmp_path / "stacks/gone.yaml").read_text() == "edited"


def test_what_others_put_there_stays_and_empty_directories_leave(tmp_path):
    write((Artifact("x/y/z.txt", "z"), Artifact("k/own.txt", "o")), tmp_path)
    (tmp_path / "k/foreign.txt").write_text("mine")
    write((Artifact("a.txt", "a"),), tmp_path)
    assert without_manifest(state(tmp_path)) == {"a.txt": "a", "k/foreign.txt": "mine"}
    assert not (tmp_path / "x").exists()


def test_a_part_leaves_the_other_parts_alone(tmp_path):
    both = (Artifact("stg/a", "1"), Artifact("prd/a", "1"), Artifact("stg/b", "1"))
    write(both, tmp_path)
    write((Artifact("stg/a", "2"),), tmp_path, part="stg/")
    assert without_manifest(state(tmp_path)) == {"stg/a": "2", "prd/a": "1"}
    assert changes((Artifact("stg/a", "2"), Artifact("prd/a", "1")), tmp_path) == []


# --- everything that can fail, at every place where it can ---

CALLS = ["mkdir", "link", "open", "fsync", "rename", "replace", "unlink", "rmdir"]


class BrokenError(OSError):
    """Stands for a full disk, a lost mount, a signal."""


class Faults:
    """Lets the n-th call that changes a directory fail, and counts them."""

    def __init__(self, monkeypatch, fail_at: int | None, failure: BaseException) -> None:
        self.calls = 0
        self.fail_at, self.failure = fail_at, failure
        for name in CALLS:
            monkeypatch.setattr(os, name, self.around(getattr(os, name), name))

    def around(self, real, name):
        def call(*arguments, **options):
            if name == "open" and not arguments[1] & os.O_CREAT:
                return real(*arguments, **options)
            self.calls += 1
            if self.calls == self.fail_at:
                raise self.failure
            return real(*arguments, **options)

        return call


def number_of_calls(directory: Path) -> int:
    with pytest.MonkeyPatch.context() as patch:
        faults = Faults(patch, None, BrokenError())
        write(NEW, directory)
    return faults.calls


@pytest.mark.parametrize(
    "failure", [BrokenError(errno.ENOSPC, "No space left on device"), BrokenError(errno.EIO, "Input/output error"), KeyboardInterrupt()]
)
def test_whatever_fails_all_or_nothing_is_written(tmp_path, failure):
    write(OLD, tmp_path / "count")
    calls = number_of_calls(tmp_path / "count")
    assert calls > 15
    for number in range(1, calls + 1):
        directory = tmp_path / str(number)
        write(OLD, directory)
        (directory / "foreign").write_text("mine")
        before = state(directory)
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, number, failure)
            with suppress(UsageError, KeyboardInterrupt):
                write(NEW, directory)
        after = state(directory)
        new = expected(NEW) | {"foreign": "mine"}
        assert after == before or without_manifest(_without_leftovers(after)) == new, number
        write(NEW, directory)
        assert without_manifest(state(directory)) == new


def _without_leftovers(found: dict[str, str]) -> dict[str, str]:
    return {path: text for path, text in found.items() if not path.startswith(".bgspec-new/")}


class Killed(BaseException):
    """What a killed process does not even notice."""


def test_killed_anywhere_the_next_run_finds_all_or_nothing(tmp_path, monkeypatch):
    write(OLD, tmp_path / "count")
    for number in range(1, number_of_calls(tmp_path / "count") + 1):
        directory = tmp_path / str(number)
        write(OLD, directory)
        with pytest.MonkeyPatch.context() as patch:
            Faults(patch, number, Killed())
            patch.setattr(writer, "undo", _only_once(writer.undo))
            with pytest.raises(Killed):
                write(NEW, directory)
        monkeypatch.undo()
        writer.undo(directory)
        found = state(directory)
        assert without_manifest(found) in (expected(OLD), expected(NEW)), number
        assert set(json.loads(found[MANIFEST])) == set(without_manifest(found))
        shutil.rmtree(directory)


def _only_once(undo):
    """A killed process undoes nothing after it was killed; before, it looks for what another left."""
    calls = []

    def once(directory):
        if not calls:
            calls.append(directory)
            undo(directory)

    return once


def test_what_is_new_is_on_the_disk_before_a_name_moves_and_the_names_before_the_journal_goes(tmp_path, monkeypatch):
    """What a loss of power finds: each step's results are forced to the disk before the next step begins."""
    write(OLD, tmp_path)
    real, done, written = {name: getattr(os, name) for name in ("fsync", "replace", "unlink", "open")}, [], {}

    def opened(path, flags, *rest, **options):
        handle = real["open"](path, flags, *rest, **options)
        written[handle] = Path(path).relative_to(tmp_path).as_posix() if Path(path).is_relative_to(tmp_path) else ""
        return handle

    def told(name, path):
        done.append((name, Path(path).relative_to(tmp_path).as_posix()))

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "fsync", lambda handle: (done.append(("fsync", written[handle])), real["fsync"](handle)))
    monkeypatch.setattr(os, "replace", lambda old, new, **_: (told("replace", new), real["replace"](old, new)))
    monkeypatch.setattr(os, "unlink", lambda path, **_: (told("unlink", path), real["unlink"](path)))
    write(NEW, tmp_path)
    staging, journal = ".bgspec-new", ".bgspec-new/journal"
    begins, ends = done.index(("replace", journal)), done.index(("unlink", journal))
    moved = [number for number, (call, path) in enumerate(done) if call != "fsync" and staging not in path]
    assert len(moved) == 6  # four new files, the manifest, one that goes
    before = {path for call, path in done[:begins] if call == "fsync"}
    assert before == {staging, f"{staging}/unfinished", *(f"{staging}/new-{number}" for number in range(5))}
    assert ("fsync", staging) in done[begins : min(moved)]
    assert {path for call, path in done[max(moved) : ends] if call == "fsync"} == {".", "stacks", "more", "more/c"}


def test_nothing_is_waited_for_when_nothing_changes(tmp_path, monkeypatch):
    write(OLD, tmp_path)
    monkeypatch.setattr(os, "fsync", lambda _: pytest.fail("nothing is new"))
    write(OLD, tmp_path)


# --- hostile directories ---


@pytest.mark.parametrize("path", ["../outside.txt", "/{outside}", "stacks/../../outside.txt", "link/outside.txt", "", ".", "..", "a\0b"])
def test_a_manifest_never_reaches_outside(tmp_path, path):
    outside = tmp_path / "outside.txt"
    outside.write_text("keep")
    directory = tmp_path / "out"
    write(OLD, directory)
    (directory / "link").symlink_to(tmp_path)
    listed = json.loads((directory / MANIFEST).read_text())
    listed[path.replace("{outside}", str(outside))] = sha256(b"keep").hexdigest()
    (directory / MANIFEST).write_text(json.dumps(listed))
    write(NEW, directory)
    assert outside.read_text() == "keep"


@pytest.mark.parametrize("text", ["", "[]", "null", "{", "[" * 100_000, '{"a.txt": null}', '{"a.txt": {"b": 1}}', "\udcff", "{}{}", '"a"'])
def test_a_broken_manifest_protects_what_is_there(tmp_path, text):
    write(OLD, tmp_path)
    (tmp_path / MANIFEST).write_text(text, errors="surrogateescape")
    with pytest.raises(ForeignFileError):
        write(NEW, tmp_path)
    write(NEW, tmp_path, force=True)
    assert expected(NEW).items() <= state(tmp_path).items()


@pytest.mark.parametrize("journal", ["", "[]", "{", '[["../outside.txt", false]]', '[["link/outside.txt", false]]', "[1]", "[" * 100_000])
def test_a_hostile_journal_never_reaches_outside(tmp_path, journal):
    (tmp_path / "outside.txt").write_text("keep")
    directory = tmp_path / "out"
    write(OLD, directory)
    (directory / "link").symlink_to(tmp_path)
    (directory / ".bgspec-new").mkdir()
    (directory / ".bgspec-new/journal").write_text(journal)
    write(NEW, directory)
    assert (tmp_path / "outside.txt").read_text() == "keep"
    assert not (directory / ".bgspec-new").exists()


def test_a_link_that_leads_out_is_not_followed(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out").mkdir()
    (tmp_path / "out/stacks").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(UsageError, match="leads out of"):
        write(OLD, tmp_path / "out", force=True)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_link_in_the_place_of_a_file_is_foreign_and_never_written_through(tmp_path):
    target = tmp_path / "target"
    target.write_text("keep")
    (tmp_path / "out").mkdir()
    (tmp_path / "out/a.txt").symlink_to(target)
    with pytest.raises(ForeignFileError):
        write(OLD, tmp_path / "out")
    write(OLD, tmp_path / "out", force=True)
    assert target.read_text() == "keep"
    assert (tmp_path / "out/a.txt").read_text() == "old a"


def test_a_directory_may_itself_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "real")
    write(OLD, tmp_path / "out")
    assert without_manifest(state(tmp_path / "real")) == expected(OLD)


def test_two_writers_do_not_meet(tmp_path):
    with writer.locked(tmp_path), pytest.raises(UsageError, match="another bgspec"):
        write(OLD, tmp_path)
    assert state(tmp_path) == {}


def test_a_directory_that_had_to_be_made_leaves_when_nothing_is_written(tmp_path, monkeypatch):
    Faults(monkeypatch, 6, BrokenError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(UsageError):
        write(OLD, tmp_path / "some/where")
    monkeypatch.undo()
    assert list(tmp_path.iterdir()) == []


texts = st.text(st.characters(codec="utf-8"), max_size=30)
# Files end in a dot and a letter, directories do not, so a directory of one render is never a file of the next.
names = st.from_regex(r"([a-z]{1,2}/){0,2}[a-z]{1,2}\.[a-z]", fullmatch=True)


@given(st.lists(st.dictionaries(names, texts, max_size=5), min_size=1, max_size=4))
def test_any_series_of_renders_ends_in_the_last(tmp_path_factory, series):
    directory = tmp_path_factory.mktemp("series")
    for tree in series:
        write(tuple(Artifact(path, text) for path, text in tree.items()), directory)
    assert without_manifest(state(directory)) == series[-1]
