"""Random specs for hypothesis, built from the models of the language: a field that is added there is drawn here.

`specs()` draws valid ones. What the types alone cannot know (a memory size that goes with the CPU, two ports that must differ) is
mended after drawing: whatever bgspec finds an error in is taken out again, until nothing is wrong.

A `Wish` is a field of a model, perhaps with one of its words; `wishes()` are all there are. `specs(wish)` draws specs that hold it.
"""

import json
import re
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from zlib import crc32

from hypothesis import HealthCheck, Phase, assume, given, seed, settings
from hypothesis import strategies as st
from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from bgspec import checks
from bgspec.diagnostics import Route
from bgspec.overrides import rules
from bgspec.plan import resolve
from bgspec.regions import REGIONS, region
from bgspec.render import templates
from bgspec.spec.models import Spec
from bgspec.spec.read import read
from bgspec.spec.values import Duration, Share
from tests.wishes import Place, Tree, Wish, granted, is_model, picks, reachable, wishes

# Text that means something to YAML, Jinja2, CloudFormation, a shell or JSON, and must mean nothing anywhere.
HOSTILE = (
    "{{ plan.system }}",
    "{% raw %}",
    "{# x #}",
    "${AWS::AccountId}",
    "${!Literal}",
    "${",
    "!Sub ${AWS::Region}",
    "!Ref Vpc",
    "$(touch pwned)",
    "`touch pwned`",
    "'; touch pwned; '",
    '"; touch pwned; "',
    "$HOME",
    "a\nb: c",
    "a\r\n- b",
    "tab\there",
    "# no comment",
    "key: value",
    "- item",
    "on",
    "no",
    "null",
    "~",
    "0123",
    "1e3",
    "1:30",
    "=",
    "<<",
    "*alias",
    "&anchor",
    "%directive",
    "@at",
    "<TASK_DEFINITION>",
    "<IMAGE1_NAME>",
    "\\",
    "\\n",
    "back\\slash'quote\"",
    " leading and trailing ",
    "\u2028line\u2029separators\u0085",
    "\ufeffmark",
    "日本語 😀",
    "é" * 40,
)


@st.composite
def specs(draw: st.DrawFn, wish: Wish | None = None, **fixed: object) -> Tree:
    """Valid specs of one environment; those keys at the top that are `fixed` stay as they are."""
    towards = wish or draw(st.sampled_from(wishes()))  # what lies deep would seldom be drawn
    tree = mend(_acquainted(_at_home(_with_company(towards, {**draw(_section(Spec, towards)), **fixed}))))
    assume(tree is not None and (wish is None or wish in granted(tree)))
    return tree


def _with_company(wish: Wish, tree: Tree) -> Tree:
    """The tree with what a wish needs beside it and chance would hardly give: a container that may end, for those that wait for it."""
    if wish.model.__name__ in {"DnsDiscovery", "ServiceConnect"} or wish.field in {"connect", "discovery", "protocol"}:
        image = {"uri": "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1"}
        callee = {"image": image, "port": 9000, "load_balancer": False, "protocol": "tcp"}
        return {**tree, "services": {**tree["services"], "callee": callee, "caller": {"image": image, "connect": ["callee"]}}}
    if wish.field != "depends_on":
        return tree
    sidecar = {"image": "111122223333.dkr.ecr.us-east-1.amazonaws.com/a:1", "essential": False, "health": {"command": ["CMD", "/bin/true"]}}
    services = {name: {**service, "sidecars": {**service.get("sidecars", {}), "a": sidecar}} for name, service in tree["services"].items()}
    return {**tree, "services": services}


def _at_home(tree: Tree) -> Tree:
    """The tree with the ARNs and images in it, which are drawn as things of us-east-1, in its own Region."""
    home = region(tree["region"])

    def moved(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: moved(item) for key, item in value.items()}
        if isinstance(value, list):
            return [moved(item) for item in value]
        if isinstance(value, str) and value.startswith("arn:aws:"):
            return value.replace("arn:aws:", f"arn:{home.partition}:", 1).replace(":us-east-1:", f":{home.name}:", 1)
        if isinstance(value, str) and ".dkr.ecr.us-east-1.amazonaws.com/" in value:
            return value.replace(".us-east-1.amazonaws.com/", f".{home.name}.{home.dns_suffix}/")
        return value

    return moved(tree)


