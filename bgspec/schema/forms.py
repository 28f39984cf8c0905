"""The models as JSON Schema (draft-07), in the shape that editors do most with.

Every shape here was chosen by what yaml-language-server makes of it:

- A key that may be left out is its plain type; `null` stands only where it removes something, in an overlay.
- A choice among kinds is an `if`/`then` chain: errors and completion speak of the chosen kind only.
- Defaults are snippets, because the keyword `default` writes every default of a section into the file.
- A title is the heading of a hover and names a section in errors and completion: it says what a value may be, not what its key is called.
"""

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bgspec.schema import docstrings, kinds, references, unions, values
from bgspec.schema.docstrings import Doc
from bgspec.schema.kinds import Kind
from bgspec.schema.snippets import name_of, named, snippet
from bgspec.schema.values import Schema

REMOVES = "Removes what the rest of the file says."


def section(model: type[BaseModel], *, partial: bool = False) -> Schema:
    """The keys of a section, each with its documentation.

    Args:
        model: the section.
        partial: as it may stand in an overlay: nothing is required, and `null` removes what may be left out.
    """
    required = [] if partial else [name for name, field in model.model_fields.items() if field.is_required()]
    fields = sorted(model.model_fields.items(), key=lambda item: not item[1].is_required())  # what is needed is offered first
    properties = {name: key(model, name, field, partial=partial) for name, field in fields}
    kept = {"type": "object", "title": values.outline(model), "required": required, "properties": properties}
    return clean({**kept, "additionalProperties": False})


def key(model: type[BaseModel], name: str, field: FieldInfo, *, partial: bool) -> Schema:
    """The value of one key: what it may be and what there is to say about it."""
    kind, doc = kinds.kind_of_field(field), docstrings.of_field(model, name)
    found = form(kind, doc, partial=partial)
    default = field.get_default(call_default_factory=True)
    note = "; required" if field.is_required() else "; optional"
    if values.is_shown(default):
        shown = values.written(default, kind)
        note = f"; default {shown}"
        if "enum" not in found and "defaultSnippets" not in found and not isinstance(default, list | bool):
            found.pop("examples", None)
            found["defaultSnippets"] = [{"label": f"{shown} (default)", "body": f"${{1:{shown}}}"}]
    found |= values.keywords(kind)
    found["title"] = values.name(kind) + ("" if found.get("type") == "object" else note)
    if partial and not field.is_required():
        found = nullable(found)
    return clean({**found, **texts(doc, values.sentence(kind))})


def texts(doc: Doc, sentence: str = "") -> Schema:
    """The documentation of a value: what it is, in which form it is written, what it becomes; plain for editors that know no Markdown."""
    parts = (doc.text, sentence, references.becomes(doc.becomes))
    return {"description": doc.text, "markdownDescription": "\n\n".join(filter(None, parts))}


def form(kind: Kind, doc: Doc, *, partial: bool) -> Schema:
    """What a value may be."""
    if kinds.is_section(kind):
        return section(kind.bare, partial=partial)
    if kinds.is_union(kind):
        return unions.form(kind, doc, partial=partial)
    if (item := kinds.items(kind)) is not None:
        return {"type": "array", "items": entry(item, doc, partial=False), **values.limits(kind, "array"), **values.editor(kind)}
    if (pair := kinds.entries(kind)) is not None:
        return mapping(kind, pair, doc, partial=partial)
    return explained(values.scalar(kind), doc)


def explained(schema: Schema, doc: Doc) -> Schema:
    """A value whose words say what they mean."""
    if "enum" not in schema or not doc.meanings:
        return schema
    return {**schema, "markdownEnumDescriptions": [doc.meanings.get(values.written(value), "") for value in schema["enum"]]}


def mapping(kind: Kind, pair: tuple[Kind, Kind], doc: Doc, *, partial: bool) -> Schema:
    """A mapping whose keys are the user's own names."""
    names, below = pair
    found: Schema = {"type": "object", "propertyNames": names_of(names)}
    item = entry(below, doc, partial=partial)
    found["additionalProperties"] = nullable(item) if partial else item
    if kinds.is_section(below):
        found["defaultSnippets"] = [
            snippet(f"{name_of(names)}: {values.outline(below.bare)}", named(pair), docstrings.of_model(below.bare).text)
        ]
    return {**found, **({} if partial else values.limits(kind, "object")), **values.editor(kind)}


def names_of(names: Kind) -> Schema:
    """The keys of a mapping that the user names; the title is what stands there until one is written."""
    found = values.scalar(names)
    return {
        **found,
        "title": name_of(names),
        "markdownDescription": found.get("patternErrorMessage", "" if "enum" in found else "A name of your own."),
    }


def entry(kind: Kind, doc: Doc, *, partial: bool) -> Schema:
    """An item of a list, or a value in a mapping: a section speaks for itself, a plain value belongs to its key."""
    own = docstrings.of_model(kind.bare) if kinds.is_section(kind) else doc
    return clean({"title": values.name(kind), **form(kind, doc, partial=partial), **texts(own)})


def nullable(schema: Schema) -> Schema:
    """The same, or null: in an overlay that removes what the rest of the file says."""
    found = {**schema}
    if types := found.get("type"):
        found["type"] = [*dict.fromkeys([*([types] if isinstance(types, str) else types), "null"])]
    if "enum" in found and None not in found["enum"]:
        found["enum"] = [*found["enum"], None]
        if "markdownEnumDescriptions" in found:
            found["markdownEnumDescriptions"] = [*found["markdownEnumDescriptions"], REMOVES]
    if "else" in found and "enum" in found["else"]:
        found["else"] = nullable(found["else"])
    return found


def clean(schema: Schema) -> Schema:
    """Without what says nothing."""
    return {name: value for name, value in schema.items() if value not in ("", [], {}) or name == "enum"}
