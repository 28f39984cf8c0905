"""The models as JSON Schema (draft-07), in the shape that editors do most with.

Every shape here was chosen by what yaml-language-server makes of it:

- A key that may be left out is its plain type; `null` stands only where it removes something, in an overlay.
- A choice among kinds is an `if`/`then` chain: errors and completion speak of the chosen kind only.
- Defaults are snippets, because the keyword `default` writes every default of a section into the file.
- Nothing is shared by `$ref`: beside it, editors drop most of what makes them helpful.
"""

from itertools import count
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from bgspec.schema import docstrings, kinds, values
from bgspec.schema.docstrings import Doc
from bgspec.schema.kinds import Kind
from bgspec.schema.values import Schema


def section(model: type[BaseModel], *, partial: bool = False) -> Schema:
    """The keys of a section, each with its documentation."""
    required = [] if partial else [name for name, field in model.model_fields.items() if field.is_required()]
    properties = {name: key(model, name, field, partial=partial) for name, field in model.model_fields.items()}
    return _clean({"type": "object", "required": required, "properties": properties, "additionalProperties": False})


def key(model: type[BaseModel], name: str, field: FieldInfo, *, partial: bool) -> Schema:
    """The value of one key: what it may be and what there is to say about it."""
    kind, doc = kinds.kind_of_field(field), docstrings.of_field(model, name)
    found = form(kind, doc, partial=partial)
    default = field.get_default(call_default_factory=True)
    if not values.missing(default) and not kinds.is_section(kind):
        shown = values.written(default, kind)
        note = f"default {shown}"
        if "enum" not in found and not isinstance(default, list | bool):
            found.setdefault("defaultSnippets", [{"label": f"{shown} (default)", "body": f"${{1:{shown}}}"}])
    else:
        note = "required" if field.is_required() else "optional"
    documented = {"title": f"{found.pop('title', values.name(kind))}; {note}", **texts(doc)}
    if partial and not field.is_required():
        found = nullable(found)
    return _clean({**documented, **found})


def texts(doc: Doc) -> Schema:
    return {"description": doc.text, "markdownDescription": doc.text}


def form(kind: Kind, doc: Doc, *, partial: bool) -> Schema:
    """What a value may be."""
    if kinds.is_section(kind):
        return {"title": _outline(kind.bare), **section(kind.bare, partial=partial)}
    if kinds.is_union(kind):
        return _union(kind, partial=partial)
    if (item := kinds.items(kind)) is not None:
        return {"type": "array", "items": {"title": values.name(item), **form(item, doc, partial=False)}, **values.limits(kind, "array")}
    if (pair := kinds.entries(kind)) is not None:
        names, below = pair
        entry = {"title": values.name(below), **form(below, doc, partial=partial)}
        found = {"type": "object", "propertyNames": {**values.scalar(names), "title": "name"}}
        found["additionalProperties"] = nullable(entry) if partial else entry
        body = {"${1:name}": skeleton(below, count(2))}
        return {**found, "defaultSnippets": [{"label": "name", "body": body}], **({} if partial else values.limits(kind, "object"))}
    found = values.scalar(kind)
    if "enum" in found and doc.meanings:
        found["markdownEnumDescriptions"] = [doc.meanings.get(str(value), "") for value in found["enum"]]
    return found


def nullable(schema: Schema) -> Schema:
    """The same, or null: in an overlay that removes what the rest of the file says."""
    found = {**schema}
    if types := found.get("type"):
        found["type"] = [*dict.fromkeys([*([types] if isinstance(types, str) else types), "null"])]
    if "enum" in found and None not in found["enum"]:
        found["enum"] = [*found["enum"], None]
        if "markdownEnumDescriptions" in found:
            found["markdownEnumDescriptions"] = [*found["markdownEnumDescriptions"], "Removes what the rest of the file says."]
    if "anyOf" in found:
        found["anyOf"] = [*found["anyOf"], {"type": "null"}]
    return found


def _union(kind: Kind, *, partial: bool) -> Schema:
    chosen = kinds.chooser(kind)
    branches = kinds.members(kind)
    if chosen is None:
        return {
            "anyOf": [
                form(member, Doc(), partial=partial) for member in sorted(branches.values(), key=lambda one: not kinds.is_section(one))
            ]
        }
    key_name = str((chosen.custom_error_context or {}).get("key", ""))
    default = str(chosen.discriminator({}) if callable(chosen.discriminator) else None).strip("<>")
    sections = {tag: member for tag, member in branches.items() if kinds.is_section(member)}
    found = (_by_value if key_name else _by_presence)(sections, key_name, default, partial=partial)
    if word := branches.get("word"):
        allowed = values.scalar(word)
        offered = [{"label": values.written(value), "body": value} for value in allowed.get("enum", ())]
        snippets = [*offered, *found.pop("defaultSnippets", [])]
        return {
            "type": [allowed.pop("type"), "object"],
            "defaultSnippets": snippets,
            "if": {"type": "object"},
            "then": found,
            "else": allowed,
        }
    return found