def _acquainted(tree: Tree) -> Tree:
    """The tree with its own services' names where one calls another, and its accounts' numbers in their ARNs: chance hardly meets them."""
    services = tree.get("services") or {}
    called = [name for name, service in services.items() if service.get("port") and not service.get("schedule")]
    for name, service in services.items():
        if "connect" in service:
            service["connect"] = [other for other in called if other != name][: max(len(service["connect"]), 1)]
    tools = tree.get("tools_account") or {}
    for key, account in (("key", tools.get("account")), ("permissions_boundary", tools.get("account")), ("role", tree.get("account"))):
        if key in tools and account:
            tools[key] = re.sub(r":[0-9]{12}:", f":{account}:", tools[key])
    return tree


def as_yaml(tree: Tree) -> bytes:
    """A tree as a spec file. JSON is YAML where the characters that YAML cannot hold are escaped."""
    text = json.dumps(tree, ensure_ascii=False)
    return re.sub("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]", lambda match: f"\\u{ord(match[0]):04x}", text).encode()


def mend(tree: Tree) -> Tree | None:
    """The tree without whatever is wrong in it; None where nothing is left."""
    for _ in range(100):
        wrong = _errors(tree)
        if not wrong:
            return tree
        for route in wrong:
            if not _remove(tree, route):
                return None
    return None


def _errors(tree: Tree) -> list[Route]:
    """Where errors are, in the order in which the values can be taken out: of a list the last first."""
    reading = read(tree)
    problems = reading.problems
    if reading.spec is not None:
        plan = resolve(reading.spec)
        problems += checks.run(checks.Environment(reading.spec, plan, tree))
        if plan.overrides and not any(problem.severity == "error" for problem in problems):
            problems += rules.problems(plan.overrides, templates(plan))
    routes = {problem.route: None for problem in problems if problem.severity == "error"}
    return sorted(
        routes, key=lambda route: [(isinstance(step, int), step if isinstance(step, int) else 0, str(step)) for step in route], reverse=True
    )


def _remove(tree: Tree, route: Route) -> bool:
    """Take out what the route leads to; where nothing is there, what should have held it."""
    parents: list[Any] = [tree]
    for step in route:
        try:
            parents.append(parents[-1][step])
        except (KeyError, IndexError, TypeError):
            break
    if len(parents) == 1:
        return False
    del parents[-2][route[len(parents) - 2]]
    return bool(tree)


# --- types to strategies ---


@cache
def _section(model: type[BaseModel], wish: Wish | None) -> st.SearchStrategy[Tree]:
    """A mapping with what must be in it, what leads to the wish, and a few of the rest."""
    required, optional = {}, {}
    for name, field in model.model_fields.items():
        wanted = wish is not None and (wish[:2] == (model, name) or wish.model in reachable(field.annotation))
        better = _BETTER.get((model.__name__, name))
        drawn = _values(field.annotation, _limits(field.metadata), wish if wanted else None, (model, name))
        (required if field.is_required() or wanted else optional)[name] = drawn if better is None else better
    if not optional:
        return st.fixed_dictionaries(required)

    @st.composite
    def section(draw: st.DrawFn) -> Tree:
        names = draw(st.lists(st.sampled_from(list(optional)), max_size=4, unique=True))
        return {name: draw(values) for name, values in (required | {name: optional[name] for name in names}).items()}

    return section()


def _values(kind: Any, limits: Tree, wish: Wish | None, place: Place) -> st.SearchStrategy[Any]:
    """What may be written where the language wants a `kind`."""
    known, origin, inner = _known(limits), get_origin(kind), get_args(kind)
    picked = wish is not None and picks(wish, place, kind)
    if known is not None:
        found = known
    elif origin is Annotated:
        found = _values(inner[0], {**limits, **_limits(inner[1:])}, wish, place)
    elif origin in {Union, UnionType}:
        branches = [branch for branch in inner if branch is not NoneType]
        towards = [branch for branch in branches if wish and (wish.model in reachable(branch) or picks(wish, place, branch))]
        found = st.one_of(*(_values(branch, limits, wish, place) for branch in towards or branches))
    elif origin is Literal or kind is bool:
        found = st.just(wish.value) if wish and picked else st.sampled_from(inner or (True, False))
    elif origin in {list, dict}:
        found = _collections(kind, limits, wish, place)
    elif is_model(kind):
        found = _section(kind, wish)
    else:
        found = _scalars(kind, limits, place)
    return found


