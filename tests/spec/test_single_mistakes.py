"""One mistake in a spec that was right gives an error at its line, or one that names the key or has its other half there.

What was deleted cannot be pointed at: the error stands in the section that misses it now, or at one of the keys above.
"""

import re
from pathlib import Path

import pytest

from bgspec.compiler import compile_spec

ROOT = Path(__file__).parents[2]
SPECS = sorted(ROOT.glob("tests/specs/*.yaml"))
KEY = re.compile(r"( *(?:- )?)([\w.-]+):(?: (.*))?")
VALUES = ["[1, 2]", "{zz: 1}", "zz zz", "-1", "1000000000", "null", "true", "1.5", '"${x} {{ y }}"']
EVERY = 7  # mistakes: the quick suite tries one in so many


def indent(line):
    return len(line) - len(line.lstrip())


def below(lines, number):
    """The line after the value that begins in a line."""
    end = number + 1
    while end < len(lines) and (not lines[end].strip() or indent(lines[end]) > indent(lines[number])):
        end += 1
    return end


def above(lines, number):
    """The lines of the keys that a line lies under, from 1; the file itself is its first key."""
    found, level = {next(place for place, line in enumerate(lines, 1) if KEY.match(line))}, indent(lines[number])
    for upper in range(number - 1, -1, -1):
        if lines[upper].strip() and not lines[upper].lstrip().startswith("#") and indent(lines[upper]) < level:
            found.add(upper + 1)
            level = indent(lines[upper])
    return found


def mistakes(lines):
    """Every single mistake: its name, the key, the lines with it, and the numbers of those that may be blamed."""
    for number, line in enumerate(lines):
        found = KEY.fullmatch(re.sub(r"\s+#.*$", "", line))
        if found is None:
            continue
        front, key, value = found.groups()
        end, here = below(lines, number), {number + 1}
        parents = above(lines, number)
        nearest = max((line for line in parents if line <= number), default=0)
        section = range(nearest, below(lines, nearest - 1) + 1) if nearest else ()
        yield "deleted", key, [*lines[:number], *lines[end:]], here | parents | {*section}
        typo = f"{front}{key[:-1]}zq{key[-1]}:" + (f" {value}" if value else "")
        yield "misspelled", key, [*lines[:number], typo, *lines[number + 1 :]], here
        for wrong in VALUES:
            yield wrong, key, [*lines[:number], f"{front}{key}: {wrong}", *lines[end:]], here


def errors(lines):
    return [each for each in compile_spec(("\n".join(lines) + "\n").encode(), "x").findings if each.severity == "error"]


def check(spec, every):
    lines = spec.read_text().rstrip("\n").split("\n")
    assert errors(lines) == []
    astray = []
    for name, key, wrong, blamed in list(mistakes(lines))[::every]:
        found = errors(wrong)
        named = any(re.search(rf"\b{key}\b", each.message + each.help) or each.span.line in blamed for each in found)
        halves = any(span.line in blamed for each in found for _, span in each.related)
        if found and not (named or halves):
            astray.append((name, key, sorted(blamed), [(each.code, each.span.line, each.message) for each in found]))
    assert astray == []


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_a_mistake_is_found_where_it_is(spec):
    check(spec, EVERY)


@pytest.mark.slow
@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.stem)
def test_every_mistake_is_found_where_it_is(spec):
    check(spec, 1)
