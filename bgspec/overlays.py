"""`environments:`: one file, several environments; each overlay is laid over the rest of the file."""

from typing import Any, Literal, NamedTuple

from bgspec.diagnostics import Diagnostic, Finding, Route, Span, suggest
from bgspec.document import Document, rules

MOST_VALUES_OF_ALL = 60_000
"""Scalars, mappings and lists of all environments together: each is compiled by itself."""
_LEAST_OF_A_SERVICE = 40
"""What a service counts for, however little is written: with its defaults it has more."""
_ENVIRONMENT = 2
"""What a route has before it is one of the spec: `environments`, and the name of one."""
_MOST_SUGGESTIONS = 100
"""Looking for what was meant costs more than everything else about a finding."""
_NAMES = ("environment", "environments")
"""The keys that name environments: no part of what is laid over one another."""


class View(NamedTuple):
    """One environment of a document: the tree as it is with the overlay laid over the rest."""

    document: Document
    environment: str | None
    """A key of `environments:`; None where the file has none."""
    tree: dict[str, Any]

    def locate(self, route: Route, at: Literal["value", "key"] = "value") -> Span:
        """Where the value stands: in the overlay if that sets it, otherwise in the rest. Never raises."""
        if self.environment is None:
            return self.document.locate(route, at)
        above: Route = ("environments", self.environment)
        if route == ("environment",):
            return self.document.locate(above, "key")
        base, overlay = self.document.tree, self.document.tree["environments"][self.environment]
        for depth, step in enumerate(route):
            if not isinstance(overlay, dict) or step not in overlay:
                break
            base = base.get(step) if isinstance(base, dict) else None
            overlay = overlay[step]
            if overlay is None:  # removed: whatever misses it now, misses it because of this line
                return self.document.locate(above + route[: depth + 1], "key")
        stands_in_overlay = not isinstance(overlay, dict) or not isinstance(base, dict)
        return self.document.locate(above + route if stands_in_overlay else route, at)


def views(document: Document) -> tuple[tuple[View, ...], tuple[Diagnostic, ...]]:
    """The environments of a document in the order of the file, and what is wrong with `environments:` itself."""
    tree = document.tree
    if not isinstance(tree, dict):
        return (), ()
    if "environments" not in tree:
        return (View(document, None, tree),), ()
    problems: list[Diagnostic] = []
    if "environment" in tree:
        problems.append(rules.environment_twice(document.locate(("environment",), "key")))
    base = _unnamed(tree)
    overlays = tree["environments"]
    if not isinstance(overlays, dict) or not overlays:
        problems.append(rules.environments_no_mapping(document.locate(("environments",))))
        return (), tuple(problems)
    if size(document) > MOST_VALUES_OF_ALL:
        problems.append(rules.too_many_values(document.locate(("environments",), "key"), MOST_VALUES_OF_ALL))
        return (), tuple(problems)
    found = []
    for name, overlay in overlays.items():
        route: Route = ("environments", name)
        if not isinstance(overlay, dict):
            problems.append(rules.overlay_no_mapping(document.locate(route), name))
            continue
        problems.extend(rules.environment_twice(document.locate((*route, key), "key")) for key in _NAMES if key in overlay)
        merged = _lay(_unnamed(overlay), base, document, route, problems)
        found.append(View(document, name, {**merged, "environment": name}))
    return tuple(found), tuple(problems)


def size(document: Document) -> int:
    """What there is to compile: the values of all environments together."""
    tree = document.tree if isinstance(document.tree, dict) else {}
    services, environments = tree.get("services"), tree.get("environments")
    values = max(document.values, _LEAST_OF_A_SERVICE * len(services) if isinstance(services, dict) else 0)
    return values * max(len(environments) if isinstance(environments, dict) else 1, 1)


def _unnamed(tree: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in tree.items() if key not in _NAMES}


def finding(view: View, diagnostic: Diagnostic) -> Finding:
    """A diagnostic with its place in this environment."""
    return Finding(
        view.document.name,
        diagnostic.span or view.locate(diagnostic.route, diagnostic.at),
        diagnostic.code,
        diagnostic.severity,
        diagnostic.message,
        diagnostic.help,
        view.environment,
        tuple((sentence, view.locate(route, diagnostic.at)) for sentence, route in diagnostic.related),
    )


def _lay(overlay: dict[str, Any], base: dict[str, Any], document: Document, route: Route, problems: list[Diagnostic]) -> dict[str, Any]:
    """Mappings merge, null removes, everything else replaces."""
    laid = dict(base)
    for key, value in overlay.items():
        if value is None:
            if key not in laid:
                span = document.locate((*route, key), "key")
                near = suggest(key, base) if len(problems) < _MOST_SUGGESTIONS else None
                place = ".".join(str(step) for step in (*route, key)[_ENVIRONMENT:])
                problems.append(rules.removes_nothing(span, place, near))
            laid.pop(key, None)
        elif isinstance(value, dict):
            below = laid.get(key)
            laid[key] = _lay(value, below if isinstance(below, dict) else {}, document, (*route, key), problems)
        else:
            laid[key] = value
    return laid
