"""What reading a file can find: one function per code; its docstring is the page that `explain` shows.

A page is a title line, the paragraphs What, Why, Mend and Source, and two examples (see `bgspec.pages`).
"""

from collections.abc import Callable
from typing import Concatenate, ParamSpec, TypeAlias

from bgspec.diagnostics import Diagnostic, Severity, Span

P = ParamSpec("P")
Sentences: TypeAlias = tuple[str, str]
"""What is wrong, and how to mend it."""

PAGES: dict[str, str] = {}
"""The page of every code of this family."""

SEVERITIES: dict[str, Severity] = {}


def rule(code: str, severity: Severity = "error") -> Callable[[Callable[P, Sentences]], Callable[Concatenate[Span, P], Diagnostic]]:
    """Make a function that words a finding into one that makes it; keep its docstring as the code's page."""

    def register(describe: Callable[P, Sentences]) -> Callable[Concatenate[Span, P], Diagnostic]:
        def found(span: Span, /, *args: P.args, **kwargs: P.kwargs) -> Diagnostic:
            message, mend = describe(*args, **kwargs)
            return Diagnostic(code, severity, message, mend, span=span)

        PAGES[code], SEVERITIES[code] = describe.__doc__ or "", severity
        return found

    return register


def shown(word: str) -> str:
    """A word of the file in backticks: on one line, and short enough for a sentence."""
    printable = word if word.isprintable() else ascii(word)[1:-1]
    return f"`{printable}`" if len(printable) <= 60 else f"`{printable[:57]}…`"


@rule("BG101")
def not_utf8(reason: str) -> Sentences:
    r"""The file is not UTF-8.

    What: A spec is text in UTF-8, with or without a byte order mark. This file holds bytes that are not.
    Why: Every tool on the way (git, CodeBuild, CloudFormation) takes UTF-8 for granted; guessing another encoding would
        put wrong characters into names and values.
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
        one of the line breaks that editors do not count as such (U+0085, U+2028, U+2029).
    Why: Nobody sees it, YAML forbids most of them, and the rest would make bgspec and your editor count lines
        differently.
    Mend: Delete the character. If a value really needs it, write it in double quotes as an escape, such as "\u2028".
    Source: YAML 1.2.2, §5.1 Character Set, https://yaml.org/spec/1.2.2/#51-character-set

    Fails (Python):
        b"bgspec: 1\nsystem: sh\x00op\n"
    Passes:
        bgspec: 1
        system: shop
    """
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

    What: With every alias written out, and once for each of its environments, the file holds more than 100,000 values.
    Why: A few lines of aliases to aliases can stand for billions of values ("billion laughs"). No environment needs a
        hundredth of the limit.
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


@rule("BG106")
def syntax(message: str, mend: str) -> Sentences:
    """The file is not YAML.

    What: Reading stopped here, because what follows cannot be YAML. Nothing after this place was checked.
    Why: Nobody can know what was meant: the finding names what YAML expected and the usual reason.
    Mend: The four usual ones. Indent with spaces, never with tabs; put a space after the colon; close every quote and
        bracket; give keys of one mapping the same indentation.
    Source: YAML 1.2.2, https://yaml.org/spec/1.2.2/

    Fails:
        network:
          zones: 2
           egress: nat
    Passes:
        network:
          zones: 2
          egress: nat
    """
    return message, mend


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


@rule("BG110")
def duplicate_key(key: str, first: int) -> Sentences:
    """A key stands twice in one mapping.

    What: The same key was given in this mapping before.
    Why: YAML forbids it, and most readers silently keep only the last one: half of what is written would be lost.
    Mend: Remove one of the two, or put both contents under one key.
    Source: YAML 1.2.2, §3.2.1.3 Node Comparison, https://yaml.org/spec/1.2.2/#3213-node-comparison

    Fails:
        network:
          zones: 2
          zones: 3
    Passes:
        network:
          zones: 3
    """
    mend = "Write both as one list: `<<: [*a, *b]`." if key == "<<" else "Keep one of the two."
    return f"The key {shown(key)} stands here already, in line {first}.", mend


@rule("BG111")
def tag(name: str) -> Sentences:
    """A YAML tag stands in front of a value.

    What: A word with an exclamation mark (`!Sub`, `!Ref`, `!!str`) stands in front of a value.
    Why: A spec has no tags. CloudFormation's functions belong into templates, and bgspec writes those.
    Mend: Remove the tag. To make text of a number, quote it. What another stack exports is named by its id or ARN.
    Source: bgspec's language; YAML 1.2.2, §2.4 Tags, https://yaml.org/spec/1.2.2/#24-tags

    Fails:
        system: !Sub shop
    Passes:
        system: shop
    """
    name = name.replace("tag:yaml.org,2002:", "!!")
    mend = "To make text of a value, quote it." if name == "!!str" else "Write the value itself."
    return f"A spec has no tags such as {shown(name)}.", f"Remove the tag. {mend}"


