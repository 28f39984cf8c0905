"""From pydantic's errors to findings a person can act on: one mistake, one finding, at the token that is wrong.

Pydantic's own texts are for programmers. Nothing here runs unless a spec is wrong.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple, get_origin

from bgspec.diagnostics import Diagnostic, Route, suggest
from bgspec.spec import rules, shape, wording
from bgspec.spec.rewriting import asked, instead, rewrite

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MOST_GUESSES = 100
"""Looking for what was meant costs more than everything else about a finding."""
_MOST_EXPLAINED = 2_100
"""Two of pydantic's errors may be one mistake: more than a thousand findings are left, and nobody is shown more."""


class Fault(NamedTuple):
    """One error of pydantic's, with what it speaks of."""

    kind: str
    context: dict[str, Any]
    message: str
    location: shape.Location
    route: Route
    """The location without the tags of kinds: the keys of the user's file."""
    value: Any
    section: Any
    """What the value stands in, or should."""

    @property
    def key(self) -> str:
        return str(self.route[-1]) if self.route else ""


class _Missing:
    """The keys that are missing, as long as nothing else accounts for them."""

    def __init__(self, errors: Iterable[Fault]) -> None:
        self._by_key: dict[str, dict[Route, Fault]] = {}
        for error in errors:
            self._by_key.setdefault(error.key, {})[error.route] = error

    def __iter__(self) -> Iterator[Fault]:
        return (error for errors in self._by_key.values() for error in errors.values())

    def take(self, route: Route) -> None:
        """What misses there is accounted for."""
        self._by_key.get(str(route[-1]), {}).pop(route, None)

    def take_one_of(self, section: Route) -> str | None:
        """The key that misses in a section, if it is one; it is accounted for."""
        found = [route for routes in self._by_key.values() for route in (next(iter(routes), None),) if route and route[:-1] == section]
        if len(found) != 1:
            return None
        self.take(found[0])
        return str(found[0][-1])

    def only(self, keys: Collection[str], section: Route) -> Route | None:
        """The only place outside of `section` where one of `keys` is missing."""
        places = (route for key in keys for route in self._by_key.get(key, ()) if route[:-1] != section)
        found = list(islice(places, 2))
        return found[0] if len(found) == 1 else None


def explain(errors: Sequence["ErrorDetails"], tree: dict[str, Any]) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a tree.

    A key that is misspelled or stands in a wrong place is missing where it belongs. That is one mistake: it is told at the key that is
    there.
    """
    found = [fault(error, tree) for error in errors[:_MOST_EXPLAINED]]
    missing = _Missing(error for error in found if error.kind == "missing")
    texts = {error.route[:-1] for error in found if error.kind == "missing" and any(kind.type is str for kind in _words_instead(error))}
    unknown = [error for error in found if error.kind == "extra_forbidden" and error.route[:-1] not in texts]
    outside = _outside(found, unknown)
    extra = [
        _unindented(error, outside[error.route]) if error.route in outside else _unknown(error, missing, guess=number < _MOST_GUESSES)
        for number, error in enumerate(unknown)
    ]
    emptied = set(outside.values())
    others = [
        _filled(error, _other(error)) for error in found if error.kind not in {"missing", "extra_forbidden"} and error.route not in emptied
    ]
    absent = [_missing(error) for error in missing]
    return tuple(dict.fromkeys((*extra, *absent, *others)))


def fault(error: "ErrorDetails", tree: dict[str, Any]) -> Fault:
    """What an error of pydantic's speaks of in the tree."""
    route: list[str | int] = []
    section: Any = None
    value: Any = tree
    for step in error["loc"]:
        try:
            below = value[step]
        except (KeyError, IndexError, TypeError):
            if str(step).startswith("<"):
                continue
            below = None
        section, value = value, below
        route.append(step)
    return Fault(error["type"], error.get("ctx", {}), error["msg"], error["loc"], tuple(route), value, section)


