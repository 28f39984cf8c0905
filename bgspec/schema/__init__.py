"""The language for editors: its JSON Schema, made of the models and their docstrings."""

import json

from bgspec.schema import forms, kinds
from bgspec.schema.docstrings import Doc
from bgspec.schema.sharing import share
from bgspec.schema.values import Schema
from bgspec.spec.models import Spec

ID = "https://json.schemastore.org/bgspec.json"
"""The name of the schema for ever, as the public catalogue writes it. It is a name: no editor has to fetch it."""

ENVIRONMENTS = Doc(
    "Several environments in one file: each is laid over the rest of the file. Mappings merge, lists and values replace, `null` removes."
    " What differs stands here and nowhere else: variables of the shell are not read, so a spec means the same on every machine."
)

OVERLAY = Doc("What differs in this environment: a partial form of every section. `null` removes what the rest of the file says.")


def schema() -> Schema:
    """The language as JSON Schema (draft-07)."""
    whole = forms.section(Spec)
    base = forms.section(Spec, partial=True)
    overlay = {**base, "properties": {name: part for name, part in base["properties"].items() if name != "environment"}}
    names = forms.names_of(kinds.kind_of_field(Spec.model_fields["environment"]))
    announced = {
        "title": "mapping: the environment's name, and what differs there; optional",
        **forms.texts(ENVIRONMENTS),
        "type": "object",
    }
    environments = {
        **announced,
        "minProperties": 1,
        "propertyNames": names,
        "additionalProperties": {**overlay, "title": "section with what differs in this environment", **forms.texts(OVERLAY)},
    }
    whole["properties"]["environments"] = announced  # where it stands, the other branch holds
    several = {**overlay, "properties": {**overlay["properties"], "environments": environments}}
    return share(
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$id": ID,
            "title": "bgspec environment",
            "description": "A blue/green environment on AWS Fargate.",
            "type": "object",
            "if": {"type": "object", "required": ["environments"]},
            "then": several,
            "else": whole,
        }
    )


def text() -> str:
    """The schema as a file."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"
