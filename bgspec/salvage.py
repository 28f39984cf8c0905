"""What else is wrong with a spec that the language does not accept: all findings in one run.

Nothing here runs unless a spec is wrong.
"""

from typing import Any

from bgspec import checks
from bgspec.diagnostics import Diagnostic, Route
from bgspec.plan import resolve
from bgspec.spec.repair import Mended, repairs


def salvage(tree: dict[str, Any], *, shared: bool) -> tuple[Diagnostic, ...]:
    """What the rules find in the sound parts of a tree, in the order of the codes.

    The tree is mended in several ways. A finding counts if it is the same in each of them, and is not about a place that was mended.
    """
    trees, doubtful = repairs(tree)
    if not trees:
        return ()
    first, *others = (_found(mended, shared=shared) for mended in trees)
    return tuple(
        found
        for found in first
        if all(found in other for other in others)
        and not any(_touches(place, doubt) for place in (found.route, *(route for _, route in found.related)) for doubt in doubtful)
    )


def _found(mended: Mended, *, shared: bool) -> dict[Diagnostic, None]:
    """The findings in a mended tree, with their places in the user's."""
    environment = checks.Environment(mended.spec, resolve(mended.spec, shared=shared), mended.tree)
    return {
        found._replace(
            route=mended.original(found.route),
            related=tuple((sentence, mended.original(route)) for sentence, route in found.related),
        ): None
        for found in checks.run(environment)
    }


def _touches(place: Route, doubt: Route) -> bool:
    """Whether a place is a doubtful one, lies in it, or is the section in which that may be missing."""
    return place[: len(doubt)] == doubt or place == doubt[:-1]