def _unknown(error: Fault, missing: _Missing, *, guess: bool) -> Diagnostic:
    """A key that the section does not know. What it was meant for is not told a second time: it leaves `missing`."""
    section, key = error.route[:-1], error.key
    known = shape.keys(error.location[:-1])
    translated = wording.translated(key)
    elsewhere = key if translated in known else translated
    kind, kinds = shape.other_kinds(error.location[:-1], elsewhere)
    if kinds:
        chosen = wording.alternatives([kind[1:-1]])
        others = wording.alternatives([kind[1:-1] for kind in kinds])
        return rules.key_of_another_kind(error.route, elsewhere, wording.section(section), chosen, others, missing.take_one_of(section))
    told = wording.instead(key)
    if told:
        return rules.unknown_key(error.route, key, wording.section(section), told)
    meant = wording.meant(key, known, guess=guess)
    if meant is not None:
        missing.take((*section, meant))
        return rules.unknown_key(error.route, key, wording.section(section), f"Did you mean `{meant}`?")
    home = missing.only(dict.fromkeys((key, translated)), section)
    if home is not None:
        missing.take(home)
        mend = f"It belongs to {wording.section(home[:-1])}: move it there."
        diagnostic = rules.unknown_key(error.route, key, wording.section(section), mend)
        return diagnostic._replace(related=((f"`{home[-1]}` is missing here", home),))
    places = [place for place in shape.homes(translated) if _related(section, place)]
    mend = f"`{translated}` belongs to {wording.places(places)}." if places else wording.known(known)
    return rules.unknown_key(error.route, key, wording.section(section), mend)


def _outside(found: Sequence[Fault], unknown: Sequence[Fault]) -> dict[Route, Route]:
    """The unknown keys that belong to the empty section right in front of them, with that section: they lack their indentation."""
    empty = {error.route: shape.at(error.location) for error in found if error.value is None and error.kind != "missing"}
    outside: dict[Route, Route] = {}
    for error in unknown:
        keys = list(error.section)
        before = (*error.route[:-1], keys[keys.index(error.key) - 1])
        section = outside.get(before, before)
        if section in empty and before != error.route:
            named = any(get_origin(kind.type) is dict for kind in empty[section]) and not _known(error)
            if named or any(shape.is_section(kind.type) and error.key in kind.type.model_fields for kind in empty[section]):
                outside[error.route] = section
    return outside


def _known(error: Fault) -> bool:
    """Whether an unknown key of this section was meant for one that it has."""
    return wording.meant(error.key, shape.keys(error.location[:-1])) is not None


def _unindented(error: Fault, section: Route) -> Diagnostic:
    name = wording.section(section)
    mend = f"Indent it below {name}, with what stands below it."
    return rules.unknown_key(error.route, error.key, wording.section(error.route[:-1]), mend)._replace(
        related=((f"{name} is empty", section),)
    )


def _related(section: Route, place: str) -> bool:
    """Whether a key may have slipped from one place to the other; keys like `name` are in many sections by chance."""
    return not section or not place or place.partition(".")[0] == section[0]


def _missing(error: Fault) -> Diagnostic:
    words = _words_instead(error)
    mend = instead(error.section, words, error.key) if words else asked(error.key, shape.at(error.location))
    return rules.missing_key(error.route, error.key, wording.section(error.route[:-1]), mend)


def _words_instead(error: Fault) -> tuple[shape.Kind, ...]:
    """The plain values that may stand in place of a section that has nothing of what belongs there, nor means it."""
    known = shape.keys(error.location[:-1])
    if error.location[-2:-1] != (f"<{error.key}>",) or len(error.section) > 1:
        return ()
    if any(key in known or wording.meant(str(key), known) for key in error.section):
        return ()
    return tuple(kind for kind in shape.at(error.location[:-2]) if kind.tag == "<word>")


def _filled(error: Fault, diagnostic: Diagnostic) -> Diagnostic:
    """What another program should have filled in is no value at all: that helps more than how such a value is written."""
    mend = wording.unfilled(error.value)
    return diagnostic._replace(help=mend) if mend else diagnostic


def _other(error: Fault) -> Diagnostic:
    """Anything but a key that is missing or unknown."""
    if error.key == "[key]" and len(error.route) > 1:
        named = str(error.route[-2])
        mend = wording.limit(error.kind, error.context, named) or wording.form(error.kind, error.context, error.message, named)
        return rules.wrong_name(error.route[:-1], named, wording.section(error.route[:-2]), mend)
    if error.value is None or (error.value in ({}, []) and error.kind == "too_short"):
        wanted = wording.wanted(shape.at(error.location))
        return rules.empty(error.route, wording.name(error.route), f"Write {wanted}, or remove the key.")
    if error.kind == "kind":
        return _no_kind(error)
    if error.kind == "literal_error":
        return _unknown_word(error)
    return _value(error)


