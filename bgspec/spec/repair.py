"""A spec with mistakes, mended as far as that goes, so that the rest of it can be judged in the same run.

What is misspelled gets the name that was meant; what is wrong is left out, or becomes something that could stand there, or goes with the
section that cannot be without it. Nobody can know what should have stood there: so there are several mended trees, each with other values
in those places, and what is found only in some of them comes from the mending.
"""

from collections.abc import Collection, Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, get_origin

from bgspec.diagnostics import Route
from bgspec.spec import Spec, shape, wording
from bgspec.spec.compiled import language
from bgspec.spec.core import ValidationError
from bgspec.spec.mistakes import Fault, fault
from bgspec.spec.samples import samples

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

_MOST_FAULTS = 100
"""Whoever has more of them mends those first."""
_MOST_ROUNDS = 8
"""What is mended may leave something else wrong: at most as often as sections are nested."""
_MOST_TREES = 5

_CALLED: dict[str, object] = {"image": {"build": "."}, "port": 80}
_WORKER: dict[str, object] = {"image": {"build": "."}, "exec": True}
_STAND_INS: dict[Route, tuple[object, ...]] = {
    ("bgspec",): (1,),
    ("system",): ("a", "b"),
    ("environment",): ("a", "b"),
    ("region",): ("us-east-1", "eu-central-1"),
    ("services",): ({"a": _CALLED}, {"b": _WORKER}),
    ("services", "*"): (_CALLED, _WORKER),
    ("services", "*", "image"): ({"build": "."}, {"uri": "public.ecr.aws/docker/library/nginx:1.29"}),
}
"""What stands for that which no spec can be without."""


class _Rename(NamedTuple):
    key: str


_GONE = object()


class _Change(NamedTuple):
    """What becomes of a place in the user's tree."""

    choices: Sequence[object]
    """One for each of the mended trees: `_GONE`, a `_Rename`, or the value."""
    doubtful: Route | None
    """The place of which nobody knows what should stand there; None where it is known."""


_Changes = dict[Route, _Change]


class Mended(NamedTuple):
    """A tree that the language accepts."""

    spec: Spec
    tree: dict[str, Any]
    steps: dict[Route, str | int]
    """Routes that end in another step than the user's tree has there, with that step."""

    def original(self, route: Route) -> Route:
        """The route in the user's tree."""
        return _original(route, self.steps)


class Repairs(NamedTuple):
    """What came of a spec with mistakes."""

    trees: tuple[Mended, ...]
    """None where it cannot be mended."""
    doubtful: tuple[Route, ...]
    """The places, in the user's tree, of which nobody knows what should stand there."""


def repairs(tree: dict[str, Any]) -> Repairs:
    """Mend a tree that the language does not accept."""
    changes: _Changes = {}
    for _ in range(_MOST_ROUNDS):
        first = _attempt(tree, changes, 0)
        if isinstance(first, Mended):
            most = max(len(change.choices) for change in changes.values())
            others = (_another(tree, changes, number) for number in range(1, min(most, _MOST_TREES)))
            doubtful = tuple(change.doubtful for change in changes.values() if change.doubtful is not None)
            return Repairs((first, *(other for other in others if other is not None)), doubtful)
        if len(first.errors) > _MOST_FAULTS or not all(_change(changes, found, route) for found, route in first.faults()):
            break
    return Repairs((), ())


class _Wrong(NamedTuple):
    """A tree that is still not mended."""

    tree: dict[str, Any]
    steps: dict[Route, str | int]
    errors: list["ErrorDetails"]

    def faults(self) -> Iterator[tuple[Fault, Route]]:
        """What is wrong, with its place in the user's tree."""
        for error in self.errors:
            found = fault(error, self.tree)
            yield found, _original(found.route, self.steps)


def _attempt(tree: dict[str, Any], changes: _Changes, number: int, as_first: Collection[Route] = ()) -> Mended | _Wrong:
    """The tree with one choice for each change: the one with this number, or the first."""
    choices = {route: change.choices[0 if route in as_first else number % len(change.choices)] for route, change in changes.items()}
    steps: dict[Route, str | int] = {}
    mended = _Mending(choices, steps).mend(tree, (), ())
    try:
        return Mended(language().validator.validate_python(mended), mended, steps)
    except ValidationError as error:
        return _Wrong(mended, steps, error.errors(include_url=False, include_input=False))


def _another(tree: dict[str, Any], changes: _Changes, number: int) -> Mended | None:
    """A further tree; where its choices do not go together, some are those of the first."""
    as_first: set[Route] = set()
    for _ in range(_MOST_ROUNDS):
        other = _attempt(tree, changes, number, as_first)
        if isinstance(other, Mended):
            return other
        places = [place for _, place in other.faults()]
        as_first |= {route for route in changes for place in places if place[: len(route)] == route or route[:-1] == place}
    return None


