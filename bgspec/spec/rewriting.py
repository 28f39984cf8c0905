"""How to write a value that is of another kind than it must be: the line itself, where it can be told what was meant."""

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin

from bgspec.document.lookalikes import spaced
from bgspec.spec.samples import refusal
from bgspec.spec.shape import Kind, inside, is_section, of_field
from bgspec.spec.wording import LONGEST_EXAMPLE, form, shown, unit, wanted

_YES, _NO = {"yes", "on", "true"}, {"no", "off", "false"}
_MOST_KEYS = 8
_SPLIT = {"command", "entrypoint"}
_OF_A_CHECK = 2
"""A container's check has two words at least: how it is run, and what."""
_ELSEWHERE = {"count": "It is one number. How many tasks run by load is said in `scaling:`, with `min:` and `max:`."}
"""What else people mean by a key."""


def rewrite(key: str, value: object, kinds: Sequence[Kind], chooser: str = "") -> str:
    """How to write `value`. `chooser` is the key that says which kind of section it is."""
    types = {get_origin(kind.type) or kind.type for kind in kinds}
    match value:
        case str():
            mend = _text(key, value, kinds, types, chooser)
        case list():
            mend = _list(value, kinds, types)
        case dict():
            mend = _mapping(value, types)
        case _:
            mend = ""
    return mend or _other(key, value, kinds, types, chooser)


def asked(key: str, kinds: Sequence[Kind]) -> str:
    """How to write a key that is missing."""
    sentence = _sentence(kinds)
    return f"Add `{key}:`. {sentence}" if sentence else f"Add `{key}:` with {wanted(kinds)}."


def instead(section: dict[str, Any], words: Sequence[Kind], key: str) -> str:
    """What to write in place of a section that lacks `key`, where a plain value would do too."""
    sentence = _sentence(words) or f"Write {wanted(words)}."
    return _mapping(section, {kind.type for kind in words}) or f"{sentence.removesuffix('.')}, or a mapping with `{key}`."


def _sentence(kinds: Sequence[Kind]) -> str:
    """What the pattern of a text asks for; empty where there is none."""
    refused = refusal(kinds[0], "\0") if len(kinds) == 1 and kinds[0].type is str else None
    return form(refused["type"], refused.get("ctx", {}), refused["msg"], "") if refused else ""


def _other(key: str, value: object, kinds: Sequence[Kind], types: set[Any], chooser: str) -> str:
    if list in types:
        return f"Write a list: {shown(f'[{value}]')}."
    if str in types and isinstance(value, int | float) and not isinstance(value, bool):
        return f'Put it in quotes: "{value}".'
    sections = [kind.type for kind in kinds if is_section(kind.type)]
    plain = isinstance(value, list) and any(kind.tag == "<word>" for kind in kinds)
    if not plain and (dict in types or chooser or sections):
        keys = list(sections[0].model_fields) if len(sections) == 1 else []
        named = f": {', '.join(f'`{name}:`' for name in keys)}" if 0 < len(keys) <= _MOST_KEYS else ", one in a line"
        return f"Write its keys below it, indented{named}."
    return _ELSEWHERE.get(key) or f"Write {wanted(kinds)}.{unit(key, value)}"


def _list(value: list[Any], kinds: Sequence[Kind], types: set[Any]) -> str:
    """A list where something else belongs."""
    first = value[0] if value else None
    if dict in types:
        below = [kind for outer in kinds if get_origin(outer.type) is dict for kind in inside(outer)]
        words = [word for kind in below if get_origin(kind.type) is Literal for word in get_args(kind.type)]
        if words and isinstance(first, str):
            return f"Write {shown(f'{first}: {words[0]}')} in each line, without `-`."
        if any(is_section(kind.type) for kind in below):
            name = first.get("name", "NAME") if isinstance(first, dict) else first
            return f"Write {shown(f'{name}:')} with its keys below it, indented; without `-`."
        return "Write `NAME: value` in each line, without `-`."
    if int in types:
        which = bool(value) and all(isinstance(item, str) and not item[:1].isdigit() for item in value)
        return f"Write how many: `{len(value)}`." if which else "Write one number."
    return ""


