"""What is wrong with the file as a whole: its bytes, its size, its shape."""

from bgspec.diagnostics import Sentences
from bgspec.document.rules.rule import rule

NOT_UTF8 = "BG101"
"""Such a file cannot be read, like one that is not there: the exit code is the same."""


@rule(NOT_UTF8)
def not_utf8(reason: str) -> Sentences:
    r"""The file is not UTF-8.

    What: A spec is text in UTF-8, with or without a byte order mark. This file holds bytes that are not.
    Why: Every tool on the way (git, CodeBuild, CloudFormation) takes UTF-8 for granted; guessing another encoding would
        put wrong characters into names and values. The exit code is 2, as for a file that cannot be opened.
    Mend: Save the file as UTF-8. In PowerShell 5 write `| Out-File -Encoding utf8` instead of `>`.
    Source: YAML 1.2.2, §5.2 Character Encodings, https://yaml.org/spec/1.2.2/#52-character-encodings; bgspec reads the
        first of the encodings listed there.

    Fails (Python):
        b"bgspec: 1\nsystem: caf\xe9\n"
    Passes:
        bgspec: 1
        system: café
    """
    return f"The file is not UTF-8: {reason}.", "Save it as UTF-8."


@rule("BG102")
def forbidden_character(character: str) -> Sentences:
    r"""A control character, or an invisible line break, stands in the file.

    What: The file holds a character that a text file should not: a NUL, an escape, a byte order mark in the middle, or
        one of the line breaks that editors do not count as such (U+0085, U+2028, U+2029). Or a value has a NUL as an
        escape: to every program a NUL is where a variable or an argument ends.
    Why: Nobody sees it, YAML forbids most of them, and the rest would make bgspec and your editor count lines
        differently.
    Mend: Delete the character. If a value really needs another one than a NUL, write it in double quotes as an escape, such as
        "\u2028".
    Source: YAML 1.2.2, §5.1 Character Set, https://yaml.org/spec/1.2.2/#51-character-set

    Fails (Python):
        b"bgspec: 1\nsystem: sh\x00op\n"
    Passes:
        bgspec: 1
        system: shop
    """
    if character == "\0":
        return "A NUL (U+0000) must not stand in a spec.", "Delete it: to every program it is the end of a text."
    return (
        f"The character U+{ord(character):04X} must not stand in a spec.",
        'Delete it; where a value needs it, write it in double quotes as an escape ("\\x1b", "\\u2028").',
    )


@rule("BG103")
def too_large(limit: int) -> Sentences:
    r"""The file is too large to be a spec.

    What: A spec may have 1 MiB. One of a hundred services has about 60 KiB.
    Why: A file of this size is nearly always the wrong file, and reading it would only take time and memory.
    Mend: Check the file's name. Split an environment that large into several specs.
    Source: A limit of bgspec's own.

    Fails (Python):
        "bgspec: 1\n" + "# filler\n" * 120_000
    Passes:
        bgspec: 1
    """
    return f"The file is larger than {limit // 1024} KiB.", "Check that this is the spec; split a larger environment."


@rule("BG104")
def too_deep(limit: int) -> Sentences:
    """Mappings and lists are nested too deep.

    What: The value lies more than 64 levels deep. A spec needs about eight.
    Why: Nothing in a spec is nested that deep; a file that is was damaged or made to exhaust its reader.
    Mend: Remove the needless levels. Look for brackets that are never closed.
    Source: A limit of bgspec's own; YAML sets none.

    Fails (Python):
        "tags: " + "[" * 100
    Passes:
        tags: {Owner: web-team}
    """
    return f"This is nested more than {limit} levels deep.", "Remove levels; look for a bracket that is never closed."


@rule("BG105")
def too_many_values(limit: int) -> Sentences:
    """The file holds too many values, or its aliases and environments multiply them.

    What: With every alias written out the file holds more than 30,000 values, or more than 60,000 when each of its
        environments is counted by itself, a service as 40 at least.
    Why: A few lines of aliases to aliases can stand for billions of values ("billion laughs"). A spec of a hundred
        services has about 6,000.
    Mend: Remove aliases that lead to other aliases. Split a spec with very many environments.
    Source: A limit of bgspec's own; YAML 1.2.2, §3.2.2.2 Anchors and Aliases, sets none.

    Fails:
        a: &a [x, x, x, x, x, x, x, x, x, x]
        b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a, *a]
        c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b, *b]
        d: &d [*c, *c, *c, *c, *c, *c, *c, *c, *c, *c]
        e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
    Passes:
        a: &a [x, x, x]
        b: [*a, *a, *a]
    """
    return (
        f"With aliases and environments written out, the file holds more than {limit:,} values up to here.",
        "Remove aliases that lead to other aliases, or split the file.",
    )


@rule("BG107")
def empty() -> Sentences:
    """The file holds nothing.

    What: The file is empty, or everything in it is a comment.
    Why: A spec says at least `bgspec: 1`, which system this is, and one service.
    Mend: `bgspec init` writes a first spec.
    Source: bgspec's language.

    Fails:
        # bgspec: 1
    Passes:
        bgspec: 1
    """
    return "The file holds no spec.", "Run `bgspec init` for a first one, or start with `bgspec: 1`."


@rule("BG108")
def no_mapping(kind: str) -> Sentences:
    """The file is not a mapping of keys to values.

    What: At its outermost level a spec has keys: `bgspec:`, `system:`, `services:`. This file has a list or one value.
    Why: Without keys nothing says what a value is for.
    Mend: Write `key: value` lines. A list of specs becomes several files. A missing space after the first colon also
        makes one value out of a line.
    Source: bgspec's language.

    Fails:
        - bgspec: 1
          system: shop
    Passes:
        bgspec: 1
        system: shop
    """
    return f"A spec is a mapping of keys to values; this file is {kind}.", "Start with a line such as `bgspec: 1`."


@rule("BG109")
def second_document() -> Sentences:
    """The file holds more than one document.

    What: After `---` or `...` a second YAML document begins. bgspec reads one spec per file.
    Why: It is not clear which of the two is meant, and tools that read only the first would silently lose the rest.
    Mend: Put each spec in its own file, or describe several environments under `environments:`.
    Source: YAML 1.2.2, §9.2 Streams, https://yaml.org/spec/1.2.2/#92-streams

    Fails:
        bgspec: 1
        system: shop
        ---
        bgspec: 1
        system: blog
    Passes:
        ---
        bgspec: 1
        system: shop
    """
    return "A second document begins here; a file holds one spec.", "Move it to a file of its own."


@rule("BG119")
def too_many_problems(limit: int) -> Sentences:
    r"""The file has too many problems to go on.

    What: Reading found a hundred problems in the file's YAML, or a thousand in what it says, and stopped.
    Why: A file with so many was damaged, or is no spec.
    Mend: Mend the findings above and run bgspec again.
    Source: A limit of bgspec's own.

    Fails (Python):
        "bgspec: 1\n" * 102
    Passes:
        bgspec: 1
    """
    return f"Reading stopped here, after {limit} problems.", "Mend those, and run bgspec again."
