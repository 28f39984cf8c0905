"""checkov's failed checks are those that docs/checkov.md lists with their reasons, no more and no fewer."""

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path

import pytest

from tests.corpus import GOLDEN, ROOT
from tests.lacking import lacking
from tests.output.judgements import CHECKOV

pytestmark = pytest.mark.slow


def program() -> str:
    """checkov pins the version of botocore, so it has an environment of its own: `make test-checkov` makes it."""
    found = os.environ.get("CHECKOV") or str(ROOT / ".venvs/checkov/bin/checkov")
    if shutil.which(found) is None:
        lacking(f"no {found}: `make test-checkov` makes it")
    return found


@cache
def failed() -> set[tuple[str, str]]:
    """(check, the resource's type and logical id)."""
    command = [program(), "-d", str(GOLDEN), "--framework", "cloudformation", "--compact", "--quiet", "--skip-download", "-o", "json"]
    done = subprocess.run(command, capture_output=True, check=False, env={**os.environ, "BC_SKIP_MAPPING": "TRUE"})
    report = json.loads(done.stdout)
    assert report["check_type"] == "cloudformation"
    assert report["summary"]["resource_count"] > 100
    assert report["summary"]["parsing_errors"] == 0
    return {(each["check_id"], each["resource"]) for each in report["results"]["failed_checks"]}


def test_every_failed_check_is_listed():
    unlisted = [one for one in failed() if not any(one[0] == known.finding and known.about in one[1] for known in CHECKOV)]
    assert sorted(unlisted) == []


def test_everything_that_is_listed_fails():
    assert [known for known in CHECKOV if not any(check == known.finding and known.about in resource for check, resource in failed())] == []


def test_it_looks_at_every_template():
    assert len(list(Path(GOLDEN).rglob("stacks/*.yaml"))) > 20
