"""Every key is explained, and what an explanation refers to is there."""

import botocore.loaders
import pytest
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from judge import judge

from bgspec.schema import docstrings, references
from tests.strategies import wishes

SCHEMA = judge().schema
FIELDS = {(wish.model, wish.field): docstrings.of_field(wish.model, wish.field) for wish in wishes()}
REFERENCES = sorted({reference for doc in FIELDS.values() for reference in doc.becomes})


def parts(schema, route=()):
    """Every schema with the keys that lead to it; a shared one is where it is defined."""
    yield route, schema
    for keyword in ("additionalProperties", "items", "then", "else"):
        if isinstance(schema.get(keyword), dict):
            yield from parts(schema[keyword], route)
    for keyword in ("allOf", "anyOf"):
        for below in schema.get(keyword, ()):
            yield from parts(below, route)
    for keyword in ("properties", "definitions"):
        for name, below in schema.get(keyword, {}).items():
            yield from parts(below, (*route, name))


def properties():
    return [
        (f"{'.'.join(route)}.{name}", name, part)
        for route, schema in parts(SCHEMA)
        for name, part in schema.get("properties", {}).items()
        if part and "$ref" not in part
    ]


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_a_key_says_what_it_does(model, field):
    doc = FIELDS[model, field]
    assert doc.text, "an attribute docstring below the field"
    assert doc.text.rstrip(")")[-1] in ".:", "whole sentences"


@pytest.mark.parametrize(
    "model", sorted({model for model, _ in FIELDS}, key=lambda model: model.__name__), ids=lambda model: model.__name__
)
def test_a_section_says_what_it_is(model):
    assert docstrings.of_model(model).text


@pytest.mark.parametrize(("model", "field"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_a_meaning_belongs_to_a_value(model, field):
    doc = FIELDS[model, field]
    if doc.meanings:
        words = {str(wish.value) for wish in wishes() if (wish.model, wish.field) == (model, field)}
        assert set(doc.meanings) == words - {"None"}


OWN = {
    "Spec": "bgspec system environment region account tags network overrides",
    "ExistingNetwork": "egress existing_endpoints",
    "EfsVolume": "read_only",
    "Smoke": "test within",
    "Check": "path status contains host",
    "Pipeline": "files",
}
"""Keys that become no property of one resource on AWS: they stand in names, in many resources at once, or in files."""


def test_a_key_says_what_it_becomes():
    without = {f"{model.__name__}.{field}" for (model, field), doc in FIELDS.items() if not doc.becomes and "](https://" not in doc.text}
    assert without == {f"{model}.{key}" for model, keys in OWN.items() for key in keys.split()}, (
        "name the property in the docstring, `(cfn:AWS::ECS::Service.DesiredCount)`, or AWS's page, or add the key to OWN"
    )


@pytest.mark.parametrize("reference", REFERENCES)
def test_a_reference_leads_somewhere(reference):
    family, name = reference.split(":", 1)
    thing, _, path = name.partition(".")
    if family == "cfn":
        schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", thing).schema
        assert cloudformation_has(schema, schema, path.split(".") if path else [])
    else:
        shapes = botocore.loaders.Loader().load_service_model(thing, "service-2")["shapes"]
        shape, _, member = path.partition(".")
        assert shape in shapes
        assert not member or member in shapes[shape]["members"]
    assert references.shown(reference) in references.link(reference)


def cloudformation_has(root, schema, path):
    """Whether a property path stands in a provider's schema."""
    while "$ref" in schema:
        schema = root["definitions"][schema["$ref"].rpartition("/")[2]]
    if not path:
        return True
    if "items" in schema:
        return cloudformation_has(root, schema["items"], path)
    ways = [schema, *schema.get("oneOf", ()), *schema.get("anyOf", ())]
    return any(path[0] in way.get("properties", {}) and cloudformation_has(root, way["properties"][path[0]], path[1:]) for way in ways)


def test_every_property_is_explained_in_both_forms():
    assert [route for route, _, part in properties() if not (part.get("description") and part.get("markdownDescription"))] == []


def test_no_title_repeats_its_key():
    def plain(text):
        return text.lower().replace("_", "").replace(" ", "")

    assert [route for route, name, part in properties() if plain(part["title"]) == plain(name)] == []


def test_nothing_is_null_but_what_an_overlay_removes():
    """`null` stands only below `environments`, and in the parts that are laid under them."""

    def nulls(schema):
        return [part for _, part in parts({**schema, "definitions": {}}) if "null" in str(part.get("type"))]

    definitions = SCHEMA["definitions"]

    def reached(schema, seen):
        for _, part in parts({**schema, "definitions": {}}):
            name = part.get("$ref", "").rpartition("/")[2]
            if name and name not in seen:
                seen.add(name)
                reached(definitions[name], seen)
        return seen

    whole = SCHEMA["else"]
    assert nulls(whole) == []
    assert [name for name in reached(whole, set()) if nulls(definitions[name])] == []
    assert not [part for _, part in parts(SCHEMA) if {"type": "null"} in part.get("anyOf", ())]


def test_every_pattern_is_told_as_a_sentence():
    assert [route for route, part in parts(SCHEMA) if "pattern" in part and "patternErrorMessage" not in part] == []


def test_the_page_names_every_key():
    from bgspec.schema.language import page

    text = page()
    for model, fields in {model: [field for owner, field in FIELDS if owner is model] for model, _ in FIELDS}.items():
        assert any(all(f"**`{field}`**" in chapter for field in fields) for chapter in text.split("\n## ")), model


def test_every_link_inside_the_page_leads_to_a_heading():
    import re

    from bgspec.schema.language import page

    text = page()
    headings = [re.sub(r"[^\w\- ]", "", line[3:].lower()).replace(" ", "-") for line in text.split("\n") if line.startswith("## ")]
    assert len(set(headings)) == len(headings)
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) == set(headings)
