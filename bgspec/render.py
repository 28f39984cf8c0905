"""Plan to artifacts: templates filled with the contexts of stacks and files.

Every value that a template inserts is written as a JSON scalar (which is also a YAML scalar), so a branch named `on`, a variable that
holds `{{` or a quotation mark stays exactly what it was. Bare words are only those that bgspec made (`cfn.Word`).
"""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from importlib.util import find_spec
from json.encoder import JSONEncoder, encode_basestring
from typing import Any, NamedTuple

from bgspec.cfn import Either, GetAtt, Key, Node, Ref, Setting, Sub, Word
from bgspec.files import Half, files_of
from bgspec.plan import Plan
from bgspec.stacks import Stack, stacks_of
from bgspec.templating import Templates


class Artifact(NamedTuple):
    """A file of the output."""

    path: str
    """Relative to the output directory, with `/`."""
    text: str
    executable: bool = False


class Position(NamedTuple):
    """Where a stack stands in the order of deployment."""

    number: int
    total: int


def render(plan: Plan) -> tuple[Artifact, ...]:
    """All artifacts of a plan, in a fixed order. Pure: the same plan gives the same bytes on any machine."""
    if plan.overrides:
        from bgspec import overrides  # noqa: PLC0415  most specs have none

        plan = overrides.into_plan(plan)
    halves = tuple((half, stacks_of(half)) for half in plan.halves)
    return (*(one for half, stacks in halves for one in _templates(half, stacks)), *_files(plan, halves))


def templates(plan: Plan) -> dict[str, str]:
    """The stacks' templates without what the spec overrides in them, by the stacks' keys."""
    found: dict[str, str] = {}
    for half in plan._replace(overrides={}).halves:
        stacks = stacks_of(half)
        texts = {artifact.path: artifact.text for artifact in _templates(half, stacks)}
        found |= {stack.key: texts[half.layout.stack(stack.key)] for stack in stacks}
    return found


def _templates(plan: Plan, stacks: tuple[Stack, ...]) -> list[Artifact]:
    artifacts = []
    for number, stack in enumerate(stacks, 1):
        context = {"plan": plan, "stack": stack, "position": Position(number, len(stacks)), **stack.context}
        text = _lay_out(f"stacks/{stack.template}", context)
        text = re.sub("\n\n\n+", "\n\n", text)  # optional parts bring blank lines of their own; no value holds a line break
        text = f"{text.rstrip()}\n"
        if stack.key in plan.overrides:
            from bgspec import overrides  # noqa: PLC0415  most specs have none

            text = overrides.into_template(text, stack.key, plan, settings)
        artifacts.append(Artifact(plan.layout.stack(stack.key), text))
        if stack.policy:
            artifacts.append(Artifact(plan.layout.stack_policy(stack.key), _lay_out(f"stacks/{stack.key}.policy.json.j2", {})))
    return artifacts


def _files(plan: Plan, halves: tuple[Half, ...]) -> list[Artifact]:
    return [
        Artifact(file.path, _lay_out(f"files/{file.template}", {"plan": plan, **file.context}), file.executable)
        for file in files_of(plan, halves)
    ]


def _lay_out(template: str, context: dict[str, object]) -> str:
    text: str = _engine(stack_scalar if template.startswith("stacks/") else scalar).get_template(template).render(context)
    return text


@cache
def _engine(finalize: Callable[[object], object]) -> Any:  # noqa: ANN401  Jinja2 or its stand-in: both have `get_template`
    """The compiled templates where the package was built with them, else Jinja2 and their sources."""
    if find_spec("bgspec.written"):
        return Templates("bgspec.written.templates", finalize=finalize, filters=FILTERS)
    from bgspec.jinja import environment  # noqa: PLC0415  the slow way

    return environment(finalize=finalize, filters=FILTERS)


def stack_scalar(value: object) -> str:
    """A value as it stands in a CloudFormation template.

    CloudFormation fills nothing in outside of a `Sub`, so `${AWS::Region}` in a user's text stays what it is; but to a reader, and to
    cfn-lint (E1029), it looks as if a `Sub` had been forgotten. As the value of a `Sub`'s own variable it can only be meant.
    """
    return _STACK_FORMS.get(type(value), _json)(value)


def scalar(value: object) -> str:
    """A value as it stands in YAML or JSON: bgspec's own words bare, CloudFormation's functions short, all else as JSON."""
    return _FORMS.get(type(value), _json)(value)