@rule("BG112")
def key_not_text() -> Sentences:
    """A key is not a word.

    What: A list, a mapping or nothing at all stands where a key belongs.
    Why: Every key of a spec is a word. Braces at this place usually come from a template's `{{ … }}` that was not
        filled in.
    Mend: Write a word in front of the colon. Quote a value that begins with `{` or `[`.
    Source: bgspec's language.

    Fails:
        system: {{ name }}
    Passes:
        system: "{{ name }}"
    """
    return (
        "A key must be a word; here stands a list, a mapping or nothing.",
        "Write the key in front of the colon; quote a value that begins with `{` or `[`.",
    )


@rule("BG113")
def key_too_long(length: int, limit: int) -> Sentences:
    r"""A key is too long.

    What: A key has more than 256 characters.
    Why: No key of a spec, and no name on AWS that stands as a key (a tag, an environment variable), is that long.
    Mend: Shorten the key. Look for a colon that is missing earlier in the file.
    Source: A limit of bgspec's own; the longest on AWS's side is a tag's key with 128 characters,
        https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html

    Fails (Python):
        "tags:\n  ? " + "x" * 300 + "\n  : y\n"
    Passes:
        tags:
          Owner: web-team
    """
    return f"This key has {length:,} characters; {limit} are allowed.", "Shorten it."


@rule("BG114")
def unknown_alias(name: str, near: str | None) -> Sentences:
    """An alias leads to no anchor.

    What: `*name` repeats what `&name` marked earlier in the file. There is no such mark above this place.
    Why: YAML knows an anchor only after it has been written.
    Mend: Correct the name, or move the anchored value above its first alias. Quote a text that begins with `*`.
    Source: YAML 1.2.2, §7.1 Alias Nodes, https://yaml.org/spec/1.2.2/#71-alias-nodes

    Fails:
        tags: *common
    Passes:
        tags: "*common"
    """
    mend = f"Did you mean `*{near}`?" if near else f"Mark a value above with `&{name[:40]}`, or quote text that begins with `*`."
    return f"No anchor {shown('&' + name)} stands above this alias.", mend


@rule("BG115")
def endless_alias(name: str) -> Sentences:
    """An alias stands inside the value it repeats.

    What: `*name` stands within the mapping or list that `&name` marks.
    Why: Written out, it would never end.
    Mend: Move the alias out of that value, or write the value it was meant to repeat.
    Source: YAML 1.2.2, §3.2.2.2 Anchors and Aliases, https://yaml.org/spec/1.2.2/#3222-anchors-and-aliases

    Fails:
        tags: &tags
          Owner: *tags
    Passes:
        tags: &tags
          Owner: web-team
    """
    return f"{shown('*' + name)} stands inside the value it repeats.", "Move it out, or write the value."


@rule("BG116")
def merge_no_mapping() -> Sentences:
    """A merge key `<<` merges something that has no keys.

    What: `<<: *name` adds the keys of another mapping to this one. Here it was given something else.
    Why: Only keys can be merged.
    Mend: Give it an alias to a mapping, or a list of such aliases.
    Source: YAML's merge key, https://yaml.org/type/merge.html

    Fails:
        tags:
          <<: web-team
    Passes:
        base: &base {Owner: web-team}
        tags:
          <<: *base
    """
    return "`<<` takes a mapping or a list of mappings.", "Write `<<: *name`, where `&name` marks a mapping."


@rule("BG117", "warning")
def old_yaml() -> Sentences:
    """The file asks for YAML 1.1.

    What: The file begins with `%YAML 1.1`. bgspec reads YAML 1.2, whatever the directive says.
    Why: In YAML 1.1 `on`, `no` and `1:30` are not text; whoever wrote the directive may count on that.
    Mend: Remove the line, and write `true`, `false` and numbers as such.
    Source: YAML 1.2.2, §6.8.1 YAML Directives, https://yaml.org/spec/1.2.2/#681-yaml-directives

    Fails:
        %YAML 1.1
        ---
        bgspec: 1
    Passes:
        %YAML 1.2
        ---
        bgspec: 1
    """
    return "The file asks for YAML 1.1; bgspec reads YAML 1.2.", "Remove the line: `on`, `no` and `1:30` are text here."


@rule("BG118")
def lookalike(message: str, mend: str) -> Sentences:
    """Text that only looks like YAML's own signs.

    What: A full-width or no-break space, a full-width colon, a curly quote, or a dash or colon without the space that
        belongs behind it stands where the real sign would have a meaning.
    Why: YAML takes all of them for text, without a word: a list becomes one sentence, a name gets quotes. Such signs
        come from word processors, web pages and input methods.
    Mend: Type the sign again. Where the text is meant as it stands, put it in straight quotes.
    Source: YAML 1.2.2, §5.5 White Space Characters, https://yaml.org/spec/1.2.2/#55-white-space-characters

    Fails:
        system: “shop”
    Passes:
        system: "shop"
    """
    return message, mend