def _value(error: Fault) -> Diagnostic:
    """A value of another kind, outside of its limits, or in another form."""
    name, shown = wording.name(error.route), wording.shown(error.value)
    if error.kind.endswith(("_type", "_parsing", "int_from_float")):
        chosen = str(error.location[-1]).startswith("<")  # by default: a section that says nothing of its kind
        kinds = shape.at(error.location[:-1] if chosen else error.location)
        mend = rewrite(error.key, error.value, kinds, shape.chooser(kinds))
        return rules.wrong_kind(error.route, name, wording.described(error.value), wording.wanted(kinds, shape.chooser(kinds)), mend)
    if error.kind == "each_once":
        again = (*error.route, len(error.value) - 1 - error.value[::-1].index(error.context["twice"]))
        mend = "It stands there already: write each value once."
        return rules.wrong_form(again, wording.name(again), wording.shown(error.context["twice"]), mend)
    limit = wording.limit(error.kind, error.context, error.value)
    if limit:
        counted = wording.counted(error.value) or shown
        return rules.out_of_limits(error.route, name, counted, f"{limit}{wording.unit(error.key, error.value)}")
    return rules.wrong_form(error.route, name, shown, wording.form(error.kind, error.context, error.message, error.value))


def _no_kind(error: Fault) -> Diagnostic:
    """It cannot be told which kind of section this is."""
    chooser, kinds = error.context["key"], shape.at(error.location)
    if not isinstance(error.value, dict):
        name, mend = wording.name(error.route), rewrite(error.key, error.value, kinds, chooser)
        return rules.wrong_kind(error.route, name, wording.described(error.value), wording.wanted(kinds, chooser), mend)
    words = [kind.tag[1:-1] for kind in kinds]
    if not chooser:  # a kind is told by a key of its own
        keys = [word for word in words if word not in {"", "word"}]
        near = {str(key): suggest(str(key), keys) for key in error.value}
        section = wording.section(error.route)
        for key, meant in near.items():
            if meant:
                return rules.unknown_key((*error.route, key), key, section, f"Did you mean `{meant}`?")
        return rules.missing_key((*error.route, keys[0]), keys[0], section, f"Add {wording.alternatives(keys)}.")
    route = (*error.route, chooser)
    if chooser not in error.value:
        mend = f"Add `{chooser}:` with {wording.alternatives(words)}."
        return rules.missing_key(route, chooser, wording.section(error.route), mend)
    chosen = error.value[chooser]
    if chosen is None:
        return rules.empty(route, f"`{chooser}`", f"Write {wording.alternatives(words)}.")
    return rules.unknown_word(route, f"`{chooser}`", wording.shown(chosen), wording.choose(chosen, words))


def _unknown_word(error: Fault) -> Diagnostic:
    """A value that is none of those that are possible."""
    name, words = wording.name(error.route), _words(error)
    if isinstance(error.value, str) and error.value in words:
        return rules.unknown_word(error.route, name, wording.described(error.value), f"Write it without quotes: `{error.value}`.")
    if error.key == "shift" and (meant := wording.predefined(error.value)):
        return rules.unknown_word(error.route, name, wording.shown(error.value), f"Write `shift: {meant}`.")
    return rules.unknown_word(error.route, name, wording.shown(error.value), _choice(error, words))


def _words(error: Fault) -> list[str]:
    return [quoted or number for quoted, number in re.findall(r"'([^']*)'|(\d+)", error.context["expected"])]


def _choice(error: Fault, words: list[str]) -> str:
    """What may stand where only certain words may, and which of them was probably meant."""
    sections = [kind.tag[1:-1] for kind in shape.at(error.location[:-1]) if kind.tag not in {"", "<word>"}]
    if error.location[-1] == "<word>" and sections:
        near = suggest(str(error.value), sections)
        if near:
            needed = ", ".join(f"{key}: …" for key in shape.keys((*error.location[:-1], f"<{near}>")) if key)
            return f"`{near}` needs a mapping: `{error.key}: {{{needed}}}`."
        return f"{wording.choose(error.value, words).removesuffix('.')}, or a mapping with {wording.alternatives(sections)}."
    return f"{wording.choose(error.value, words)}{wording.unit(error.key, error.value)}"
