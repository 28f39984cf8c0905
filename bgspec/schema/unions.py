"""Choices among kinds of sections, and between a section and a plain word."""

from bgspec.schema import docstrings, forms, kinds, values
from bgspec.schema.docstrings import Doc
from bgspec.schema.kinds import WORD, Choice, Kind
from bgspec.schema.snippets import block, skeleton, snippet
from bgspec.schema.values import Schema


def form(kind: Kind, doc: Doc, *, partial: bool) -> Schema:
    """What a union may be."""
    branches, choice = kinds.members(kind), kinds.choice(kind)
    if choice is None:
        ordered = sorted(branches.values(), key=lambda member: not kinds.is_section(member))  # where all fail, editors explain the first
        return {"anyOf": [forms.form(member, Doc(), partial=partial) for member in ordered]}
    sections = {tag: member for tag, member in branches.items() if tag != WORD}
    if partial:
        found = _partial(sections, choice)
    elif choice.key:
        found = _chosen_by_value(sections, choice)
    else:
        found = _chosen_by_presence(sections, choice)
    return _or_word(branches[WORD], found, sections, doc) if WORD in branches else found


def _or_word(word: Kind, found: Schema, sections: dict[str, Kind], doc: Doc) -> Schema:
    """A section, or a value that is none: `shift: all-at-once`."""
    plain = forms.explained(values.scalar(word), doc)
    types = plain.pop("type")
    allowed = plain.get("enum", (True, False) if types == "boolean" else ())
    words = [snippet(values.written(value), value, doc.meanings.get(values.written(value), "")) for value in allowed]
    blocks = [offered for member in sections.values() for offered in block(member)]
    if len(words) + len(blocks) + len(plain.get("examples", ())) == 1:
        words = [snippet(values.name(word), "$1")]  # with one proposal only, the key itself would write it
    found = {name: value for name, value in found.items() if name not in {"type", "defaultSnippets"}}
    outer = {"type": [*([types] if isinstance(types, str) else types), "object"], "defaultSnippets": [*words, *blocks]}
    shown = {"examples": plain.pop("examples")} if "examples" in plain else {}
    return {**outer, **shown, "if": {"type": "object"}, "then": found, "else": plain}


def _chosen_by_value(sections: dict[str, Kind], choice: Choice) -> Schema:
    """Kinds that a key names: `provider: github`."""
    chain: list[Schema] = []
    for tag, member in sections.items():
        branch = _branch(member)
        branch["properties"][choice.key] = {}  # the outer section speaks of it
        condition = {"type": "object", "properties": {choice.key: {"const": tag}}, "required": [choice.key]}
        chain.append({"if": condition, "then": branch})
    undecided: Schema = {"defaultSnippets": [_kind(tag, member, choice.key) for tag, member in sections.items()]}
    if choice.default:
        undecided |= _branch(sections[choice.default])
    chain.append({"if": {"type": "object", "required": [choice.key]}, "else": undecided})
    required = [] if choice.default else [choice.key]
    return forms.clean({"type": "object", "required": required, "properties": {choice.key: _chooser(sections, choice)}, "allOf": chain})


def _chooser(sections: dict[str, Kind], choice: Choice) -> Schema:
    """The key that names the kind; what a kind means is what its section says about itself."""
    first = next(iter(sections.values())).bare
    note = f"default {choice.default}" if choice.default else "required"
    found: Schema = {"title": f"{values.alternatives(list(sections))}; {note}", "type": "string", "enum": list(sections)}
    found["markdownEnumDescriptions"] = [docstrings.of_model(member.bare).text for member in sections.values()]
    return {**found, **forms.texts(docstrings.of_field(first, choice.key))}


def _chosen_by_presence(sections: dict[str, Kind], choice: Choice) -> Schema:
    """Kinds that are told apart by a key that only they have: `build:` or `uri:`."""
    chain = _branch(sections[choice.default])
    for tag in reversed([key for key in choice.order if key in sections and key != choice.default]):
        chain = {"if": {"type": "object", "required": [tag]}, "then": _branch(sections[tag]), "else": chain}
    return {"type": "object", "defaultSnippets": [offered for member in sections.values() for offered in block(member)], **chain}


def _branch(member: Kind) -> Schema:
    """A kind below its condition: the type is said outside, once."""
    return {name: value for name, value in forms.section(member.bare).items() if name != "type"}


def _partial(sections: dict[str, Kind], choice: Choice) -> Schema:
    """As it may stand in an overlay, which does not know the kind in the rest of the file: the keys of all kinds."""
    parts = [forms.section(member.bare, partial=True)["properties"] for member in sections.values()]
    properties = {name: forms.nullable(found) for name, found in _together(parts).items()}
    if choice.key:
        chooser = _chooser(sections, choice)
        properties[choice.key] = forms.nullable(chooser) if choice.default else chooser
    return {"type": "object", "properties": properties, "additionalProperties": False}


def _together(parts: list[Schema]) -> Schema:
    """The properties of several sections."""
    found: Schema = {}
    for part in parts:
        for name, schema in part.items():
            found[name] = _either(found[name], schema) if name in found else schema
    return found


_LIMITS = ("type", "pattern", "patternErrorMessage", "minLength", "maxLength", "minimum", "maximum")
_SAID = ("title", "description", "markdownDescription")


def _either(one: Schema, other: Schema) -> Schema:
    """What may stand where kinds disagree about a key: what any of them takes."""
    if _meant(one) == _meant(other):
        return one
    if "properties" in one and "properties" in other:
        return {**one, "properties": _together([one["properties"], other["properties"]])}
    if "enum" in one and "enum" in other:
        return {**one, "enum": list(dict.fromkeys([*one["enum"], *other["enum"]]))}
    said = {name: one[name] for name in _SAID if name in one}
    if not {*_meant(one), *_meant(other)} <= {*_LIMITS, "anyOf", "examples", "defaultSnippets"}:
        return said  # too different for one schema: it takes anything
    ways = one.get("anyOf", [_only(one)])
    return {**said, "anyOf": ways if _only(other) in ways else [*ways, _only(other)]}


def _meant(schema: Schema) -> Schema:
    """A schema without what it says to people: two that mean the same are equal."""
    found: Schema = {}
    for name, value in schema.items():
        if name == "properties":
            found[name] = {key: _meant(below) for key, below in value.items()}
        elif isinstance(value, dict) and name != "defaultSnippets":
            found[name] = _meant(value)
        elif name not in _SAID:
            found[name] = [_meant(below) for below in value] if name in {"allOf", "anyOf"} else value
    return found


def _only(schema: Schema) -> Schema:
    return {name: schema[name] for name in _LIMITS if name in schema}


def _kind(tag: str, member: Kind, key: str) -> Schema:
    """The snippet that chooses a kind and writes what it needs."""
    needed = {name: value for name, value in skeleton(member).items() if name != key}
    return snippet(f"{key}: {tag}", {key: tag, **needed}, docstrings.of_model(member.bare).text)