def _collections(kind: Any, limits: Tree, wish: Wish | None, place: Place) -> st.SearchStrategy[Any]:
    """Lists and mappings of up to two items, with something in them where a wish leads there."""
    towards = wish is not None and (picks(wish, place, kind) or wish.model in reachable(kind))
    least = max(limits.get("min_length") or 0, towards)
    most = min(limits.get("max_length") or 2, max(least, 2))
    parts = [_values(part, {}, wish, place) for part in get_args(kind)]
    if get_origin(kind) is dict:
        names = [name for name in ("a", "b") if _takes(get_args(kind)[0], name)]
        if names:  # few names, so that one section often speaks of another's
            parts[0] = st.one_of(st.sampled_from(names), st.sampled_from(names), parts[0])
        return st.dictionaries(*parts, min_size=least, max_size=most)
    return st.lists(*parts, min_size=least, max_size=most, unique="each_once" in limits.get("validators", ()))


def _takes(kind: Any, text: str) -> bool:
    try:
        TypeAdapter(kind).validate_python(text)
    except ValidationError:
        return False
    return True


def _scalars(kind: Any, limits: Tree, place: Place) -> st.SearchStrategy[Any]:
    if kind is int:
        return st.integers(limits.get("ge"), limits.get("le"))
    if kind is float:
        return st.decimals(limits.get("ge", -10_000), limits.get("le", 10_000), places=2).map(float)
    if kind is Any:
        return st.none() | st.booleans() | st.integers() | _texts(None, 0, 40)
    if kind is str:
        return _texts(limits.get("pattern"), limits.get("min_length") or 0, limits.get("max_length") or 200)
    raise TypeError(f"{place[0].__name__}.{place[1]}: tests/strategies.py does not know how to draw a {kind}")


def _known(limits: Tree) -> st.SearchStrategy[Any] | None:
    """Values of a type that checks them with a function of its own."""
    if isinstance(limits.get("type"), Duration):
        return _durations(limits["type"])
    if isinstance(limits.get("type"), Share):
        return st.integers(limits["type"].low, limits["type"].high).map(lambda percent: f"{percent}%")
    return next((_KNOWN[name] for name in reversed(limits.get("validators", ())) if name in _KNOWN), None)


def _networks(shortest: int = 8, longest: int = 32) -> st.SearchStrategy[str]:
    def network(bits: int, prefix: int) -> str:
        address = bits >> (32 - prefix) << (32 - prefix)
        return f"{address >> 24}.{address >> 16 & 255}.{address >> 8 & 255}.{address & 255}/{prefix}"

    return st.builds(network, st.integers(1 << 24, (224 << 24) - 1), st.integers(shortest, longest))