@rule("BG119")
def too_many_problems(limit: int) -> Sentences:
    r"""The file has too many problems to go on.

    What: Reading found a hundred problems and stopped.
    Why: A file with so many was damaged, or is no spec.
    Mend: Mend the findings above and run bgspec again.
    Source: A limit of bgspec's own.

    Fails (Python):
        "bgspec: 1\n" * 102
    Passes:
        bgspec: 1
    """
    return f"Reading stopped here, after {limit} problems.", "Mend those, and run bgspec again."


@rule("BG120")
def environments_no_mapping() -> Sentences:
    """`environments:` names no environment.

    What: `environments:` is empty, or is not a mapping of names to overlays.
    Why: With it the file describes one environment per name; without a name it describes none.
    Mend: Write one name per environment with what differs there, `{}` where nothing does. For a single environment use
        `environment: NAME` instead.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        environments:
    Passes:
        bgspec: 1
        environments:
          stg: {}
    """
    return "`environments:` names no environment.", "Write one key per environment, such as `prd: {}`."


@rule("BG121")
def overlay_no_mapping(name: str) -> Sentences:
    """An environment's overlay is not a mapping.

    What: Under an environment's name stands something other than keys.
    Why: An overlay has the shape of the spec: only then is it clear what it replaces.
    Mend: Write the keys that differ, or `{}` when nothing does.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        environments:
          prd:
    Passes:
        bgspec: 1
        environments:
          prd: {}
    """
    return f"The environment {shown(name)} has no mapping.", "Write the keys that differ, or `{}` when nothing does."


@rule("BG122")
def environment_twice() -> Sentences:
    """The environment is named twice.

    What: `environment:` stands beside `environments:`, or one of the two stands inside an overlay.
    Why: The keys of `environments:` are the names already; a second name could only contradict them.
    Mend: Remove it.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        environment: stg
        environments:
          prd: {}
    Passes:
        bgspec: 1
        environments:
          prd: {}
    """
    return "The keys under `environments:` name the environment already.", "Remove this one."


@rule("BG123")
def removes_nothing(key: str, near: str | None) -> Sentences:
    """An overlay removes something that is not there.

    What: A null in an overlay removes what the rest of the file says. Here the rest says nothing about it.
    Why: A misspelled key would vanish without a word, and what should be gone would stay.
    Mend: Correct the key, or remove the line.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        deployment: {terminate_after: 5m}
        environments:
          prd:
            deployment: {terminate_aftr: null}
    Passes:
        bgspec: 1
        deployment: {terminate_after: 5m}
        environments:
          prd:
            deployment: {terminate_after: null}
    """
    mend = f"Did you mean {shown(near)}?" if near else "Remove the line."
    return f"There is no {shown(key)} above that this null could remove.", mend


@rule("BG130", "warning")
def silence_malformed(mend: str) -> Sentences:
    """A silencing comment is not written as one.

    What: A comment begins with `bgspec:` but is not `# bgspec: ignore[BG305] reason`.
    Why: It silences nothing, though somebody counts on it.
    Mend: Write the codes in brackets, separated by commas, and the reason after them.
    Source: bgspec's language.

    Fails:
        bgspec: 1  # bgspec: ignore BG305
    Passes:
        bgspec: 1
    """
    return "This comment silences nothing.", mend


@rule("BG131", "warning")
def silence_without_reason() -> Sentences:
    """A silencing comment gives no reason.

    What: The comment `# bgspec: ignore[…]` says what to silence, not why.
    Why: The next reader has to find out whether the finding was wrong, accepted, or only in the way.
    Mend: Write the reason behind the bracket.
    Source: bgspec's language.

    Fails:
        bgspec: 1  # bgspec: ignore[BG305]
    Passes:
        bgspec: 1
    """
    return "This comment gives no reason.", "Write why behind the bracket: `# bgspec: ignore[BG305] the office only`."


@rule("BG132", "warning")
def silence_unused(code: str) -> Sentences:
    """A silencing comment silences nothing.

    What: There is no finding of this code on the line the comment speaks of.
    Why: It was mended, or the comment is at the wrong line; left standing, it would hide the next one.
    Mend: Remove the comment, or move it to the line of the finding.
    Source: bgspec's language.

    Fails:
        bgspec: 1  # bgspec: ignore[BG305] mended long ago
    Passes:
        bgspec: 1
    """
    return f"There is no finding {shown(code)} here to silence.", "Remove it, or move it to the line of the finding."


@rule("BG133", "warning")
def silence_of_error(code: str) -> Sentences:
    """A silencing comment names an error.

    What: The comment names a finding that is an error. Only warnings and infos can be silenced.
    Why: An error is something that AWS refuses, or that cannot be compiled: silence would not make it work.
    Mend: Mend the error and remove the comment.
    Source: bgspec's language.

    Fails:
        bgspec: 1
        system: !Sub shop  # bgspec: ignore[BG111] works elsewhere
    Passes:
        bgspec: 1
        system: shop
    """
    return f"{shown(code)} is an error and cannot be silenced.", "Mend it, and remove this comment."
