"""Specs with one thing wrong, or with everything still right: what a person does to a file."""

from copy import deepcopy

from hypothesis import strategies as st

VALUES = (
    None,
    "",
    "x",
    "no",
    "0",
    -1,
    0,
    1,
    443,
    10**9,
    1.5,
    2.0,
    True,
    False,
    "5m",
    "90s",
    "400d",
    "10%",
    "10.0.0.0/16",
    "10.0.0.1/16",
    [],
    {},
    ["x"],
    {"x": 1},
)
NAMES = ("colour", "imge", "Web", "web_1", "name", "PATH", "1", "port", "uri", "linear", "engine")


@st.composite
def mutated(draw, specs):
    """A spec, and one of the places in it changed."""
    tree = deepcopy(draw(specs))
    route = draw(st.sampled_from(routes(tree)))
    holder = at(tree, route[:-1])
    step = route[-1]
    what = draw(st.sampled_from(("replace", "swap", "remove", "rename", "add", "repeat")))
    match what:
        case "remove":
            del holder[step]
        case "rename" if isinstance(holder, dict):
            renamed = {draw(st.sampled_from(NAMES)) if key == step else key: value for key, value in holder.items()}
            holder.clear()
            holder.update(renamed)
        case "add" if isinstance(holder[step], dict):
            holder[step][draw(st.sampled_from(NAMES))] = draw(st.sampled_from(VALUES))
        case "repeat" if isinstance(holder[step], list) and holder[step]:
            holder[step].append(deepcopy(holder[step][0]))
        case "swap":
            holder[step] = deepcopy(at(tree, draw(st.sampled_from(routes(tree)))))
        case _:
            holder[step] = deepcopy(draw(st.sampled_from(VALUES)))
    return tree


@st.composite
def overlaid(draw, specs):
    """A spec with `environments:`: parts of another one laid over it, here and there a null, perhaps something missing in the rest."""
    base, other = deepcopy(draw(specs)), deepcopy(draw(specs))
    del base["environment"], other["environment"]
    if draw(st.booleans()):
        *above, step = draw(st.sampled_from(routes(base)))
        del at(base, above)[step]
    return {**base, "environments": {"stg": _part(draw, other, most=3), "prd": {}}}


def _part(draw, value, most=2):
    if isinstance(value, dict) and value and (most == 3 or draw(st.booleans())):
        keys = draw(st.lists(st.sampled_from(sorted(value)), unique=True, max_size=most))
        return {key: _part(draw, value[key]) for key in keys}
    return None if draw(st.integers(0, 7)) == 0 else value


def routes(tree, route=()):
    """The route of every value in a tree."""
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [found for step, value in below for found in [(*route, step), *routes(value, (*route, step))]]


def at(tree, route):
    for step in route:
        tree = tree[step]
    return tree