def _mapping(value: dict[str, Any], types: set[Any]) -> str:
    """A mapping where something else belongs."""
    if list in types:
        return "Begin each item's line with `- `."
    if "secretsmanager" in value:  # Copilot's way
        return "Write the secret's ARN."
    only = next(iter(value.values()), None) if len(value) == 1 else None
    return f"Write the text alone: {shown(only)}." if str in types and isinstance(only, str) else ""


def _text(key: str, value: str, kinds: Sequence[Kind], types: set[Any], chooser: str) -> str:
    """A text where something else belongs."""
    number = re.fullmatch(r"(\d{1,18})(\.0+)?", value)
    if int in types and number:
        return f"Write it without quotes: `{number[1]}`."
    if bool in types and value.lower() in _YES | _NO:
        return f"Write `{'true' if value.lower() in _YES else 'false'}`."
    if list in types:
        return f"Write a list: {shown(f'[{_items(key, value, kinds)}]')}."
    fields = {name for kind in types if is_section(kind) for name in kind.model_fields}
    if (meant := spaced(value)) and (dict in types or meant.partition(":")[0] in fields):
        return f"Put a space after the colon: `{meant}`."
    if (dict in types or fields) and (found := re.match(r"([A-Za-z_][\w.-]*) *= *(\S*)", value)):
        return f"Write a colon instead of `=`: {shown(f'{found[1]}: {found[2]}')}."
    examples = [shown(f"{key}: {{{example}}}") for example in _in_section(value, kinds, chooser)]
    return f"Write {' or '.join(examples)}." if examples else ""


def _items(key: str, value: str, kinds: Sequence[Kind]) -> str:
    """The items of a list that was written as one text."""
    if key in _SPLIT:
        if any(getattr(mark, "min_length", 0) == _OF_A_CHECK for kind in kinds for mark in kind.marks):
            return f"CMD-SHELL, {json.dumps(value)}"
        try:
            return ", ".join(shlex.split(value))
        except ValueError:  # a quote is open
            return value
    below = [kind for outer in kinds if get_origin(outer.type) is list for kind in inside(outer)]
    sections = [example for kind in below if is_section(kind.type) for example in _fitting(value, kind)]
    return f"{{{sections[0]}}}" if sections else value


def _in_section(value: str, kinds: Sequence[Kind], chooser: str) -> Iterator[str]:
    """`path: /health` for `/health`: the key that a text was meant for."""
    written = value if len(value) <= LONGEST_EXAMPLE else "…"
    tagged = [kind for kind in kinds if kind.tag not in {"", "<word>"} and is_section(kind.type)]
    if chooser:
        words = [kind.tag[1:-1] for kind in tagged]
        yield from (f"{chooser}: {word}, …" for word in ([value] if value in words else words))
        return
    for kind in tagged:
        name = kind.tag[1:-1]
        if name in kind.type.model_fields and any(_fits(below, value) for below in of_field(kind.type.model_fields[name])):
            yield f"{name}: {written}"
    plain = [example for kind in kinds if kind not in tagged and is_section(kind.type) for example in _fitting(value, kind)]
    if len(plain) == 1:
        yield plain[0]


def _fitting(value: str, section: Kind) -> Iterator[str]:
    """The keys of a section for which a text is meant, surely: not those for any text."""
    word = value.lower().replace("_", "-")
    for name, field in section.type.model_fields.items():
        for kind in of_field(field):
            if get_origin(kind.type) is Literal and word in get_args(kind.type):
                yield f"{name}: {word}"
            elif kind.type is str and len(value) <= LONGEST_EXAMPLE and _fits(kind, value) and refusal(kind, "\0 "):
                yield f"{name}: {value}"


def _fits(kind: Kind, text: str) -> bool:
    return kind.type is str and refusal(kind, text) is None
