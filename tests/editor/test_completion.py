"""What the editor offers."""

import pytest
import yaml
from client import HERE, at_cursor, plain

CASES = yaml.safe_load((HERE / "completion.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["case"])
def test_the_editor_offers(server, case):
    text, position = at_cursor(case["at"])
    items = server.complete(server.open(text), position)
    labels = [item.label for item in items]
    assert set(case.get("offers", ())) <= set(labels)
    assert not set(case.get("not", ())) & set(labels)
    if "exactly" in case:
        assert sorted(labels) == sorted(case["exactly"])
    for label, wanted in case.get("inserts", {}).items():
        assert wanted in [plain(item.inserts) for item in items if item.label == label], items


@pytest.mark.parametrize(
    ("section", "required", "other"),
    [("services:\n  web:\n    image:\n      █", "build", "dockerfile"), ("services:\n  web:\n    █", "image", "command")],
)
def test_required_keys_come_before_others(server, section, required, other):
    text, position = at_cursor(section)
    labels = [item.label for item in server.complete(server.open(text), position)]
    assert labels.index(required) < labels.index(other)


def test_every_item_is_explained(server):
    text, position = at_cursor("services:\n  web:\n    █")
    assert [item.label for item in server.complete(server.open(text), position) if not item.documentation] == []


def test_the_line_that_init_writes_leads_to_the_schema_beside_the_spec(server, tmp_path):
    from bgspec import init

    spec = tmp_path / "bgspec.yaml"
    init.write(spec, init.Answers("shop", "eu-central-1"), '{"properties": {"only-here": {"type": "string"}}}')
    text, position = at_cursor(spec.read_text(encoding="utf-8") + "█")
    assert "only-here" in [item.label for item in server.complete(server.open(text, spec), position)]
