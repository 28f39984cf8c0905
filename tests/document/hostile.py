"""Files made to exhaust their reader, each with codes that must be among its errors; those without are valid, or nearly.

They are made when they are asked for, in a process of their own: some are as long as a film.
"""

from collections.abc import Callable

HEAD = "bgspec: 1\nsystem: a\nenvironment: b\nregion: eu-west-1\n"
SPEC = HEAD + "services: {web: {image: {build: x}, port: 80}}\n"
WEB = HEAD + "services:\n  web:\n    image: {build: x}\n    port: 80\n"
NAMELESS = HEAD.replace("environment: b\n", "")
SHARED = SPEC.replace("environment: b\n", "")


def anchors() -> str:
    return "".join(f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 60))


def lines(number: int, line: str) -> str:
    """A line many times: `#` in it is its number, `%` its number as two bytes of an address, `@` as a word of letters."""
    return "".join(
        line.replace("#", str(i)).replace("%", f"{i >> 8}.{i & 255}").replace("@", "s" + "".join(chr(97 + int(digit)) for digit in str(i)))
        for i in range(number)
    )


CASES: dict[str, tuple[Callable[[], str | bytes], set[str]]] = {
    "flow lists": (lambda: "a: " + "[" * 100_000, {"BG104"}),
    "flow mappings": (lambda: "{a: " * 100_000, {"BG104"}),
    "flow lists, closed": (lambda: "a: " + "[" * 10_000 + "]" * 10_000, {"BG104"}),
    "block lists": (lambda: "- " * 100_000, {"BG104"}),
    "block mappings": (lambda: "".join(" " * i + "a:\n" for i in range(1400)), {"BG104"}),
    "keys in keys": (lambda: "? " * 100_000, {"BG104", "BG112"}),
    "100 MB": (lambda: "a: " + "x" * 100_000_000, {"BG103"}),
    "100 MB of lines": (lambda: "a: 1\n" * 17_000_000, {"BG103"}),
    "huge scalar": (lambda: SPEC + "tags: {a: " + "x" * 1_000_000 + "}", {"BG205"}),
    "huge key": (lambda: '? "' + "x" * 1_000_000 + '" \n: a', {"BG113"}),
    "huge plain key": (lambda: "x" * 1_000_000 + ": a", {"BG106"}),
    "huge comment": (lambda: "a: 1 # " + "x " * 500_000 + "\nb: [", {"BG106"}),
    "huge line with a late mistake": (lambda: "a: [" + "x, " * 25_000 + "@]", {"BG106"}),
    "many keys": (lambda: "".join(f"k{i}: 1\n" for i in range(85_000)), {"BG105"}),
    "many values": (lambda: "a:\n" + "- 1\n" * 250_000, {"BG105"}),
    "many duplicates": (lambda: "a: 1\n" * 170_000, {"BG110", "BG119"}),
    "many tags": (lambda: "a:\n" + "- !x 1\n" * 29_000, {"BG111", "BG119"}),
    "many unknown aliases": (lambda: "".join(f"k{i}: &anchor{i} x\n" for i in range(10_000)) + "- *anchr\n" * 9000, {"BG106"}),
    "many unknown aliases in a list": (
        lambda: "a:\n" + "".join(f"- &anchor{i} x\n" for i in range(10_000)) + "".join(f"- *anchr{i}\n" for i in range(9_000)),
        {"BG114", "BG119"},
    ),
    "many strange signs": (lambda: "a: [" + "\u3000x, " * 29_000 + "]", {"BG118", "BG119"}),
    "many strange colons in a line": (lambda: "a: [" + "x\uff1a, " * 29_000 + "]", set()),
    "many curly quotes": (lambda: "a: [" + "\u201cx, " * 29_000 + "]", set()),
    "many dashes": (lambda: "a:\n" + "- -x\n" * 29_000, set()),
    "one text of dashes": (lambda: "a:\n " + "-x\n " * 250_000, {"BG118"}),
    "alias bomb": (lambda: "a0: &a0 [x, x, x]\n" + anchors(), {"BG105"}),
    "text bomb": (lambda: 'a: &a "' + "x" * 500_000 + '"\nb: [' + "*a, " * 29_000 + "]", {"BG105"}),
    "merge bomb": (lambda: "a: &a {" + ", ".join(f"k{i}: 1" for i in range(5000)) + "}\nb:\n" + "- <<: *a\n" * 10_000, {"BG105"}),
    "endless aliases": (lambda: "a: &a\n" + "  - *a\n" * 100_000, {"BG115", "BG119"}),
    "environments": (
        lambda: SPEC.replace("environment: b", "") + "environments:\n" + "".join(f"  e{i}: {{}}\n" for i in range(20_000)),
        {"BG105"},
    ),
    "unknown keys": (lambda: SPEC + "".join(f"k{i}: 1\n" for i in range(14_000)), {"BG201"}),
    "services": (lambda: HEAD + "services:\n" + lines(4_500, "  @: {imag: x, prt: 80}\n"), {"BG201", "BG119"}),
    "services with mistakes": (
        lambda: HEAD + "services:\n" + lines(200, "  @: {imag: x, prt: 80, image: [], cpu: 1, foo: 2}\n"),
        {"BG201"},
    ),
    "services and one mistake": (
        lambda: HEAD + "foo: 1\nservices:\n" + lines(200, "  @: {image: {build: x}, port: 80, routes: [{path: /#}]}\n"),
        {"BG201"},
    ),
    "services with a mistake each": (
        lambda: HEAD + "services:\n" + lines(49, "  @: {image: {build: x}, port: 80, foo: 1, count: x}\n"),
        {"BG201", "BG203"},
    ),
    "services in many environments": (
        lambda: NAMELESS + "services:\n" + lines(200, "  @: {image: {build: x}, port: 80}\n") + "environments:\n" + lines(9, "  e#: {}\n"),
        {"BG105"},
    ),
    "services in some environments": (
        lambda: (
            SHARED
            + lines(1, "services:\n")
            + lines(190, "  @: {image: {build: x}, port: 80, routes: [{path: /#}]}\n")
            + "environments:\n"
            + lines(7, "  e#: {}\n")
        ),
        set(),
    ),
    "services in a line": (lambda: HEAD + "services: {" + lines(7_000, "\u65e5#: {imag: x}, ") + "}", {"BG201", "BG119"}),
    "services with routes": (
        lambda: (
            HEAD
            + "services:\n"
            + lines(200, "  @: {image: {build: x}, port: 80, routes: [" + lines(25, "{path: /a#/*, host: '*.b#.com'}, ") + "]}\n")
        ),
        set(),
    ),
    "mistakes in environments": (
        lambda: SHARED + lines(60, "x#: y\n") + "environments:\n" + lines(100, "  e#: {}\n"),
        {"BG201"},
    ),
    "keys of other sections": (lambda: WEB + lines(14_000, "    cidr#: 1\n"), {"BG201", "BG119"}),
    "mistyped networks": (lambda: WEB + "network:\n  endpoints:\n" + lines(28_000, "    - _%\n"), {"BG206", "BG119"}),
    "mounts": (lambda: WEB + "    mounts:\n" + lines(14_000, "      /x#: v\n"), {"BG207", "BG119"}),
    "secrets": (
        lambda: WEB + "    secrets:\n" + lines(14_000, "      X#: arn:aws:ssm:us-east-1:111122223333:parameter/x#\n"),
        {"BG324", "BG119"},
    ),
    "many texts of several lines": (lambda: WEB + "tags:\n" + lines(9_000, "  t#: |\n    x\n    y\n"), {"BG206", "BG119"}),
    "empty services": (lambda: HEAD + "services:\n" + lines(14_000, "  @:\n"), {"BG208", "BG119"}),
    "removals of nothing": (
        lambda: SHARED + "".join(f"key{i}: 1\n" for i in range(300)) + "environments:\n  e:\n" + lines(13_000, "    kex#: null\n"),
        {"BG123"},
    ),
    "callers": (lambda: SPEC + "load_balancer:\n  allow:\n" + lines(28_000, "  - 9.%.8/32\n"), {"BG205"}),
    "routes": (lambda: HEAD + "services:\n web:\n  image: {build: x}\n  port: 80\n  routes:\n" + "  - path: /x\n" * 9_000, {"BG453"}),
    "silences": (lambda: SPEC + "# bgspec: ignore[BG301] x\n" * 38_000, set()),
    "malformed silences": (lambda: SPEC + "#bgspec:ignore\n" * 60_000, set()),
    "blank lines, then a mistake": (lambda: "a: 1\n" + "\n" * 1_000_000 + "  b: 2", {"BG106"}),
    "comments, then a mistake": (lambda: "a: 1\n" + "#\n" * 500_000 + " \tb: 2", {"BG106"}),
    "colons": (lambda: "a: " + "b: " * 300_000, {"BG106"}),
    "quotes": (lambda: '"a" ' * 250_000, {"BG106"}),
    "an open quote": (lambda: 'a: "' + "x\n" * 500_000, {"BG106"}),
    "commas": (lambda: "[" + "," * 1_000_000, {"BG106"}),
    "NUL": (lambda: "\0" * 1_000_000, {"BG102"}),
    "every other NUL": (lambda: "a\0" * 500_000, {"BG101"}),
    "spaces": (lambda: " " * 1_000_000, {"BG107"}),
    "tabs": (lambda: "\t" * 1_000_000, {"BG106"}),
    "documents": (lambda: "---\n" * 250_000, {"BG109"}),
    "directives": (lambda: "%YAML 1.2\n" * 100_000, {"BG106"}),
    "not UTF-8": (lambda: b"a: 1\n" * 100_000 + b"\xff" * 400_000, {"BG101"}),
}
