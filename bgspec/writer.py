"""Artifacts to disk: all or none, and nothing that bgspec did not write is lost.

A manifest in the output directory holds the hash of every file as bgspec wrote it. A file that differs from its hash was edited by
somebody and is not overwritten unasked; a file that the spec no longer yields is removed only if it still is what bgspec wrote.

Every new file is first written in full beside the others, in `.bgspec-new`, with a link to each old one; only then names are moved, which
needs no space. What that promises, precisely:

- Whoever opens a file at any moment gets all of its old text or all of its new one.
- An error, a full disk or Ctrl-C half-way moves the old names back before bgspec ends: the directory is what it was.
- If bgspec is killed while it moves names (a millisecond for the article's files), some files are new and others old until the next run,
  which moves the old names back before anything else: the journal in `.bgspec-new` says what was under way.
- A loss of power is no different: what is new is on the disk before the journal, the journal before the first name is moved, and the names
  before the journal goes. A run that changes nothing writes nothing and waits for nothing.

No exchange of whole directories does better: files of others lie in them, and it is Linux's alone.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from bgspec.errors import UsageError
from bgspec.render import Artifact

MANIFEST = ".bgspec.json"
_STAGING = ".bgspec-new"
_JOURNAL = "journal"


class Change(NamedTuple):
    """What a write would do to one file."""

    path: str
    kind: str
    """`create`, `update` or `remove`."""
    before: str
    after: str


class ForeignFileError(UsageError):
    """Files in the way that bgspec did not write, or that were edited since."""

    def __init__(self, directory: Path, paths: list[str]) -> None:
        files = ", ".join(paths)
        super().__init__(
            f"{directory}: not overwritten, because bgspec did not write it or it was edited since: {files}. Use --force to overwrite."
        )
        self.paths = paths


def changes(artifacts: Iterable[Artifact], directory: Path, part: str = "") -> list[Change]:
    """What is different between the directory and the artifacts, in the artifacts' order, removals last.

    Args:
        artifacts: all files that shall be there.
        directory: the output directory; it may be missing.
        part: the beginning of the paths that the artifacts stand for; what bgspec wrote elsewhere is not their business.

    Raises:
        UsageError: a file cannot be read.
    """
    with _told(directory):
        return _changes({artifact.path: artifact.text for artifact in artifacts}, directory, part)


def write(artifacts: tuple[Artifact, ...], directory: Path, *, force: bool = False, part: str = "") -> list[Change]:
    """Bring the directory to the artifacts, all of them or none, and say what changed.

    Raises:
        ForeignFileError: a file is in the way that bgspec did not write (not with `force`).
        UsageError: the directory cannot be written: no permission, a full disk, a file in its place, another bgspec that writes there.
    """
    with _told(directory):
        if directory.exists() and not directory.is_dir():
            raise UsageError(f"{directory}: not a directory")
        made = _make_directories(directory)
        try:
            with locked(directory):
                return _write(artifacts, directory, part, force=force)
        except BaseException:
            for empty in reversed(made):
                with suppress(OSError):  # something is in it by now
                    empty.rmdir()
            raise


def _write(artifacts: tuple[Artifact, ...], directory: Path, part: str, *, force: bool) -> list[Change]:
    undo(directory)
    wanted = {artifact.path: artifact.text for artifact in artifacts}
    pending, known = _changes(wanted, directory, part), _manifest(directory)
    for change in pending:
        _check_place(directory, change.path)
    foreign = [change.path for change in pending if change.kind == "update" and known.get(change.path) != _digest(change.before)]
    foreign += [change.path for change in pending if change.kind != "remove" and (directory / change.path).is_symlink()]
    if foreign and not force:
        raise ForeignFileError(directory, foreign)
    kept = {path: digest for path, digest in known.items() if not path.startswith(part)}
    manifest = json.dumps(kept | {path: _digest(text) for path, text in wanted.items()}, indent=2, sort_keys=True) + "\n"
    if pending or _read(directory / MANIFEST) != manifest:
        executable = {artifact.path for artifact in artifacts if artifact.executable}
        _replace(pending, executable, manifest, directory)
    return pending


def _changes(wanted: dict[str, str], directory: Path, part: str) -> list[Change]:
    found = []
    for path, text in wanted.items():
        before = _read(directory / path)
        if before != text:
            found.append(Change(path, "create" if before is None else "update", before or "", text))
    for path, digest in _manifest(directory).items():
        if path not in wanted and path.startswith(part) and _is_inside(directory, path):
            before = _read(directory / path)
            if before is not None and _digest(before) == digest:
                found.append(Change(path, "remove", before, ""))
    return found


def _replace(pending: list[Change], executable: set[str], manifest: str, directory: Path) -> None:
    """Stage everything, write down what is about to happen, then move the names."""
    staging = directory / _STAGING
    new = [*((change.path, change.after) for change in pending if change.kind != "remove"), (MANIFEST, manifest)]
    gone = [change.path for change in pending if change.kind == "remove"]
    made: list[Path] = []
    try:
        staging.mkdir()
        for number, (path, text) in enumerate(new):
            made += _make_directories((directory / path).parent)
            _put(staging / f"new-{number}", text, 0o777 if path in executable else 0o666)
        places = [path for path, _ in new] + gone
        had = [_keep(directory / path, staging / f"old-{number}") for number, path in enumerate(places)]
        _put(staging / "unfinished", json.dumps(list(zip(places, had, strict=True))), 0o666)
        _sync(*(staging / f"new-{number}" for number in range(len(new))), staging / "unfinished", staging)
        (staging / "unfinished").replace(staging / _JOURNAL)
        _sync(staging)
        for number, (path, _) in enumerate(new):
            (staging / f"new-{number}").replace(directory / path)
        for path in gone:
            (directory / path).unlink()
        _sync(*_holders(directory, places))
        (staging / _JOURNAL).unlink()  # from here on it is done
    except BaseException:
        undo(directory)
        for empty in reversed(made):
            with suppress(OSError):
                empty.rmdir()
        raise
    _clear(staging)
    for path in gone:
        _remove_empty((directory / path).parent, directory)


def undo(directory: Path) -> None:
    """Take back what a run left half done, if one did: with a journal the old names come back, without one nothing was moved yet."""
    staging = directory / _STAGING
    if staging.is_symlink():
        raise UsageError(f"{staging}: a link is in the place of a directory")
    text = _read(staging / _JOURNAL)
    for number, (path, existed) in enumerate(_entries(text)):
        place, old = directory / path, staging / f"old-{number}"
        if not _is_inside(directory, path):
            continue
        if os.path.lexists(old):
            old.replace(place)
        elif not existed and not (staging / f"new-{number}").exists():
            place.unlink(missing_ok=True)
    if text is not None:
        _sync(*_holders(directory, [path for path, _ in _entries(text) if _is_inside(directory, path)]))
        (staging / _JOURNAL).unlink()
    _clear(staging)


def _sync(*paths: Path) -> None:
    """Wait until files and directories are on the disk."""
    for path in paths:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _holders(directory: Path, paths: Iterable[str]) -> list[Path]:
    """The directories whose names change with these paths, those that were made for them and those above included."""
    found = {parent: None for path in paths for parent in (directory / path).parents if parent.is_relative_to(directory)}
    return [parent for parent in found if parent.is_dir()]


def _entries(journal: str | None) -> list[tuple[str, bool]]:
    with suppress(ValueError, TypeError, RecursionError):
        return [(str(path), bool(existed)) for path, existed in json.loads(journal or "[]")]
    return []


def _keep(place: Path, link: Path) -> bool:
    """A second name for what lies there, or a copy where there are no links; False if nothing does."""
    if not os.path.lexists(place):
        return False
    try:
        os.link(place, link, follow_symlinks=False)
    except OSError:
        _put(link, place.read_bytes(), place.stat().st_mode & 0o777)
        _sync(link)
    return True


def _put(path: Path, text: str | bytes, mode: int) -> None:
    with open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
        file.write(text if isinstance(text, bytes) else text.encode("utf-8"))


def _check_place(directory: Path, path: str) -> None:
    """A file can stand there, and there means inside the directory: a link must not lead elsewhere."""
    if (directory / path).is_dir():
        raise UsageError(f"{directory / path}: a directory is in the place of a file")
    for parent in (directory / path).parents:
        if parent == directory:
            break
        if os.path.lexists(parent) and not parent.is_dir():
            raise UsageError(f"{parent}: a file is in the place of a directory")
    if not _is_inside(directory, path):
        raise UsageError(f"{directory / path}: a link leads out of {directory}")


def _is_inside(directory: Path, path: str) -> bool:
    """Whether a path stays below the directory, whatever a manifest or a link says."""
    if not path or path.startswith("/") or "\0" in path or ".." in path.split("/"):
        return False
    return (directory / path).parent.resolve().is_relative_to(directory.resolve())


def _make_directories(directory: Path) -> list[Path]:
    """The directories that had to be made, outermost first."""
    missing: list[Path] = []
    while not directory.exists():
        missing.insert(0, directory)
        directory = directory.parent
    for each in missing:
        each.mkdir()
    return missing


def _remove_empty(directory: Path, top: Path) -> None:
    with suppress(OSError):  # other files are in it
        while directory != top:
            directory.rmdir()
            directory = directory.parent


def _clear(staging: Path) -> None:
    if staging.is_dir():
        for entry in staging.iterdir():
            entry.unlink()
        staging.rmdir()


@contextmanager
def locked(directory: Path) -> Iterator[None]:
    """One writer at a time. The kernel gives the lock back when the process ends, however it ends."""
    handle = os.open(directory, os.O_RDONLY)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(f"{directory}: another bgspec is writing here") from error
        yield
    finally:
        os.close(handle)


@contextmanager
def _told(directory: Path) -> Iterator[None]:
    """What the operating system refuses, as one line."""
    try:
        yield
    except OSError as error:
        where = error.filename2 or error.filename or directory
        raise UsageError(f"{where}: {error.strerror or error}") from error


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _manifest(directory: Path) -> dict[str, str]:
    text = _read(directory / MANIFEST)
    try:
        known = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return {}
    return {str(path): str(digest) for path, digest in known.items()} if isinstance(known, dict) else {}


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
