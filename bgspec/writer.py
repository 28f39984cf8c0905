"""Artifacts to disk: all or none, and nothing that bgspec did not write is lost.

A manifest in the output directory holds the hash of every file as bgspec wrote it. A file that differs from its hash was edited by
somebody and is not overwritten unasked; a file that the spec no longer yields is removed only if it still is what bgspec wrote.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from bgspec.errors import UsageError
from bgspec.render import Artifact

MANIFEST = ".bgspec.json"


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


def changes(artifacts: Iterable[Artifact], directory: Path) -> list[Change]:
    """What is different between the directory and the artifacts, in the artifacts' order, removals last."""
    wanted = {artifact.path: artifact.text for artifact in artifacts}
    found = []
    for path, text in wanted.items():
        before = _read(directory / path)
        if before != text:
            found.append(Change(path, "create" if before is None else "update", before or "", text))
    for path, digest in _manifest(directory).items():
        before = _read(directory / path)
        if path not in wanted and before is not None and _digest(before) == digest:
            found.append(Change(path, "remove", before, ""))
    return found


def write(artifacts: tuple[Artifact, ...], directory: Path, *, force: bool = False) -> list[Change]:
    """Bring the directory to the artifacts, all of them or none, and say what changed.

    Raises:
        ForeignFileError: a file is in the way that bgspec did not write (not with `force`).
        UsageError: the directory cannot be written (no permission, full disk, a file in its place).
    """
    try:
        pending = changes(artifacts, directory)
        known = _manifest(directory)
        foreign = [change.path for change in pending if change.kind == "update" and known.get(change.path) != _digest(change.before)]
        if foreign and not force:
            raise ForeignFileError(directory, foreign)
        manifest = json.dumps({artifact.path: _digest(artifact.text) for artifact in artifacts}, indent=2) + "\n"
        if pending or _read(directory / MANIFEST) != manifest:
            _replace(artifacts, pending, manifest, directory)
    except OSError as error:
        raise UsageError(f"{error.filename or directory}: {error.strerror}") from error
    return pending


def _replace(artifacts: tuple[Artifact, ...], pending: list[Change], manifest: str, directory: Path) -> None:
    """First every new file in full beside its place, then the renames, which neither need space nor fail half-way."""
    executable = {artifact.path for artifact in artifacts if artifact.executable}
    directory.mkdir(parents=True, exist_ok=True)
    staging = Path(tempfile.mkdtemp(prefix=".bgspec-", dir=directory))
    try:
        new = [change for change in pending if change.kind != "remove"]
        for number, change in enumerate(new):
            _put(staging / str(number), change.after, 0o755 if change.path in executable else 0o644)
        _put(staging / "manifest", manifest, 0o644)
        for change in new:
            (directory / change.path).parent.mkdir(parents=True, exist_ok=True)
            if (directory / change.path).is_dir():
                raise UsageError(f"{directory / change.path}: a directory is in the place of a file")
        for number, change in enumerate(new):
            (staging / str(number)).replace(directory / change.path)
        (staging / "manifest").replace(directory / MANIFEST)
        for change in pending:
            if change.kind == "remove":
                (directory / change.path).unlink(missing_ok=True)
                with suppress(OSError):  # other files are in it
                    (directory / change.path).parent.rmdir()
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _put(path: Path, text: str, mode: int) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    path.chmod(mode)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _manifest(directory: Path) -> dict[str, str]:
    text = _read(directory / MANIFEST)
    try:
        known = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(path): str(digest) for path, digest in known.items()} if isinstance(known, dict) else {}


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogateescape")).hexdigest()