_TEXTS = 256
"""How many texts are remembered as they are written: a name stands in most templates, and in no other spec."""

_encode = JSONEncoder(ensure_ascii=False).encode

# YAML's printable characters are fewer than JSON's: the rest must be written as escapes, which both understand.
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")


def _string(text: str) -> str:
    encoded = encode_basestring(text)
    return encoded if encoded.isprintable() else _UNPRINTABLE.sub(_escape, encoded)


@lru_cache(_TEXTS)
def _stack_string(text: str) -> str:
    return f'!Sub ["${{Text}}", {{"Text": {_string(text)}}}]' if "${" in text else _string(text)


def _json(value: object) -> str:
    encoded = _encode(value)
    return encoded if encoded.isprintable() else _UNPRINTABLE.sub(_escape, encoded)


def _escape(match: re.Match[str]) -> str:
    return f"\\u{ord(match[0]):04x}"


_FORMS: dict[type, Callable[[Any], str]] = {
    Word: str,
    Ref: "!Ref {}".format,
    Sub: lambda text: f"!Sub {_string(text)}",
    GetAtt: lambda value: f"!GetAtt {value.resource}.{value.attribute}",
    Either: lambda value: scalar(value.template),
    str: _string,
    int: str,
    bool: lambda value: "true" if value else "false",
}
_STACK_FORMS: dict[type, Callable[[Any], str]] = {**_FORMS, str: _stack_string}


def word(text: str) -> Word:
    """A checked identifier as a bare word; ValueError if it is none, because then it must not stand bare."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(:[A-Za-z]+)?", text):
        raise ValueError(f"not a word: {text!r}")
    return Word(text)


@lru_cache(_TEXTS, typed=True)  # 1 and True are equal, but not the same text
def comment(text: str) -> Word:
    """Text inside a comment: whatever would end the line becomes a space."""
    line = str(text)
    return Word(" ".join((line if line.isprintable() else _UNPRINTABLE.sub(" ", line)).split()))


@lru_cache(_TEXTS, typed=True)
def shell(text: str) -> Word:
    """Text as one word of a POSIX shell."""
    from shlex import quote  # noqa: PLC0415  only deploy.sh and the buildspec need it

    return Word(quote(str(text)))


def pretty(value: object) -> Word:
    """A value as indented JSON. What `json` has for that is written in Python, and leaves its closures to the garbage collector."""
    return Word(_indented(value, "\n"))


def _indented(value: object, edge: str) -> str:
    below = f"{edge}  "
    if value and isinstance(value, dict):
        return f"{{{','.join([f'{below}{_encode(key)}: {_indented(item, below)}' for key, item in value.items()])}{edge}}}"
    if value and isinstance(value, list):
        return f"[{','.join([f'{below}{_indented(item, below)}' for item in value])}{edge}]"
    return _encode(value)


def indent(text: str, width: int) -> str:
    """All lines but the first, moved to the right; empty lines stay empty."""
    edge = "\n" + " " * width
    if "\n\n" in f"{text}\n":
        return re.sub("\n(?=[^\n])", edge, text)
    return text.replace("\n", edge)  # the same for most texts, and twice as fast


def settings(mapping: tuple[Setting, ...]) -> Word:
    """Settings as YAML, as a template would lay them out: each on its line, with what there is to say above it."""
    return Word(_block(mapping, "\n"))


def _block(node: Node, edge: str) -> str:
    """A mapping, a list or a scalar; `edge` is what begins a line."""
    if isinstance(node, list):
        return edge.join([f"- {_block(item, f'{edge}  ')}" for item in node]) or "[]"
    if type(node) is tuple:
        return edge.join([_setting(setting, edge) for setting in node])
    return stack_scalar(node)


def _setting(setting: Setting, edge: str) -> str:
    about = f"# {comment(setting.comment)}{edge}" if setting.comment else ""
    key = scalar(setting.key) if isinstance(setting.key, Key) else setting.key
    below = f"{edge}  " if (setting.value and isinstance(setting.value, list)) or type(setting.value) is tuple else " "
    return f"{about}{key}:{below}{_block(setting.value, below)}"


FILTERS: dict[str, Callable[..., object]] = {
    "comment": comment,
    "indent": indent,
    "join": lambda parts, between: between.join(parts),
    "pretty": pretty,
    "raw": Word,
    "settings": settings,
    "shell": shell,
    "string": str,
    "word": word,
}
"""All filters that templates may use, of Jinja2's own none."""