def _durations(limit: Duration) -> st.SearchStrategy[str]:
    units = {"d": 86400, "h": 3600, "m": 60, "s": 1}
    low, high, step = (int(text[:-1]) * units[text[-1]] for text in limit)

    def written(seconds: int) -> str:
        unit = next(unit for unit, size in units.items() if seconds % size == 0)
        return f"{seconds // units[unit]}{unit}"

    return st.integers(-(-low // step), high // step).map(lambda steps: written(steps * step))


@cache
def _texts(pattern: str | None, least: int, most: int) -> st.SearchStrategy[str]:
    free = st.sampled_from(HOSTILE) | st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)
    if pattern is None:
        return free.filter(lambda text: least <= len(text) <= most and not _PSEUDO.fullmatch(text))
    for java, python in _NARROWER:
        pattern = pattern.replace(java, python)
    plain = re.compile(pattern.removeprefix("^").removesuffix("$"))
    drawn = st.from_regex(plain, fullmatch=True)
    hostile = [text for text in HOSTILE if plain.fullmatch(text)]
    return (st.sampled_from(hostile) | drawn if hostile else drawn).filter(lambda text: least <= len(text) <= most)


# What hypothesis takes from the sources: cfn-lint says of such a text that somebody forgot `!Ref`, and here nobody did.
_PSEUDO = re.compile(r"AWS::\w+")

# Parts of patterns and what is drawn for them: classes that `re` does not know, and what is realistic in an ARN.
_NARROWER = (
    (r"\p{L}\p{Z}\p{N}", r"\w "),
    (r"arn:aws[a-z\-]*:", "arn:aws:"),
    (r":[a-z0-9\-]+:[0-9]{12}:", ":us-east-1:[0-9]{12}:"),
    (r":[a-z0-9\-]*:[0-9]{12}:", ":us-east-1:[0-9]{12}:"),
)

# Functions of bgspec.spec.values and what passes them; a function that is not here is trusted to pass what its type allows.
_KNOWN: dict[str, st.SearchStrategy[Any]] = {
    "region": st.sampled_from(sorted(REGIONS)),
    "network": _networks(),
    "vpc_network": _networks(16, 24),
}

# Fields whose type allows much that AWS does not know, or that nearly always contradicts another field.
_BETTER: dict[tuple[str, str], st.SearchStrategy[Any]] = {
    ("Service", "memory"): st.sampled_from((512, 1024, 2048, 4096, 8192, 16384, 32768, 61440, 122880)),
    ("ExistingImage", "uri"): st.sampled_from(
        (
            "111122223333.dkr.ecr.us-east-1.amazonaws.com/team/app:1.2",
            "111122223333.dkr.ecr.us-east-1.amazonaws.com/app@sha256:" + "0" * 64,
            "public.ecr.aws/docker/library/nginx:1",
            "registry.example.com:5000/app",
        )
    ),
    ("HealthCommand", "command"): st.sampled_from((["CMD", "/bin/true"], ["CMD-SHELL", "curl -f http://localhost/ || exit 1"])),
    ("Permission", "actions"): st.lists(st.sampled_from(("s3:GetObject", "s3:PutObject", "s3:DeleteObject")), min_size=1, unique=True),
    ("Spec", "overrides"): st.just({"cluster": {"Cluster": {"Tags": [{"Key": "Team", "Value": "shop"}]}}}),
    ("Permission", "resources"): st.lists(st.sampled_from(("*", "arn:aws:s3:::one/*", "arn:aws:s3:::two/*")), min_size=1, unique=True),
}


def _limits(metadata: Any) -> Tree:
    """What pydantic's different ways to write a limit say, in one dictionary."""
    found: Tree = {}
    for mark in metadata:
        if isinstance(mark, FieldInfo):
            found |= _limits(mark.metadata)
        elif isinstance(mark, Duration | Share):
            found["type"] = mark
        elif callable(getattr(mark, "func", None)):
            found.setdefault("validators", []).append(mark.func.__name__)
        else:
            attributes = getattr(mark, "__dict__", None) or {
                name: getattr(mark, name) for name in ("ge", "le", "min_length", "max_length", "pattern") if hasattr(mark, name)
            }
            found |= {name: value for name, value in attributes.items() if value is not None}
    return found


def sample(count: int, wish: Wish | None = None, **fixed: object) -> list[Tree]:
    """Always the same `count` valid specs: of three times as many, those that together hold the most of the language."""
    key, found = repr((wish and str(wish), fixed)), []
    for number in range(-(-3 * count // _RUN)):
        found += _drawn(crc32(f"{key} {number}".encode()), min(3 * count, _RUN), wish, fixed)
    different = {as_yaml(tree): (granted(tree), tree) for tree in found}
    waiting = [different[text] for text in sorted(different, key=len, reverse=True)]
    chosen: list[Tree] = []
    seen: set[Wish] = set()
    while waiting and len(chosen) < count:
        best = max(waiting, key=lambda item: len(item[0] - seen))
        if best[0] <= seen and seen:
            seen = set()  # all of it is held once: begin again
            continue
        waiting.remove(best)
        chosen.append(best[1])
        seen |= best[0]
    return chosen


_RUN = 8
"""How many specs hypothesis draws in one search: in a long one it varies what it has instead of drawing anew."""


def _drawn(number: int, count: int, wish: Wish | None, fixed: dict[str, object]) -> list[Tree]:
    found: list[Tree] = []

    @seed(number)
    @settings(max_examples=count, phases=[Phase.generate], database=None, suppress_health_check=list(HealthCheck), deadline=None)
    @given(specs(wish, **fixed))
    def collect(tree: Tree) -> None:
        found.append(tree)

    collect()
    return found
