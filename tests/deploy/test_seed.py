"""What the first commit holds: what git would commit, or all there is where nothing is git's."""

import shutil
import subprocess

import pytest

from bgspec.deploy.seed import _listed as listed
from tests.deploy.bench import ARTICLE, Bench


@pytest.fixture
def source(tmp_path):
    for name in (".gitignore", "Dockerfile", "src/app.py", "src/cache.pyc"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("*.pyc" if name == ".gitignore" else "")
    return tmp_path


def names(root):
    return [path.relative_to(root).as_posix() for path in listed(root)]


needs_git = pytest.mark.skipif(not shutil.which("git"), reason="no git on this machine")


@needs_git
def test_a_work_tree_gives_what_git_would_commit(source):
    subprocess.run(["git", "init", "--quiet"], cwd=source, check=True)
    assert names(source) == [".gitignore", "Dockerfile", "src/app.py"]


@pytest.mark.parametrize("git", [True, False], ids=["no work tree", "no git on this machine"])
def test_all_there_is(source, git, monkeypatch):
    if git:
        monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(source.parent))
    else:
        (source / ".git").mkdir()
        (source / ".git/HEAD").write_text("ref: refs/heads/main")
        monkeypatch.setenv("PATH", str(source))
    assert names(source) == [".gitignore", "Dockerfile", "src/app.py", "src/cache.pyc"]


def test_missing_sources_are_told_before_anything_is_changed(bench: Bench) -> None:
    bench.spec(ARTICLE)
    elsewhere = bench.directory / "elsewhere"
    result = bench.apply("--source", str(elsewhere))
    assert result.code == 3
    assert f"Nothing was changed: No directory {elsewhere / 'container'} for the first commit of cf1-stg-repo-01." in result.err
    assert not bench.stacks()