def _original(route: Route, steps: dict[Route, str | int]) -> Route:
    return tuple(steps.get(route[: depth + 1], step) for depth, step in enumerate(route))


class _Mending:
    """Makes one mended tree."""

    def __init__(self, choices: dict[Route, object], steps: dict[Route, str | int]) -> None:
        self.choices = choices
        self.steps = steps
        self.below: dict[Route, list[str]] = {}
        for route in choices:
            if isinstance(route[-1], str):
                self.below.setdefault(route[:-1], []).append(route[-1])

    def mend(self, value: Any, route: Route, place: Route) -> Any:  # noqa: ANN401  any value of a tree
        """`value`, which stands at `route` in the user's tree and comes to stand at `place`."""
        if isinstance(value, dict):
            return self._mapping(value, route, place)
        if isinstance(value, list):
            return self._list(value, route, place)
        return value

    def _mapping(self, value: dict[str, Any], route: Route, place: Route) -> dict[str, Any]:
        mended: dict[str, Any] = {}
        for key, below in value.items():
            here = (*route, key)
            choice = self.choices.get(here)
            if isinstance(choice, _Rename):
                if choice.key not in value and choice.key not in mended:
                    self.steps[*place, choice.key] = key
                    mended[choice.key] = self.mend(below, here, (*place, choice.key))
            elif choice is None:
                mended[key] = self.mend(below, here, (*place, key))
            elif choice is not _GONE:
                mended[key] = choice
        for key in self.below.get(route, ()):
            choice = self.choices[*route, key]
            if key not in value and key not in mended and choice is not _GONE:
                mended[key] = choice
        return mended

    def _list(self, value: list[Any], route: Route, place: Route) -> list[Any]:
        mended: list[Any] = []
        for index, below in enumerate(value):
            choice = self.choices.get((*route, index))
            if choice is _GONE:
                continue
            here = (*place, len(mended))
            if len(mended) != index:
                self.steps[here] = index
            mended.append(self.mend(below, (*route, index), here) if choice is None else choice)
        return mended


def _change(changes: _Changes, found: Fault, route: Route) -> bool:
    """Note what becomes of the place of a fault; False where nothing can be done."""
    if not route:
        return False
    if found.kind == "extra_forbidden":
        _change_unknown(changes, found, route)
    elif found.key == "[key]":
        changes[route[:-1]] = _Change((_GONE,), route[:-2])
    elif (route in changes) if found.kind != "missing" else not set(found.section).intersection(shape.keys(found.location[:-1])):
        return _change_above(changes, found, route)
    else:
        choices = _choices(found.location, route, present=found.kind != "missing")
        if not choices:
            return _change_above(changes, found, route)
        changes[route] = _Change(choices, _doubtful(found.location, route))
    return True


def _change_unknown(changes: _Changes, found: Fault, route: Route) -> None:
    """A key that is misspelled, or was meant for any of the keys that are not there."""
    section = found.location[:-1]
    known = shape.keys(section)
    meant = None if route in changes else wording.meant(found.key, known)
    if meant:
        changes[route] = _Change((_Rename(meant),), None)
        return
    changes[route] = _Change((_GONE,), route)
    for key in known:
        here = (*section, key)
        if key not in found.section and not shape.required(here) and (choices := samples(here)):
            changes.setdefault((*route[:-1], key), _Change((_GONE, _GONE, *choices), None))  # the second is for the wrong values alone


def _change_above(changes: _Changes, found: Fault, route: Route) -> bool:
    """What cannot be mended goes with the section that it belongs to."""
    above = route[:-1]
    if not above:
        return False
    for below in [known for known in changes if known[: len(above)] == above]:
        del changes[below]
    location = found.location[:-1]
    while location and str(location[-1]).startswith("<"):
        location = location[:-1]
    changes[above] = _Change(_choices(location, above, present=True) or (_GONE,), _doubtful(location, above))
    return True


def _choices(location: shape.Location, route: Route, *, present: bool) -> Sequence[object]:
    """What may stand at a place instead of what does, or should: nothing first, where a key with a default is concerned."""
    stand_ins = _STAND_INS.get((*route[:1], "*", *route[2:]) if len(route) > 1 else route, ())
    choices = stand_ins or samples(location)
    if not present or (len(route) == 1 and stand_ins) or shape.required(location):
        return choices
    in_section = any(shape.is_section(kind.type) for kind in shape.at(location[:-1]))
    return (_GONE, *choices) if in_section else (*choices, _GONE)


def _doubtful(location: shape.Location, route: Route) -> Route:
    """The place itself; where names are defined, everything beside it that may speak of them."""
    return route[:-1] if any(get_origin(kind.type) is dict for kind in shape.at(location)) else route
