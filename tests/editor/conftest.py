"""One server for all tests of a process."""

import pytest
from client import SERVER, Server, node

from bgspec.schema import text
from tests.lacking import lacking


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The real language server, with the schema as it is made now."""
    if node() is None or not SERVER.exists():
        lacking("there is no yaml-language-server: run .ci/editor.sh")
    schema = tmp_path_factory.mktemp("schema") / "bgspec.schema.json"
    schema.write_text(text(), encoding="utf-8")
    with Server(schema) as running:
        yield running


@pytest.fixture(scope="session")
def judge():
    """The schema's validator of tests/schema."""
    import sys
    from pathlib import Path

    sys.path.append(str(Path(__file__).resolve().parents[1] / "schema"))
    from judge import judge

    return judge()
