"""A tree of plain values to a Spec, or to everything that is wrong with it at once."""

from types import UnionType
from typing import Annotated, Any, NamedTuple, Union, get_args, get_origin

from pydantic_core import ErrorDetails, ValidationError

from bgspec.diagnostics import Diagnostic, Route, suggest
from bgspec.spec import Spec
from bgspec.spec.compiled import language


class Reading(NamedTuple):
    spec: Spec | None
    """None where the tree is no spec."""
    problems: tuple[Diagnostic, ...]


def read(tree: dict[str, Any]) -> Reading:
    """Check a tree against the language; all problems at once, each with its route in the tree."""
    try:
        return Reading(language().validator.validate_python(tree), ())
    except ValidationError as error:
        return Reading(None, tuple(_diagnostic(details, tree) for details in error.errors(include_url=False)))


def _diagnostic(error: ErrorDetails, tree: dict[str, Any]) -> Diagnostic:  # noqa: PLR0911  one answer for each kind of error
    """Pydantic's finding in bgspec's words. pydantic's own texts are for programmers."""
    raw = error["loc"]
    route: Route = tuple(step for step in raw if not str(step).startswith("<"))
    kind, context, message = error["type"], error.get("ctx", {}), error["msg"]
    key = str(route[-1]) if route else "the spec"
    if route and route[-1] == "[key]":  # the key of a mapping that the user names
        return Diagnostic("BG206", "error", f"`{route[-2]}` is no valid name here.", _allowed(kind, context, message), route[:-1], "key")
    match kind:
        case "extra_forbidden":
            known = _keys(raw[:-1])
            near = suggest(key, known)
            mend = f"Did you mean `{near}`?" if near else f"Known keys here: {', '.join(known)}."
            return Diagnostic("BG201", "error", f"`{key}` is not a key of {_section(route[:-1])}.", mend, route, "key")
        case "missing":
            return Diagnostic("BG202", "error", f"{_section(route[:-1])} has no `{key}`.", f"Add `{key}:`.", route, "key")
        case "kind":
            value = _value(tree, route)
            if not isinstance(value, dict):
                return Diagnostic(
                    "BG203", "error", f"`{key}` is {_named(value)}, not a section.", f"Write a mapping with {context['kinds']}.", route
                )
            chosen = context["key"]
            if chosen in value:
                near = suggest(str(value[chosen]), context["kinds"].split(", "))
                mend = f"Did you mean `{near}`?" if near else f"Use one of {context['kinds']}."
                return Diagnostic("BG204", "error", f"`{value[chosen]}` is no {chosen} that bgspec knows.", mend, (*route, chosen))
            return Diagnostic(
                "BG202",
                "error",
                f"{_section(route)} has no `{chosen}`.",
                f"Add `{chosen}:` with one of {context['kinds']}.",
                (*route, chosen),
            )
        case "literal_error":
            value = _value(tree, route)
            return Diagnostic("BG204", "error", f"`{key}` cannot be {_shown(value)}.", f"Use one of {context['expected']}.", route)
        case _ if kind.endswith(("_type", "_parsing")):
            value = _value(tree, route)
            wanted = _TYPES.get(kind.removesuffix("_type").removesuffix("_parsing"), message)
            return Diagnostic("BG203", "error", f"`{key}` is {_named(value)}, but must be {wanted}.", f"Write {wanted}.", route)
        case _:
            value = _value(tree, route)
            code = "BG205" if kind in _RANGES else "BG206"
            return Diagnostic(code, "error", f"`{key}` cannot be {_shown(value)}.", _allowed(kind, context, message), route)


_TYPES = {
    "string": "text",
    "int": "a whole number",
    "int_from_float": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list",
    "dict": "a mapping",
    "model": "a section",
    "model_attributes": "a section",
}
_RANGES = frozenset(
    "greater_than greater_than_equal less_than less_than_equal too_short too_long string_too_short string_too_long"
    " duration_range duration_step share_range".split(),
)


def _allowed(kind: str, context: dict[str, Any], message: str) -> str:  # noqa: PLR0911  one answer for each kind of error
    """What a value must be, as a sentence."""
    match kind:
        case "string_pattern_mismatch":
            return _sentence(context["pattern"])
        case "greater_than_equal":
            return f"Use {context['ge']} or more."
        case "less_than_equal":
            return f"Use {context['le']} or less."
        case "string_too_long":
            return f"Use at most {context['max_length']} characters."
        case "string_too_short":
            return f"Use at least {context['min_length']} characters."
        case "too_long":
            return f"At most {context['max_length']} are possible."
        case "too_short":
            return f"At least {context['min_length']} must be given."
        case _:
            return f"Write {message}."


def _sentence(pattern: str) -> str:
    """What a pattern wants."""
    from bgspec.spec import models, types  # noqa: PLC0415  the sentences stand beside the patterns; only a finding waits for pydantic

    del models  # imported for the patterns in its modules
    return types.SENTENCES.get(pattern, f"Write what matches `{pattern}`.")


def _section(route: Route) -> str:
    return f"`{'.'.join(str(step) for step in route)}`" if route else "The spec"


def _value(tree: Any, route: Route) -> Any:  # noqa: ANN401  whatever the user wrote
    for step in route:
        try:
            tree = tree[step]
        except (KeyError, IndexError, TypeError):
            return None
    return tree


def _shown(value: object) -> str:
    text = "empty" if value is None else f"`{value}`"
    return text if len(text) <= 60 else f"{text[:56]}…`"


def _named(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"`{str(value).lower()}`"
        case int() | float():
            return f"the number {value}"
        case str():
            return f"the text {_shown(value)}"
        case list():
            return "a list"
        case _:
            return "a mapping"


def _keys(loc: tuple[int | str, ...]) -> list[str]:
    """The keys that may stand in the section at `loc` (pydantic's route, with the tags of unions)."""
    from bgspec.spec.models import Spec  # noqa: PLC0415  only who misspells a key waits for pydantic

    kind: Any = Spec
    for step in loc:
        kind = _step(kind, step)
    return [] if kind is None else list(_models(kind)[0].model_fields)


def _step(kind: Any, step: int | str) -> Any:  # noqa: ANN401  a type annotation
    if str(step).startswith("<"):
        return next(
            (branch for branch in _branches(kind) if any(getattr(mark, "tag", None) == step for mark in get_args(branch)[1:])), None
        )
    for branch in _branches(kind):
        plain = get_args(branch)[0] if get_origin(branch) is Annotated else branch
        if get_origin(plain) in {dict, list}:
            return get_args(plain)[-1]
        if step in getattr(plain, "model_fields", ()):
            return plain.model_fields[str(step)].annotation
    return None


def _branches(kind: Any) -> list[Any]:  # noqa: ANN401  a type annotation
    """The members of a union, or the type itself."""
    if get_origin(kind) is Annotated and get_origin(get_args(kind)[0]) in {Union, UnionType}:
        return list(get_args(get_args(kind)[0]))
    return list(get_args(kind)) if get_origin(kind) in {Union, UnionType} else [kind]


def _models(kind: Any) -> list[Any]:  # noqa: ANN401  a type annotation
    plain = [get_args(branch)[0] if get_origin(branch) is Annotated else branch for branch in _branches(kind)]
    return [branch for branch in plain if hasattr(branch, "model_fields")]