def _by_value(sections: dict[str, Kind], key_name: str, default: str, *, partial: bool) -> Schema:
    """Kinds that a key chooses: `provider: github`."""
    tags = list(sections)
    fields = {tag: member.bare for tag, member in sections.items()}
    doc = docstrings.of_field(fields[tags[0]], key_name)
    meanings = [docstrings.of_model(fields[tag]).text for tag in tags]
    chooser = {
        "title": f"{values.alternatives(tags)}; {f'default {default}' if default in tags else 'required'}",
        **texts(doc),
        "type": "string",
        "enum": tags,
        "markdownEnumDescriptions": meanings,
    }
    if partial:
        return _merged([section(model, partial=True) for model in fields.values()])
    snippets = [{"label": f"{key_name}: {tag}", "body": {key_name: tag, **_rest(sections[tag], key_name)}} for tag in tags]
    chain: list[Schema] = []
    for tag in tags:
        branch = section(fields[tag])
        branch["properties"][key_name] = {}
        chain.append({"if": {"type": "object", "properties": {key_name: {"const": tag}}, "required": [key_name]}, "then": branch})
    undecided: Schema = {"defaultSnippets": snippets}
    if default in tags:
        undecided |= section(fields[default])
    chain.append({"if": {"type": "object", "required": [key_name]}, "else": undecided})
    return _clean({"type": "object", "required": [] if default in tags else [key_name], "properties": {key_name: chooser}, "allOf": chain})


def _by_presence(sections: dict[str, Kind], _key: str, default: str, *, partial: bool) -> Schema:
    """Kinds that are told apart by a key that only they have: `build:` or `uri:`."""
    if partial:
        return _merged([section(member.bare, partial=True) for member in sections.values()])
    snippets = [{"label": tag, "body": skeleton(member)} for tag, member in sections.items()]
    chain: Schema = {**section(sections[default].bare), "defaultSnippets": snippets}
    for tag, member in sections.items():
        chain = {"if": {"type": "object", "required": [tag]}, "then": section(member.bare), "else": chain}
    return {"type": "object", "defaultSnippets": snippets, **chain}


def _merged(parts: list[Schema]) -> Schema:
    """The keys of several kinds together, every one of which may be removed."""
    properties: Schema = {}
    for part in parts:
        for name, schema in part["properties"].items():
            other = properties.setdefault(name, nullable(schema))
            if other != nullable(schema) and "enum" in other and "enum" in schema:
                other["enum"] = list(dict.fromkeys([*other["enum"], *schema["enum"]]))
    return {"type": "object", "properties": properties, "additionalProperties": False}


def skeleton(kind: Kind, numbers: Any = None) -> Any:  # noqa: ANN401  a snippet's body
    """A snippet with everything that has to be written."""
    numbers = numbers or count(1)
    if kinds.is_section(kind):
        fields = kind.bare.model_fields.items()
        return {name: skeleton(kinds.kind_of_field(field), numbers) for name, field in fields if field.is_required()}
    if kinds.is_union(kind):
        return skeleton(next(iter(kinds.members(kind).values())), numbers)
    if (item := kinds.items(kind)) is not None:
        return [skeleton(item, numbers)]
    if allowed := kinds.values(kind):
        return allowed[0] if len(allowed) == 1 else f"${{{next(numbers)}|{','.join(values.written(value) for value in allowed)}|}}"
    return f"${next(numbers)}"


def _rest(kind: Kind, key_name: str) -> Schema:
    found = skeleton(kind)
    return {name: value for name, value in found.items() if name != key_name}


def _outline(model: type[BaseModel]) -> str:
    names = [name for name, field in model.model_fields.items() if field.is_required()] or list(model.model_fields)
    return f"section with {', '.join(names[:4])}{', …' if len(names) > 4 else ''}"


def _clean(schema: Schema) -> Schema:
    """Without what says nothing."""
    return {name: value for name, value in schema.items() if value not in ("", [], {}) or name == "enum"}
